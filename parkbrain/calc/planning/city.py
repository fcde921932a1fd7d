"""Many parks and one budget: where the money lifts most parks, and what fairness between districts costs.

Each park has one way to its next star, its cheapest plan, so a budget buys parks one by one: without districts the
cheapest first is best. With a least and a most number of parks a district the same holds after a district's least is
taken care of:

Take any best choice under the budget. Within a district it may be assumed to hold the cheapest parks: exchanging a
dearer chosen park for a cheaper one that was left out keeps the district's number and costs no more. So every choice
holds at least the district's `least` cheapest parks, whose cost is spent in any case. What is left to decide is which
further parks to take, at most `most` a district, each in the district's order. The cheapest of all parks that may still
be taken is in some best choice: if it is left out while another is taken, exchanging the two changes no district beyond
its bounds (the one grows by one and is below its most, the other keeps its least) and costs no more. Hence taking the
globally cheapest allowed park until the money ends lifts the most parks, and the curve of all budgets is one sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from parkbrain.calc.planning.catalogue import Override, load_measures
from parkbrain.calc.planning.certainty import chances
from parkbrain.calc.planning.frontier import cheapest_by_joining
from parkbrain.calc.planning.problem import finish_months, make_problem
from parkbrain.calc.planning.tables import Prepared, prepare
from parkbrain.calc.rating import FactTable, load_scheme

#: Fewer cases a park than for one park's page: standard error at most 1.6 percentage points.
DRAWS, MOST_COUNTED = 1024, 9
#: So many parks a process takes at a time.
PART = 150


@dataclass(frozen=True)
class CityPlan:
    """A park's cheapest way to its next star; `cost_yuan` None where there is none, `rank` 0 at the top."""

    row: int
    rank_before: int
    rank: int
    cost_yuan: int | None
    months: int
    measures: tuple[int, ...]
    chance: float | None


@dataclass(frozen=True)
class Lift:
    """A park that the money lifts: its key, its district, its cost [yuan] and the money spent up to it."""

    key: int
    district: str
    cost_yuan: int
    spent_yuan: int


@dataclass(frozen=True)
class Spending:
    """What a budget lifts. `short_of` names districts whose least number cannot be had, for lack of parks or money."""

    lifts: tuple[Lift, ...]
    spent_yuan: int
    short_of: tuple[str, ...] = field(default=())


