"""Use by local day and hour, and the kind of day: what a profile is made of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from parkbrain.calc.metering.periods import HOUR_US, local_days

from .errors import EnergyError

Values = npt.NDArray[np.float64]
Kinds = npt.NDArray[np.int64]

WORKDAY, SATURDAY, FREE_DAY = 0, 1, 2


def hours_by_day(
    starts_us: npt.ArrayLike, values: npt.ArrayLike, first_on: date, end_on: date, zone: ZoneInfo
) -> Values:
    """Return hourly values as a table: a row a local day, 24 columns.

    Parameters
    ----------
    starts_us
        Beginning of each hour [µs since 1970 UTC].
    values
        Value of each hour.
    first_on, end_on
        First day, and the day after the last.
    zone
        Time zone of the park.

    Returns
    -------
    array of float
        Days × 24. NaN where nothing is known, which the hour that clocks skip in spring always is; an hour that they
        repeat is the mean of the two.

    Raises
    ------
    EnergyError
        ``lengths_differ``.

    Examples
    --------
    >>> table = hours_by_day([0, HOUR_US], [5.0, 7.0], date(1970, 1, 1), date(1970, 1, 2), ZoneInfo("UTC"))
    >>> table.shape, table[0, :2].tolist()
    ((1, 24), [5.0, 7.0])
    """
    starts, amounts = np.asarray(starts_us, dtype=np.int64), np.asarray(values, dtype=np.float64)
    if starts.shape != amounts.shape:
        raise EnergyError("lengths_differ", starts=starts.size, values=amounts.size)
    borders = local_days(first_on, end_on, zone)
    held = (starts >= borders[0]) & (starts < borders[-1]) & ~np.isnan(amounts)
    starts, amounts = starts[held], amounts[held]
    day = np.searchsorted(borders, starts, side="right") - 1
    hour = (starts - borders[day]) // HOUR_US
    # On a day of 23 or 25 hours the clock differs from the hours since midnight, after the change.
    length = (np.diff(borders) // HOUR_US)[day]
    hour = np.where((length == 23) & (hour >= 1), hour + 1, np.where((length == 25) & (hour >= 2), hour - 1, hour))
    cell = day * 24 + np.clip(hour, 0, 23)
    size = (borders.size - 1) * 24
    count, total = np.bincount(cell, minlength=size), np.bincount(cell, weights=amounts, minlength=size)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(-1, 24)


def kinds_of_days(
    first_on: date, count: int, *, holidays: Collection[date] = (), workdays: Collection[date] = ()
) -> Kinds:
    """Return for each day whether it is a workday (0), a Saturday (1), or a Sunday or holiday (2).

    Parameters
    ----------
    first_on, count
        First day and number of days.
    holidays
        Public holidays and days on which the site is closed.
    workdays
        Weekend days worked instead of others (调休).

    Examples
    --------
    >>> kinds_of_days(date(2026, 10, 1), 4, holidays={date(2026, 10, 1)}, workdays={date(2026, 10, 4)}).tolist()
    [2, 0, 1, 0]
    """
    free, worked = set(holidays), set(workdays)
    kinds = []
    for number in range(count):
        day = first_on + timedelta(days=number)
        by_week = {5: SATURDAY, 6: FREE_DAY}.get(day.weekday(), WORKDAY)
        kinds.append(WORKDAY if day in worked else FREE_DAY if day in free else by_week)
    return np.array(kinds, dtype=np.int64)


def known_median(rows: npt.ArrayLike) -> Values:
    """Return the median by column of what is known, NaN where nothing is.

    As `numpy.nanmedian` over the first axis, which takes thirty times as long on tables of a few weeks.

    Examples
    --------
    >>> known_median([[1.0, np.nan], [5.0, np.nan], [2.0, np.nan]]).tolist()
    [2.0, nan]
    """
    table = np.sort(np.asarray(rows, dtype=np.float64), axis=0)  # unknown ones last
    count = (~np.isnan(table)).sum(axis=0)
    if not table.shape[0]:
        return np.full(table.shape[1:], np.nan)
    columns = np.arange(table.shape[1])
    middle: Values = (
        table[np.maximum(count - 1, 0) // 2, columns] + table[np.minimum(count // 2, table.shape[0] - 1), columns]
    ) / 2
    return np.where(count > 0, middle, np.nan)
