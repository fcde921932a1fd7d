"""How a park bills: its own rules, or what is usual."""

from __future__ import annotations

from parkbrain.kernel.models import Park

from ..models import BillingRules


def get_rules(*, park: Park) -> BillingRules:
    """Return the park's rules; what is usual where it has none of its own."""
    return BillingRules.objects.filter(park=park).first() or BillingRules(park=park)
