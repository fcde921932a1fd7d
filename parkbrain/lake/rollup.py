"""Readings to hours and days, as one expression that every engine answers alike, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import ibis
import pyarrow as pa

from .encoding import SCHEMA, lake_folder
from .engine import connect_engine
from .models import Segment
from .reading import list_segment_files, query_sorted, retried

Step = Literal["hour", "day"]
STEP_US: dict[str, int] = {"hour": 3_600_000_000, "day": 86_400_000_000}

#: A period of a point: sums are whole millionths of the unit, so that no order of adding changes them.
PERIODS = pa.schema(
    [
        ("point", pa.int64()),
        ("start_us", pa.int64()),
        ("total_micro", pa.int64()),
        ("least", pa.float64()),
        ("greatest", pa.float64()),
        ("count", pa.int64()),
    ]
)
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
    backend = connect_engine()
    parts = []
    if (readings := _readings(backend, points, start_us, end_us)) is not None:
        parts.append(periods_of(readings, step_us))
    if (hours := _hours(backend, points, start_us, end_us)) is not None:
        parts.append(gathered(hours, step_us))
    if not parts:
        return ANSWER.empty_table()
    periods = parts[0] if len(parts) == 1 else gathered(ibis.union(*parts), step_us)
    answer = periods.mutate(total=periods.total_micro / 1e6, mean=periods.total_micro / 1e6 / periods["count"])
    return backend.to_pyarrow(answer).select(ANSWER.names).cast(ANSWER)


def _readings(backend: Any, points: Sequence[int] | None, start_us: int, end_us: int) -> ibis.Table | None:
    files = list_segment_files(points=points, start_us=start_us, end_us=end_us)
    kept = [file.path for file in files if file.level == Segment.Level.SORTED]
    arrived = [file for file in files if file.level == Segment.Level.ARRIVED]
    table = None
    if kept:
        table = _within(backend.read_parquet(kept).select(SCHEMA.names), points, start_us, end_us)
    if arrived:
        # What has not been sorted yet is little; it goes before what the sorted files say of the same instants.
        rows = query_sorted(arrived, f"at_us >= {int(start_us)} AND at_us < {int(end_us)}")
        fresh = _within(ibis.memtable(rows), points, start_us, end_us)
        table = fresh if table is None else table.anti_join(fresh, ["point", "at_us"]).union(fresh)
    return table


def _hours(backend: Any, points: Sequence[int] | None, start_us: int, end_us: int) -> ibis.Table | None:
    files = list_segment_files(points=points, start_us=start_us, end_us=end_us, levels=(Segment.Level.HOURS,))
    if not files:
        return None
    table = backend.read_parquet([file.path for file in files]).select(PERIODS.names)
    table = table.filter((table.start_us >= int(start_us)) & (table.start_us < int(end_us)))
    return table if points is None else table.filter(table.point.isin([int(point) for point in points]))


def _within(table: ibis.Table, points: Sequence[int] | None, start_us: int, end_us: int) -> ibis.Table:
    table = table.filter((table.at_us >= int(start_us)) & (table.at_us < int(end_us)))
    return table if points is None else table.filter(table.point.isin([int(point) for point in points]))


def hours_of_file(relative: str) -> pa.Table:
    """Return the hours of one sorted file, sorted by point and hour, as retention keeps them."""
    backend = connect_engine()
    table = backend.read_parquet([str(lake_folder() / relative)])
    periods = periods_of(table.select(SCHEMA.names), STEP_US["hour"])
    return (
        backend.to_pyarrow(periods)
        .select(PERIODS.names)
        .cast(PERIODS)
        .sort_by([("point", "ascending"), ("start_us", "ascending")])
    )
