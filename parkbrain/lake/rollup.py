"""Readings to hours and days, as one expression that every engine answers alike, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import ibis
import pyarrow as pa

from .encoding import span_of
from .engine import connect_engine, read_files
from .in_order import PERIODS, Asked, periods_in_order
from .models import Segment
from .reading import SegmentFile, condition, file_of, list_segment_files, query_sorted, retried

Step = Literal["hour", "day"]
DAY_US = 86_400_000_000
STEP_US: dict[str, int] = {"hour": 3_600_000_000, "day": DAY_US}

ANSWER = pa.schema([*PERIODS, ("total", pa.float64()), ("mean", pa.float64())])


def periods_of(readings: ibis.Table, step_us: int) -> ibis.Table:
    """Return the expression for readings gathered into UTC periods.

    Adding floating numbers in another order gives another last digit, and every engine has its own order. So each value
    becomes a whole number of millionths first, by one multiplication, one addition and a floor, which IEEE 754 defines
    exactly, and whole numbers are added.
    """
    placed = readings.select(
        readings.point,
        readings.value,
        start_us=readings.at_us - readings.at_us % step_us,
        micro=(readings.value * 1e6 + 0.5).floor().cast("int64"),
    )
    return placed.group_by(["point", "start_us"]).aggregate(
        total_micro=placed.micro.sum().cast("int64"),
        least=placed.value.min(),
        greatest=placed.value.max(),
        count=placed.count(),
    )


def gathered(periods: ibis.Table, step_us: int) -> ibis.Table:
    """Return the expression for periods gathered into longer ones."""
    placed = periods.mutate(start_us=periods.start_us - periods.start_us % step_us)
    return placed.group_by(["point", "start_us"]).aggregate(
        total_micro=placed.total_micro.sum().cast("int64"),
        least=placed.least.min(),
        greatest=placed.greatest.max(),
        count=placed["count"].sum().cast("int64"),
    )


def roll_up(*, points: Sequence[int] | None = None, start_us: int, end_us: int, step: Step = "hour") -> pa.Table:
    """Return total, mean, least, greatest and count of the readings of each point and UTC hour or day, in no order.

    Totals are exact to a millionth of the unit; the mean is the total by the count. A period without readings is not in
    the answer. Where readings were thinned to hours by retention, these are gathered with them.

    :param points: these only; all where None.
    :raises ValueError: an unknown step.
    """
    if step not in STEP_US:
        raise ValueError(f"step is one of {', '.join(STEP_US)}, not {step}")
    return retried(lambda: _roll_up(points, start_us, end_us, STEP_US[step]))


def _roll_up(points: Sequence[int] | None, start_us: int, end_us: int, step_us: int) -> pa.Table:
    backend, asked = connect_engine(), Asked(points, start_us, end_us, step_us)
    # One look at the manifest for all: a file that becomes hours in between must not count twice, nor not at all.
    files = list_segment_files(points=points, start_us=start_us, end_us=end_us, levels=Segment.Level.values)
    thinned = [file for file in files if file.level == Segment.Level.HOURS]
    kept = [file for file in files if file.level == Segment.Level.SORTED]
    arrived = [file for file in files if file.level == Segment.Level.ARRIVED]
    # Sorted files and hours are of whole UTC days, each of its own, so that no period lies in two of the parts.
    parts, tables = [], []
    if arrived:
        fresh, kept = _fresh_part(backend, arrived, kept, asked)
        parts += fresh
    if kept and backend.name != "pyspark":
        tables.append(periods_in_order([file.path for file in kept], asked))
    elif kept:
        parts.append(periods_of(_within(_sorted_readings(backend, kept), "at_us", asked), step_us))
    if thinned:
        hours = read_files(backend, [file.path for file in thinned]).select(PERIODS.names)
        parts.append(gathered(_within(hours, "start_us", asked), step_us))
    if parts:
        periods = parts[0] if len(parts) == 1 else ibis.union(*parts)
        tables.append(backend.to_pyarrow(periods).select(PERIODS.names).cast(PERIODS))
    if not tables:
        return ANSWER.empty_table()
    table = pa.concat_tables(tables)
    # Divided here, not by the engine: engines do not agree on how a whole number is divided.
    total = table["total_micro"].to_numpy() / 1e6
    mean = total / table["count"].to_numpy()
    return table.append_column("total", pa.array(total)).append_column("mean", pa.array(mean)).cast(ANSWER)


def _fresh_part(
    backend: Any, arrived: Sequence[SegmentFile], kept: Sequence[SegmentFile], asked: Asked
) -> tuple[list[ibis.Table], list[SegmentFile]]:
    """Return the periods of the UTC days in which something is not sorted yet, and the files of other days."""
    # What has not been sorted yet is little; it goes before what the sorted files say of the same instants.
    rows = query_sorted(arrived, *condition(asked.points, asked.start_us, asked.end_us))
    if not rows.num_rows:
        return [], list(kept)
    span = span_of(rows)
    first_us, after_us = span["start_us"] // DAY_US * DAY_US, -(-span["end_us"] // DAY_US) * DAY_US
    same_days = [file for file in kept if file.start_us < after_us and file.end_us > first_us]
    readings = fresh = ibis.memtable(rows)
    if same_days:
        readings = _sorted_readings(backend, same_days).anti_join(fresh, ["point", "at_us"]).union(fresh)
    others = [file for file in kept if file not in same_days]
    return [periods_of(_within(readings, "at_us", asked), asked.step_us)], others


def _sorted_readings(backend: Any, files: Sequence[SegmentFile]) -> ibis.Table:
    table = read_files(backend, [file.path for file in files])
    value = ibis.ifelse(table.divisor.isnull(), table.value, table.whole / table.divisor)
    return table.select(table.point, table.at_us, value=value, quality=table.quality)


def _within(table: ibis.Table, column: str, asked: Asked) -> ibis.Table:
    table = table.filter((table[column] >= int(asked.start_us)) & (table[column] < int(asked.end_us)))
    return table if asked.points is None else table.filter(table.point.isin([int(point) for point in asked.points]))


def hours_of(segment: Segment) -> pa.Table:
    """Return the hours of a sorted segment, sorted by point and hour, as retention keeps them."""
    return periods_in_order([file_of(segment).path], Asked(None, 0, segment.end_us, STEP_US["hour"]))
