"""What supply meters counted on the days that no bill or ledger covers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.inventory import Activity
from parkbrain.energy.models import EnergyKind, Meter
from parkbrain.energy.queries import TotalUse, get_totals
from parkbrain.kernel.reading import among, shared

from ..models import ActivityData
from .activities import list_recorded
from .kinds import get_kinds

#: Share of a period of which a meter has to be known before something is said of all of it.
WHOLE = 0.95
#: Energy kind and direction of a supply meter → what it is in an inventory, and the factor to its unit.
FLOWS: dict[tuple[str, str], tuple[str, float]] = {
    (EnergyKind.ELECTRICITY, Meter.Flow.IN): ("electricity", 1.0),
    (EnergyKind.ELECTRICITY, Meter.Flow.GENERATED): ("pv_self_use", 1.0),
    # What is given away was generated and not used in the park.
    (EnergyKind.ELECTRICITY, Meter.Flow.OUT): ("pv_self_use", -1.0),
    (EnergyKind.GAS, Meter.Flow.IN): ("natural_gas", 1.0),
    (EnergyKind.HEAT, Meter.Flow.IN): ("heat", 3.6),
    (EnergyKind.WATER, Meter.Flow.IN): ("fresh_water", 1.0),
    (EnergyKind.RECYCLED_WATER, Meter.Flow.IN): ("reused_water", 1.0),
}


@shared
def list_metered(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, list[Activity]]:
    """Return what the supply meters of parks counted on days of a period for which nothing of the kind is recorded."""
    meters = _supply(park_ids=park_ids, period=period)
    if not meters:
        return {}
    recorded = list_recorded(park_ids=park_ids, period=period, is_placed=False)
    stated = {park_id: [r for r in rows if not r.is_breakdown] for park_id, rows in recorded.items()}
    gaps = {
        (park_id, kind): uncovered(rows=stated.get(park_id, []), kind=kind, period=period) for park_id, kind in meters
    }
    asked: dict[DatePeriod, set[int]] = {}
    for key, spans in gaps.items():
        for span in spans:
            asked.setdefault(span, set()).update(m.pk for m in meters[key])
    totals = {
        span: get_totals(meters=sorted(keys), starts_on=span.starts_on, ends_on=span.ends_on)
        for span, keys in asked.items()
    }
    activities: dict[int, list[Activity]] = {}
    for (park_id, kind), spans in gaps.items():
        for span in spans:
            whole = spans == [period]
            one = _activity(meters[park_id, kind], kind, span, totals[span], is_all=whole)
            if one is not None:
                activities.setdefault(park_id, []).append(one)
    return activities


@shared
def _supply(*, park_ids: Sequence[int], period: DatePeriod) -> dict[tuple[int, str], list[Meter]]:
    """Return the supply meters by park and kind of activity."""
    meters: dict[tuple[int, str], list[Meter]] = {}
    found = Meter.objects.filter(park__in=among(park_ids), level=Meter.Level.SUPPLY, formula="", parents__isnull=True)
    for meter in found.in_use_on(period.last_on).order_by("park", "code"):
        if (meter.energy_kind, meter.flow) in FLOWS:
            kind, _factor = FLOWS[meter.energy_kind, meter.flow]
            meters.setdefault((meter.park_id, kind), []).append(meter)
    return meters


@shared
def sum_monitored(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, dict[str, float]]:
    """Return by park and kind what supply meters measured in a period, whether bills tell of it too or not.

    What was interpolated between two readings was used, but nobody watched it: it does not count. A park whose supply
    meters are not known for nearly all of the period is left out: what another system watched before is not known here.
    """
    meters = _supply(park_ids=park_ids, period=period)
    keys = sorted(m.pk for group in meters.values() for m in group)
    totals = get_totals(meters=keys, starts_on=period.starts_on, ends_on=period.ends_on) if keys else {}
    partly = {park_id for (park_id, _kind), group in meters.items() if any(totals[m.pk].known < WHOLE for m in group)}
    found: dict[int, dict[str, float]] = {}
    for (park_id, kind), group in meters.items():
        if park_id in partly:
            continue
        parts = [
            (one.use or 0.0) * min(1.0, one.measured / one.known) * FLOWS[m.energy_kind, m.flow][1]
            for m in group
            if (one := totals[m.pk])
        ]
        found.setdefault(park_id, {})[kind] = max(0.0, sum(parts))
    return found


def uncovered(*, rows: Sequence[ActivityData], kind: str, period: DatePeriod) -> list[DatePeriod]:
    """Return the spans of a period that no row of the kind covers."""
    covered = sorted((r.starts_on, r.ends_on) for r in rows if r.kind == kind)
    edges: list[tuple[date, date]] = [(period.starts_on, period.starts_on), *covered, (period.ends_on, period.ends_on)]
    spans, reached = [], period.starts_on
    for (_start, end), (following, _end) in pairwise(edges):
        reached = max(reached, end)
        if following > reached:
            spans.append(DatePeriod(reached, min(following, period.ends_on)))
    return spans


def _activity(
    meters: Sequence[Meter], kind: str, span: DatePeriod, totals: Mapping[int, TotalUse], *, is_all: bool
) -> Activity | None:
    """Return what meters counted in a span; where nothing is known, that, unless other rows tell of the kind."""
    amount, unknown = 0.0, False
    for meter in meters:
        use = totals[meter.pk].use
        unknown = unknown or use is None
        amount += (use or 0.0) * FLOWS[meter.energy_kind, meter.flow][1]
    if unknown and not is_all:
        return None
    told = get_kinds()[kind]
    known = sum(totals[m.pk].known for m in meters) / len(meters)
    # Rounding of two meters may leave less than nothing of what was generated.
    value = None if unknown else max(0.0, amount)
    origin = ", ".join(m.code for m in meters)
    return Activity(0, kind, told.carrier, told.scope, told.category, value, span, None, known, (), origin)
