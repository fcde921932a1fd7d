"""How much of each local day is known: by time between readings, and by readings that came of those expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .periods import Instants, local_days
from .registers import Amounts, Flags, IntervalUse
from .spread import spread_use


@dataclass(frozen=True)
class DayCoverage:
    """Coverage by local day: shares 0 to 1 of the day's own length (23 or 25 hours where clocks change).

    `known` is the share that lies between readings, `measured` the share between readings close enough to each other,
    `flags` gathers those of every interval that touches the day.
    """

    days: tuple[date, ...]
    known: Amounts
    measured: Amounts
    flags: Flags

    def list_below(self, share: float) -> list[date]:
        """Return the days of which less than a share is measured."""
        return [day for day, measured in zip(self.days, self.measured, strict=True) if measured < share]


def coverage_per_day(used: IntervalUse, first_on: date, end_on: date, zone: ZoneInfo) -> DayCoverage:
    """Return how much of each local day in ``[first_on, end_on)`` the readings cover.

    Parameters
    ----------
    used
        Use between readings.
    first_on, end_on
        First day, and the day after the last.
    zone
        Time zone of the park.

    Raises
    ------
    ValueError
        If there is no day.

    Examples
    --------
    >>> day = 86_400_000_000
    >>> used = IntervalUse(np.array([0, day // 2]), np.array([5.0]), np.zeros(1, dtype=np.uint8))
    >>> coverage_per_day(used, date(1970, 1, 1), date(1970, 1, 3), ZoneInfo("UTC")).measured.tolist()
    [0.5, 0.0]
    """
    periods = spread_use(used, local_days(first_on, end_on, zone))
    days = tuple(first_on + timedelta(days=n) for n in range((end_on - first_on).days))
    return DayCoverage(days, periods.known, periods.measured, periods.flags)


def arrivals_per_day(
    at_us: npt.ArrayLike, interval_s: float, first_on: date, end_on: date, zone: ZoneInfo
) -> tuple[Instants, Instants]:
    """Return how many readings came on each local day in ``[first_on, end_on)`` and how many were expected.

    Readings of one interval count once: a logger that repeats itself does not make up for one that is silent.

    Parameters
    ----------
    at_us
        Instants of the readings [µs since 1970 UTC].
    interval_s
        Time between readings as agreed [s], above zero.

    Returns
    -------
    tuple of arrays of int
        Readings that came, readings expected.

    Raises
    ------
    ValueError
        If there is no day or the interval is not above zero.

    Examples
    --------
    >>> came, expected = arrivals_per_day(
    ...     [0, 900_000_000, 900_000_001], 900, date(1970, 1, 1), date(1970, 1, 2), ZoneInfo("UTC"))
    >>> came.tolist(), expected.tolist()
    ([2], [96])
    """
    if not interval_s > 0:
        raise ValueError(f"the interval must be above zero, not {interval_s}")
    borders, interval_us = local_days(first_on, end_on, zone), int(interval_s * 1e6)
    instants = np.asarray(at_us, dtype=np.int64)
    instants = instants[(instants >= borders[0]) & (instants < borders[-1])]
    day = np.searchsorted(borders, instants, side="right") - 1
    # Loggers stamp a little early or late: a reading belongs to the interval whose middle it is nearest to.
    slot = (instants - borders[day] + interval_us // 2) // interval_us
    pairs = np.unique(np.column_stack([day, slot]), axis=0) if instants.size else np.empty((0, 2), dtype=np.int64)
    expected = np.maximum(np.diff(borders) // interval_us, 1)
    came = np.minimum(np.bincount(pairs[:, 0].astype(np.int64), minlength=borders.size - 1), expected)
    return came.astype(np.int64), expected