def plan_city(
    prepared: Prepared,
    *,
    most_months: int | None = None,
    rows: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[CityPlan]:
    """Return for every park of the tables the cheapest way to its next star if all measures work.

    Parameters
    ----------
    prepared
        The tables.
    most_months
        The longest way that counts.
    rows
        The parks wanted; all without.
    progress
        Told how many parks are done, of how many; it may raise to stop.
    """
    classes = sorted(prepared.scheme.outcome.classes, key=lambda one: one.rank)
    wanted = range(len(prepared.facts)) if rows is None else rows
    plans = []
    for done, row in enumerate(wanted):
        if progress and done % 100 == 0:
            progress(done, len(wanted))
        before = int(prepared.base.class_proven[row])
        target = next((one for one in classes if one.rank > before), None)
        if target is None:
            plans.append(CityPlan(row, before, 0, None, 0, (), None))
            continue
        problem = make_problem(prepared, row, target, most_months=most_months)
        chosen = cheapest_by_joining(problem)
        if chosen is None:
            plans.append(CityPlan(row, before, target.rank, None, 0, (), None))
            continue
        places = tuple(problem.measures[one] for one in chosen)
        finish = finish_months(prepared, row)
        months = max((finish[place] for place in places), default=0)
        chance = chances(prepared, row, places, draws=DRAWS, most_counted=MOST_COUNTED).at_least(target.rank)
        plans.append(CityPlan(row, before, target.rank, problem.cost_of(chosen), months, places, chance))
    return plans


def plan_in_processes(
    scheme: Path,
    measures: Path,
    facts: FactTable,
    overrides: Mapping[str, Mapping[str, Override]] | None = None,
    *,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> list[CityPlan]:
    """Return what `plan_city` returns, computed by several processes.

    Parameters
    ----------
    scheme, measures
        Files of the scheme and of the catalogue of measures.
    facts, overrides
        As for `prepare`.
    workers
        Number of processes.
    progress
        Told how many parks are done, of how many; what it raises stops the work.
    """
    count = len(facts)
    parts = [range(start, min(start + PART, count)) for start in range(0, count, PART)]
    found: list[CityPlan] = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        tasks = [pool.submit(_plan_part, scheme, measures, _part_of(facts, part), overrides) for part in parts]
        try:
            for part, task in zip(parts, tasks, strict=True):
                if progress:
                    progress(part.start, count)
                found += [replace(one, row=one.row + part.start) for one in task.result()]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return found


def _part_of(facts: FactTable, part: range) -> FactTable:
    columns = {key: column[part.start : part.stop] for key, column in facts.columns.items()}
    return FactTable(units=facts.units[part.start : part.stop], columns=columns)


def _plan_part(
    scheme: Path, measures: Path, facts: FactTable, overrides: Mapping[str, Mapping[str, Override]] | None
) -> list[CityPlan]:
    loaded = load_scheme(scheme)
    return plan_city(prepare(loaded, load_measures(measures, loaded), facts, overrides))


def lift_curve(
    parks: Sequence[tuple[int, str, int]],
    *,
    least: Mapping[str, int] | None = None,
    most: Mapping[str, int] | None = None,
) -> list[Lift]:
    """Return the parks in the order in which money lifts them; the first n cost the least that n parks can cost.

    Parameters
    ----------
    parks
        Key, district and cost [yuan] of every park that has a plan.
    least
        By district how many parks must be lifted; these come first, and no fewer are a solution.
    most
        By district how many parks may be lifted.

    Examples
    --------
    >>> parks = [(1, "N", 30), (2, "N", 10), (3, "S", 50)]
    >>> [(one.key, one.spent_yuan) for one in lift_curve(parks)]
    [(2, 10), (1, 40), (3, 90)]
    >>> [(one.key, one.spent_yuan) for one in lift_curve(parks, least={"S": 1}, most={"N": 1})]
    [(3, 50), (2, 60)]
    """
    by_district: dict[str, list[tuple[int, str, int]]] = {}
    for park in sorted(parks, key=lambda one: (one[2], one[0])):
        by_district.setdefault(park[1], []).append(park)
    first, rest = [], []
    for district, ordered in by_district.items():
        lowest = (least or {}).get(district, 0)
        highest = (most or {}).get(district, len(ordered))
        first += ordered[:lowest]
        rest += ordered[lowest : max(highest, lowest)]
    # Each district's parks stand by cost, so sorting them all keeps the order within the district.
    sequence = sorted(first, key=lambda one: (one[2], one[0])) + sorted(rest, key=lambda one: (one[2], one[0]))
    spent = np.cumsum([park[2] for park in sequence], dtype=np.int64).tolist() if sequence else []
    return [Lift(key, district, cost, total) for (key, district, cost), total in zip(sequence, spent, strict=True)]


def spend(
    parks: Sequence[tuple[int, str, int]],
    *,
    budget_yuan: int,
    least: Mapping[str, int] | None = None,
    most: Mapping[str, int] | None = None,
) -> Spending:
    """Return the most parks that a budget lifts.

    Parameters
    ----------
    parks, least, most
        As for `lift_curve`.
    budget_yuan
        The money there is [yuan].
    """
    curve = lift_curve(parks, least=least, most=most)
    lifts = [one for one in curve if one.spent_yuan <= budget_yuan]
    got: dict[str, int] = {}
    for one in lifts:
        got[one.district] = got.get(one.district, 0) + 1
    short = tuple(sorted(key for key, lowest in (least or {}).items() if got.get(key, 0) < lowest))
    return Spending(tuple(lifts), lifts[-1].spent_yuan if lifts else 0, short)
