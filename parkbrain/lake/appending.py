"""Readings in: a file first, then its row in the manifest; whoever is told that it was written can rely on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from .encoding import checked, lake_folder, span_of, write_file
from .models import LakeState, LatestReading, Segment


@dataclass(frozen=True)
class Appended:
    """What became of a batch: how many readings it has, and whether it is new."""

    rows: int
    is_new: bool


@dataclass(frozen=True)
class Written:
    """Readings in a synced file that no segment names yet: nobody sees them, and `sweep` removes it if that stays so."""

    table: pa.Table
    path: str
    size_bytes: int

    def discard(self) -> None:
        """Remove the file at once."""
        (lake_folder() / self.path).unlink(missing_ok=True)


def write_readings(readings: pa.Table, *, at: datetime) -> Written:
    """Write readings to a file, so that a transaction that appends them later need not wait for the disk.

    :raises ValueError: the table does not hold readings, or none.
    """
    table = checked(readings)
    if not table.num_rows:
        raise ValueError("no readings")
    return Written(table, *write_file(table, folder=f"arrived/{at:%Y-%m-%d}", is_sorted=False))


def append_readings(readings: pa.Table | Written, *, batch_id: str, at: datetime) -> Appended:
    """Keep a batch of readings durably and return whether it is new.

    It belongs to the transaction of the caller, so that a consumer's offset is kept with it or not at all; outside of
    one it is durable on return. Where the transaction is undone the file is a stray, which `sweep` removes.

    :param readings: columns as in `SCHEMA`, in order of arrival; or what `write_readings` wrote of them.
    :param batch_id: what the writer calls the batch; a batch that is there already is not written again.
    :raises ValueError: the table does not hold readings, or some are from before what is kept in full.
    """
    table = readings.table if isinstance(readings, Written) else checked(readings)
    _check_age(table)
    if not table.num_rows or Segment.objects.filter(batch_id=batch_id).exists():
        return Appended(table.num_rows, is_new=False)
    written = readings if isinstance(readings, Written) else write_readings(table, at=at)
    try:
        with transaction.atomic():
            Segment.objects.create(
                path=written.path,
                batch_id=batch_id,
                arrival=next_arrival(),
                rows=table.num_rows,
                size_bytes=written.size_bytes,
                written_at=at,
                **span_of(table),
            )
            _keep_latest(table)
    except IntegrityError:
        if not Segment.objects.filter(batch_id=batch_id).exists():
            raise
        # Another process wrote the same batch between our look and our insert.
        written.discard()
        return Appended(table.num_rows, is_new=False)
    return Appended(table.num_rows, is_new=True)


def _check_age(table: pa.Table) -> None:
    border = LakeState.objects.filter(pk=1).values_list("thinned_before_us", flat=True).first() or 0
    if border and table.num_rows and span_of(table)["start_us"] < border:
        raise ValueError("a reading is from before the time that is kept in full")


def next_arrival() -> int:
    """Return the next number of arrival; the row it comes from stays locked, so that numbers become visible in order."""
    if not LakeState.objects.filter(pk=1).update(arrivals=F("arrivals") + 1):
        LakeState.objects.get_or_create(pk=1)
        LakeState.objects.filter(pk=1).update(arrivals=F("arrivals") + 1)
    return LakeState.objects.values_list("arrivals", flat=True).get(pk=1)


def _keep_latest(table: pa.Table) -> None:
    point, at_us = table["point"].to_numpy(), table["at_us"].to_numpy()
    # Of equal instants the last to arrive: lexsort is stable.
    order = np.lexsort((at_us, point))
    last = order[np.append(point[order][1:] != point[order][:-1], True)]
    columns = [table[name].to_numpy()[last].tolist() for name in ("point", "at_us", "value", "quality")]
    name = LatestReading._meta.db_table
    newer = (
        "ON CONFLICT (point) DO UPDATE SET at_us = excluded.at_us, value = excluded.value, quality = excluded.quality "
        f"WHERE excluded.at_us >= {name}.at_us"
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = "%s::bigint[], %s::bigint[], %s::double precision[], %s::smallint[]"
            cursor.execute(
                f"INSERT INTO {name} (point, at_us, value, quality) SELECT * FROM unnest({arrays}) {newer}", columns
            )
        else:
            cursor.executemany(
                f"INSERT INTO {name} (point, at_us, value, quality) VALUES (%s, %s, %s, %s) {newer}",
                list(zip(*columns, strict=True)),
            )
