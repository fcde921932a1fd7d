"""How values lie: bars of a round width, quartiles, and steps of equal number for colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Histogram:
    """Bars between edges of equal distance, the last edge counted in; values that are unknown are counted apart."""

    edges: Sequence[float]
    counts: Sequence[int]
    unknown_count: int


@dataclass(frozen=True)
class Quartiles:
    """Lower quartile, median and upper quartile of the known values; None where none is known."""

    lower: float | None
    median: float | None
    upper: float | None
    known_count: int


def histogram(values: ArrayLike, *, most: int = 12) -> Histogram:
    """Return bars of a round width (1, 2, 2.5 or 5 times a power of ten), at most `most`, that hold every known value.

    Examples
    --------
    >>> found = histogram([3.0, 14.0, 18.0, 41.0, float("nan")], most=5)
    >>> found.edges, found.counts, found.unknown_count
    ([0.0, 10.0, 20.0, 30.0, 40.0, 50.0], [1, 2, 0, 0, 1], 1)
    """
    column = np.asarray(values, dtype=np.float64)
    known = column[np.isfinite(column)]
    unknown = len(column) - len(known)
    if not len(known):
        return Histogram([], [], unknown)
    low, high = float(known.min()), float(known.max())
    width = _round_width((high - low) / max(most - 1, 1), at=max(abs(low), abs(high)))
    first = math.floor(low / width)
    last = max(math.floor(high / width) + 1, first + 1)
    # Whole steps times the width, in the digits that a person reads: edges added up would drift.
    edges = [float(f"{step * width:.12g}") for step in range(first, last + 1)]
    place = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, len(edges) - 2)
    return Histogram(edges, np.bincount(place, minlength=len(edges) - 1).tolist(), unknown)


def _round_width(least: float, *, at: float) -> float:
    """Return the smallest round number that is not below `least`; for equal values a width that fits their size."""
    if least <= 0 or least < at * 1e-9:
        least = at / 10 if at else 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in ROUND if step * power >= least * (1 - 1e-12))


def quartiles(values: ArrayLike) -> Quartiles:
    """Return the quartiles of the known values, linear between neighbours (method 7 of Hyndman and Fan, 1996).

    Examples
    --------
    >>> quartiles([1.0, 2.0, 3.0, 4.0, float("nan")])
    Quartiles(lower=1.75, median=2.5, upper=3.25, known_count=4)
    """
    column = np.asarray(values, dtype=np.float64)
    known = column[np.isfinite(column)]
    if not len(known):
        return Quartiles(None, None, None, 0)
    lower, median, upper = np.percentile(known, [25, 50, 75]).tolist()
    return Quartiles(lower, median, upper, len(known))


def equal_steps(values: ArrayLike, *, count: int = 5) -> tuple[list[float], NDArray[np.int8]]:
    """Return the bounds of steps that hold about as many known values each, and the step of each value from 1.

    Values that are equal are never parted, so there may be fewer steps than asked for. An unknown value is in step 0.

    Examples
    --------
    >>> equal_steps([1.0, 2.0, 3.0, 4.0, float("nan")], count=2)
    ([1.0, 2.5, 4.0], array([1, 1, 2, 2, 0], dtype=int8))
    """
    column = np.asarray(values, dtype=np.float64)
    is_known = np.isfinite(column)
    step = np.zeros(len(column), dtype=np.int8)
    if not is_known.any():
        return [], step
    known = column[is_known]
    bounds = np.unique(np.quantile(known, np.linspace(0, 1, count + 1)))
    inner = bounds[1:-1]
    step[is_known] = np.searchsorted(inner, known, side="right") + 1
    return bounds.tolist(), step
