"""Odd use and its words."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park

from ..models import OddUse

#: Candidates to look into, by the code that `calc.energy.anomalies` gives.
CAUSES: dict[str, Promise] = {
    "missing_data": _("readings are missing"),
    "stuck_register": _("the register or its gateway is stuck"),
    "supply_off": _("the supply was off"),
    "schedule_changed": _("something ran at another time"),
    "base_load_up": _("something stays on at night"),
    "weather": _("the weather"),
    "not_weather": _("not the weather"),
    "catch_up_after_gap": _("what was missed came at once"),
}


def list_odd_uses(
    *, park: Park, since_at: datetime, until_at: datetime, energy_kind: str = "", most: int = 100
) -> list[OddUse]:
    """Return what was odd at the meters of a park in a time, the newest first."""
    found = OddUse.objects.filter(meter__park=park, end_at__gt=since_at, start_at__lt=until_at)
    if energy_kind:
        found = found.filter(meter__energy_kind=energy_kind)
    return list(found.select_related("meter", "settled_by").order_by("-start_at", "meter__level", "meter__code")[:most])


def cause_words(*, odd: OddUse) -> list[str]:
    """Return what may be behind it, likeliest first, in the active language."""
    return [str(CAUSES.get(code, code)) for code in odd.causes]


def open_odd_uses(*, park: Park) -> QuerySet[OddUse]:
    """Return what nobody has judged yet."""
    return OddUse.objects.filter(meter__park=park, state=OddUse.State.OPEN)
