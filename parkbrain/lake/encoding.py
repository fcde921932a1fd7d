"""How readings lie in a file: the schema, the encodings, and the checks before anything is written."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

#: One reading: number of the point, instant [µs since 1970 UTC], value [unit of the point], what is known of its quality.
SCHEMA = pa.schema(
    [
        pa.field("point", pa.int64()),
        pa.field("at_us", pa.int64()),
        pa.field("value", pa.float64()),
        pa.field("quality", pa.int8()),
    ]
)
#: How a sorted file holds them. Meters show so many decimals and no more, so a value is mostly `whole / divisor`, to the
#: last bit, at a third of the bytes of a floating number; what has no few decimals stands in `value`.
SORTED_SCHEMA = pa.schema(
    [
        SCHEMA.field("point"),
        SCHEMA.field("at_us"),
        pa.field("whole", pa.int64()),
        pa.field("divisor", pa.float64()),
        SCHEMA.field("value"),
        SCHEMA.field("quality"),
    ]
)
#: The value of a row of a sorted file.
SORTED_VALUE = "CASE WHEN divisor IS NULL THEN value ELSE whole / divisor END"
#: Powers of ten that make whole numbers of values. Beyond the greatest, a millionth is no longer exact in 64 bits.
DIVISORS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
GREATEST_WHOLE_VALUE = 1e9
GOOD, DOUBTFUL, BAD, TYPED_IN, REPAIRED = range(5)

#: Sums are exact to a millionth of the unit in 64-bit integers only below this.
GREATEST_VALUE = 1e12
#: Small enough that the row groups of one point are quick to read, large enough to compress.
ROW_GROUP_ROWS = 65_536


def lake_folder() -> Path:
    """Return the folder of the lake."""
    return Path(settings.LAKE_DIR)


def readings_table(
    points: npt.ArrayLike, at_us: npt.ArrayLike, values: npt.ArrayLike, quality: npt.ArrayLike | int = GOOD
) -> pa.Table:
    """Return readings as the table that the lake takes, from columns of equal length; one quality may hold for all."""
    point_numbers = np.asarray(points, dtype=np.int64)
    marks = np.broadcast_to(np.asarray(quality, dtype=np.int8), point_numbers.shape)
    columns = [point_numbers, np.asarray(at_us, dtype=np.int64), np.asarray(values, dtype=np.float64), marks]
    return pa.Table.from_arrays([pa.array(column) for column in columns], schema=SCHEMA)


def checked(readings: pa.Table) -> pa.Table:
    """Return the readings in the schema of the lake.

    :raises ValueError: a column is missing or of another kind, something is empty, not a number, too large or from
        before 1970.
    """
    try:
        table = readings.select(SCHEMA.names).cast(SCHEMA).combine_chunks()
    except (KeyError, ValueError) as error:
        raise ValueError(f"not readings: {error}") from error
    if not table.num_rows:
        return table
    if sum(column.null_count for column in table.columns):
        raise ValueError("not readings: a cell is empty")
    values, at_us = table["value"].to_numpy(), table["at_us"].to_numpy()
    if not np.all(np.abs(values) <= GREATEST_VALUE):
        raise ValueError("a value is not a number, or beyond 10^12")
    if at_us.min() < 0:
        raise ValueError("an instant is before 1970")
    return table


def write_file(table: pa.Table, *, folder: str, is_sorted: bool) -> tuple[str, int]:
    """Write a table durably and return its path within the lake and its size [bytes]."""
    relative = f"{folder}/{uuid.uuid4().hex}.parquet"
    path = lake_folder() / relative
    make_folder(path.parent)
    with path.open("xb") as file:
        with ReadingsWriter(file, is_sorted=is_sorted) as writer:
            writer.write(table)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return relative, path.stat().st_size


def make_folder(folder: Path) -> None:
    """Make a folder of the lake, durably."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for parent in (folder, *folder.parents):
        sync_folder(parent)
        if parent == lake_folder():
            return


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class ReadingsWriter(pq.ParquetWriter):  # type: ignore[misc]
    """A Parquet writer with the encodings measured best for readings (benchmarks/lake.py)."""

    def __init__(self, file: object, *, is_sorted: bool) -> None:
        super().__init__(
            file,
            SORTED_SCHEMA if is_sorted else SCHEMA,
            compression="zstd",
            # What just arrived is written often and read seldom; what is sorted the other way round.
            compression_level=6 if is_sorted else 1,
            use_dictionary=["point", "quality", "divisor", "value"] if is_sorted else ["point", "quality"],
            column_encoding={"at_us": "DELTA_BINARY_PACKED", "whole": "DELTA_BINARY_PACKED"}
            if is_sorted
            else {"at_us": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"},
            write_statistics=True,
        )
        self._is_sorted = is_sorted

    def write(self, table: pa.Table) -> None:
        """Write rows in groups small enough to be read alone."""
        self.write_table(packed(table) if self._is_sorted else table, row_group_size=ROW_GROUP_ROWS)


def packed(table: pa.Table) -> pa.Table:
    """Return readings sorted by point as sorted files hold them: one divisor for the rows of a point, where there is one."""
    point, value = table["point"].to_numpy(), table["value"].to_numpy()
    starts = np.flatnonzero(np.append(True, point[1:] != point[:-1]))
    lengths = np.diff(np.append(starts, point.size))
    divisor = np.full(point.size, np.nan)
    whole = np.zeros(point.size, dtype=np.int64)
    left = np.logical_and.reduceat(np.abs(value) <= GREATEST_WHOLE_VALUE, starts)
    for factor in DIVISORS:
        rows = np.flatnonzero(np.repeat(left, lengths))
        if not rows.size:
            break
        numbers = np.rint(value[rows] * factor)
        is_same = np.ones(point.size, dtype=bool)
        is_same[rows] = numbers / factor == value[rows]
        fits = np.repeat(left & np.logical_and.reduceat(is_same, starts), lengths)
        whole[rows] = numbers.astype(np.int64)
        divisor[fits] = factor
        left &= ~fits[starts]
    is_whole = ~np.isnan(divisor)
    columns = [
        table["point"],
        table["at_us"],
        pa.array(whole, mask=~is_whole),
        pa.array(divisor, mask=~is_whole),
        pa.array(value, mask=is_whole),
        table["quality"],
    ]
    return pa.Table.from_arrays(columns, schema=SORTED_SCHEMA)


def last_of_each(table: pa.Table) -> pa.Table:
    """Return the last row of each (point, instant); the rows are sorted by point, instant and arrival."""
    if table.num_rows < 2:
        return table.select(SCHEMA.names)
    point, at_us = table["point"].to_numpy(), table["at_us"].to_numpy()
    is_last = np.append((point[1:] != point[:-1]) | (at_us[1:] != at_us[:-1]), True)
    kept = table.select(SCHEMA.names)
    return kept if is_last.all() else kept.filter(pa.array(is_last))


def span_of(table: pa.Table) -> dict[str, int]:
    """Return the least and greatest point and instant, as the manifest keeps them."""
    points, instants = pc.min_max(table["point"]).as_py(), pc.min_max(table["at_us"]).as_py()
    return {
        "first_point": points["min"],
        "last_point": points["max"],
        "start_us": instants["min"],
        "end_us": instants["max"] + 1,
    }


def values_of(batch: pa.RecordBatch) -> npt.NDArray[np.float64]:
    """Return the values of rows of a sorted file; see `SORTED_VALUE`."""
    divisor = batch["divisor"].to_numpy(zero_copy_only=False)
    # Where there is no divisor the whole number is empty too, and what comes of both is not a number.
    quotient: npt.NDArray[np.float64] = batch["whole"].to_numpy(zero_copy_only=False) / divisor
    if not batch["divisor"].null_count:
        return quotient
    return np.where(np.isnan(divisor), batch["value"].to_numpy(zero_copy_only=False), quotient)
