"""What has arrived since a marker, so that whatever depends on readings is worked out again: that, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from .encoding import lake_folder
from .models import LakeState, Segment
from .reading import list_segment_files, query_sorted

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Touched:
    """Readings of a point between two instants arrived; the span ends one past the last."""

    point: int
    start_us: int
    end_us: int


def get_marker() -> int:
    """Return the marker of now: what arrives from now on is after it."""
    return LakeState.objects.filter(pk=1).values_list("arrivals", flat=True).first() or 0


def list_touched(*, after: int) -> tuple[int, list[Touched]]:
    """Return the marker of now and the spans that arrived after a marker, per point and run of neighboring UTC days.

    Where a consumer stayed away for so long that what arrived was sorted and its file removed, the spans are those of
    all points of the segment: more than what arrived, never less.
    """
    segments = list(Segment.objects.filter(level=Segment.Level.ARRIVED, arrival__gt=after).order_by("arrival"))
    if not segments:
        return after, []
    points, instants = zip(*(_instants_of(segment) for segment in segments), strict=True)
    spans = _runs_of_days(np.concatenate(points), np.concatenate(instants))
    return max(segment.arrival for segment in segments), spans


def _instants_of(segment: Segment) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if segment.path:
        try:
            table = pq.read_table(lake_folder() / segment.path, columns=["point", "at_us"])
        except FileNotFoundError:
            pass
        else:
            return table["point"].to_numpy(), table["at_us"].to_numpy()
    files = list_segment_files(start_us=segment.start_us, end_us=segment.end_us, levels=(1,))
    if not files:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    where = (
        f"point BETWEEN {segment.first_point} AND {segment.last_point} "
        f"AND at_us >= {segment.start_us} AND at_us < {segment.end_us}"
    )
    table = query_sorted(files, where)
    return table["point"].to_numpy(), table["at_us"].to_numpy()


def _runs_of_days(point: npt.NDArray[np.int64], at_us: npt.NDArray[np.int64]) -> list[Touched]:
    if not point.size:
        return []
    order = np.lexsort((at_us, point))
    point, at_us = point[order], at_us[order]
    day = at_us // DAY_US
    is_new = np.append(True, (point[1:] != point[:-1]) | (day[1:] - day[:-1] > 1))
    first = np.flatnonzero(is_new)
    last = np.append(first[1:], point.size) - 1
    return [Touched(int(point[a]), int(at_us[a]), int(at_us[b]) + 1) for a, b in zip(first, last, strict=True)]
