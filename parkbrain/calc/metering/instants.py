"""Instants as microseconds, and borders of local days and hours that are asked for again and again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .periods import local_days, local_hours

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(at: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_us(at_us: int) -> datetime:
    """Return microseconds since 1970 UTC as an aware time."""
    return _EPOCH + timedelta(microseconds=at_us)


@lru_cache(maxsize=64)
def day_borders(first_on: date, end_on: date, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """Return the borders of local days; asked for again and again for the same days."""
    return local_days(first_on, end_on, zone)


@lru_cache(maxsize=64)
def hour_borders(first_on: date, end_on: date, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """Return the borders of the hours of local days; every meter asks for the same ones."""
    borders = local_hours(first_on, end_on, zone)
    borders.flags.writeable = False
    return borders


def month_after(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(day: date) -> date:
    """Return the first day of the month before a day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
