"""Bounds on the cost of closing gaps with one option a component: what the dynamic program need not look at.

From below: the relaxation in which a component may take a mixture of two options. For one gap alone its optimum is
reached by taking the steps of all components' lower convex hulls in the order of their cost per point (Sinha and
Zoltners 1979; Kellerer, Pferschy, Pisinger, Knapsack Problems, 2004, section 11.2); over several gaps the largest of
these counts. From above: a choice found by points per yuan, from which every option that is not needed is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.planning.solve import Chosen

Grid = NDArray[np.float64]
#: Sums in another order differ by less [points]: a choice that closes a gap by less does not count as closing it.
_SUM_ERROR = 1e-9


@dataclass(frozen=True)
class Options:
    """The options of a component: the measures of each, its cost, and how much of each gap it closes (gaps by options)."""

    chosen: tuple[Chosen, ...]
    cost: NDArray[np.int64]
    points: Grid

    @cached_property
    def hulls(self) -> tuple[Grid, ...]:
        """For each gap the lower convex hull of cost over points, from the cheapest option up: rows of points and cost."""
        return tuple(_hull(row, self.cost) for row in self.points)


def _hull(points: Grid, cost: NDArray[np.int64]) -> Grid:
    cheapest = int(cost.min())
    start = float(points[cost == cheapest].max())
    hull = [(start, float(cheapest))]
    beyond = np.flatnonzero(points > start)
    for place in beyond[np.lexsort((cost[beyond], points[beyond]))].tolist():
        x, y = float(points[place]), float(cost[place])
        if x == hull[-1][0]:
            continue
        while len(hull) > 1 and (hull[-1][1] - hull[-2][1]) * (x - hull[-1][0]) >= (y - hull[-1][1]) * (
            hull[-1][0] - hull[-2][0]
        ):
            hull.pop()
        hull.append((x, y))
    return np.array(hull).T


def least_cost(options: Sequence[Options], lacking: Grid) -> Grid:
    """Return for every column of gaps [points] what closing them costs at least [yuan].

    Parameters
    ----------
    options
        The components that are still to be joined.
    lacking
        Gaps by cases; where a component closes less than nothing, a gap may be wider than at first.

    Examples
    --------
    >>> one = Options(((), (0,)), np.array([0, 100]), np.array([[0.0, 10.0]]))
    >>> least_cost([one], np.array([[5.0, 0.0]])).tolist()
    [50.0, 0.0]
    """
    base = float(sum(int(one.cost.min()) for one in options))
    found: Grid = np.full(lacking.shape[1], base)
    for place, needed in enumerate(lacking):
        steps = [np.diff(one.hulls[place], axis=1) for one in options if one.hulls[place].shape[1] > 1]
        if not steps:
            continue
        points, cost = np.concatenate(steps, axis=1)
        order = np.argsort(cost / points, kind="stable")
        start = sum(float(one.hulls[place][0, 0]) for one in options)
        sold = start + np.concatenate([[0.0], np.cumsum(points[order])])
        found = np.maximum(found, np.interp(needed, sold, base + np.concatenate([[0.0], np.cumsum(cost[order])])))
    return found


def most_cost(
    options: Sequence[Options], gaps: Grid, *, budget_yuan: int | None = None, known: Sequence[Collection[int]] = ()
) -> int:
    """Return a cost at which the gaps are known to be closed, or the budget: nothing dearer is worth keeping [yuan].

    Parameters
    ----------
    options
        All components, at least one.
    gaps
        What has to be closed [points].
    budget_yuan
        The most to spend [yuan]; None sets no limit.
    known
        Sets of measures that may close the gaps, or nearly: each, and each with one component's option exchanged, is
        tried beside the one that starts with nothing.
    """
    limit = sum(int(one.cost.max()) for one in options) if budget_yuan is None else budget_yuan
    search = _Search(options, gaps)
    chosen = search.closed(search.starts(known))
    if not len(chosen):
        return limit
    best = search.thinned(chosen[search.cost[chosen].sum(axis=1).argmin()])
    return min(limit, int(search.cost[best].sum()))


class _Search:
    """Choices of one option a component, several at once: places of options, choices by components."""

    def __init__(self, options: Sequence[Options], gaps: Grid) -> None:
        sizes = [len(one.cost) for one in options]
        self.options = options
        self.first = np.cumsum([0, *sizes[:-1]])
        self.owner = np.repeat(np.arange(len(options)), sizes)
        self.cost = np.concatenate([one.cost for one in options])
        self.points = np.concatenate([one.points for one in options], axis=1)
        self.enough = gaps + _SUM_ERROR

    def starts(self, known: Sequence[Collection[int]]) -> NDArray[np.intp]:
        """Return the choices to start from."""
        cheapest = self.first + np.array([int(one.cost.argmin()) for one in self.options])
        found = [cheapest[None, :]]
        for each in known:
            taken = frozenset(each)
            whole = cheapest.copy()
            for place, one in enumerate(self.options):
                held = [index for index, chosen in enumerate(one.chosen) if taken.issuperset(chosen)]
                whole[place] = self.first[place] + max(held, key=lambda index: len(one.chosen[index]), default=0)
            others = np.flatnonzero((whole[self.owner] != np.arange(len(self.owner))) & (whole != cheapest)[self.owner])
            exchanged = np.tile(whole, (len(others), 1))
            exchanged[np.arange(len(others)), self.owner[others]] = others
            found += [whole[None, :], exchanged]
        return np.concatenate(found)

    def closed(self, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the choices that close all gaps, after adding what closes most for its money and opens nothing."""
        done = [chosen[:0]]
        scale = np.maximum(self.enough, _SUM_ERROR)[:, None]
        while len(chosen):
            reached = self.points[:, chosen].sum(axis=2).T
            whole = (reached >= self.enough).all(axis=1)
            done.append(chosen[whole])
            chosen, reached = chosen[~whole], reached[~whole]
            present = chosen[:, self.owner]
            change = self.points[None] - self.points[:, present].transpose(1, 0, 2)
            lacking = np.maximum(self.enough - reached, 0.0)[:, :, None]
            gain = (np.minimum(change, lacking) / scale).sum(axis=1)
            after = reached[:, :, None] + change
            opens = ((lacking == 0.0) & (after < self.enough[:, None])).any(axis=1)
            rate = np.where((gain > 1e-12) & ~opens, gain / np.maximum(self.cost - self.cost[present], 1), 0.0)
            best = rate.argmax(axis=1)
            going = np.flatnonzero(rate[np.arange(len(chosen)), best] > 0.0)
            chosen = chosen[going]
            chosen[np.arange(len(going)), self.owner[best[going]]] = best[going]
        return np.concatenate(done)

    def thinned(self, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the choice with options exchanged for cheaper ones while all gaps stay closed, most saved first."""
        while True:
            present = chosen[self.owner]
            after = self.points[:, chosen].sum(axis=1)[:, None] + self.points - self.points[:, present]
            saving = np.where((after >= self.enough[:, None]).all(axis=0), self.cost[present] - self.cost, 0)
            best = int(saving.argmax())
            if saving[best] <= 0:
                return chosen
            chosen = chosen.copy()
            chosen[self.owner[best]] = best
