"""Use of meters by hour, day and month with what is doubtful said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db.models import Sum
from django.utils.translation import gettext as _

from parkbrain import lake
from parkbrain.calc.metering import (
    BACKWARD,
    GAP,
    IMPLAUSIBLE,
    NEGATIVE,
    RESET,
    ROLLED_OVER,
    SWAPPED,
    PeriodUse,
    local_months,
)
from parkbrain.calc.metering.instants import month_after as month_after

from ..models import DayUse, Meter, ReadingRepair
from .basis import from_us, to_us
from .packed import day_borders, join_days, park_zone

HOUR, DAY, MONTH = STEPS = ("hour", "day", "month")
QUALITIES = 5
DAY_US = 86_400_000_000


def flag_labels(*, flags: int) -> list[str]:
    """Return what may be said of a time, in words."""
    words = {
        GAP: _("gap"),
        ROLLED_OVER: _("rolled over"),
        RESET: _("reset"),
        SWAPPED: _("exchanged"),
        BACKWARD: _("ran backward"),
        IMPLAUSIBLE: _("implausible"),
        NEGATIVE: _("below zero"),
    }
    return [word for bit, word in words.items() if flags & bit]


def quality_label(*, quality: int) -> str:
    """Return the mark of a reading in words."""
    return (_("good"), _("doubtful"), _("left out"), _("typed in"), _("repaired"))[quality % QUALITIES]


def get_use(*, meters: Sequence[int], starts_on: date, ends_on: date, step: str = DAY) -> dict[int, PeriodUse]:
    """Return the use of meters by hour, day or month of [starts_on, ends_on), in the unit of each.

    Months begin with the first of a month: a part of one counts as that part. A time of which nothing is known is NaN;
    `known` and `measured` say how much of each period is.
    """
    zone = park_zone()
    if step == HOUR:
        return _hours(meters, starts_on, ends_on, zone)
    found = _days(meters, starts_on, ends_on, zone)
    return found if step == DAY else {pk: _months(use, starts_on, ends_on, zone) for pk, use in found.items()}


def _hours(meters: Sequence[int], starts_on: date, ends_on: date, zone: ZoneInfo) -> dict[int, PeriodUse]:
    rows: dict[int, list[tuple[date, bytes]]] = defaultdict(list)
    stored = DayUse.objects.filter(meter__in=meters, day__gte=starts_on, day__lt=ends_on).order_by()
    for meter_id, day, hours in stored.values_list("meter_id", "day", "hours"):
        rows[meter_id].append((day, bytes(hours)))
    return {pk: join_days(rows=rows[pk], first_on=starts_on, end_on=ends_on, zone=zone) for pk in meters}


def _days(meters: Sequence[int], starts_on: date, ends_on: date, zone: ZoneInfo) -> dict[int, PeriodUse]:
    borders = day_borders(starts_on, ends_on, zone)
    count = borders.size - 1
    found = {
        pk: PeriodUse(
            borders, np.full(count, np.nan), np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.uint8)
        )
        for pk in meters
    }
    stored = DayUse.objects.filter(meter__in=meters, day__gte=starts_on, day__lt=ends_on).order_by()
    for meter_id, day, use, known, measured, flags in stored.values_list(
        "meter_id", "day", "use", "known", "measured", "flags"
    ):
        one, number = found[meter_id], (day - starts_on).days
        one.use[number] = np.nan if use is None else use
        one.known[number], one.measured[number], one.flags[number] = known, measured, flags
    return found


def _months(use: PeriodUse, starts_on: date, ends_on: date, zone: ZoneInfo) -> PeriodUse:
    firsts = local_months(starts_on.replace(day=1), ends_on, zone)
    cuts = np.unique(np.clip(firsts, use.borders_us[0], use.borders_us[-1]))
    return gather(use=use, borders_us=cuts)


def gather(*, use: PeriodUse, borders_us: npt.NDArray[np.int64]) -> PeriodUse:
    """Return use by longer periods whose borders are among those of the shorter ones."""
    starts = np.searchsorted(use.borders_us, borders_us)
    lengths = np.diff(use.borders_us).astype(np.float64)
    whole = np.add.reduceat(lengths, starts[:-1])
    known = np.add.reduceat(use.known * lengths, starts[:-1]) / whole
    measured = np.add.reduceat(use.measured * lengths, starts[:-1]) / whole
    total = np.add.reduceat(np.nan_to_num(use.use), starts[:-1])
    flags = np.bitwise_or.reduceat(use.flags, starts[:-1])
    return PeriodUse(borders_us, np.where(known > 0, total, np.nan), known, measured, flags)


@dataclass(frozen=True)
class TotalUse:
    """Use of a time as a whole: None where nothing is known; shares of the time that are known and measured; flags."""

    use: float | None
    known: float
    measured: float
    flags: int

    @property
    def is_whole(self) -> bool:
        """Whether the whole time is known."""
        return self.known > 0.9999


#: Meter, flags, use, shares known and measured of a part of a time, and how much the part weighs.
_Part = tuple[int, int, float | None, float, float, float]


def get_totals(*, meters: Sequence[int], starts_on: date, ends_on: date) -> dict[int, TotalUse]:
    """Return the use of each meter over all of [starts_on, ends_on)."""
    borders = day_borders(starts_on, ends_on, park_zone())
    lengths_us = np.diff(borders)
    # Shares are of the time: where the clocks change, a day weighs more or less than the others.
    odd = [starts_on + timedelta(days=int(n)) for n in np.flatnonzero(lengths_us != DAY_US)]
    stored = DayUse.objects.filter(meter__in=meters, day__gte=starts_on, day__lt=ends_on).order_by()
    parts = [(stored.exclude(day__in=odd) if odd else stored, 1.0)]
    parts += [(stored.filter(day=day), float(lengths_us[(day - starts_on).days]) / DAY_US) for day in odd]
    rows = (
        (*row, weight)
        for part, weight in parts
        for row in part.values("meter_id", "flags")
        .annotate(Sum("use"), Sum("known"), Sum("measured"))
        .values_list("meter_id", "flags", "use__sum", "known__sum", "measured__sum")
    )
    return _added_up(meters, rows, float(lengths_us.sum()) / DAY_US)


def _added_up(meters: Sequence[int], rows: Iterable[_Part], whole_days: float) -> dict[int, TotalUse]:
    """Return the total of each meter from parts of a time, each weighed by the length of its days."""
    sums: dict[int, list[float]] = {pk: [0.0, 0.0, 0.0] for pk in meters}
    flags = dict.fromkeys(meters, 0)
    for meter_id, bits, use, known, measured, weight in rows:
        one = sums[meter_id]
        one[0], one[1], one[2] = one[0] + (use or 0.0), one[1] + known * weight, one[2] + measured * weight
        flags[meter_id] |= bits
    return {
        pk: TotalUse(use if known > 0 else None, known / whole_days, measured / whole_days, flags[pk])
        for pk, (use, known, measured) in sums.items()
    }


def get_hours_and_totals(
    *, meters: Sequence[int], starts_on: date, ends_on: date, spans: Sequence[tuple[date, date]]
) -> tuple[dict[int, PeriodUse], list[dict[int, TotalUse]]]:
    """Return the use by hour of [starts_on, ends_on) and all of each span up to its end; the days are read once."""
    zone, first_on = park_zone(), min(starts_on, *(start for start, _end in spans))
    stored = DayUse.objects.filter(meter__in=meters, day__gte=first_on, day__lt=ends_on).order_by()
    days = list(stored.values_list("meter_id", "day", "use", "known", "measured", "flags", "hours"))
    rows: dict[int, list[tuple[date, bytes]]] = {pk: [] for pk in meters}
    for meter_id, day, *_sums, hours in days:
        if day >= starts_on:
            rows[meter_id].append((day, bytes(hours)))
    by_hour = {pk: join_days(rows=rows[pk], first_on=starts_on, end_on=ends_on, zone=zone) for pk in meters}
    return by_hour, [_summed(meters, days, start, end, zone) for start, end in spans]


def _summed(
    meters: Sequence[int], days: Sequence[tuple[Any, ...]], starts_on: date, ends_on: date, zone: ZoneInfo
) -> dict[int, TotalUse]:
    """Return the use of each meter over [starts_on, ends_on) from rows of its days, each weighed by its length."""
    weights = np.diff(day_borders(starts_on, ends_on, zone)) / DAY_US
    rows = (
        (meter_id, bits, use, known, measured, float(weights[(day - starts_on).days]))
        for meter_id, day, use, known, measured, bits, _hours_of_day in days
        if starts_on <= day < ends_on
    )
    return _added_up(meters, rows, float(weights.sum()))


@dataclass(frozen=True)
class ReadingLine:
    """A reading of a meter as it is shown: what counts, its mark, and the repair that stands for it."""

    at: datetime
    value: float
    quality: int
    point_id: int
    repair: ReadingRepair | None = None

    @property
    def quality_label(self) -> str:
        """Its mark in words."""
        return quality_label(quality=self.quality)


def list_readings(*, meter: Meter, start_at: datetime, end_at: datetime, most: int = 200) -> list[ReadingLine]:
    """Return the newest readings of the points that showed the meter in a time."""
    lines: list[ReadingLine] = []
    low, high = to_us(start_at), to_us(end_at)
    for binding in meter.points.all():
        start = max(low, to_us(binding.start_at))
        end = high if binding.end_at is None else min(high, to_us(binding.end_at))
        if end <= start:
            continue
        series = lake.read_series(points=[binding.point_id], start_us=start, end_us=end).get(binding.point_id)
        if series is None:
            continue
        last = slice(max(series.at_us.size - most, 0), None)
        shown = zip(series.at_us[last], series.value[last], series.quality[last], strict=True)
        lines += [ReadingLine(from_us(int(at)), float(v), int(q), binding.point_id) for at, v, q in shown]
    lines = sorted(lines, key=lambda line: line.at, reverse=True)[:most]
    repairs = {
        (r.point_id, r.at): r
        for r in ReadingRepair.objects.filter(
            point__in={line.point_id for line in lines}, at__gte=start_at, at__lt=end_at, undone_at=None
        )
    }
    return [
        ReadingLine(line.at, line.value, line.quality, line.point_id, repairs.get((line.point_id, line.at)))
        for line in lines
    ]
