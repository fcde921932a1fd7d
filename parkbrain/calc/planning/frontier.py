"""The cheapest measures for thousands of parks: an exact dynamic program over sets that nothing beats.

Measures that share a subject, a prerequisite or an exclusion form a component; within it every consistent subset is an
option with a cost and points. Components are joined one by one. A partial choice is dropped when another costs no more
and leaves no demand further away (Pareto dominance; points beyond what a demand can still need count no more), or when
what is left cannot close the gap within the cost of a choice at hand (`bounds`): neither can lose the optimum, because
whatever completes the dropped choice completes the other one as well. Method: Kellerer, Pferschy, Pisinger, Knapsack
Problems (2004), chapters 9 and 11.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.planning.bounds import Options, least_cost, most_cost
from parkbrain.calc.planning.problem import NEAR, Block, Problem, margin_of
from parkbrain.calc.planning.solve import Chosen, solve_cheapest
from parkbrain.calc.planning.tables import Bits

#: A component of more measures has too many subsets; then the mixed-integer program decides.
MOST_JOINED = 12
#: So many partial choices are looked through before the mixed-integer program takes over.
MOST_STATES = 60_000
#: Beyond so many partial choices a bound on what is left to pay is worth its time.
MOST_UNBOUNDED = 100


@dataclass(frozen=True)
class _Component:
    """Measures that are tied to each other, and their consistent subsets: which of them each takes, cost and points.

    `taken` is subsets by measures, `points` demands by subsets.
    """

    measures: tuple[int, ...]
    taken: Bits
    cost: NDArray[np.int64]
    points: NDArray[np.float64]


class Joining:
    """One park's choice laid out once and asked again and again: other margins, other budgets, rivals.

    Parameters
    ----------
    problem
        The park's choice.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._components: tuple[_Component, ...] | None = None
        self._latest: tuple[Chosen, ...] = ()
        self._kept: dict[tuple[int, ...], list[Options]] = {}
        if not problem.hopeless:
            groups = _groups(problem)
            if all(len(measures) <= MOST_JOINED for measures, _blocks in groups):
                self._components = tuple(_subsets(problem, measures, blocks) for measures, blocks in groups)

    def cheapest(
        self, *, margin: float = 0.0, budget_yuan: int | None = None, without: Sequence[Collection[int]] = ()
    ) -> Chosen | None:
        """Return what `solve_cheapest` returns, without a solver's overhead; None where nothing reaches the class.

        Parameters
        ----------
        margin, budget_yuan, without
            As for `solve_cheapest`.

        Notes
        -----
        That a set found before has to be missed is one more gap, of a half, which every component closes by an option
        that leaves out one of the set's measures: the same program finds the rivals, and finds them exactly.
        """
        problem = self.problem
        if problem.hopeless:
            return None
        if self._components is None:
            return solve_cheapest(problem, margin=margin, budget_yuan=budget_yuan, without=without)
        gaps = np.array([one.needed + margin_of(one, margin) - one.start - NEAR for one in problem.demands])
        lacking = np.flatnonzero(gaps > 0)
        most = sum((one.points.max(axis=1) for one in problem.blocks), np.zeros(len(problem.demands)))
        if (most[lacking] < gaps[lacking]).any():
            return None
        known = self._to_miss(without)
        options = self._options(lacking, known)
        if any(not len(one.cost) for one in options):
            return None
        to_close = np.concatenate([gaps[lacking], np.full(len(known), 0.5)])
        found, is_whole = _join(options, to_close, budget_yuan, self._latest)
        if is_whole and found is not None:
            self._latest = (found,)  # what comes next, a wider margin or a rival, lies near
        if is_whole and (found is None or problem.is_met(found, margin)):
            return found
        # Too many partial choices, or one within a hair of a threshold that rounding then fails: the solver settles it.
        return solve_cheapest(problem, margin=margin, budget_yuan=budget_yuan, without=without)

    def _to_miss(self, without: Sequence[Collection[int]]) -> list[frozenset[int]]:
        """Return the sets that a choice could hold at all: a measure that does nothing is in no option."""
        at_hand = {one for component in self._components or () for one in component.measures}
        return [frozenset(one) for one in without if at_hand.issuperset(one)]

    def _options(self, lacking: NDArray[np.intp], known: Sequence[frozenset[int]]) -> list[Options]:
        """Return the options of every component that nothing beats, by the demands that lack points and the known sets."""
        components = self._components or ()
        key = tuple(lacking.tolist())
        if key not in self._kept:
            self._kept[key] = [_best(one, one.points[lacking]) for one in components]
        found = []
        for component, plain in zip(components, self._kept[key], strict=True):
            misses = np.array([_misses(component, one) for one in known]).reshape(len(known), len(component.cost))
            if misses.any():
                found.append(_best(component, np.concatenate([component.points[lacking], misses])))
            else:
                nothing = np.zeros((len(known), len(plain.cost)))
                found.append(Options(plain.chosen, plain.cost, np.concatenate([plain.points, nothing])))
        return found


