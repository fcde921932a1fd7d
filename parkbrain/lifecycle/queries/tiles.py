"""What the homes show of duties."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Figure

from ..models import Duty
from .mine import list_duties
from .stages import existing_subjects_q
from .standing import SOON_DAYS, late_q


def get_duties_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return how many duties of a park are late and how many come within thirty days; None where none are kept.

    The numbers are those of the list of duties with the same filters, which the figures open.
    """
    kept = list_duties(user=user).filter(existing_subjects_q(on=on, field="subject__"), subject__park=park).order_by()
    if not kept.exists():
        return None
    last = on + timedelta(days=SOON_DAYS)
    late = kept.filter(late_q(on=on)).count()
    soon = kept.filter(state=Duty.State.OPEN, due_on__gte=on, due_on__lte=last).count()
    url = f"{reverse('duty_list')}?park={park.pk}"
    soon_url = f"{url}&state=OPEN&due_min={on.isoformat()}&due_max={last.isoformat()}"
    return {
        "figures": [
            Figure(_("Overdue or lapsed"), str(late), f"{url}&late=yes", tone="bad" if late else "", name="rows"),
            Figure(_("Due within %(days)s days") % {"days": SOON_DAYS}, str(soon), soon_url, name="rows"),
        ],
        "note": _("All duties by stage"),
        "note_url": reverse("life_board", args=[park.pk]),
    }
