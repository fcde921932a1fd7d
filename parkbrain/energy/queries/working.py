"""What the days of meters come out as, from the lake's readings: nothing is written here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from parkbrain import lake
from parkbrain.calc.metering import (
    IntervalUse,
    parse_meter_formula,
    use_of_formula,
    use_of_stretch,
    use_of_stretches,
)

from ..models import DayUse
from .basis import FOREVER_US, MeterPlan
from .packed import DayRow, day_borders, hour_borders, join_days, local_day, split_days

#: A reading may change the use between this many readings before and after it (a spike and its neighbors).
REACH = 3
#: What is read on each side at first, and by how much more where that holds too few readings.
DAY_US = 86_400_000_000
MARGINS_US = (3 * DAY_US, 45 * DAY_US, FOREVER_US)
_BAD = 2


@dataclass(frozen=True)
class Span:
    """A time [µs since 1970 UTC) within which something arrived or changed."""

    start_us: int
    end_us: int


@dataclass(frozen=True)
class Known:
    """Readings of a point between two instants; bad ones as NaN."""

    at_us: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]


_NOTHING = Known(np.empty(0, dtype=np.int64), np.empty(0))
Worked = dict[int, tuple[date, date, list[DayRow]]]


def read_points(*, points: Sequence[int], start_us: int, end_us: int) -> dict[int, Known]:
    """Return the readings of points between two instants, the bad ones as NaN."""
    if not points:
        return {}
    series = lake.read_series(points=points, start_us=max(start_us, 0), end_us=min(end_us, FOREVER_US))
    return {
        point: Known(found.at_us, np.where(found.quality == _BAD, np.nan, found.value))
        for point, found in series.items()
    }


def work_out_days(*, tasks: Sequence[tuple[MeterPlan, Span]], zone: ZoneInfo) -> Worked:
    """Return for each meter the days that may come out otherwise, [first, end), and what they come out as.

    What is returned equals what working out everything from the first reading on would give for these days.
    """
    found: Worked = {}
    waiting = list(tasks)
    for margin in MARGINS_US:
        if not waiting:
            break
        start = max(min(span.start_us for _p, span in waiting) - margin, 0)
        end = min(max(span.end_us for _p, span in waiting) + margin, FOREVER_US)
        points = sorted({s.point_id for plan, _s in waiting for s in plan.stretches})
        readings = read_points(points=points, start_us=start, end_us=end)
        latest = {point: one.at_us for point, one in lake.get_latest(points=points).items()} if points else {}
        again = []
        for plan, span in waiting:
            window = _window(plan, span, readings, latest, (start, end), zone)
            if window is None:
                again.append((plan, span))
            elif window[1] > window[0]:
                found[plan.meter_id] = (*window, _days(plan, readings, window, zone))
        waiting = again
    return found


def _window(
    plan: MeterPlan,
    span: Span,
    readings: Mapping[int, Known],
    latest: Mapping[int, int],
    read: tuple[int, int],
    zone: ZoneInfo,
) -> tuple[date, date] | None:
    """Return the days to work out anew, or None where too little was read around them to be sure."""
    points = {s.point_id for s in plan.stretches}
    times = [readings[p].at_us[np.isfinite(readings[p].value)] for p in points if p in readings]
    at_us = _instants(times)
    before = at_us[at_us < span.start_us]
    after = at_us[at_us >= span.end_us]
    from_start = read[0] <= 0
    to_end = all(latest.get(p, -1) < read[1] for p in points)
    if (before.size < REACH and not from_start) or (after.size < REACH and not to_end):
        return None
    if not at_us.size:
        # Whatever was known of the meter follows from nothing any more.
        return _days_of_spans(plan, span, zone)
    low = int(before[-REACH]) if before.size >= REACH else min(int(at_us[0]), span.start_us)
    high = int(after[REACH - 1]) if after.size >= REACH else max(int(at_us[-1]), min(span.end_us, int(at_us[-1]) + 1))
    low = max(low, int(at_us[0])) if span.start_us <= 0 else low
    first_on, end_on = local_day(at_us=low, zone=zone), local_day(at_us=high, zone=zone) + timedelta(days=1)
    borders = day_borders(first_on, end_on, zone)
    # The first day as a whole needs readings from before it, the last one from after it.
    enough_before = from_start or (at_us < borders[0]).sum() >= REACH
    enough_after = to_end or (at_us >= borders[-1]).sum() >= REACH
    return (first_on, end_on) if enough_before and enough_after else None


def _instants(times: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Return the instants of several series in order, each once; those of one point come in order already."""
    if len(times) == 1 and bool((times[0][1:] > times[0][:-1]).all()):
        return times[0]
    return np.unique(np.concatenate(times)) if times else np.empty(0, dtype=np.int64)


def _days_of_spans(plan: MeterPlan, span: Span, zone: ZoneInfo) -> tuple[date, date]:
    limits = DayUse.objects.filter(meter=plan.meter_id).order_by("day").values_list("day", flat=True)
    first, last = limits.first(), limits.last()
    if first is None or last is None:
        return date.min, date.min
    return first, last + timedelta(days=1)


def _days(plan: MeterPlan, readings: Mapping[int, Known], window: tuple[date, date], zone: ZoneInfo) -> list[DayRow]:
    first_on, end_on = window
    parts: list[IntervalUse] = []
    for one in plan.stretches:
        known = readings.get(one.point_id, _NOTHING)
        parts.append(use_of_stretch(known.at_us, known.value, one.stretch))
    use = use_of_stretches(parts, hour_borders(first_on, end_on, zone))
    return split_days(use=use, first_on=first_on, end_on=end_on, zone=zone)


def work_out_formula(
    *, formula: str, parts: Mapping[str, int], first_on: date, end_on: date, zone: ZoneInfo
) -> list[DayRow]:
    """Return the days of a virtual meter from the stored days of the meters it reads, by code."""
    rows: dict[int, list[tuple[date, bytes]]] = defaultdict(list)
    stored = DayUse.objects.filter(meter__in=list(parts.values()), day__gte=first_on, day__lt=end_on)
    for meter_id, day, hours in stored.order_by().values_list("meter_id", "day", "hours"):
        rows[meter_id].append((day, bytes(hours)))
    uses = {
        code: join_days(rows=rows[meter_id], first_on=first_on, end_on=end_on, zone=zone)
        for code, meter_id in parts.items()
    }
    use = use_of_formula(parse_meter_formula(formula), uses)
    return split_days(use=use, first_on=first_on, end_on=end_on, zone=zone)
