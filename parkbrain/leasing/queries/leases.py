"""Leases as a person may see them."""

from __future__ import annotations

from parkbrain.kernel.models import User

from ..models import Lease
from ..models.leases import LeaseQuerySet


def list_leases(*, user: User) -> LeaseQuerySet:
    """Return the leases that the person may see, with what their rows show."""
    return Lease.objects.visible_to(user).select_related("park", "enterprise")


def get_lease(*, user: User, lease_id: int) -> Lease | None:
    """Return a lease that the person may see."""
    return Lease.objects.visible_to(user).select_related("park__branch", "enterprise").filter(pk=lease_id).first()