def cheapest_by_joining(problem: Problem, *, margin: float = 0.0, budget_yuan: int | None = None) -> Chosen | None:
    """Return what `solve_cheapest` returns, without a solver's overhead; None where nothing reaches the class.

    Parameters
    ----------
    problem
        The park's choice.
    margin, budget_yuan
        As for `solve_cheapest`.
    """
    return Joining(problem).cheapest(margin=margin, budget_yuan=budget_yuan)


def _misses(component: _Component, known: frozenset[int]) -> NDArray[np.float64]:
    """Return 1 for every subset of the component that leaves out a measure of the known set, else 0."""
    bits = [bit for bit, one in enumerate(component.measures) if one in known]
    return np.where(component.taken[:, bits].all(axis=1), 0.0, 1.0)


def _best(component: _Component, points: NDArray[np.float64]) -> Options:
    """Return the subsets of a component that no other one beats in cost and in any row of points."""
    kept = _undominated(component.cost, points)
    chosen = tuple(
        tuple(one for one, is_taken in zip(component.measures, taken, strict=True) if is_taken)
        for taken in component.taken[kept].tolist()
    )
    return Options(chosen, component.cost[kept], points[:, kept])


def _groups(problem: Problem) -> list[tuple[tuple[int, ...], list[Block]]]:
    """Return groups of measures that share a block, a prerequisite or an exclusion, with their blocks."""
    parent = list(range(len(problem.measures)))

    def find(one: int) -> int:
        while parent[one] != one:
            one = parent[one]
        return one

    ties = [block.measures for block in problem.blocks] + list(problem.requires) + list(problem.excludes)
    for tie in ties:
        for other in tie[1:]:
            parent[find(other)] = find(tie[0])
    groups: dict[int, tuple[list[int], list[Block]]] = {}
    touched = {one for block in problem.blocks for one in block.measures}
    needed = {other for _one, other in problem.requires}
    for one in range(len(problem.measures)):
        if one in touched or one in needed:
            groups.setdefault(find(one), ([], []))[0].append(one)
    for block in problem.blocks:
        groups[find(block.measures[0])][1].append(block)
    return [(tuple(measures), blocks) for measures, blocks in groups.values()]


def _subsets(problem: Problem, measures: tuple[int, ...], blocks: Sequence[Block]) -> _Component:
    """Return the consistent subsets of tied measures that the class permits."""
    count = 1 << len(measures)
    taken = (np.arange(count)[:, None] >> np.arange(len(measures)) & 1).astype(bool)
    place = {one: bit for bit, one in enumerate(measures)}
    ok = np.ones(count, dtype=bool)
    for one, other in problem.requires:
        if one in place:
            ok &= ~taken[:, place[one]] | taken[:, place[other]]
    for one, other in problem.excludes:
        if one in place and other in place:
            ok &= ~(taken[:, place[one]] & taken[:, place[other]])
    points = np.zeros((len(problem.demands), count))
    for block in blocks:
        subset = taken[:, [place[one] for one in block.measures]] @ (1 << np.arange(len(block.measures)))
        ok &= block.allowed[subset]
        points += block.points[:, subset]
    cost = taken @ problem.cost_yuan[list(measures)]
    return _Component(measures, taken[ok], cost[ok], points[:, ok])


