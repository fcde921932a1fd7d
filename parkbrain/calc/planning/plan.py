"""The plan of one park: the cheapest way with the certainty wanted, others beside it, and why it is as it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from parkbrain.calc.planning.certainty import chances, outcomes
from parkbrain.calc.planning.describe import Plan, describe_plan
from parkbrain.calc.planning.frontier import Joining
from parkbrain.calc.planning.problem import Problem, finish_months, make_problem
from parkbrain.calc.planning.solve import Chosen, solve_cheapest, solve_most_points
from parkbrain.calc.planning.tables import DONE, NO_COST, OFF, Prepared
from parkbrain.calc.rating import OutcomeClass

#: Points beyond the thresholds that are tried, one after the other, until the certainty wanted is reached.
MARGINS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 6.5)


@dataclass(frozen=True)
class Wish:
    """What is asked for: a class by its rank, and within which limits; None sets no limit."""

    rank: int
    budget_yuan: int | None = None
    most_months: int | None = None
    certainty: float = 0.0
    switched_off: frozenset[str] = frozenset()
    alternatives: int = 2


@dataclass(frozen=True)
class Unused:
    """Why a measure is not in the plan.

    `reason` is `done`, `off`, `no_cost`, `no_way` (a prerequisite is off), `too_late`, `too_dear`, `excluded` (by
    `other`), `adds_nothing` or `dearer`. `points` is what it would add beyond the plan.
    """

    measure_id: str
    reason: str
    cost_yuan: int | None
    months: int
    points: float = 0.0
    other: str = ""


@dataclass(frozen=True)
class Blocker:
    """What keeps the class out of reach.

    `code` is `gate`, `veto` (no measure settles `subject`), `not_applicable`, `points` (even all measures reach only
    `best` of `needed` in `subject`), `budget` (`needed` yuan would do) or `months` (`needed` months would do).
    """

    code: str
    subject: str = ""
    best: float | None = None
    needed: float | None = None


@dataclass(frozen=True)
class Planning:
    """The answer: the plan and its rivals, or the most that can be done and what stands in the way.

    `cheapest_yuan` is the proven least cost when all measures work; `is_certain` tells whether the plan has the
    certainty that was asked for.
    """

    target: OutcomeClass
    plan: Plan | None
    is_reached: bool
    is_certain: bool
    cheapest_yuan: int | None
    alternatives: tuple[Plan, ...]
    unused: tuple[Unused, ...]
    blockers: tuple[Blocker, ...]


def find_plans(prepared: Prepared, row: int, wish: Wish) -> Planning:
    """Return the cheapest plan to a class with the certainty wanted, and what there is to say about it.

    Parameters
    ----------
    prepared
        The tables.
    row
        Which park.
    wish
        Class and limits.

    Raises
    ------
    KeyError
        If the scheme has no class of that rank.

    Notes
    -----
    Proven by the solver: `cheapest_yuan`, the least cost at which all thresholds are met when every measure works.
    Searched, not proven: the plan with the certainty wanted, the first of a row of growing margins whose probability
    suffices; each is the cheapest for its margin.
    """
    target = next((one for one in prepared.scheme.outcome.classes if one.rank == wish.rank), None)
    if target is None:
        raise KeyError(wish.rank)
    problem = make_problem(prepared, row, target, most_months=wish.most_months, switched_off=wish.switched_off)
    joining = Joining(problem)
    cheapest = _proven(joining, wish.budget_yuan)
    if cheapest is None:
        return _out_of_reach(prepared, row, wish, problem)
    chosen, margin, sure = _certain(prepared, row, wish, joining, cheapest)
    plan = describe_plan(prepared, row, [problem.measures[one] for one in chosen], margin=margin)
    others, known = [], [chosen]
    for _again in range(wish.alternatives):
        other = joining.cheapest(margin=margin, budget_yuan=wish.budget_yuan, without=known)
        if other is None:
            break
        known.append(other)
        others.append(describe_plan(prepared, row, [problem.measures[one] for one in other], margin=margin))
    return Planning(
        target=target,
        plan=plan,
        is_reached=True,
        is_certain=sure,
        cheapest_yuan=problem.cost_of(cheapest),
        alternatives=tuple(others),
        unused=why_not(prepared, row, wish, plan),
        blockers=(),
    )


def _proven(joining: Joining, budget_yuan: int | None) -> Chosen | None:
    """Return the cheapest set with the solver's proof, which is sooner found when a set at hand bounds the cost."""
    at_hand = joining.cheapest(budget_yuan=budget_yuan)
    limit = budget_yuan if at_hand is None else joining.problem.cost_of(at_hand)
    return solve_cheapest(joining.problem, budget_yuan=limit)


def _certain(
    prepared: Prepared, row: int, wish: Wish, joining: Joining, cheapest: Chosen
) -> tuple[Chosen, float, bool]:
    """Return the first set whose probability suffices, else the likeliest seen, with its margin."""

    def chance(chosen: Chosen) -> float:
        return chances(prepared, row, [joining.problem.measures[one] for one in chosen]).at_least(wish.rank)

    best, best_margin, best_chance = cheapest, 0.0, chance(cheapest)
    tried = {cheapest}
    for margin in MARGINS[1:]:
        if best_chance >= wish.certainty:
            return best, best_margin, True
        chosen = joining.cheapest(margin=margin, budget_yuan=wish.budget_yuan)
        if chosen is None:
            break
        if chosen in tried:
            continue
        tried.add(chosen)
        found = chance(chosen)
        if found > best_chance:
            best, best_margin, best_chance = chosen, margin, found
    return best, best_margin, best_chance >= wish.certainty


