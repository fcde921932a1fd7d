"""The load of the coming day, hour by hour, with a band.

A forest of extremely randomized trees (Geurts, Ernst and Wehenkel, 2006) learns how a day differs from the last days of
its kind, from what was known on the evening before: those days, yesterday, the same day last week, the season, and the
temperature where it is forecast. Quantiles are those of the past hours that fall into the same leaves (Meinshausen, 2006),
so the band is wide where the past was. One forest gives all quantiles in a fraction of a second; gradient boosting, which
needs one model a quantile, took longer and was no better (docs/performance.md).

With less than two months of history the forecast is the last days of the kind, with the spread of their own past errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .days import Kinds, Values, known_median
from .errors import EnergyError

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FOREST, SAME_DAYS, LAST_WEEK = "forest", "same_days", "last_week"
_LEAST_DAYS, _FOREST_DAYS, _LEARNED_DAYS = 21, 60, 400
_TREES, _LEAF, _SAMPLES = 40, 8, 5
_SAME_DAYS, _LOOKED_BACK = 5, 21


@dataclass(frozen=True)
class LoadHistory:
    """Hourly load by local day (days × 24, NaN unknown), with the kind of each day and, where known, temperature [°C].

    `kinds` and `temperature_c` may go on for days that are still to come; those are the days that can be forecast.
    """

    load: Values
    kinds: Kinds
    temperature_c: Values | None = None

    def __post_init__(self) -> None:
        days = self.kinds.size
        if self.load.ndim != 2 or self.load.shape[1] != 24 or self.load.shape[0] > days:
            raise EnergyError("lengths_differ", load=list(self.load.shape), kinds=days)
        if self.temperature_c is not None and self.temperature_c.shape != (days, 24):
            raise EnergyError("lengths_differ", temperature=list(self.temperature_c.shape), kinds=days)


@dataclass(frozen=True)
class LoadForecast:
    """Load by day, hour and quantile (days × 24 × quantiles) [unit of load]; NaN where nothing could be said."""

    values: Values
    quantiles: tuple[float, ...]
    method: str

    @property
    def middle(self) -> Values:
        """The forecast nearest to the median."""
        place = int(np.argmin(np.abs(np.array(self.quantiles) - 0.5)))
        middle: Values = self.values[..., place]
        return middle


def forecast_day(history: LoadHistory, *, quantiles: Sequence[float] = QUANTILES) -> LoadForecast:
    """Return the load of the day after the history.

    Parameters
    ----------
    history
        Load up to the evening before; kinds (and temperature, if any) one day further.
    quantiles
        Ascending, between 0 and 1.

    Raises
    ------
    EnergyError
        ``history_too_short`` (params: needed, found) or ``lengths_differ``.

    Examples
    --------
    >>> kinds = np.arange(29) % 7 // 5
    >>> load = np.where(kinds[:28, np.newaxis] > 0, 10.0, 50.0) + np.zeros(24)
    >>> found = forecast_day(LoadHistory(load, kinds))
    >>> found.middle[0, 12], found.method
    (np.float64(50.0), 'same_days')
    """
    days = history.load.shape[0]
    if history.kinds.size < days + 1:
        raise EnergyError("lengths_differ", load=days, kinds=history.kinds.size)
    coming = np.vstack([history.load, np.full((1, 24), np.nan)])
    temperature = None if history.temperature_c is None else history.temperature_c[: days + 1]
    longer = replace(history, load=coming, kinds=history.kinds[: days + 1], temperature_c=temperature)
    return forecast_days(longer, first=days, quantiles=quantiles)


def forecast_days(
    history: LoadHistory, *, first: int, quantiles: Sequence[float] = QUANTILES, method: str | None = None
) -> LoadForecast:
    """Return the forecast of each day from `first` on, each made on its evening before by what was learned before `first`.

    This is how a forecast is tested: learned once, then asked day by day, never seeing the day itself.

    Parameters
    ----------
    history
        Load with the days to forecast; of these only earlier days are used.
    first
        Place of the first day to forecast.
    quantiles
        Ascending, between 0 and 1.
    method
        ``forest``, ``same_days`` or ``last_week`` (the same day a week before: seasonal naive); None picks the first
        that the history allows.

    Raises
    ------
    EnergyError
        ``history_too_short``.
    """
    learned = max(0, first - _LEARNED_DAYS)
    known = int((~np.isnan(history.load[learned:first])).any(axis=1).sum())
    if known < _LEAST_DAYS:
        raise EnergyError("history_too_short", needed=_LEAST_DAYS, found=known)
    chosen = method or (FOREST if known >= _FOREST_DAYS else SAME_DAYS)
    load = history.load
    usual = _shifted(load, 7) if chosen == LAST_WEEK else _usual(load, history.kinds)
    error = load - usual
    if chosen == FOREST:
        features = _features(history, usual)
        found = _forest_quantiles(features, error, slice(learned, first), slice(first, None), quantiles)
        values = found + usual[first:, :, np.newaxis]
    else:
        values = usual[first:, :, np.newaxis] + _error_quantiles(error[learned:first], quantiles)
    if not (load[:first] < 0).any():
        # What was never below zero will not be tomorrow.
        values = np.maximum(values, 0.0)
    return LoadForecast(values, tuple(quantiles), chosen)


def _shifted(load: Values, days: int) -> Values:
    earlier = np.full_like(load, np.nan)
    earlier[days:] = load[:-days]
    return earlier


def _usual(load: Values, kinds: Kinds) -> Values:
    """Return the median of the last five days of the same kind in the three weeks before each day."""
    usual = np.full_like(load, np.nan)
    known = (~np.isnan(load)).sum(axis=1) > 0
    for day in range(1, load.shape[0]):
        recent = np.arange(max(0, day - _LOOKED_BACK), day)
        recent = recent[known[recent]]
        alike = recent[kinds[recent] == kinds[day]][-_SAME_DAYS:]
        # A holiday after three weeks without one is most like the last Sunday, or else like what there was.
        chosen = alike if alike.size else recent[-7:]
        if chosen.size:
            usual[day] = known_median(load[chosen])
    return usual


def _features(history: LoadHistory, usual: Values) -> Values:
    load, days = history.load, history.load.shape[0]
    wide = np.ones((1, 24))
    yesterday, last_week = _shifted(load, 1), _shifted(load, 7)
    week = _row_means(np.hstack([_shifted(load, back) for back in range(1, 8)]))
    number = np.arange(days)[:, np.newaxis]
    columns = [
        np.ones((days, 1)) * np.arange(24.0),
        history.kinds[:days, np.newaxis] * wide,
        (number % 7) * wide,
        np.cos(2 * np.pi * number / 365.25) * wide,
        np.sin(2 * np.pi * number / 365.25) * wide,
        usual,
        np.where(np.isnan(yesterday), usual, yesterday),
        np.where(np.isnan(last_week), usual, last_week),
        _row_means(yesterday)[:, np.newaxis] * wide,
        week[:, np.newaxis] * wide,
        yesterday[:, -1:] * wide,
        (_row_means(yesterday) - _row_means(_shifted(usual, 1)))[:, np.newaxis] * wide,
    ]
    if history.temperature_c is not None:
        warm = history.temperature_c[:days]
        columns += [warm, _row_means(warm)[:, np.newaxis] * wide, warm - _shifted(warm, 1)]
    features: Values = np.nan_to_num(np.stack(columns, axis=-1), nan=-1e6)
    return features


def _row_means(rows: Values) -> Values:
    known = ~np.isnan(rows)
    count = known.sum(axis=1)
    total = np.where(known, rows, 0.0).sum(axis=1)
    means: Values = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means


def _error_quantiles(error: Values, quantiles: Sequence[float]) -> Values:
    """Return quantiles of the error by hour of the day (24 × quantiles), pooled with the hours beside it."""
    pooled = np.vstack([error, np.roll(error, 1, axis=1), np.roll(error, -1, axis=1)])
    known = ~np.isnan(pooled).all(axis=0)
    found = np.full((24, len(quantiles)), np.nan)
    if known.any():
        found[known] = np.nanquantile(pooled[:, known], quantiles, axis=0).T
    return found


def _forest_quantiles(
    features: Values, error: Values, learned: slice, asked: slice, quantiles: Sequence[float]
) -> Values:
    from sklearn.ensemble import ExtraTreesRegressor

    known = ~np.isnan(error[learned])
    inputs, targets = features[learned][known], error[learned][known]
    # One thread: a server computes many meters at once, and small forests lose more by waiting than they win.
    forest: Any = ExtraTreesRegressor(
        n_estimators=_TREES, min_samples_leaf=_LEAF, max_features=0.5, random_state=0, n_jobs=1
    )
    forest.fit(inputs, targets)
    questions = features[asked].reshape(-1, features.shape[-1])
    leaves, wanted = forest.apply(inputs), forest.apply(questions)
    drawn = np.empty((questions.shape[0], _TREES * _SAMPLES))
    # Of every leaf the same number of past errors, evenly spaced in their order: no chance in the forecast.
    places = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    for tree in range(_TREES):
        order = np.lexsort((targets, leaves[:, tree]))
        ordered = leaves[order, tree]
        low = np.searchsorted(ordered, wanted[:, tree], side="left")[:, np.newaxis]
        high = np.searchsorted(ordered, wanted[:, tree], side="right")[:, np.newaxis]
        chosen = low + (places * (high - low)).astype(np.int64)
        drawn[:, tree * _SAMPLES : (tree + 1) * _SAMPLES] = targets[order[chosen]]
    found: Values = np.quantile(drawn, quantiles, axis=1).T.reshape(-1, 24, len(quantiles))
    return found


def pinball_loss(actual: npt.ArrayLike, forecast: LoadForecast) -> float:
    """Return the mean pinball loss over hours and quantiles [unit of load]; twice it approximates the CRPS.

    Hours that are unknown on either side do not count; NaN if none does.

    Examples
    --------
    >>> forecast = LoadForecast(np.full((1, 24, 1), 10.0), (0.9,), LAST_WEEK)
    >>> round(pinball_loss(np.full((1, 24), 12.0), forecast), 6), round(pinball_loss(np.full((1, 24), 8.0), forecast), 6)
    (1.8, 0.2)
    """
    levels = np.array(forecast.quantiles)
    error = np.asarray(actual, dtype=np.float64)[..., np.newaxis] - forecast.values
    loss = np.maximum(levels * error, (levels - 1) * error)
    known = ~np.isnan(loss)
    return float(loss[known].mean()) if known.any() else float("nan")


def band_coverage(actual: npt.ArrayLike, forecast: LoadForecast) -> float:
    """Return the share of known hours that lie within the outermost quantiles; NaN if there is none.

    Examples
    --------
    >>> forecast = LoadForecast(np.tile([5.0, 15.0], (1, 24, 1)), (0.05, 0.95), LAST_WEEK)
    >>> band_coverage(np.arange(24.0)[np.newaxis], forecast) == 11 / 24
    True
    """
    values = np.asarray(actual, dtype=np.float64)
    low, high = forecast.values[..., 0], forecast.values[..., -1]
    known = ~(np.isnan(values) | np.isnan(low) | np.isnan(high))
    inside = (values >= low) & (values <= high)
    return float(inside[known].mean()) if known.any() else float("nan")
