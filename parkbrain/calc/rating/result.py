"""What a rating says: columns for many units, and the same for one unit as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import Flags, Ranks
from parkbrain.calc.rating.outcome import floors_of

if TYPE_CHECKING:
    from parkbrain.calc.rating.scheme import Scheme

SCORED, UNKNOWN, NOT_APPLICABLE, PARTIAL = 0, 1, 2, 3
STATE_NAMES = ("scored", "unknown", "not_applicable", "partial")


@dataclass(frozen=True)
class NodeScore:
    """Both sides of a node's score [points of 100]; None is not assessed."""

    proven: float | None
    reachable: float | None


@dataclass(frozen=True)
class IndicatorScore:
    """An indicator of one unit: value, state, both sides of its score, share of the total [points of 100]."""

    value: float | None
    state: int
    proven: float | None
    reachable: float | None
    weight_in_force: float

    @property
    def state_name(self) -> str:
        """The state in words: scored, unknown, not_applicable or partial."""
        return STATE_NAMES[self.state]


@dataclass(frozen=True)
class Reason:
    """One thing that keeps a unit from a class: what it has and what the class asks for.

    The codes are ``total_below``, ``node_below``, ``gate_not_met``, ``gate_unknown``, ``veto_applies``,
    ``veto_unknown`` and ``too_much_not_applicable``.
    """

    code: str
    class_id: str
    subject_id: str
    actual: float | None = None
    needed: float | None = None


@dataclass(frozen=True)
class UnitResult:
    """The rating of one unit."""

    unit: str
    total_proven: float | None
    total_reachable: float | None
    class_proven: int
    class_reachable: int
    coverage: float
    rank: int
    not_applicable_weight: float
    nodes: Mapping[str, NodeScore]
    indicators: Mapping[str, IndicatorScore]
    gates: Mapping[str, bool | None]
    vetoes: Mapping[str, bool | None]
    reasons_not_higher: tuple[Reason, ...]


@dataclass(frozen=True)
class Result:
    """The rating of all units of a table, a column each; NaN is unknown or not assessed."""

    scheme: Scheme = field(repr=False)
    units: tuple[str, ...] = field(repr=False)
    values: Mapping[str, Column] = field(repr=False)
    state: Mapping[str, NDArray[np.uint8]] = field(repr=False)
    proven: Mapping[str, Column] = field(repr=False)
    reachable: Mapping[str, Column] = field(repr=False)
    class_proven: Ranks = field(repr=False)
    class_reachable: Ranks = field(repr=False)
    coverage: Column = field(repr=False)
    rank: Ranks = field(repr=False)
    gates: Mapping[str, Flags] = field(repr=False)
    vetoes: Mapping[str, Flags] = field(repr=False)
    weights_in_force: Mapping[str, Column] = field(repr=False)
    not_applicable_weight: Column = field(repr=False)
    unrounded_proven: Mapping[str, Column] = field(repr=False)
    unrounded_reachable: Mapping[str, Column] = field(repr=False)

    @property
    def total_proven(self) -> Column:
        """The total on the proven side [points of 100]."""
        return self.proven[self.scheme.root.id]

    @property
    def total_reachable(self) -> Column:
        """The total on the reachable side [points of 100]."""
        return self.reachable[self.scheme.root.id]

    def unit(self, unit: int | str) -> UnitResult:
        """Return the rating of one unit, by its position or name.

        Raises
        ------
        KeyError
            If no unit has that name.
        """
        row = unit if isinstance(unit, int) else self.row_of(unit)
        indicators = {
            one.id: IndicatorScore(
                number(self.values[one.id][row]),
                int(self.state[one.id][row]),
                number(self.proven[one.id][row]),
                number(self.reachable[one.id][row]),
                float(self.weights_in_force[one.id][row]),
            )
            for one in self.scheme.indicators
        }
        nodes = {key: NodeScore(number(self.proven[key][row]), number(self.reachable[key][row])) for key in self.proven}
        return UnitResult(
            unit=self.units[row],
            total_proven=number(self.total_proven[row]),
            total_reachable=number(self.total_reachable[row]),
            class_proven=int(self.class_proven[row]),
            class_reachable=int(self.class_reachable[row]),
            coverage=float(self.coverage[row]),
            rank=int(self.rank[row]),
            not_applicable_weight=float(self.not_applicable_weight[row]),
            nodes=nodes,
            indicators=indicators,
            gates={key: flag(column[row]) for key, column in self.gates.items()},
            vetoes={key: flag(column[row]) for key, column in self.vetoes.items()},
            reasons_not_higher=reasons_not_higher(self, row),
        )

    def row_of(self, unit: str) -> int:
        """Return the position of the unit of that name.

        Raises
        ------
        KeyError
            If there is none.
        """
        try:
            return self.units.index(unit)
        except ValueError:
            raise KeyError(unit) from None


def number(value: float) -> float | None:
    """Return the value as a float, or None where it is not a number."""
    return None if math.isnan(value) else float(value)


def flag(value: int) -> bool | None:
    """Return a three-valued flag (1, 0, -1) as True, False or None."""
    return None if value < 0 else bool(value)


def reasons_not_higher(result: Result, row: int) -> tuple[Reason, ...]:
    """Return what keeps the unit from the next class above its proven one; empty at the top or without classes."""
    scheme = result.scheme
    better = [one for one in scheme.outcome.classes if one.rank > result.class_proven[row]]
    if not better:
        return ()
    target = min(better, key=lambda one: one.rank)
    total = number(result.total_proven[row])
    reasons = []
    if total is None or total < target.min_total:
        reasons.append(Reason("total_below", target.id, scheme.root.id, total, target.min_total))
    for node_id, floor in floors_of(scheme, target).items():
        score = number(result.proven[node_id][row])
        if score is not None and score < floor:
            reasons.append(Reason("node_below", target.id, node_id, score, floor))
    for gate_id in target.gates:
        if result.gates[gate_id][row] != 1:
            code = "gate_unknown" if result.gates[gate_id][row] < 0 else "gate_not_met"
            reasons.append(Reason(code, target.id, gate_id))
    for veto in scheme.outcome.vetoes:
        if result.vetoes[veto.id][row] != 0 and (veto.cap is None or veto.cap < target.rank):
            code = "veto_unknown" if result.vetoes[veto.id][row] < 0 else "veto_applies"
            reasons.append(Reason(code, target.id, veto.id))
    limit, share = scheme.max_not_applicable_weight, float(result.not_applicable_weight[row])
    if limit is not None and share > limit + 1e-9:
        reasons.append(Reason("too_much_not_applicable", target.id, scheme.root.id, share, limit))
    return tuple(reasons)
