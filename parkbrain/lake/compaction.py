"""Many small files in order of arrival become few, sorted ones; readers and writers do not notice.

New files are written first. Then one transaction takes the old segments out of the manifest and puts the new ones in:
before it the old ones are read, after it the new ones, never both, never neither. A crash before it leaves stray files,
which `sweep` removes.
"""

from __future__ import annotations

import os
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import Q

from .encoding import SCHEMA, ReadingsWriter, lake_folder, last_of_each, make_folder, span_of, sync_folder
from .engine import connect_duckdb
from .models import LakeState, Segment
from .reading import file_of, rows_of

DAY_US = 86_400_000_000
#: At most so much is sorted in one pass; what is left waits for the next.
MOST_ROWS, MOST_FILES = 50_000_000, 4_000
#: Days of a month that ended so long ago become one file, if it does not grow beyond so many rows.
SETTLED_AFTER = timedelta(days=7)
MOST_ROWS_OF_MONTH = 30_000_000
LEASE = timedelta(minutes=10)
BATCH_ROWS = 1_000_000


class LostLease(Exception):
    """Another process took over because this one was thought dead; nothing was changed."""


@dataclass(frozen=True)
class Compacted:
    """How many segments became how many, and how many readings the new ones hold."""

    before: int = 0
    after: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Partition:
    """A UTC day or month."""

    name: str
    start_us: int
    end_us: int


def compact(*, at: datetime) -> Compacted:
    """Sort what has arrived into files by UTC day, and days of settled months into months.

    Does nothing where another process is at it.
    """
    with hold_lease(at) as lease:
        if lease is None:
            return Compacted()
        arrived = _first_arrived()
        partitions = _partitions_of(arrived, at)
        partitions |= _scattered_months(at)
        if not partitions:
            return Compacted()
        old: dict[int, Segment] = {segment.pk: segment for segment in arrived}
        new: list[Segment] = []
        for partition in sorted(partitions.values(), key=lambda p: p.start_us):
            inside = _sorted_in(partition)
            old |= {segment.pk: segment for segment in inside}
            overlapping = [s for s in arrived if s.start_us < partition.end_us and s.end_us > partition.start_us]
            if segment := _write(partition, [*inside, *overlapping], at):
                new.append(segment)
            renew_lease(lease)
        replace_segments(old=list(old.values()), new=new, at=at, lease=lease)
        return Compacted(len(old), len(new), sum(segment.rows for segment in new))


@contextmanager
def hold_lease(at: datetime) -> Iterator[str | None]:
    """Hold the right to change sorted files; None where another process has it."""
    LakeState.objects.get_or_create(pk=1)
    name = f"{os.getpid()}-{uuid.uuid4().hex[:16]}"
    free = Q(compacting_until=None) | Q(compacting_until__lt=at)
    taken = LakeState.objects.filter(free, pk=1).update(compactor=name, compacting_until=at + LEASE)
    try:
        yield name if taken else None
    finally:
        if taken:
            LakeState.objects.filter(pk=1, compactor=name).update(compactor="", compacting_until=None)


def renew_lease(lease: str) -> None:
    """Hold the right for another while.

    :raises LostLease: another process has it.
    """
    until = datetime.now(UTC) + LEASE
    if not LakeState.objects.filter(pk=1, compactor=lease).update(compacting_until=until):
        raise LostLease(lease)


def replace_segments(*, old: Sequence[Segment], new: Sequence[Segment], at: datetime, lease: str) -> None:
    """Put new segments in the place of old ones, in one step.

    :raises LostLease: another process has the right to it by now.
    """
    with transaction.atomic():
        state = LakeState.objects.select_for_update().get(pk=1)
        live = Segment.objects.filter(pk__in=[segment.pk for segment in old], is_live=True)
        if state.compactor != lease or live.update(is_live=False, dead_at=at) != len(old):
            raise LostLease(lease)
        Segment.objects.bulk_create(new)


def _first_arrived() -> list[Segment]:
    chosen: list[Segment] = []
    rows = 0
    arrived = Segment.objects.filter(is_live=True, level=Segment.Level.ARRIVED).order_by("arrival")
    for segment in arrived[:MOST_FILES]:
        if chosen and rows + segment.rows > MOST_ROWS:
            break
        chosen.append(segment)
        rows += segment.rows
    return chosen


