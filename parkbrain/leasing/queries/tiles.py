"""What the homes show of leases and leads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Figure

from ..models import Lead, Lease, TakenOver
from .leads import list_leads
from .leases import EXPIRY_DAYS, list_leases
from .taking_over import count_taken_over

#: The nearer of the two spans in which the tile counts the ends of leases.
NEAR_DAYS = 90


def get_lettings_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return how many leases end soon and how many people ask for space, and what waits for a second person."""
    leases = list_leases(user=user).filter(park=park).order_by()
    live = leases.filter(Q(state__in=(Lease.State.SIGNED, Lease.State.ACTIVE)) & Q(stop_on__gt=on))
    url = f"{reverse('lease_list')}?park={park.pk}"
    figures = [
        Figure(
            _("End within %(days)s days") % {"days": days},
            str(live.filter(Q(stop_on__lte=on + timedelta(days=days))).count()),
            f"{url}&within={days}",
            name="rows",
        )
        for days in (NEAR_DAYS, EXPIRY_DAYS)
    ]
    leads = list_leads(user=user).open().filter(park=park).count()
    stages = "".join(f"&stage={stage}" for stage in Lead.Stage.values if stage not in Lead.CLOSED)
    figures.append(Figure(_("Open leads"), str(leads), f"{reverse('lead_list')}?park={park.pk}{stages}", name="rows"))
    if waiting := count_taken_over(park=park)[TakenOver.State.WAITING]:
        here = reverse("taken_over_leases", args=[park.pk])
        figures.append(Figure(_("Taken over, not confirmed"), str(waiting), here, tone="warn", name="rows"))
    return {"figures": figures, "note": _("Lettings board"), "note_url": reverse("lettings_board", args=[park.pk])}
