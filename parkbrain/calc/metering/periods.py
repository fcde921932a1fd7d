"""Borders of local hours, days and months, as instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Instants = npt.NDArray[np.int64]
HOUR_US = 3_600_000_000


def instant_us(at: datetime) -> int:
    """Return an aware time as microseconds since 1970-01-01 UTC.

    Raises
    ------
    ValueError
        If the time has no zone.

    Examples
    --------
    >>> instant_us(datetime(1970, 1, 1, 8, tzinfo=ZoneInfo("Asia/Shanghai")))
    0
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _midnight_us(day: date, zone: ZoneInfo) -> int:
    return instant_us(datetime.combine(day, time(), zone).astimezone(UTC))


def local_days(first_on: date, end_on: date, zone: ZoneInfo) -> Instants:
    """Return the borders of the local days in ``[first_on, end_on)``: one more than there are days.

    Where clocks change, a day has 23 or 25 hours, and the borders say so.

    Parameters
    ----------
    first_on, end_on
        First day, and the day after the last.
    zone
        Time zone of the park.

    Returns
    -------
    array of int
        Microseconds since 1970 UTC, ascending.

    Raises
    ------
    ValueError
        If there is no day.

    Examples
    --------
    >>> borders = local_days(date(2021, 3, 27), date(2021, 3, 30), ZoneInfo("Europe/London"))
    >>> (np.diff(borders) // HOUR_US).tolist()
    [24, 23, 24]
    """
    if end_on <= first_on:
        raise ValueError(f"no day from {first_on} to {end_on}")
    days = (first_on + timedelta(days=n) for n in range((end_on - first_on).days + 1))
    return np.array([_midnight_us(day, zone) for day in days], dtype=np.int64)


def local_hours(first_on: date, end_on: date, zone: ZoneInfo) -> Instants:
    """Return the borders of all hours of the local days in ``[first_on, end_on)``.

    Hours are counted from local midnight, so that zones with half hours have their own full hours.

    Examples
    --------
    >>> len(local_hours(date(2021, 10, 31), date(2021, 11, 1), ZoneInfo("Europe/London"))) - 1
    25
    """
    borders = local_days(first_on, end_on, zone)
    return np.arange(borders[0], borders[-1] + 1, HOUR_US, dtype=np.int64)


def local_months(first_on: date, end_on: date, zone: ZoneInfo) -> Instants:
    """Return the borders of the local months that begin in ``[first_on, end_on)``, the last one's end included.

    Raises
    ------
    ValueError
        If the first day is not the first of a month.

    Examples
    --------
    >>> borders = local_months(date(2026, 1, 1), date(2026, 3, 1), ZoneInfo("Asia/Shanghai"))
    >>> (np.diff(borders) // HOUR_US // 24).tolist()
    [31, 28]
    """
    if first_on.day != 1:
        raise ValueError(f"{first_on} is not the first of a month")
    if end_on <= first_on:
        raise ValueError(f"no month from {first_on} to {end_on}")
    months, day = [], first_on
    while day < end_on:
        months.append(day)
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return np.array([_midnight_us(month, zone) for month in [*months, day]], dtype=np.int64)