def why_not(prepared: Prepared, row: int, wish: Wish, plan: Plan) -> tuple[Unused, ...]:
    """Return for every measure that is not in the plan why it is not, what adds most first."""
    measures = prepared.catalogue.measures
    ids = {one.id: place for place, one in enumerate(measures)}
    taken = {ids[key] for key in plan.measure_ids}
    finish = finish_months(prepared, row, wish.switched_off)
    rest = [place for place in range(len(measures)) if place not in taken]
    effective = np.zeros((len(rest) + 1, len(measures)), dtype=bool)
    effective[:, sorted(taken)] = True
    for case, place in enumerate(rest):
        effective[case + 1, list(_with_prerequisites(prepared, row, place))] = True
    _ranks, totals = outcomes(prepared, row, effective)
    found = []
    for case, place in enumerate(rest):
        points = float(totals[case + 1] - totals[0])
        cost = int(prepared.cost_yuan[row, place])
        reason, other = _reason(prepared, row, wish, place, finish[place], points, taken)
        months = finish[place] if finish[place] >= 0 else int(prepared.months[row, place])
        found.append(Unused(measures[place].id, reason, cost if cost >= 0 else None, months, points, other))
    return tuple(sorted(found, key=lambda one: -one.points))


def _with_prerequisites(prepared: Prepared, row: int, place: int) -> set[int]:
    ids = {one.id: index for index, one in enumerate(prepared.catalogue.measures)}
    found: set[int] = set()
    waiting = [place]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            needed = prepared.catalogue.measures[one].requires
            waiting += [ids[key] for key in needed if prepared.state[row, ids[key]] != DONE]
    return found


def _reason(
    prepared: Prepared, row: int, wish: Wish, place: int, finish: int, points: float, taken: Collection[int]
) -> tuple[str, str]:
    measures = prepared.catalogue.measures
    one, state = measures[place], prepared.state[row, place]
    if state == DONE:
        return "done", ""
    if state == OFF or one.id in wish.switched_off:
        return "off", ""
    if state == NO_COST:
        return "no_cost", ""
    if finish < 0:
        return "no_way", ""
    if wish.most_months is not None and finish > wish.most_months:
        return "too_late", ""
    rival = next((o for o in taken if measures[o].id in one.excludes or one.id in measures[o].excludes), None)
    if rival is not None:
        return "excluded", measures[rival].id
    if points <= 1e-9:
        return "adds_nothing", ""
    if wish.budget_yuan is not None and prepared.cost_yuan[row, place] > wish.budget_yuan:
        return "too_dear", ""
    return "dearer", ""


def _out_of_reach(prepared: Prepared, row: int, wish: Wish, problem: Problem) -> Planning:
    """Return the most points within the limits, and everything that keeps the class away."""
    most = solve_most_points(problem, budget_yuan=wish.budget_yuan)
    plan = describe_plan(prepared, row, [problem.measures[one] for one in most])
    return Planning(
        target=problem.target,
        plan=plan,
        is_reached=False,
        is_certain=False,
        cheapest_yuan=None,
        alternatives=(),
        unused=why_not(prepared, row, wish, plan),
        blockers=tuple(_blockers(prepared, row, wish, problem)),
    )


def _blockers(prepared: Prepared, row: int, wish: Wish, problem: Problem) -> list[Blocker]:
    found = [Blocker(key.split(":")[0], key.split(":", 1)[-1] if ":" in key else "") for key in problem.hopeless]
    if wish.budget_yuan is not None and (enough := solve_cheapest(problem)) is not None:
        return [*found, Blocker("budget", needed=float(problem.cost_of(enough)))]
    if wish.most_months is not None:
        free = make_problem(prepared, row, problem.target, switched_off=wish.switched_off)
        if (soonest := _soonest(prepared, row, wish, free)) is not None:
            return [*found, soonest]
    # What each threshold can reach by itself, whatever it costs.
    for place, demand in enumerate(problem.demands):
        alone = replace(
            problem,
            demands=(demand,),
            blocks=tuple(replace(one, points=one.points[place : place + 1]) for one in problem.blocks),
        )
        best = float(alone.reached(solve_most_points(alone))[0])
        if best < demand.needed:
            found.append(Blocker("points", demand.node_id, best, demand.threshold))
    return found


def _soonest(prepared: Prepared, row: int, wish: Wish, free: Problem) -> Blocker | None:
    """Return the fewest months in which the class can be reached, by halving."""
    if solve_cheapest(free) is None:
        return None
    ends = sorted({int(months) for months in free.finish_months})
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        tried = make_problem(prepared, row, free.target, most_months=ends[middle], switched_off=wish.switched_off)
        low, high = (low, middle) if solve_cheapest(tried) is not None else (middle + 1, high)
    return Blocker("months", needed=float(ends[low]))
