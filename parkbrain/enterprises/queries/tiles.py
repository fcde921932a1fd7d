"""What the homes show of who came and who goes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Figure

from .lists import OccupancyFilter, list_occupancies, occupancies_in_state

#: Days back in which a firm counts as having moved in lately.
LATELY_DAYS = 90


def get_moves_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return how many occupancies began lately and how many end soon or are past their lease, as their list counts them."""
    rows = list_occupancies(user=user, chosen=OccupancyFilter(park=park, state="all"), on=on).order_by()
    if not rows.exists():
        return None
    since = on - timedelta(days=LATELY_DAYS)
    came = rows.filter(starts_on__gte=since, starts_on__lte=on).count()
    ending = occupancies_in_state(rows=rows, state="ending", on=on).count()
    url = f"{reverse('occupancy_list')}?park={park.pk}"
    return {
        "figures": [
            Figure(
                _("Moved in within %(days)s days") % {"days": LATELY_DAYS},
                str(came),
                f"{url}&state=all&starts_min={since.isoformat()}&starts_max={on.isoformat()}",
                name="rows",
            ),
            Figure(_("Lease ended or ending within 90 days"), str(ending), f"{url}&state=ending", name="rows"),
        ]
    }
