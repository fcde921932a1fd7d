"""Leases in the search over everything, and what they name elsewhere: buildings, firms."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import search_q
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import SearchHit
from parkbrain.space.models import Building

from ..models import Lease, Let


def find_lease_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return leases whose number or firm fits the text."""
    rows = Lease.objects.visible_to(user).filter(
        Q(number__icontains=text) | search_q(text, field="enterprise__search_text")
    )
    return [
        SearchHit(
            gettext_lazy("Lease"),
            f"{lease.number} · {lease.enterprise.name}",
            reverse("lease_detail", args=[lease.pk]),
            str(lease.get_state_display()),
        )
        for lease in first_found(rows.order_by("-starts_on", "pk"), limit=limit).select_related("enterprise")
    ]


def list_let_buildings(*, user: User) -> list[Building]:
    """Return the buildings in which leases that the person may see let premises."""
    lets = Let.objects.filter(lease__in=Lease.objects.visible_to(user))
    return list(Building.objects.filter(pk__in=lets.values("premises__building")).order_by("code"))


def list_lease_firms(*, park: Park) -> QuerySet[Any, Any]:
    """Return the keys of the firms that have a lease of the park, drafts among them."""
    return Lease.objects.filter(park=park).order_by().values_list("enterprise", flat=True)
