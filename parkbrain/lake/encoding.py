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
            SCHEMA,
            compression="zstd",
            # What just arrived is written often and read seldom; what is sorted the other way round.
            compression_level=6 if is_sorted else 1,
            use_dictionary=["point", "quality", "value"] if is_sorted else ["point", "quality"],
            column_encoding={"at_us": "DELTA_BINARY_PACKED"}
            if is_sorted
            else {"at_us": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"},
            write_statistics=True,
        )

    def write(self, table: pa.Table) -> None:
        """Write rows in groups small enough to be read alone."""
        self.write_table(table, row_group_size=ROW_GROUP_ROWS)


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
