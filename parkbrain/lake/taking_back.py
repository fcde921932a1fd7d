"""A batch is taken back: its readings count no longer, and what it replaced counts again."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
from django.db import transaction

from .appending import append_readings, next_arrival, write_readings
from .compaction import hold_lease, replace_segments, write_sorted
from .encoding import SCHEMA, span_of
from .engine import connect_duckdb
from .models import LakeState, LatestReading, Segment
from .reading import condition, file_of, list_segment_files, query_sorted, rows_of

KEY = ["point", "at_us"]


class CannotTakeBack(Exception):
    """The batch cannot be taken back now: `code` is busy (files are being put in order) or thinned (hours are left)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@transaction.atomic
def take_back(*, batch_id: str, readings: pa.Table, before: pa.Table, at: datetime) -> int:
    """Take back the readings of a batch and return how many counted until now.

    Consumers are told of the same points and instants as if something had arrived for them.

    :param readings: what the batch brought.
    :param before: what counted at these points and instants when it came.
    :raises CannotTakeBack: files are being put in order, or what came was thinned to hours already.
    """
    span = span_of(readings)
    if span["start_us"] < (LakeState.objects.filter(pk=1).values_list("thinned_before_us", flat=True).first() or 0):
        raise CannotTakeBack("thinned")
    with hold_lease(at) as lease:
        if lease is None:
            raise CannotTakeBack("busy")
        counted = _still_counting(readings)
        batch = Segment.objects.filter(batch_id=batch_id).first()
        if batch is not None and batch.is_live:
            replace_segments(old=[batch], new=[], at=at, lease=lease)
        else:
            _take_out(counted, at, lease)
            back = _matching(before, counted, KEY)
            append_readings(back, batch_id=f"{batch_id}-before", at=at)
    # The same batch may come again one day.
    Segment.objects.filter(batch_id=batch_id).update(batch_id=None)
    Segment.objects.filter(batch_id=f"{batch_id}-before").update(batch_id=None)
    _tell(readings, at)
    _correct_latest(readings)
    return int(counted.num_rows)


def _still_counting(readings: pa.Table) -> pa.Table:
    span = span_of(readings)
    points = sorted(set(readings["point"].to_pylist()))
    files = list_segment_files(points=points, start_us=span["start_us"], end_us=span["end_us"])
    if not files:
        return SCHEMA.empty_table()
    now = query_sorted(files, *condition(points, span["start_us"], span["end_us"]))
    return _matching(readings, now, SCHEMA.names)


def _matching(table: pa.Table, others: pa.Table, names: list[str]) -> pa.Table:
    return table.join(others.select(names), keys=names, join_type="left semi").select(SCHEMA.names).cast(SCHEMA)


def _take_out(gone: pa.Table, at: datetime, lease: str) -> None:
    """Write the sorted files that hold these readings again without them."""
    if not gone.num_rows:
        return
    span = span_of(gone)
    held = Segment.objects.filter(
        is_live=True,
        level=Segment.Level.SORTED,
        start_us__lt=span["end_us"],
        end_us__gt=span["start_us"],
        first_point__lte=span["last_point"],
        last_point__gte=span["first_point"],
    )
    engine, old, new = connect_duckdb(), list(held), []
    engine.register("gone", gone)
    try:
        for segment in old:
            columns = ", ".join(SCHEMA.names)
            rows = f"SELECT {columns} FROM ({rows_of([file_of(segment)])})"
            sql = f"SELECT {columns} FROM ({rows}) AS kept ANTI JOIN gone USING ({columns}) ORDER BY point, at_us"
            if left := write_sorted(name=segment.partition, sql=sql, arrival=segment.arrival, at=at):
                new.append(left)
    finally:
        engine.unregister("gone")
    replace_segments(old=old, new=new, at=at, lease=lease)


def _tell(readings: pa.Table, at: datetime) -> None:
    """Enter the readings as a segment that has arrived and counts no more: who follows what arrives looks there again."""
    written = write_readings(readings, at=at)
    Segment.objects.create(
        path=written.path,
        arrival=next_arrival(),
        rows=readings.num_rows,
        size_bytes=written.size_bytes,
        is_live=False,
        written_at=at,
        dead_at=at,
        **span_of(readings),
    )


def _correct_latest(readings: pa.Table) -> None:
    points = sorted(set(readings["point"].to_pylist()))
    files = list_segment_files(points=points, start_us=0, end_us=2**62)
    left = pa.table({name: [] for name in SCHEMA.names}, schema=SCHEMA)
    if files:
        where, held = condition(points, 0, 2**62)
        newest = f"{where} QUALIFY at_us = max(at_us) OVER (PARTITION BY point)"
        left = query_sorted(files, newest, held)
    LatestReading.objects.filter(point__in=points).delete()
    LatestReading.objects.bulk_create(LatestReading(**row) for row in left.to_pylist())
