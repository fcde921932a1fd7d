"""From a value to points: the scoring methods, a row each in `METHODS`.

Every method takes the values of all units, so that those which look at the other units (min–max from the data,
z-scores, percentile ranks) and those which do not are called alike. NaN in, NaN out. Sources: OECD/JRC Handbook on
Constructing Composite Indicators (2008), step 5; each docstring gives the formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from parkbrain.calc.rating.columnar import Column

Options = Mapping[str, Any]


def score_piecewise_linear(values: Column, options: Options, direction: str) -> Column:
    """Return the score on the line through the points, held at both ends.

    Parameters
    ----------
    values
        Values in the unit of the indicator.
    options
        ``points``: pairs of value and score [points of 100], values ascending.
    direction
        Not used: the points say it.

    Examples
    --------
    >>> score_piecewise_linear(np.array([45.0]), {"points": [[40, 60], [50, 70]]}, "higher").tolist()
    [65.0]
    """
    points = np.asarray(options["points"], dtype=np.float64)
    return np.where(np.isnan(values), np.nan, np.interp(values, points[:, 0], points[:, 1]))


def score_min_max(values: Column, options: Options, direction: str) -> Column:
    """Return where the value stands between the smallest and the largest, stretched to the range.

    ``range[0] + (x - low) / (high - low) * (range[1] - range[0])``; turned round where lower is better. Without low
    and high they are those of the known values (OECD/JRC Handbook, 5.3 min–max). Given ones hold the score at both
    ends, and are then called goalposts (as the Human Development Index does).

    Parameters
    ----------
    values
        Values in the unit of the indicator.
    options
        ``low``, ``high`` [unit of the indicator] or neither; ``range`` (default 0 to 100).
    direction
        ``lower`` turns the scale round.

    Examples
    --------
    >>> score_min_max(np.array([1.0, 2.0, 5.0]), {"range": [1, 100]}, "higher").tolist()
    [1.0, 25.75, 100.0]
    """
    known = values[~np.isnan(values)]
    if not known.size:
        return values.copy()
    low, high = options.get("low", known.min()), options.get("high", known.max())
    if low == high:
        return np.full_like(values, np.nan)
    bottom, top = options.get("range", (0.0, 100.0))
    share = np.clip((values - low) / (high - low), 0.0, 1.0)
    if direction == "lower":
        share = 1.0 - share
    return np.asarray(bottom + share * (top - bottom))


def score_z_score(values: Column, options: Options, direction: str) -> Column:
    """Return how many standard deviations the value lies from the mean of the known values.

    ``(x - mean) / sd`` with the sample standard deviation (n - 1); ``to: [m, s]`` makes it ``m + s * z``
    (OECD/JRC Handbook, 5.2 standardisation). Not bounded to 0 to 100.

    Examples
    --------
    >>> score_z_score(np.array([1.0, 2.0, 3.0]), {"to": [50, 10]}, "higher").tolist()
    [40.0, 50.0, 60.0]
    """
    known = values[~np.isnan(values)]
    if known.size < 2 or np.ptp(known) == 0:
        return np.full_like(values, np.nan)
    z = (values - known.mean()) / known.std(ddof=1)
    mean, deviation = options.get("to", (0.0, 1.0))
    return np.asarray(mean + deviation * (-z if direction == "lower" else z))


def score_percentile_rank(values: Column, options: Options, direction: str) -> Column:
    """Return the share of the other known units that are worse, ties counting half [points of 100].

    ``100 * (worse + equal / 2) / (n - 1)`` (OECD/JRC Handbook, 5.1 ranking). One unit alone has no rank.

    Examples
    --------
    >>> score_percentile_rank(np.array([7.0, 1.0, 7.0, np.nan]), {}, "higher").tolist()
    [75.0, 0.0, 75.0, nan]
    """
    ordered = np.sort(values[~np.isnan(values)])
    if ordered.size < 2:
        return np.full_like(values, np.nan)
    below = np.searchsorted(ordered, values, side="left")
    above = ordered.size - np.searchsorted(ordered, values, side="right")
    equal = ordered.size - below - above - 1
    worse = above if direction == "lower" else below
    return np.where(np.isnan(values), np.nan, 100.0 * (worse + equal / 2) / (ordered.size - 1))


def score_distance_to_target(values: Column, options: Options, direction: str) -> Column:
    """Return how much of the target is reached [points of 100].

    ``100 * x / target``, or ``100 * target / x`` where lower is better; never below 0, held at ``cap`` (100; null
    leaves it open) (OECD/JRC Handbook, 5.4 distance to a reference).

    Examples
    --------
    >>> score_distance_to_target(np.array([8.0, 12.0]), {"target": 10}, "higher").tolist()
    [80.0, 100.0]
    """
    target, cap = float(options["target"]), options.get("cap", 100.0)
    if direction == "lower":
        # At or below zero nothing is left to lower: the cap, or without one no finite score.
        best = np.nan if cap is None else cap
        positive = np.where(values > 0, values, 1.0)
        scores = np.where(values > 0, 100.0 * target / positive, best)
    else:
        scores = np.maximum(100.0 * values / target, 0.0)
    return np.where(np.isnan(values), np.nan, scores if cap is None else np.minimum(scores, cap))


def score_target_band(values: Column, options: Options, direction: str) -> Column:
    """Return 100 within the band, falling in a straight line to 0 over the tolerance on either side.

    Examples
    --------
    >>> band = {"low": 18, "high": 26, "tolerance_below": 4, "tolerance_above": 4}
    >>> score_target_band(np.array([20.0, 27.0, 31.0]), band, "target").tolist()
    [100.0, 75.0, 0.0]
    """
    scores = np.full_like(values, 100.0)
    distances = ((options["low"] - values, "tolerance_below"), (values - options["high"], "tolerance_above"))
    for distance, key in distances:
        tolerance = options.get(key, 0.0)
        fallen = 100.0 * np.clip(1.0 - distance / tolerance, 0.0, 1.0) if tolerance else np.zeros_like(values)
        scores = np.where(distance > 0, fallen, scores)
    return np.where(np.isnan(values), np.nan, scores)


def score_grade(values: Column, options: Options, direction: str) -> Column:
    """Return the score of the level in the table; a level that is not in it is unknown.

    Examples
    --------
    >>> levels = [{"level": 0, "score": 0}, {"level": 1, "score": 60}]
    >>> score_grade(np.array([1.0, 7.0]), {"levels": levels}, "higher").tolist()
    [60.0, nan]
    """
    scores = np.full_like(values, np.nan)
    for row in options["levels"]:
        scores[values == row["level"]] = row["score"]
    return scores


def score_boolean(values: Column, options: Options, direction: str) -> Column:
    """Return 100 for true (1) and 0 for false (0).

    Examples
    --------
    >>> score_boolean(np.array([1.0, 0.0, np.nan]), {}, "none").tolist()
    [100.0, 0.0, nan]
    """
    return np.where(np.isnan(values), np.nan, np.where(values != 0, 100.0, 0.0))


METHODS: Mapping[str, Callable[[Column, Options, str], Column]] = {
    "piecewise_linear": score_piecewise_linear,
    "min_max": score_min_max,
    "goalposts": score_min_max,
    "z_score": score_z_score,
    "percentile_rank": score_percentile_rank,
    "distance_to_target": score_distance_to_target,
    "target_band": score_target_band,
    "grade": score_grade,
    "boolean": score_boolean,
}


def looks_at_other_units(method: str, options: Options) -> bool:
    """Tell whether the score of one unit depends on the values of the others."""
    return method in {"z_score", "percentile_rank"} or (method == "min_max" and "low" not in options)


def worst_and_best(method: str, options: Options, scores: Column) -> tuple[float, float]:
    """Return what an unknown value scores at worst and at best [points of 100].

    0 and 100, unless the method has another range. Where it has no bounds these are the least and the most among the
    known scores (with an open cap at least 0 and 100).

    Examples
    --------
    >>> worst_and_best("min_max", {"range": [1, 100]}, np.array([]))
    (1.0, 100.0)
    """
    if "range" in options:
        return float(options["range"][0]), float(options["range"][1])
    known = scores[~np.isnan(scores)]
    if method == "z_score":
        return (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
    if method == "distance_to_target":
        cap = options.get("cap", 100.0)
        return 0.0, float(max(100.0, *known) if cap is None and known.size else cap or 100.0)
    return 0.0, 100.0


@dataclass(frozen=True)
class ChecklistScore:
    """Shares of the checklist's weight [points of 100], NaN nowhere."""

    met: Column
    unmet: Column
    unknown: Column


def score_checklist(items: list[Mapping[str, Any]], columns: Mapping[str, Column], rows: int) -> ChecklistScore:
    """Return how much of the checklist is met, unmet and unknown: ``100 * sum(weight of …) / sum(weight)``.

    Parameters
    ----------
    items
        Each with ``key`` (a fact that is 0 or 1) and ``weight`` (default 1).
    columns
        Facts by key; one that is missing is unknown.
    rows
        The number of units.

    Examples
    --------
    >>> items = [{"key": "plan", "weight": 3}, {"key": "review"}]
    >>> score_checklist(items, {"plan": np.array([1.0])}, 1).met.tolist()
    [75.0]
    """
    total = float(sum(item.get("weight", 1.0) for item in items))
    met, unmet, unknown = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    for item in items:
        share = 100.0 * item.get("weight", 1.0) / total
        column = columns.get(item["key"], np.full(rows, np.nan))
        missing = np.isnan(column)
        unknown += np.where(missing, share, 0.0)
        met += np.where(~missing & (column != 0), share, 0.0)
        unmet += np.where(~missing & (column == 0), share, 0.0)
    return ChecklistScore(met, unmet, unknown)
