"""Hours and days of sorted files in one pass: rows of a period lie together, so nothing has to be looked up.

It answers what the expression of `rollup` answers, to the last digit, in less than half the time (benchmarks/lake.py).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from .encoding import ROW_GROUP_ROWS, values_of

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
COLUMNS = ["point", "at_us", "whole", "divisor", "value"]
#: Row groups that are read at once; each has 65,536 rows.
GROUPS_AT_ONCE = 16


@dataclass(frozen=True)
class Asked:
    """Which readings, gathered into periods of which length; all points where None."""

    points: Sequence[int] | None
    start_us: int
    end_us: int
    step_us: int


def periods_in_order(paths: Sequence[str], asked: Asked) -> pa.Table:
    """Return the periods of sorted files, each file sorted by point and period; no two files may share a period.

    :raises FileNotFoundError: a file is not there any more.
    """
    workers = min(len(paths), os.cpu_count() or 1)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        tables = list(pool.map(lambda path: _periods_of_file(path, asked), paths))
    return pa.concat_tables(tables) if tables else PERIODS.empty_table()


def _periods_of_file(path: str, asked: Asked) -> pa.Table:
    wanted = None if asked.points is None else np.unique(np.asarray(asked.points, dtype=np.int64))
    parts = []
    with pq.ParquetFile(path) as file:
        groups = [n for n in range(file.num_row_groups) if _may_hold(file.metadata.row_group(n), wanted, asked)]
        for first in range(0, len(groups), GROUPS_AT_ONCE):
            table = file.read_row_groups(groups[first : first + GROUPS_AT_ONCE], columns=COLUMNS, use_threads=False)
            # As many rows at a time as stay in the processor's cache.
            for batch in table.to_batches(max_chunksize=ROW_GROUP_ROWS):
                if columns := _gather_rows(batch, wanted, asked):
                    parts.append(columns)
    if not parts:
        return PERIODS.empty_table()
    point, number, *rest = (np.concatenate(column) for column in zip(*parts, strict=True))
    # A period that began at the end of one part goes on in the next.
    starts = _starts_of_runs(point, number)
    columns = [point[starts], number[starts] * asked.step_us, *_reduced(rest, starts)]
    return pa.Table.from_arrays([pa.array(column) for column in columns], schema=PERIODS)


def _may_hold(group: Any, wanted: npt.NDArray[np.int64] | None, asked: Asked) -> bool:
    """Tell from the least and greatest of a row group whether it may hold what is asked for."""
    point, at_us = group.column(0).statistics, group.column(1).statistics
    if at_us.min >= asked.end_us or at_us.max < asked.start_us:
        return False
    return wanted is None or bool(np.searchsorted(wanted, point.max, "right") > np.searchsorted(wanted, point.min))


def _gather_rows(
    batch: pa.RecordBatch, wanted: npt.NDArray[np.int64] | None, asked: Asked
) -> list[npt.NDArray[Any]] | None:
    point, at_us, value = batch["point"].to_numpy(), batch["at_us"].to_numpy(), values_of(batch)
    if at_us.min() < asked.start_us or at_us.max() >= asked.end_us or wanted is not None:
        keep = (at_us >= asked.start_us) & (at_us < asked.end_us)
        if wanted is not None:
            keep &= np.isin(point, wanted)
        point, at_us, value = point[keep], at_us[keep], value[keep]
    if not point.size:
        return None
    number = at_us // asked.step_us
    starts = _starts_of_runs(point, number)
    micro = np.floor(value * 1e6 + 0.5).astype(np.int64)
    counts = np.diff(np.append(starts, point.size))
    return [point[starts], number[starts], *_reduced([micro, value, value], starts), counts]


def _starts_of_runs(point: npt.NDArray[np.int64], number: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Return where the rows of each point and period begin."""
    is_new = np.empty(point.size, dtype=bool)
    is_new[0] = True
    np.not_equal(number[1:], number[:-1], out=is_new[1:])
    is_new[1:] |= point[1:] != point[:-1]
    return np.flatnonzero(is_new)


def _reduced(columns: Sequence[npt.NDArray[Any]], starts: npt.NDArray[np.intp]) -> list[npt.NDArray[Any]]:
    """Return total, least, greatest and, where it is given, count of each run."""
    every = (np.add, np.minimum, np.maximum, np.add)
    return [reduce.reduceat(column, starts) for reduce, column in zip(every, columns, strict=False)]
