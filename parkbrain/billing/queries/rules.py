"""How a park bills: its own rules, or what is usual."""

from __future__ import annotations

from datetime import date

from parkbrain.kernel.models import Park

from ..models import BillingRules, BillRun, DunningStep
from .planning import month_after


def get_rules(*, park: Park) -> BillingRules:
    """Return the park's rules; what is usual where it has none of its own."""
    return BillingRules.objects.filter(park=park).first() or BillingRules(park=park)


def month_to_bill(*, park: Park, on: date) -> date:
    """Return the month that is billed next: the one after the last, and never one that lies ahead of the day's."""
    last = BillRun.objects.filter(park=park).order_by("-month_on").values_list("month_on", flat=True).first()
    month = on.replace(day=1)
    return month if last is None else min(month_after(last), month)


def write_ladder(*, park: Park) -> str:
    """Return the park's dunning ladder as its form shows it: a step a line."""
    return "\n".join(
        " | ".join([str(s.days_overdue), s.name_zh_hans, s.name_en, s.text_zh_hans, s.text_en]).rstrip(" |")
        for s in DunningStep.objects.filter(park=park)
    )
