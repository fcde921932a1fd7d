"""Cheapest sets of measures with proof: a mixed-integer program, solved by HiGHS through SciPy.

For every block (an indicator and the measures that touch it) one weight per subset, summing to 1 and tied to the choice
of the measures: with whole choices exactly the weight of the chosen subset is 1, so the weights need not be whole
themselves, and the relaxation is as tight as each block allows. HiGHS: Huangfu and Hall, Math. Prog. Comp. 10 (2018).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from parkbrain.calc.planning.problem import NEAR, Problem, margin_of

Chosen = tuple[int, ...]
_WAN = 10_000.0
#: So little per measure decides between sets of equal cost, and never between costs a yuan apart.
_TIE = 1e-6
_INFEASIBLE = 2


@dataclass
class _Rows:
    """Linear constraints, row by row."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, entries: Sequence[tuple[int, float]], low: float, high: float) -> None:
        row = len(self.low)
        for column, value in entries:
            self.rows.append(row)
            self.columns.append(column)
            self.values.append(value)
        self.low.append(low)
        self.high.append(high)

    def constraint(self, width: int) -> LinearConstraint:
        shape = (len(self.low), width)
        matrix = coo_matrix((self.values, (self.rows, self.columns)), shape=shape).tocsr()
        return LinearConstraint(matrix, self.low, self.high)


def solve_cheapest(
    problem: Problem,
    *,
    margin: float = 0.0,
    budget_yuan: int | None = None,
    without: Sequence[Collection[int]] = (),
) -> Chosen | None:
    """Return the cheapest measures that reach the class, as places among the problem's; None where none do.

    Parameters
    ----------
    problem
        The park's choice.
    margin
        Points to go beyond every threshold that is not met yet [points of 100].
    budget_yuan
        The most to spend [yuan]; None sets no limit.
    without
        Sets found before: each has to miss at least one of its measures.

    Notes
    -----
    The solver works to a tolerance. A set it returns is checked with the engine's rounding; one that fails is forbidden
    and the search goes on, so that what comes out is both feasible and, by the solver's bound, cheapest.
    """
    if problem.hopeless:
        return None
    exact: list[Chosen] = []
    while True:
        found = _solve(problem, margin, budget_yuan, without, exact, most_points=False)
        if found is None or problem.is_met(found, margin):
            return found
        exact.append(found)


def solve_most_points(problem: Problem, *, budget_yuan: int | None = None) -> Chosen:
    """Return the measures that add most to the total within the budget, whatever the class asks beside it."""
    return _solve(problem, 0.0, budget_yuan, (), (), most_points=True) or ()


def _solve(
    problem: Problem,
    margin: float,
    budget: int | None,
    without: Sequence[Collection[int]],
    exact: Sequence[Chosen],
    *,
    most_points: bool,
) -> Chosen | None:
    count = len(problem.measures)
    rows = _Rows()
    low, high, starts, gains = _blocks(problem, rows, free=most_points)
    if any(least > most for least, most in zip(low, high, strict=True)):
        return None
    if not most_points:
        for demand, start, entries in zip(problem.demands, starts, gains, strict=True):
            rows.add(entries, demand.needed + margin_of(demand, margin) - float(start) - NEAR, np.inf)
    _choices(problem, rows, budget, without, exact)
    costs = np.zeros(len(low))
    costs[:count] = problem.cost_yuan / _WAN + _TIE
    if most_points:
        # A point outweighs what money decides: among equal points the cheaper set.
        costs /= max(float(costs.sum()), 1.0) * 1e4
        for column, value in gains[0]:
            costs[column] -= value
    if not count:
        met = most_points or all(entry <= 0 for entry in rows.low)
        return () if met else None
    return _run(costs, rows, np.array(low), np.array(high), count)


def _blocks(
    problem: Problem, rows: _Rows, *, free: bool
) -> tuple[list[float], list[float], NDArray[np.float64], list[list[tuple[int, float]]]]:
    """Lay out the variables: bounds, where each demand starts, and what each variable adds to it.

    `free` leaves gates and vetoes out of account.
    """
    count = len(problem.measures)
    low, high = [0.0] * count, [1.0] * count
    gains: list[list[tuple[int, float]]] = [[] for _demand in problem.demands]
    starts = np.array([one.start for one in problem.demands])
    for block in problem.blocks:
        allowed = np.ones_like(block.allowed) if free else block.allowed
        if len(block.measures) == 1:
            only = block.measures[0]
            low[only], high[only] = max(low[only], float(not allowed[0])), min(high[only], float(allowed[1]))
            starts = starts + block.points[:, 0]
            _gain(gains, only, block.points[:, 1] - block.points[:, 0])
            continue
        first = len(low)
        low += [0.0] * len(allowed)
        high += [float(each) for each in allowed]
        rows.add([(first + subset, 1.0) for subset in range(len(allowed))], 1.0, 1.0)
        for bit, one in enumerate(block.measures):
            chosen = [(first + subset, 1.0) for subset in range(len(allowed)) if subset >> bit & 1]
            rows.add([*chosen, (one, -1.0)], 0.0, 0.0)
        for subset in range(len(allowed)):
            _gain(gains, first + subset, block.points[:, subset])
    return low, high, starts, gains


def _gain(gains: list[list[tuple[int, float]]], column: int, points: NDArray[np.float64]) -> None:
    for entries, value in zip(gains, points, strict=True):
        if value:
            entries.append((column, float(value)))


def _choices(
    problem: Problem,
    rows: _Rows,
    budget: int | None,
    without: Sequence[Collection[int]],
    exact: Sequence[Chosen],
) -> None:
    count = len(problem.measures)
    if budget is not None:
        rows.add([(one, float(cost) / _WAN) for one, cost in enumerate(problem.cost_yuan)], -np.inf, budget / _WAN)
    for one, other in problem.requires:
        rows.add([(other, 1.0), (one, -1.0)], 0.0, np.inf)
    for one, other in problem.excludes:
        rows.add([(one, 1.0), (other, 1.0)], -np.inf, 1.0)
    for chosen in without:
        rows.add([(one, 1.0) for one in chosen], -np.inf, len(chosen) - 1.0)
    for chosen in exact:
        signs = [(one, -1.0 if one in chosen else 1.0) for one in range(count)]
        rows.add(signs, 1.0 - len(chosen), np.inf)


def _run(
    costs: NDArray[np.float64], rows: _Rows, low: NDArray[np.float64], high: NDArray[np.float64], count: int
) -> Chosen | None:
    whole = np.zeros(len(costs))
    whole[:count] = 1
    constraints = rows.constraint(len(costs)) if rows.low else ()
    answer = milp(
        costs, integrality=whole, bounds=Bounds(low, high), constraints=constraints, options={"mip_rel_gap": 0.0}
    )
    if answer.status == _INFEASIBLE:
        return None
    if answer.x is None or answer.status != 0:
        raise RuntimeError(f"the solver gave no answer: {answer.message}")
    return tuple(int(one) for one in np.flatnonzero(answer.x[:count] > 0.5))
