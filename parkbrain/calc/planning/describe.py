"""A set of measures as a plan: in the order they end, with what each adds, moves and opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from parkbrain.calc.planning.certainty import ClassChances, chances, outcomes
from parkbrain.calc.planning.problem import finish_months
from parkbrain.calc.planning.tables import Bits, Prepared, Table, apply_measures
from parkbrain.calc.rating.result import number


@dataclass(frozen=True)
class FactMove:
    """A fact that a step moves; None is unknown."""

    key: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Step:
    """A measure of the plan: when it runs, what it costs, and what it adds after the steps before it [points of 100]."""

    measure_id: str
    cost_yuan: int
    starts_after_months: int
    ends_after_months: int
    success: float
    points: float
    moves: tuple[FactMove, ...]
    indicators: tuple[tuple[str, float, float], ...]
    opens: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Measures in the order they end. `total` is what they reach if all work, `margin` what was asked beyond that."""

    steps: tuple[Step, ...]
    cost_yuan: int
    months: int
    total_before: float
    total: float
    rank: int
    margin: float
    chances: ClassChances

    @property
    def measure_ids(self) -> frozenset[str]:
        """The measures of the plan."""
        return frozenset(step.measure_id for step in self.steps)


def describe_plan(prepared: Prepared, row: int, places: Sequence[int], *, margin: float = 0.0) -> Plan:
    """Return the measures as a plan: in the order they end, with what each adds and the facts it moves.

    Parameters
    ----------
    prepared, row
        The tables and the park.
    places
        Places of the measures in the catalogue; their prerequisites are among them or done.
    margin
        Points asked beyond the thresholds when the plan was sought.
    """
    measures, finish = prepared.catalogue.measures, finish_months(prepared, row)
    ordered = sorted(places, key=lambda place: (finish[place], place))
    effective = np.zeros((len(ordered) + 1, len(measures)), dtype=bool)
    for step, place in enumerate(ordered):
        effective[step + 1 :, place] = True
    ranks, totals = outcomes(prepared, row, effective)
    moved, opened = _moves(prepared, row, ordered), _opened(prepared, row, effective)
    rescored = _rescored(prepared, row, effective)
    steps = []
    for step, place in enumerate(ordered):
        months = int(prepared.months[row, place])
        steps.append(
            Step(
                measure_id=measures[place].id,
                cost_yuan=int(prepared.cost_yuan[row, place]),
                starts_after_months=max(finish[place] - months, 0),
                ends_after_months=finish[place],
                success=float(prepared.success[row, place]),
                points=float(totals[step + 1] - totals[step]),
                moves=moved[step],
                indicators=rescored[step],
                opens=opened[step],
            )
        )
    return Plan(
        steps=tuple(steps),
        cost_yuan=sum(step.cost_yuan for step in steps),
        months=max((step.ends_after_months for step in steps), default=0),
        total_before=float(totals[0]),
        total=float(totals[-1]),
        rank=int(ranks[-1]),
        margin=margin,
        chances=chances(prepared, row, places),
    )


def _moves(prepared: Prepared, row: int, ordered: Sequence[int]) -> list[tuple[FactMove, ...]]:
    """Return the facts that each measure moves after those before it: all steps at once, a case for every beginning."""
    cases = np.arange(len(ordered) + 1)
    columns = {key: np.full(cases.size, column[row]) for key, column in prepared.facts.columns.items()}
    chosen = [(prepared.catalogue.measures[place], cases > ordered.index(place)) for place in sorted(ordered)]
    moves: list[list[FactMove]] = [[] for _place in ordered]
    for key, column in apply_measures(chosen, columns, rows=cases.size).items():
        values = [number(value) for value in column.tolist()]
        for step, (old, new) in enumerate(pairwise(values)):
            if new != old:
                moves[step].append(FactMove(key, old, new))
    return [tuple(sorted(each, key=lambda move: move.key)) for each in moves]


def _values(table: Table, row: int, effective: Bits) -> list[float]:
    """Return what a subject has after each step: a case for every beginning of the plan."""
    numbers = effective[:, list(table.touching)] @ (1 << np.arange(len(table.touching)))
    found: list[float] = table.values[row, numbers].tolist()
    return found


def _rescored(prepared: Prepared, row: int, effective: Bits) -> list[tuple[tuple[str, float, float], ...]]:
    """Return for every step the indicators whose score it changes, with the scores before and after."""
    found: list[list[tuple[str, float, float]]] = [[] for _step in effective[1:]]
    for key, table in prepared.scores.items():
        for step, (before, after) in enumerate(pairwise(_values(table, row, effective))):
            if before != after:
                found[step].append((key, before, after))
    return [tuple(each) for each in found]


def _opened(prepared: Prepared, row: int, effective: Bits) -> list[tuple[str, ...]]:
    """Return for every step the gates that become met and the vetoes that fall away."""
    found: list[list[str]] = [[] for _step in effective[1:]]
    for key, table in prepared.flags.items():
        wanted = 1 if key.startswith("gate:") else 0
        for step, (before, after) in enumerate(pairwise(_values(table, row, effective))):
            if before != after and after == wanted:
                found[step].append(key)
    return [tuple(each) for each in found]
