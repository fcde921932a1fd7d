"""Runs in a series: of equal values, and of values that are far off together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .days import Values


def find_equal_runs(values: Values) -> list[tuple[int, int, float]]:
    """Return runs of equal values as (start, end, value), half-open; unknown values run together.

    Examples
    --------
    >>> find_equal_runs(np.array([1.0, 1.0, np.nan, np.nan, 0.0]))
    [(0, 2, 1.0), (2, 4, nan), (4, 5, 0.0)]
    """
    if not values.size:
        return []
    same = (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
    borders = np.concatenate([[0], np.flatnonzero(~same) + 1, [values.size]])
    return [(int(start), int(end), float(values[start])) for start, end in pairwise(borders)]


def find_runs(
    away: Values, *, far: float, gap: int, score: float, slack: float, cap: float, join: int
) -> list[tuple[int, int]]:
    """Return the runs of values that are far off, as (start, end), half-open.

    Parameters
    ----------
    away
        How far off each is, in scatters; only above zero counts.
    far
        From how far on a value belongs to a run.
    gap
        How many others in a row do not end it.
    score
        Least score of a run: the sum of what its far values have above `slack`, each counted to `cap` at most.
    slack, cap
        See score.
    join
        Runs that are so close become one.

    Examples
    --------
    >>> find_runs(np.array([0, 9, 1, 9, 9, 0, 0, 9.0]), far=3, gap=1, score=12, slack=2, cap=8, join=1)
    [(1, 5)]
    """
    places = np.flatnonzero(np.nan_to_num(away, nan=0.0) > far)
    if not places.size:
        return []
    pieces = np.split(places, np.flatnonzero(np.diff(places) > gap + 1) + 1)
    runs: list[tuple[int, int]] = []
    for piece in pieces:
        if float((np.minimum(away[piece], cap) - slack).sum()) < score:
            continue
        start, end = int(piece[0]), int(piece[-1]) + 1
        if runs and start - runs[-1][1] <= join:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs
