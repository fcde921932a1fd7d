"""Readings out: which files to open says the manifest, never a look into the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .encoding import SCHEMA, SORTED_VALUE, lake_folder, last_of_each
from .engine import connect_duckdb
from .models import LatestReading, Segment

T = TypeVar("T")

#: More points than this are joined, not listed: the engine then skips by the least and greatest only.
LISTED_POINTS = 400


@dataclass(frozen=True)
class Series:
    """Readings of one point in order of time; instants in microseconds since 1970 UTC."""

    at_us: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Latest:
    """The newest reading of a point."""

    at_us: int
    value: float
    quality: int


@dataclass(frozen=True)
class SegmentFile:
    """A live file of readings: where, in which order it arrived, and whether another may hold the same instant."""

    path: str
    arrival: int
    level: int
    rows: int
    start_us: int
    end_us: int


def list_segment_files(
    *, start_us: int, end_us: int, points: Sequence[int] | None = None, levels: Iterable[int] = (0, 1)
) -> list[SegmentFile]:
    """Return the live files that may hold readings of these points in [start, end), in order of arrival."""
    found = Segment.objects.filter(is_live=True, level__in=list(levels), start_us__lt=end_us, end_us__gt=start_us)
    if points is not None:
        if not len(points):
            return []
        found = found.filter(first_point__lte=max(points), last_point__gte=min(points))
    return [file_of(segment) for segment in found.order_by("arrival")]


def file_of(segment: Segment) -> SegmentFile:
    """Return the file of a segment."""
    path = str(lake_folder() / segment.path)
    return SegmentFile(path, segment.arrival, segment.level, segment.rows, segment.start_us, segment.end_us)


def read_readings(*, points: Sequence[int], start_us: int, end_us: int) -> pa.Table:
    """Return the readings of points in [start, end), sorted by point and instant, each instant once."""

    def read() -> pa.Table:
        files = list_segment_files(points=points, start_us=start_us, end_us=end_us)
        if not files:
            return SCHEMA.empty_table()
        return query_sorted(files, *condition(points, start_us, end_us))

    return retried(read)


def read_series(*, points: Sequence[int], start_us: int, end_us: int) -> dict[int, Series]:
    """Return the readings of each point in [start, end); a point without readings is not in the answer."""
    table = read_readings(points=points, start_us=start_us, end_us=end_us)
    number, at_us, value, quality = (table[name].to_numpy() for name in SCHEMA.names)
    cuts = np.flatnonzero(number[1:] != number[:-1]) + 1
    starts = np.concatenate(([0], cuts)) if number.size else cuts
    ends = np.append(cuts, number.size)
    return {
        int(number[a]): Series(at_us[a:b], value[a:b], quality[a:b])
        for a, b in zip(starts, ends, strict=False)
        if b > a
    }


def get_latest(*, points: Sequence[int]) -> dict[int, Latest]:
    """Return the newest reading of each point that has one."""
    found: dict[int, Latest] = {}
    for start in range(0, len(points), 500):
        part = LatestReading.objects.filter(point__in=list(points[start : start + 500]))
        for point, at_us, value, quality in part.values_list("point", "at_us", "value", "quality"):
            found[point] = Latest(at_us, value, quality)
    return found


def query_sorted(files: Sequence[SegmentFile], where: str, held: pa.Table | None = None) -> pa.Table:
    """Return the rows of files that fulfil a condition, sorted by point and instant, the last to arrive of each."""
    sql = f"SELECT * FROM ({rows_of(files)}) WHERE {where} ORDER BY point, at_us, arrival, place"
    connection = connect_duckdb()
    if held is not None:
        connection.register("held", held)
    try:
        table = connection.sql(sql).to_arrow_table()
    finally:
        if held is not None:
            connection.unregister("held")
    return last_of_each(table).cast(SCHEMA).combine_chunks()


def rows_of(files: Sequence[SegmentFile]) -> str:
    """Return the query for all rows of files, with the order of arrival beside them.

    Sorted segments never hold the same instant of a point twice among themselves and arrived before all others, so only
    the others need a place.
    """
    sorted_paths = [file.path for file in files if file.level]
    arrived = [file for file in files if not file.level]
    parts = []
    if sorted_paths:
        parts.append(
            f"SELECT point, at_us, {SORTED_VALUE} AS value, quality, 0::BIGINT AS arrival, 0::BIGINT AS place "
            f"FROM read_parquet({_literal(sorted_paths)})"
        )
    if arrived:
        numbers = ", ".join(f"('{_escaped(file.path)}', {file.arrival})" for file in arrived)
        parts.append(
            "SELECT point, at_us, value, quality, numbered.arrival, file_row_number AS place "
            f"FROM read_parquet({_literal([f.path for f in arrived])}, filename = true, file_row_number = true) AS rows "
            f"JOIN (VALUES {numbers}) AS numbered(filename, arrival) ON rows.filename = numbered.filename"
        )
    return " UNION ALL ".join(parts)


def retried(read: Callable[[], T]) -> T:
    """Return what a reader answers; once more with the manifest of now where a file went away in between."""
    try:
        return read()
    except (duckdb.IOException, FileNotFoundError):
        return read()


def condition(points: Sequence[int] | None, start_us: int, end_us: int) -> tuple[str, Any]:
    """Return the condition for readings of points in [start, end), and the points as a table where they are many."""
    span = f"at_us >= {int(start_us)} AND at_us < {int(end_us)}"
    if points is None:
        return span, None
    numbers = sorted({int(point) for point in points})
    if len(numbers) <= LISTED_POINTS:
        return f"point IN ({', '.join(map(str, numbers))}) AND {span}", None
    held = pa.table({"number": pa.array(numbers, pa.int64())})
    bounds = f"point BETWEEN {numbers[0]} AND {numbers[-1]}"
    return f"{bounds} AND point IN (SELECT number FROM held) AND {span}", held


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def _literal(paths: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{_escaped(path)}'" for path in paths) + "]"
