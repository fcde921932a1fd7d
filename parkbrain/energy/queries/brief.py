"""What the briefs say of energy."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence
from parkbrain.ui import formats

from ..models import EnergyKind
from .day import get_day_load
from .odd import list_odd_uses
from .overview import list_kinds
from .packed import park_zone
from .tiles import moment_of


def say_energy(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say the use of the day and the month, how many hours lay outside what was expected, and what was odd."""
    kinds = list_kinds(park=park)
    url = reverse("energy_home", args=[park.pk])
    day = get_day_load(park=park, energy_kind=kinds[0], at=moment_of(on=on)) if kinds else None
    if day is None:
        return []
    values = {"kind": EnergyKind(kinds[0]).label, "unit": day.unit, "on": on.isoformat()}
    if day.month.use is None:
        text = _("The use of %(kind)s in the month up to %(on)s is not known.")
        said = [Sentence(text % values, url, 20, key="energy.month", values={"use": None})]
    else:
        text = _("%(use)s %(unit)s of %(kind)s were used in the month up to %(on)s.")
        text %= {**values, "use": formats.number(day.month.use, 0)}
        said = [Sentence(text, url, 20, key="energy.month", values={"use": day.month.use})]
    known = [
        (h.low, h.load, h.high) for h in day.hours if h.load is not None and h.low is not None and h.high is not None
    ]
    outside = sum(1 for low, load, high in known if not low <= load <= high)
    counted = {"known": len(known), "outside": outside}
    said.append(Sentence(hours_in_words(**counted), url, 38 if outside else 9, key="energy.hours", values=counted))
    start = datetime.combine(since, time(), park_zone())
    odd = list_odd_uses(
        park=park,
        since_at=start,
        until_at=datetime.combine(on + timedelta(days=1), time(), park_zone()),
        energy_kind=kinds[0],
    )
    if odd:
        text = ngettext(
            "%(count)s odd use was found since %(since)s.", "%(count)s odd uses were found since %(since)s.", len(odd)
        )
        text %= {"count": len(odd), "since": since.isoformat()}
        said.append(Sentence(text, url, 48, "warn", key="energy.odd", values={"count": len(odd)}))
    return said


def hours_in_words(*, known: int, outside: int) -> str:
    """Say how many hours of the newest day lay outside the band that was to be expected."""
    values = {"outside": outside, "known": known}
    if not known:
        return _("What the load should have been is not known for any of the last hours.")
    if not outside:
        return _("In all of the last %(known)s hours that can be judged the load was as expected.") % values
    text = ngettext(
        "In %(outside)s of the last %(known)s hours the load was outside what was expected.",
        "In %(outside)s of the last %(known)s hours the load was outside what was expected.",
        outside,
    )
    return text % values