def _partitions_of(segments: Sequence[Segment], at: datetime) -> dict[str, Partition]:
    months = {row["partition"][:7] for row in _live_sorted().values("partition") if len(row["partition"]) == 7}
    found: dict[str, Partition] = {}
    expected: dict[str, float] = defaultdict(float)
    for segment in segments:
        days = range(segment.start_us // DAY_US, (segment.end_us - 1) // DAY_US + 1)
        for day in days:
            expected[_day(day).strftime("%Y-%m")] += segment.rows / len(days)
        for day in days:
            month = _day(day).strftime("%Y-%m")
            whole = month in months or (_is_settled(month, at) and expected[month] <= MOST_ROWS_OF_MONTH)
            partition = _month(month) if whole else _one_day(_day(day))
            found[partition.name] = partition
    # A month and days of it must not both be written.
    return {name: p for name, p in found.items() if len(name) == 7 or name[:7] not in found}


def _scattered_months(at: datetime) -> dict[str, Partition]:
    """Return settled months that still lie in days, the oldest few."""
    rows: dict[str, int] = defaultdict(int)
    for partition, count in _live_sorted().values_list("partition", "rows"):
        if len(partition) == 10 and _is_settled(partition[:7], at):
            rows[partition[:7]] += count
    few = [month for month in sorted(rows) if rows[month] <= MOST_ROWS_OF_MONTH][:3]
    return {month: _month(month) for month in few}


def _live_sorted() -> Any:
    return Segment.objects.filter(is_live=True, level=Segment.Level.SORTED)


def _sorted_in(partition: Partition) -> list[Segment]:
    return list(_live_sorted().filter(partition__startswith=partition.name))


def _write(partition: Partition, segments: Sequence[Segment], at: datetime) -> Segment | None:
    """Write the rows of a partition sorted into one file and return its segment, not yet in the manifest."""
    files = [file_of(segment) for segment in segments]
    within = f"at_us >= {partition.start_us} AND at_us < {partition.end_us}"
    sql = f"SELECT * FROM ({rows_of(files)}) WHERE {within} ORDER BY point, at_us, arrival, place"
    return write_sorted(name=partition.name, sql=sql, arrival=max(segment.arrival for segment in segments), at=at)


def write_sorted(*, name: str, sql: str, arrival: int, at: datetime) -> Segment | None:
    """Write sorted rows into one file of a partition and return its segment, not yet in the manifest; None without rows."""
    relative = f"sorted/{name}/{uuid.uuid4().hex}.parquet"
    path = lake_folder() / relative
    make_folder(path.parent)
    spans, rows = [], 0
    with path.open("xb") as file:
        with ReadingsWriter(file, is_sorted=True) as writer:
            for table in _each_once(connect_duckdb().sql(sql).to_arrow_reader(BATCH_ROWS)):
                writer.write(table)
                spans.append(span_of(table))
                rows += table.num_rows
        file.flush()
        os.fsync(file.fileno())
    if not rows:
        path.unlink()
        return None
    sync_folder(path.parent)
    return Segment(
        path=relative,
        level=Segment.Level.SORTED,
        partition=name,
        arrival=arrival,
        rows=rows,
        size_bytes=path.stat().st_size,
        written_at=at,
        first_point=min(span["first_point"] for span in spans),
        last_point=max(span["last_point"] for span in spans),
        start_us=min(span["start_us"] for span in spans),
        end_us=max(span["end_us"] for span in spans),
    )


def _each_once(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Yield sorted rows with the last of each point and instant, also where two batches meet."""
    held: pa.Table | None = None
    for batch in reader:
        table = pa.Table.from_batches([batch])
        if not table.num_rows:
            continue
        if held is not None:
            table = pa.concat_tables([held, table])
        # The last row may have a successor in the next batch.
        held = table.slice(table.num_rows - 1)
        ready = last_of_each(table)
        if ready.num_rows > 1:
            yield ready.slice(0, ready.num_rows - 1).cast(SCHEMA).combine_chunks()
    if held is not None:
        yield last_of_each(held).cast(SCHEMA).combine_chunks()


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _one_day(day: date) -> Partition:
    start_us = (day - date(1970, 1, 1)).days * DAY_US
    return Partition(day.isoformat(), start_us, start_us + DAY_US)


def _month(name: str) -> Partition:
    first = date.fromisoformat(f"{name}-01")
    after = (first + timedelta(days=32)).replace(day=1)
    return Partition(name, _one_day(first).start_us, _one_day(after).start_us)


def _is_settled(month: str, at: datetime) -> bool:
    return datetime.fromtimestamp(_month(month).end_us / 1e6, UTC) + SETTLED_AFTER <= at