def _undominated(cost: NDArray[np.int64], points: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the places of those that no other beats in cost and in every row of points, cheapest first."""
    order = np.lexsort((*(-points), cost)) if len(points) else np.argsort(cost, kind="stable")
    if not len(points):
        return order[:1]
    rows = points[:, order]
    if len(points) == 1:
        best = np.maximum.accumulate(rows[0])
        kept = np.ones(len(order), dtype=bool)
        kept[1:] = rows[0, 1:] > best[:-1] + 1e-12
        return order[kept]
    return order[_front(rows)]


def _front(rows: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the columns (sorted by cost) that no earlier column equals or exceeds in every row."""
    # The front by the first two rows drops most at once; the rest is compared block by block with what was kept.
    kept: list[NDArray[np.float64]] = []
    places: list[int] = []
    front = np.empty((len(rows), 0))
    for start in range(0, rows.shape[1], 128):
        block = rows[:, start : start + 128]
        alive = np.arange(block.shape[1])
        if front.shape[1]:
            beaten = (front[:, :, None] >= block[:, None, :] - 1e-12).all(axis=0).any(axis=0)
            alive = alive[~beaten]
        if alive.size:
            sub = block[:, alive]
            beats = (sub[:, :, None] >= sub[:, None, :] - 1e-12).all(axis=0)
            alive = alive[~np.triu(beats, 1).any(axis=0)]
            places += (start + alive).tolist()
            kept.append(block[:, alive])
            front = np.concatenate(kept, axis=1)
    return np.array(places, dtype=np.intp)


def _sums_after(each: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return for every place the sum of what stands behind it."""
    behind = np.cumsum(np.array(each)[::-1], axis=0)[::-1]
    return np.concatenate([behind[1:], np.zeros_like(behind[:1])])


def _join(
    options: Sequence[Options], gaps: NDArray[np.float64], budget: int | None, known: Sequence[Collection[int]]
) -> tuple[Chosen | None, bool]:
    """Return the cheapest choice of one option a component that closes all gaps, and whether the search was whole."""
    if not options:
        return (() if not len(gaps) else None), True

    # Components that close one demand alone come together, so that its gap is settled early.
    def kind(one: Options) -> tuple[int, int]:
        closes = np.flatnonzero((one.points != 0).any(axis=1)) if len(gaps) else np.empty(0, dtype=np.intp)
        return (-len(closes), int(closes[-1]) if closes.size else 0)

    ordered = sorted(options, key=kind)
    after = _sums_after([one.points.max(axis=1) for one in ordered])
    # What lies beyond a gap is of no use but against what later options may take away.
    enough = gaps - _sums_after([one.points.min(axis=1) for one in ordered])
    least_after = _sums_after([one.cost.min() for one in ordered])
    bound = most_cost(ordered, gaps, budget_yuan=budget, known=known)
    cost, points = np.zeros(1, dtype=np.int64), np.zeros((len(gaps), 1))
    trail: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for step, one in enumerate(ordered):
        old, new = np.divmod(np.arange(len(cost) * len(one.cost)), len(one.cost))
        joined = cost[old] + one.cost[new]
        reached = np.minimum(points[:, old] + one.points[:, new], enough[step][:, None])
        ok = (reached + after[step][:, None] >= gaps[:, None]).all(axis=0)
        ok &= joined + least_after[step] <= bound
        ok = np.flatnonzero(ok)
        if ok.size > MOST_UNBOUNDED:
            floor = least_cost(ordered[step + 1 :], gaps[:, None] - reached[:, ok])
            ok = ok[joined[ok] + floor <= bound + 1.0]  # costs are whole yuan, the floor is not
        if not ok.size:
            return None, True
        ok = ok[_undominated(joined[ok], reached[:, ok])]
        if ok.size > MOST_STATES:
            return None, False
        cost, points = joined[ok], reached[:, ok]
        trail.append((old[ok], new[ok]))
    state, chosen = int(np.argmin(cost)), []
    for (old, new), one in zip(reversed(trail), reversed(ordered), strict=True):
        chosen += list(one.chosen[new[state]])
        state = int(old[state])
    return tuple(sorted(chosen)), True
