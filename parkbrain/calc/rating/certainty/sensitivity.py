"""What decides a class: Sobol' indices of the total over groups of what is drawn, through SciPy.

Sources: Saltelli et al. (2010), Computer Physics Communications 181, 259-270, for the estimators SciPy uses;
OECD/JRC Handbook on Constructing Composite Indicators (2008), step 7, for variance-based sensitivity of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from parkbrain.calc.rating.certainty.doubt import FURTHEST, Doubt
from parkbrain.calc.rating.certainty.leaves import facts_of
from parkbrain.calc.rating.certainty.one import (
    Certainty,
    CertaintyDraws,
    Matrix,
    Prepared,
    draw,
    summary_of,
    totals_of,
)
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import Ranks

#: So many facts and gaps are looked at one by one, those that move the total most; the rest make one group.
MOST_ALONE = 12
#: Base sample of the indices, a power of two; the total is evaluated `BASE * (groups + 2)` times.
BASE = 512
WEIGHTS, THRESHOLDS, FACT, GAP, OTHERS = "weights", "thresholds", "fact", "gap", "others"


@dataclass(frozen=True)
class Driver:
    """One group of what is drawn and what it does to the total.

    `first` is the share of the total's variance that goes if it becomes known alone, `total` the share that stays if
    all else becomes known. `low` and `high` are (mean total, chance of the likeliest class or better) in its lower and
    upper quarter, for an open indicator unfilled and filled; None for groups of many.
    """

    kind: str
    key: str
    indicator_ids: tuple[str, ...]
    first: float
    total: float
    low: tuple[float, float] | None = None
    high: tuple[float, float] | None = None


@dataclass(frozen=True)
class Sensitivity:
    """The drivers of one unit's total, the largest first, and how they were found; no variance, no drivers."""

    drivers: tuple[Driver, ...]
    evaluations: int
    base: int
    variance: float
    grouped: tuple[str, ...]


def sobol_of(
    function: Callable[[Matrix], Column], dimensions: int, *, base: int, seed: int, low: float = 0.0, high: float = 1.0
) -> tuple[Column, Column]:
    """Return first- and total-order Sobol' indices of a function of independent uniform numbers.

    Parameters
    ----------
    function
        Takes dimensions by points, returns a value a point.
    dimensions
        How many numbers it takes, at least 1.
    base
        A power of two; the function is evaluated at ``base * (dimensions + 2)`` points.
    seed
        The same seed gives the same indices.
    low, high
        The range of every number.

    Raises
    ------
    ValueError
        If `base` is no power of two.

    Examples
    --------
    >>> first, total = sobol_of(lambda x: x[0] + 2 * x[1], 2, base=1024, seed=0)
    >>> first.round(1).tolist(), total.round(1).tolist()
    ([0.2, 0.8], [0.2, 0.8])
    """
    # Loading it takes half a second, which every process of the system would wait for at its start.
    from scipy import stats

    uniform = stats.uniform(loc=low, scale=high - low)
    found = stats.sobol_indices(func=function, n=base, dists=[uniform] * dimensions, rng=np.random.default_rng(seed))
    return np.asarray(found.first_order).reshape(-1), np.asarray(found.total_order).reshape(-1)


def sensitivity_of(prepared: Prepared, doubt: Doubt, *, base: int = BASE) -> tuple[Certainty, Sensitivity]:
    """Return how sure the class is and what decides it, from the same draws.

    Parameters
    ----------
    prepared
        The unit, as `prepare` returns it.
    doubt
        What is drawn and how far.
    base
        Base sample of the indices, a power of two.

    Notes
    -----
    Groups are all weights, all thresholds, each of the `MOST_ALONE` facts and gaps that move the total most (each
    moved alone by one standard deviation), and the rest as one. A group of many numbers is one uniform number that
    picks among its drawn sets, so that its index is that of the whole group.
    """
    draws = draw(prepared, doubt)
    totals, ranks = totals_of(prepared, doubt, draws)
    certainty = summary_of(prepared, doubt, totals, ranks)
    variance = float(totals.var())
    alone, rest = _ordered(prepared, doubt, draws)
    groups = [(kind, kind) for kind, there in ((WEIGHTS, draws.weights), (THRESHOLDS, draws.thresholds)) if there]
    groups += alone + ([(OTHERS, OTHERS)] if rest else [])
    if variance < 1e-12 or not groups:
        return certainty, Sensitivity((), 0, base, variance, ())

    def total_at(points: Matrix) -> Column:
        found = totals_of(prepared, doubt, _draws_at(points, groups, rest, draws, doubt))[0]
        return found - certainty.mean

    first, total = sobol_of(total_at, len(groups), base=base, seed=doubt.seed)
    drivers = []
    for place, (kind, key) in enumerate(groups):
        low, high = _ends(kind, key, draws, doubt, totals, ranks, certainty.likeliest)
        ids = _indicators(prepared, kind, key)
        shares = float(np.clip(first[place], 0.0, 1.0)), float(np.clip(total[place], 0.0, 1.0))
        drivers.append(Driver(kind, key, ids, *shares, low, high))
    drivers.sort(key=lambda one: (-one.total, one.kind, one.key))
    evaluations = base * (len(groups) + 2)
    return certainty, Sensitivity(tuple(drivers), evaluations, base, variance, tuple(key for _kind, key in rest))


