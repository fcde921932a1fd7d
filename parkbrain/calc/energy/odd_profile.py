"""What is usual: by hour from the days before, with how much those scattered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .days import Kinds, Values, known_median
from .odd_runs import find_equal_runs

_LOOKED_BACK, _LEAST_DAYS, _LEAST_ALIKE = 35, 5, 3
#: The scatter of a meter that never scatters is a small share of what it usually shows, not zero.
_LEAST_SCATTER = 0.03
_MAD = 1.4826


@dataclass(frozen=True)
class Usual:
    """Usual use and its scatter by hour (days × 24), of daily means and of the lowest night hours by day.

    `level` is the middle of all use before that day. Nights are without what weather adds.
    """

    use: Values
    scatter: Values
    day_scatter: Values
    night: Values
    usual_night: Values
    night_scatter: Values
    level: Values


def usual_use(load: Values, kinds: Kinds, effect: Values) -> Usual:
    """Return what is usual on every day from the days before it.

    Parameters
    ----------
    load
        Hourly use (days × 24), less what weather adds.
    kinds
        Kind of each day.
    effect
        What weather adds to an hour of each day, put back onto what is usual.

    Examples
    --------
    >>> found = usual_use(np.tile(np.arange(24.0), (10, 1)), np.zeros(10, dtype=np.int64), np.zeros(10))
    >>> bool(np.isnan(found.use[4]).all()), found.use[5, 23]
    (True, np.float64(23.0))
    """
    days = load.shape[0]
    use, scatter = np.full((days, 24), np.nan), np.full((days, 24), np.nan)
    night, means = _lowest(load[:, :6]), _middle(load)
    day_scatter, usual_night, night_scatter, level = (np.full(days, np.nan) for _ in range(4))
    known = (~np.isnan(load)).sum(axis=1) >= 12
    for day in range(days):
        before = np.arange(max(0, day - _LOOKED_BACK), day)
        before = before[known[before]]
        alike = before[kinds[before] == kinds[day]]
        if before.size < _LEAST_DAYS or alike.size < _LEAST_ALIKE:
            continue
        level[day] = float(known_median(load[before].reshape(-1, 1))[0])
        floor = _LEAST_SCATTER * max(abs(level[day]), _spread(load[before]) / 4)
        use[day], apart = _median_and_apart(load[alike])
        # Neighboring hours share their scatter: a peak that comes an hour early is not a wonder.
        wide = np.maximum(apart, (np.roll(apart, 1) + np.roll(apart, -1)) / 2)
        scatter[day] = np.maximum(_MAD * wide, floor)
        alike_means = means[alike][:, np.newaxis]
        apart_days = float(known_median(np.abs(alike_means - known_median(alike_means)))[0])
        day_scatter[day] = max(_MAD * apart_days, floor / 2)
        nights = night[alike][~np.isnan(night[alike])]
        if nights.size:
            usual_night[day] = float(known_median(nights[:, np.newaxis])[0])
            apart_nights = float(known_median(np.abs(nights - usual_night[day])[:, np.newaxis])[0])
            night_scatter[day] = max(_MAD * apart_nights, floor)
    return Usual(use + effect[:, np.newaxis], scatter, day_scatter, night, usual_night, night_scatter, level)


def _lowest(hours: Values) -> Values:
    """Return the mean of the four lowest night hours of each day; unknown where one of the six is."""
    lowest: Values = np.sort(hours, axis=1)[:, :4].mean(axis=1)
    return np.where(np.isnan(hours).any(axis=1), np.nan, lowest)


def _middle(load: Values) -> Values:
    known = ~np.isnan(load)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, load, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _spread(load: Values) -> float:
    known = load[~np.isnan(load)]
    if not known.size:
        return 0.0
    low, high = np.quantile(known, (0.05, 0.95))
    return float(high - low)


def _median_and_apart(rows: Values) -> tuple[Values, Values]:
    """Return the median of each hour and the middle distance from it; NaN where nothing is known."""
    middle = known_median(rows)
    apart = known_median(np.abs(rows - middle))
    return middle, apart


def longest_equal(flat: Values, place: int) -> int:
    """Return how long one value ordinarily stayed in the five weeks before a place [h]: all but 5 in 1,000 runs.

    Examples
    --------
    >>> longest_equal(np.array([1.0, 2.0, 2.0, 3.0, 3.0, 3.0]), 5)
    2
    """
    runs = find_equal_runs(flat[max(0, place - _LOOKED_BACK * 24) : place])
    lengths = [end - start for start, end, value in runs if not np.isnan(value)]
    return int(np.quantile(lengths, 0.995)) if lengths else 1
