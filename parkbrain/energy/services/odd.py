"""Odd use is found in what is known of each meter; people say what it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from parkbrain.calc.energy import avoidable_cost, find_odd_use, kinds_of_days
from parkbrain.calc.metering.periods import HOUR_US, local_days
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import DayUse, Meter, MonthStatement, OddUse
from ..queries import load_by_day, park_zone
from ..queries.basis import from_us

#: Days that are judged, and days before them that show what is usual.
JUDGED_DAYS, USUAL_DAYS = 28, 42


class CannotSettleOddUse(Exception):
    """The judgment cannot be taken."""


def find_odd_uses(*, at: datetime, park: Park | None = None) -> int:
    """Look for odd use of the last weeks at every meter and return how many are new.

    What is found again keeps what people said of it; what is no longer found, because readings came late or were
    repaired, goes, unless somebody has judged it.
    """
    meters = Meter.objects.in_use_on(at.astimezone(park_zone()).date()).select_related("park")
    if park is not None:
        meters = meters.filter(park=park)
    prices: dict[tuple[int, str], Decimal | None] = {}
    new = 0
    for meter in meters.filter(Exists(DayUse.objects.filter(meter=OuterRef("pk")))).order_by("pk"):
        key = (meter.park_id, meter.energy_kind)
        if key not in prices:
            prices[key] = _price(*key)
        new += _look_at(meter, prices[key], at)
    return new


def _price(park_id: int, energy_kind: str) -> Decimal | None:
    """Return what one unit cost in the newest month that has both a quantity and an amount [yuan]."""
    months = MonthStatement.objects.filter(park=park_id, energy_kind=energy_kind, supply__gt=0, amount_yuan__gt=0)
    month = months.order_by("-month_on").first()
    if month is None or month.amount_yuan is None or not month.supply:
        return None
    return Decimal(month.amount_yuan) / Decimal(str(month.supply))


def _look_at(meter: Meter, price: Decimal | None, at: datetime) -> int:
    zone = park_zone()
    # The day that is still running would be odd by what is not there yet.
    end_on = at.astimezone(zone).date()
    first = end_on - timedelta(days=JUDGED_DAYS + USUAL_DAYS)
    load = load_by_day(meters=[meter], starts_on=first, ends_on=end_on, signed=False)
    known = np.flatnonzero(~np.isnan(load).all(axis=1))
    if not known.size:
        return 0
    # Before the first reading nothing was silent.
    load, first = load[known[0] :], first + timedelta(days=int(known[0]))
    report = find_odd_use(load, kinds_of_days(first, load.shape[0]))
    borders = local_days(first, end_on + timedelta(days=1), zone)
    judged_us = int(borders[max(0, load.shape[0] - JUDGED_DAYS)])
    found = {}
    for one in report.found:
        start_us, end_us = (int(borders[n // 24]) + n % 24 * HOUR_US for n in (one.start, one.end))
        if end_us <= judged_us:
            continue
        cost = avoidable_cost(one, load, report.usual, price) if price is not None else None
        found[(one.what, from_us(start_us))] = {
            "end_at": from_us(end_us),
            "excess": None if one.excess is None or np.isnan(one.excess) else float(one.excess),
            "strength": None if one.strength is None or np.isnan(one.strength) else float(one.strength),
            "causes": list(one.causes),
            "cost_yuan": cost,
        }
    return _keep(meter, found, from_us(judged_us), at)


@transaction.atomic
def _keep(
    meter: Meter, found: Mapping[tuple[str, datetime], Mapping[str, Any]], since_at: datetime, at: datetime
) -> int:
    held = {(o.what, o.start_at): o for o in OddUse.objects.filter(meter=meter, end_at__gt=since_at)}
    for key, one in held.items():
        if key not in found and one.state == OddUse.State.OPEN:
            one.delete()
    new = 0
    for key, values in found.items():
        current = held.get(key)
        if current is None:
            OddUse.objects.create(meter=meter, what=key[0], start_at=key[1], found_at=at, **values)
            new += 1
        elif any(getattr(current, name) != value for name, value in values.items()):
            OddUse.objects.filter(pk=current.pk).update(**values)
    return new


@transaction.atomic
def settle_odd_use(*, odd: OddUse, state: str, note: str, actor: User, at: datetime) -> OddUse:
    """Say what odd use was: explained (why), or not odd; or open it again.

    :raises CannotSettleOddUse: the actor may not change the park's record, or an explanation has no words.
    """
    locked = OddUse.objects.select_for_update().select_related("meter__park__branch").get(pk=odd.pk)
    park = locked.meter.park
    if not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotSettleOddUse(_("You may not change the record of this park."))
    if state not in OddUse.State.values:
        raise CannotSettleOddUse(_("Choose one of the states."))
    if state == OddUse.State.EXPLAINED and not note.strip():
        raise CannotSettleOddUse(_("Say what it was."))
    locked.state, locked.note = state, note.strip()[:300]
    settled = state != OddUse.State.OPEN
    locked.settled_by, locked.settled_at = (actor, at) if settled else (None, None)
    locked.save(update_fields=["state", "note", "settled_by", "settled_at"])
    audit.record("energy.odd_use.settled", target=locked, actor=actor, at=at, park=park, state=state, note=locked.note)
    return locked
