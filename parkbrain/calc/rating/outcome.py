"""From scores to a class: thresholds, floors, gates, vetoes and the limit on what does not apply."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import Flags, Ranks
from parkbrain.calc.rating.scheme import OutcomeClass, Scheme

NO_CLASS = 0
_Mask = NDArray[np.bool_]


def floors_of(scheme: Scheme, one: OutcomeClass) -> dict[str, float]:
    """Return the floor of every node the class asks something of; a level stands for all its nodes."""
    floors: dict[str, float] = {}
    for key, floor in one.min_nodes.items():
        for node in scheme.nodes:
            if key in (node.id, node.level):
                floors[node.id] = max(floor, floors.get(node.id, floor))
    return floors


def three_valued(column: Column) -> Flags:
    """Return 1 for true, 0 for false and -1 for unknown."""
    return np.where(np.isnan(column), -1, column != 0).astype(np.int8)


def classify(
    scheme: Scheme,
    scores: Mapping[str, Column],
    gates: Mapping[str, Flags],
    vetoes: Mapping[str, Flags],
    not_applicable_weight: Column,
    *,
    best_case: bool,
) -> Ranks:
    """Return the rank of every unit's class, 0 for none.

    Parameters
    ----------
    scores
        Rounded scores [points of 100] of all nodes, one side of the rating.
    gates, vetoes
        Three-valued flags. An unknown gate counts as met and an unknown veto as absent in the best case only.
    not_applicable_weight
        Weight that does not apply [points of 100].
    best_case
        True for the reachable side, False for the proven one.
    """
    total = scores[scheme.root.id]
    ranks = np.zeros(len(total), dtype=np.int64)
    for one in sorted(scheme.outcome.classes, key=lambda each: each.rank):
        met = total >= one.min_total
        for node_id, floor in floors_of(scheme, one).items():
            # A node that does not apply at all has no score and no floor to miss.
            met &= (scores[node_id] >= floor) | np.isnan(scores[node_id])
        for gate_id in one.gates:
            met &= gates[gate_id] != 0 if best_case else gates[gate_id] == 1
        ranks = np.where(met, one.rank, ranks)
    return cap_ranks(scheme, ranks, vetoes, not_applicable_weight, best_case=best_case)


def cap_ranks(
    scheme: Scheme, ranks: Ranks, vetoes: Mapping[str, Flags], not_applicable_weight: Column, *, best_case: bool
) -> Ranks:
    """Return the ranks after vetoes and the limit on what does not apply."""
    for veto in scheme.outcome.vetoes:
        applies = vetoes[veto.id] == 1 if best_case else vetoes[veto.id] != 0
        ranks = np.where(applies, np.minimum(ranks, NO_CLASS if veto.cap is None else veto.cap), ranks)
    if scheme.max_not_applicable_weight is not None:
        ranks = np.where(not_applicable_weight > scheme.max_not_applicable_weight + 1e-9, NO_CLASS, ranks)
    return ranks
