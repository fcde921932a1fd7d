"""What the homes show of energy: the load now, the month so far, and what was odd."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Figure
from parkbrain.ui import formats

from ..models import EnergyKind, OddUse
from .day import get_day_load
from .odd import list_odd_uses
from .overview import list_kinds
from .packed import park_zone

#: So many days back the page of a park's energy lists what was odd.
ODD_DAYS = 28
#: So many odd uses stand on a tile by name.
NAMED = 1


def moment_of(*, on: date) -> datetime:
    """Return now, or the end of a day that has passed."""
    return min(timezone.now(), datetime.combine(on + timedelta(days=1), time(), park_zone()) - timedelta(seconds=1))


def get_energy_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return the load of the newest hour with what was to be expected, and the use of the day and the month so far."""
    kinds = list_kinds(park=park)
    day = get_day_load(park=park, energy_kind=kinds[0], at=moment_of(on=on)) if kinds else None
    if day is None:
        return None
    now, url = day.newest, reverse("energy_home", args=[park.pk])
    band = None
    if now is not None and now.low is not None and now.high is not None:
        band = _("expected %(low)s … %(high)s") % {
            "low": formats.number(now.low, 0),
            "high": formats.number(now.high, 0),
        }
    load = None if now is None or now.load is None else formats.number(now.load, 1)
    odd = now is not None and now.load is not None and now.high is not None and now.load > now.high
    label = f"{pgettext('energy', 'Load')} · {EnergyKind(kinds[0]).label}"
    used = [
        ("energy.today", _("Today so far"), day.today.use),
        ("energy.month", _("This month so far"), day.month.use),
    ]
    return {
        "figures": [
            Figure(
                label,
                load,
                url,
                day.flow_unit,
                band or "",
                "warn" if odd else "",
                name="energy.load",
                detail_name="energy.expected" if band else "",
            ),
            *(
                Figure(w, None if use is None else formats.number(use, 0), url, day.unit, name=name)
                for name, w, use in used
            ),
        ]
    }


def get_odd_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return how many odd uses of the last four weeks nobody has judged, and the newest of them."""
    kinds = list_kinds(park=park)
    if not kinds:
        return None
    at, url = moment_of(on=on), reverse("energy_home", args=[park.pk])
    found = list_odd_uses(park=park, since_at=at - timedelta(days=ODD_DAYS), until_at=at, energy_kind=kinds[0])
    waiting = [odd for odd in found if odd.state == OddUse.State.OPEN]
    label = _("Odd uses of %(days)s days not judged") % {"days": ODD_DAYS}
    return {
        "figures": [
            Figure(label, str(len(waiting)), url, tone="warn" if waiting else "", name="energy.odd"),
            *(_odd_figure(odd) for odd in waiting[:NAMED]),
        ]
    }


def _odd_figure(odd: OddUse) -> Figure:
    first, last = (at.astimezone(park_zone()).date() for at in (odd.start_at, odd.end_at))
    around = f"from={first - timedelta(days=1)}&to={last + timedelta(days=1)}"
    url = f"{reverse('meter_detail', args=[odd.meter_id])}?step=hour&{around}"
    return Figure(f"{odd.meter.code} · {odd.get_what_display()}", formats.day(first), url)
