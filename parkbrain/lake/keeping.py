"""Keeping the lake in order: what has to be done now, and doing it, beside live writers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Sum

from .compaction import compact
from .models import Segment
from .retention import GRACE, Swept, apply_retention, sweep

#: Files that wait to be sorted: so many, with so many readings, or the oldest of them so long; until then readers are
#: slower, because what a reader wants may lie anywhere in them.
MOST_ARRIVED = 200
MOST_ROWS_ARRIVED = 1_000_000
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Kept:
    """What was done: segments sorted and into how many, files that became hours, files removed."""

    sorted_segments: int
    into_segments: int
    thinned: int
    swept: Swept


def is_keeping_due(*, at: datetime) -> bool:
    """Tell whether anything waits to be sorted, thinned or removed."""
    arrived = Segment.objects.filter(is_live=True, level=Segment.Level.ARRIVED)
    waiting = arrived.aggregate(oldest=Min("written_at"), files=Count("pk"), rows=Sum("rows"))
    oldest = waiting["oldest"]
    is_much = waiting["files"] >= MOST_ARRIVED or (waiting["rows"] or 0) >= MOST_ROWS_ARRIVED
    if oldest is not None and (is_much or oldest <= at - LONGEST_WAIT):
        return True
    if Segment.objects.filter(is_live=False, dead_at__lt=at - GRACE).exclude(path="").exists():
        return True
    return oldest is None and _is_thinning_due(at)


def _is_thinning_due(at: datetime) -> bool:
    if not settings.LAKE_KEEP_DAYS:
        return False
    before_us = int((at - timedelta(days=settings.LAKE_KEEP_DAYS)).timestamp()) * 1_000_000
    day_us = 86_400_000_000
    old = Segment.objects.filter(is_live=True, level=Segment.Level.SORTED, end_us__lte=before_us // day_us * day_us)
    return old.exists()


def keep_in_order(*, at: datetime) -> Kept:
    """Sort what has arrived, keep old readings as hours where the setting says so, and remove files nobody reads."""
    done = compact(at=at)
    return Kept(done.before, done.after, apply_retention(at=at), sweep(at=at))
