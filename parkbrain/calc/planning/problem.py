"""One park and one class as a choice among tables: what a solver is given."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.planning.catalogue import Measure
from parkbrain.calc.planning.tables import DONE, OPEN, Bits, Prepared, Table
from parkbrain.calc.rating.outcome import floors_of
from parkbrain.calc.rating.rate import round_half_up
from parkbrain.calc.rating.result import NOT_APPLICABLE, Result
from parkbrain.calc.rating.scheme import Node, OutcomeClass, Scheme

Pair = tuple[int, int]
#: What a sum of floating-point products may miss; a set that lies this close is checked by the engine's own rounding.
NEAR = 1e-7


@dataclass(frozen=True)
class Block:
    """A subject with its measures (places among the problem's): points each subset adds to each demand, and leave.

    `points` is demands by subsets, `allowed` tells which subsets the class permits (gates and vetoes).
    """

    subject: str
    measures: tuple[int, ...]
    points: NDArray[np.float64]
    allowed: Bits


@dataclass(frozen=True)
class Demand:
    """A threshold: the total, or a node with a floor.

    `start` is the score without any measure, `needed` the least unrounded score that rounds up to the threshold,
    `scale` what a point of 100 of the total is in points of the node.
    """

    node_id: str
    threshold: float
    start: float
    needed: float


@dataclass(frozen=True)
class Problem:
    """Which of the usable measures to take, so that every demand is met at the least cost."""

    target: OutcomeClass
    measures: tuple[int, ...]
    cost_yuan: NDArray[np.int64]
    finish_months: NDArray[np.int64]
    blocks: tuple[Block, ...]
    demands: tuple[Demand, ...]
    requires: tuple[tuple[int, int], ...]
    excludes: tuple[tuple[int, int], ...]
    hopeless: tuple[str, ...]
    decimals: int | None = field(default=None)

    def reached(self, chosen: Collection[int]) -> NDArray[np.float64]:
        """Return the unrounded score of every demand after the chosen measures [points of 100]."""
        scores = np.array([one.start for one in self.demands])
        for block in self.blocks:
            scores += block.points[:, subset_number(block.measures, chosen)]
        return scores

    def is_met(self, chosen: Collection[int], margin: float = 0.0) -> bool:
        """Tell whether the chosen measures reach the class, by the rounding of the scheme."""
        allowed = all(block.allowed[subset_number(block.measures, chosen)] for block in self.blocks)
        thresholds = np.array([one.threshold + margin_of(one, margin) for one in self.demands])
        rounded = round_half_up(self.reached(chosen), self.decimals)
        return not self.hopeless and allowed and bool((rounded >= thresholds - (1e-9 if margin else 0.0)).all())

    def cost_of(self, chosen: Collection[int]) -> int:
        """Return what the chosen measures cost [yuan]."""
        return int(sum(int(self.cost_yuan[one]) for one in chosen))

    def is_consistent(self, chosen: Collection[int]) -> bool:
        """Tell whether prerequisites and exclusions hold."""
        return all(one not in chosen or other in chosen for one, other in self.requires) and not any(
            one in chosen and other in chosen for one, other in self.excludes
        )


def subset_number(measures: Sequence[int], chosen: Collection[int]) -> int:
    """Return the number of the subset of a block's measures that is chosen."""
    return sum(1 << bit for bit, one in enumerate(measures) if one in chosen)


def margin_of(demand: Demand, margin: float) -> float:
    """Return how much more a demand asks for the sake of certainty: nothing where it is met without any measure."""
    return margin if demand.start < demand.needed else 0.0


def least_unrounded(threshold: float, decimals: int | None) -> float:
    """Return the least score that rounds up to the threshold.

    Examples
    --------
    >>> least_unrounded(80, 2), least_unrounded(80, None)
    (79.995, 80)
    """
    if decimals is None:
        return threshold
    unit = 10.0**decimals
    return math.ceil(threshold * unit - 1e-9) / unit - 0.5 / unit


def make_problem(
    prepared: Prepared,
    row: int,
    target: OutcomeClass,
    *,
    most_months: int | None = None,
    switched_off: Collection[str] = (),
) -> Problem:
    """Return the problem of one park.

    Parameters
    ----------
    prepared
        The tables.
    row
        Which park.
    target
        The class to reach.
    most_months
        Measures that end later, prerequisites counted, are left out.
    switched_off
        Ids of measures not to be taken.
    """
    catalogue = prepared.catalogue
    finish = finish_months(prepared, row, switched_off)
    usable = tuple(
        place for place, months in enumerate(finish) if months >= 0 and (most_months is None or months <= most_months)
    )
    local = {place: index for index, place in enumerate(usable)}
    requires, excludes = _ties(catalogue.measures, local)
    demands, shares = _demands(prepared, row, target)
    blocks, hopeless = _blocks(prepared, row, target, local, shares)
    limit, left_out = prepared.scheme.max_not_applicable_weight, float(prepared.base.not_applicable_weight[row])
    if limit is not None and left_out > limit + 1e-9:
        hopeless.append("not_applicable")
    return Problem(
        target=target,
        measures=usable,
        cost_yuan=prepared.cost_yuan[row, list(usable)],
        finish_months=np.array([finish[place] for place in usable], dtype=np.int64),
        blocks=blocks,
        demands=demands,
        requires=requires,
        excludes=excludes,
        hopeless=tuple(hopeless),
        decimals=prepared.scheme.rounding.total,
    )


def _ties(measures: Sequence[Measure], local: Mapping[int, int]) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Return the prerequisites and exclusions among the usable measures, by their places among these."""
    ids = {one.id: place for place, one in enumerate(measures)}
    requires: list[Pair] = []
    excludes: set[Pair] = set()
    for place, here in local.items():
        one = measures[place]
        requires += [(here, local[ids[key]]) for key in one.requires if ids[key] in local]
        for there in (local[ids[key]] for key in one.excludes if ids[key] in local):
            excludes.add((min(here, there), max(here, there)))
    return tuple(requires), tuple(sorted(excludes))


def finish_months(prepared: Prepared, row: int, switched_off: Collection[str] = ()) -> list[int]:
    """Return by measure the month in which it can end at the earliest, prerequisites first; -1 where it cannot be used."""
    measures = prepared.catalogue.measures
    ids = {one.id: place for place, one in enumerate(measures)}
    found: dict[int, int] = {}

    def visit(place: int) -> int:
        if place not in found:
            found[place] = -1
            one = measures[place]
            if prepared.state[row, place] == OPEN and one.id not in switched_off:
                needed = [ids[key] for key in one.requires if prepared.state[row, ids[key]] != DONE]
                ends = [visit(other) for other in needed]
                if all(end >= 0 for end in ends):
                    found[place] = max(ends, default=0) + int(prepared.months[row, place])
        return found[place]

    return [visit(place) for place in range(len(measures))]


def _demands(prepared: Prepared, row: int, target: OutcomeClass) -> tuple[tuple[Demand, ...], list[dict[str, float]]]:
    """Return the thresholds, and by threshold what a point of each indicator adds to it."""
    scheme, base = prepared.scheme, prepared.base
    demands, shares = [], []
    for node_id, threshold in {scheme.root.id: target.min_total, **floors_of(scheme, target)}.items():
        share = shares_in(scheme, base, row, node_id)
        if not share:
            continue  # a node that does not apply at all has no floor to miss
        start = sum(weight * float(base.proven[key][row]) for key, weight in share.items())
        needed = least_unrounded(float(threshold), scheme.rounding.total)
        demands.append(Demand(node_id, float(threshold), start, needed))
        shares.append(share)
    return tuple(demands), shares


def shares_in(scheme: Scheme, base: Result, row: int, node_id: str) -> dict[str, float]:
    """Return the share of every indicator that counts in a node; the shares sum to 1."""
    leaves = [one for one in leaf_ids(scheme.node(node_id)) if _counts(scheme, base, row, one)]
    weights = {key: float(base.weights_in_force[key][row]) for key in leaves}
    total = sum(weights.values())
    return {key: weight / total for key, weight in weights.items()} if total > 0 else {}


def _counts(scheme: Scheme, base: Result, row: int, key: str) -> bool:
    return base.state[key][row] != NOT_APPLICABLE or scheme.indicator(key).not_applicable == "full_score"


def leaf_ids(node: Node) -> list[str]:
    """Return the ids of the indicators under a node, or its own."""
    return [node.id] if node.is_indicator else [key for child in node.children for key in leaf_ids(child)]


def _blocks(
    prepared: Prepared, row: int, target: OutcomeClass, local: Mapping[int, int], shares: Sequence[Mapping[str, float]]
) -> tuple[tuple[Block, ...], list[str]]:
    blocks, hopeless = [], []
    for key, table in prepared.scores.items():
        measures, values = _restricted(table, row, local)
        share = np.array([each.get(key, 0.0) for each in shares])
        if measures and share.any():
            gain = values - float(prepared.base.proven[key][row])
            if gain.any():
                blocks.append(Block(key, measures, share[:, None] * gain, np.ones(len(values), dtype=bool)))
    for key, wanted in wanted_flags(prepared.scheme, target).items():
        if key not in prepared.flags:
            kind, name = key.split(":", 1)
            flags = prepared.base.gates if kind == "gate" else prepared.base.vetoes
            if flags[name][row] != wanted:
                hopeless.append(key)
            continue
        measures, values = _restricted(prepared.flags[key], row, local)
        allowed = values == wanted
        if not allowed.any():
            hopeless.append(key)
        elif not allowed.all():
            blocks.append(Block(key, measures, np.zeros((len(shares), len(values))), allowed))
    return tuple(blocks), hopeless


def wanted_flags(scheme: Scheme, target: OutcomeClass) -> dict[str, int]:
    """Return what a class asks of gates (1) and of the vetoes that would hold it back (0)."""
    wanted = {f"gate:{key}": 1 for key in target.gates}
    return wanted | {f"veto:{one.id}": 0 for one in scheme.outcome.vetoes if one.cap is None or one.cap < target.rank}


def _restricted(table: Table, row: int, local: Mapping[int, int]) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Return the table of one park for the usable measures alone: the others stay undone."""
    bits = [bit for bit, place in enumerate(table.touching) if place in local]
    numbers = [sum(1 << bits[i] for i in range(len(bits)) if subset >> i & 1) for subset in range(1 << len(bits))]
    return tuple(local[table.touching[bit]] for bit in bits), table.values[row, numbers]
