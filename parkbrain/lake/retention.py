"""What is kept for how long, and the removal of what nothing refers to any more."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow.parquet as pq
from django.conf import settings

from .compaction import hold_lease, renew_lease, replace_segments
from .encoding import lake_folder, make_folder, sync_folder
from .models import LakeState, Segment
from .rollup import hours_of

DAY_US = 86_400_000_000
#: Longer than the longest query: files of dead segments are read until then.
GRACE = timedelta(minutes=15)
#: A file that no segment names may be one that is being written right now.
STRAY_AFTER = timedelta(hours=1)
#: So long a batch is remembered after its readings were sorted, and so long may a consumer stay away.
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True)
class Swept:
    """How many files were removed, of dead segments and of none."""

    dead: int
    stray: int


def apply_retention(*, at: datetime) -> int:
    """Keep readings older than the setting says as hours only, and return how many files became hours.

    Whole sorted files only: a day or a month goes when its last reading is old enough. The total, the least, the greatest
    and the number of readings of every point and hour stay. Nothing happens where the setting is 0.
    """
    if not settings.LAKE_KEEP_DAYS:
        return 0
    before_us = int((at - timedelta(days=settings.LAKE_KEEP_DAYS)).timestamp()) // 86_400 * DAY_US
    waiting = Segment.objects.filter(is_live=True, level=Segment.Level.ARRIVED, start_us__lt=before_us)
    with hold_lease(at) as lease:
        if lease is None or waiting.exists():
            return 0  # the next compaction sorts them, then they can go
        old = Segment.objects.filter(is_live=True, level=Segment.Level.SORTED, end_us__lte=before_us)
        done = 0
        for segment in old.order_by("start_us"):
            # First, so that nothing older is taken in while the hours are worked out.
            LakeState.objects.filter(pk=1, thinned_before_us__lt=segment.end_us).update(
                thinned_before_us=segment.end_us
            )
            replace_segments(old=[segment], new=[_as_hours(segment, at)], at=at, lease=lease)
            renew_lease(lease)
            done += 1
        return done


def _as_hours(segment: Segment, at: datetime) -> Segment:
    table = hours_of(segment)
    relative = f"hours/{segment.partition}/{uuid.uuid4().hex}.parquet"
    path = lake_folder() / relative
    make_folder(path.parent)
    with path.open("xb") as file:
        pq.write_table(table, file, compression="zstd", compression_level=6, row_group_size=65_536)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return Segment(
        path=relative,
        level=Segment.Level.HOURS,
        partition=segment.partition,
        arrival=segment.arrival,
        rows=table.num_rows,
        size_bytes=path.stat().st_size,
        written_at=at,
        first_point=segment.first_point,
        last_point=segment.last_point,
        start_us=segment.start_us // 3_600_000_000 * 3_600_000_000,
        end_us=segment.end_us,
    )


def sweep(*, at: datetime) -> Swept:
    """Remove the files of segments dead for longer than any query, and files that no segment names."""
    dead = Segment.objects.filter(is_live=False, dead_at__lt=at - GRACE)
    removed = 0
    for segment in dead.exclude(path=""):
        (lake_folder() / segment.path).unlink(missing_ok=True)
        removed += 1
    dead.exclude(level=Segment.Level.ARRIVED).delete()
    dead.exclude(path="").update(path="")
    dead.filter(dead_at__lt=at - REMEMBERED).delete()
    return Swept(removed, _sweep_strays(at))


def _sweep_strays(at: datetime) -> int:
    root, border = lake_folder(), (at - STRAY_AFTER).timestamp()
    old = [path for path in root.glob("*/*/*.parquet") if path.stat().st_mtime < border]
    # Asked after the look, so that a file whose segment was just written is not taken for a stray.
    known = set(Segment.objects.exclude(path="").values_list("path", flat=True))
    strays = [path for path in old if str(path.relative_to(root)) not in known]
    for path in strays:
        path.unlink(missing_ok=True)
    for folder in root.glob("*/*"):
        if folder.is_dir() and not any(folder.iterdir()) and folder.stat().st_mtime < border:
            folder.rmdir()
    return len(strays)
