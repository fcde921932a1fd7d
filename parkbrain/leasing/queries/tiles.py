"""What the homes show of leases and leads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Figure

from ..models import Lead, Lease
from .leads import list_leads
from .leases import EXPIRY_DAYS, list_leases

#: The nearer of the two spans in which the tile counts the ends of leases.
NEAR_DAYS = 90


def get_lettings_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return how many leases end soon and how many people ask for space, as the lists count them."""
    leases = list_leases(user=user).filter(park=park).order_by()
    live = leases.filter(Q(state__in=(Lease.State.SIGNED, Lease.State.ACTIVE)) & Q(stop_on__gt=on))
    url = f"{reverse('lease_list')}?park={park.pk}"
    figures = [
        Figure(
            _("End within %(days)s days") % {"days": days},
            str(live.filter(Q(stop_on__lte=on + timedelta(days=days))).count()),
            f"{url}&within={days}",
        )
        for days in (NEAR_DAYS, EXPIRY_DAYS)
    ]
    leads = list_leads(user=user).open().filter(park=park).count()
    stages = "".join(f"&stage={stage}" for stage in Lead.Stage.values if stage not in Lead.CLOSED)
    figures.append(Figure(_("Open leads"), str(leads), f"{reverse('lead_list')}?park={park.pk}{stages}"))
    return {"figures": figures, "note": _("Lettings board"), "note_url": reverse("lettings_board", args=[park.pk])}
