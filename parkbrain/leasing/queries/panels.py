"""Leases on the pages of firms, premises, buildings and deposits."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from parkbrain.billing.models import Deposit
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


def get_deposit_panel(*, user: User, deposit: Deposit) -> dict[str, Any] | None:
    """Return the leases of the firm in the park that agree a deposit or have a guarantee, with both."""
    rows = Lease.objects.visible_to(user).filter(park=deposit.park_id, enterprise=deposit.enterprise_id)
    rows = rows.filter(Q(deposit_terms__isnull=False) | Q(guarantees__isnull=False)).distinct()
    leases = list(rows.prefetch_related("deposit_terms", "guarantees").order_by("-starts_on", "number")[:24])
    return {"leases": leases} if leases else None