def _indicators(prepared: Prepared, kind: str, key: str) -> tuple[str, ...]:
    if kind == GAP:
        return (key,)
    scheme, result = prepared.scheme, prepared.result
    if kind != FACT:
        return ()
    return tuple(one.id for one in scheme.indicators if key in facts_of(scheme, one) and result.state[one.id][0] == 0)


def _ordered(
    prepared: Prepared, doubt: Doubt, draws: CertaintyDraws
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the facts and gaps looked at one by one and the rest, by how far each alone moves the total."""
    inputs = [(FACT, key) for key in draws.facts] + [(GAP, key) for key in draws.gaps if key in prepared.open_leaves]
    inputs.sort()
    if not inputs:
        return [], []
    count = 2 * len(inputs)
    facts = {key: np.zeros(count) for kind, key in inputs if kind == FACT}
    gaps = {key: np.ones(count) for kind, key in inputs if kind == GAP}
    for place, (kind, key) in enumerate(inputs):
        if kind == FACT:
            facts[key][[2 * place, 2 * place + 1]] = -1.0, 1.0
        else:
            gaps[key][2 * place] = doubt.filled / 2
    totals, _ranks = totals_of(prepared, doubt, CertaintyDraws(count, facts, {}, gaps, {}))
    moves = np.abs(np.diff(totals.reshape(-1, 2), axis=1)[:, 0])
    chance = np.sqrt(doubt.filled * (1 - doubt.filled))
    scaled = [
        move * (0.5 if kind == FACT else max(chance, 0.1)) for move, (kind, _key) in zip(moves, inputs, strict=True)
    ]
    order = sorted(range(len(inputs)), key=lambda place: (-scaled[place], inputs[place]))
    moving = [inputs[place] for place in order if scaled[place] > 0]
    still = [inputs[place] for place in order if scaled[place] <= 0]
    return moving[:MOST_ALONE], moving[MOST_ALONE:] + still


def _draws_at(
    points: Matrix,
    groups: Sequence[tuple[str, str]],
    rest: Sequence[tuple[str, str]],
    draws: CertaintyDraws,
    doubt: Doubt,
) -> CertaintyDraws:
    """Return the draws that uniform points stand for, a row a group."""
    facts: dict[str, Column] = {}
    gaps: dict[str, Column] = {}
    thresholds: Mapping[str, Column] = {}
    weights: Mapping[str, Matrix] = {}
    for (kind, key), row in zip(groups, points, strict=True):
        picked = np.minimum((row * draws.count).astype(np.intp), draws.count - 1)
        if kind == WEIGHTS:
            weights = {node: shares[:, picked] for node, shares in draws.weights.items()}
        elif kind == THRESHOLDS:
            thresholds = {one: column[picked] for one, column in draws.thresholds.items()}
        elif kind == FACT:
            facts[key] = np.clip(special.ndtri(np.clip(row, 1e-9, 1 - 1e-9)), -FURTHEST, FURTHEST)
        elif kind == GAP:
            gaps[key] = row
        else:
            for each_kind, each in rest:
                if each_kind == FACT:
                    facts[each] = draws.facts[each][picked]
                else:
                    gaps[each] = draws.gaps[each][picked]
    return CertaintyDraws(points.shape[1], facts, thresholds, gaps, weights)


def _ends(
    kind: str, key: str, draws: CertaintyDraws, doubt: Doubt, totals: Column, ranks: Ranks, likeliest: int
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Return mean total and chance of the likeliest class or better at both ends of one input."""
    if kind == FACT:
        low, high = (draws.facts[key] < -0.6745), (draws.facts[key] > 0.6745)
    elif kind == GAP:
        low, high = (draws.gaps[key] >= doubt.filled), (draws.gaps[key] < doubt.filled)
    else:
        return None, None
    return _end(low, totals, ranks, likeliest), _end(high, totals, ranks, likeliest)


def _end(where: NDArray[np.bool_], totals: Column, ranks: Ranks, likeliest: int) -> tuple[float, float] | None:
    if not where.any():
        return None
    return float(totals[where].mean()), float((ranks[where] >= likeliest).mean())
