"""Leases on the pages of firms, premises and buildings."""

from __future__ import annotations

from typing import Any

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building, Premises

from ..models import Lease
from ..models.leases import LeaseQuerySet


def _panel(rows: LeaseQuerySet, user: User) -> dict[str, Any] | None:
    leases = list(rows.select_related("enterprise", "park").order_by("-starts_on", "number")[:12])
    if not leases:
        return None
    return {"leases": leases, "sees_list": user.may(Permission.VIEW_MONEY)}


def get_firm_panel(*, user: User, enterprise: Enterprise) -> dict[str, Any] | None:
    """Return the firm's leases that the person may see."""
    return _panel(Lease.objects.visible_to(user).filter(enterprise=enterprise), user)


def get_premises_panel(*, user: User, premises: Premises) -> dict[str, Any] | None:
    """Return the leases that let the premises, now or before, as far as the person may see them."""
    return _panel(Lease.objects.visible_to(user).filter(lets__premises=premises).distinct(), user)


def get_building_panel(*, user: User, building: Building) -> dict[str, Any] | None:
    """Return the leases that let premises of the building."""
    return _panel(Lease.objects.visible_to(user).filter(lets__premises__building=building).distinct(), user)
