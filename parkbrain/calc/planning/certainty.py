"""How surely a plan reaches a class, when each measure works with its own probability, independently of the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.planning.problem import shares_in
from parkbrain.calc.planning.tables import DONE, Bits, Prepared, Table
from parkbrain.calc.rating.outcome import classify, floors_of
from parkbrain.calc.rating.rate import round_half_up

#: Up to so many uncertain measures every case is counted; beyond, cases are drawn.
MOST_COUNTED = 11
DRAWS = 4096
SEED = 20_260


@dataclass(frozen=True)
class ClassChances:
    """The probability of each rank, best first, and of the total's range; `is_exact` where every case was counted."""

    by_rank: Mapping[int, float]
    total_p05: float
    total_p95: float
    is_exact: bool

    def at_least(self, rank: int) -> float:
        """Return the probability of the rank or a better one."""
        return float(min(1.0, sum(chance for one, chance in self.by_rank.items() if one >= rank)))


def chances(
    prepared: Prepared, row: int, chosen: Collection[int], *, draws: int = DRAWS, most_counted: int = MOST_COUNTED
) -> ClassChances:
    """Return how likely each class is after carrying out measures, some of which may fail.

    Parameters
    ----------
    prepared
        The tables.
    row
        Which park.
    chosen
        Places of the measures in the catalogue.
    draws, most_counted
        Up to so many uncertain measures every case is counted with its probability; beyond, so many cases are drawn
        from a fixed seed (4,096 draws: standard error at most 0.8 percentage points).

    Notes
    -----
    A measure whose prerequisite fails has no effect.
    """
    ordered = sorted(chosen)
    success = prepared.success[row]
    unsure = [place for place in ordered if success[place] < 1.0]
    is_exact = len(unsure) <= most_counted
    works, weight = _cases(unsure, success, is_exact, draws)
    cases = len(weight)
    effective = np.zeros((cases, len(prepared.catalogue.measures)), dtype=bool)
    effective[:, ordered] = True
    effective[:, unsure] = works
    _drop_dependent(prepared, row, ordered, effective)
    ranks, totals = outcomes(prepared, row, effective)
    found = {int(rank): float(weight[ranks == rank].sum()) for rank in np.unique(ranks)}
    low, high = _quantiles(totals, weight)
    return ClassChances(dict(sorted(found.items(), reverse=True)), low, high, is_exact)


def _cases(
    unsure: list[int], success: NDArray[np.float64], is_exact: bool, draws: int
) -> tuple[Bits, NDArray[np.float64]]:
    chance = success[unsure]
    if not is_exact:
        works = np.random.default_rng(SEED).random((draws, len(unsure))) < chance
        return works, np.full(draws, 1.0 / draws)
    numbers = np.arange(1 << len(unsure))
    works = (numbers[:, None] >> np.arange(len(unsure)) & 1).astype(bool)
    return works, np.where(works, chance, 1.0 - chance).prod(axis=1)


def _drop_dependent(prepared: Prepared, row: int, ordered: list[int], effective: Bits) -> None:
    measures = prepared.catalogue.measures
    ids = {one.id: place for place, one in enumerate(measures)}
    for _round in ordered:
        before = int(effective.sum())
        for place in ordered:
            for key in measures[place].requires:
                if prepared.state[row, ids[key]] != DONE:
                    effective[:, place] &= effective[:, ids[key]]
        if int(effective.sum()) == before:
            return


def outcomes(prepared: Prepared, row: int, effective: Bits) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rank and the unrounded total of one park in every case (cases by measures)."""
    scheme, base = prepared.scheme, prepared.base
    cases = len(effective)
    nodes = dict.fromkeys([scheme.root.id, *(key for one in scheme.outcome.classes for key in floors_of(scheme, one))])
    scores: dict[str, NDArray[np.float64]] = {}
    used = set(np.flatnonzero(effective.any(axis=0)).tolist())
    looked_up = {
        key: _look_up(table, row, effective)
        for key, table in prepared.scores.items()
        if not used.isdisjoint(table.touching)  # else it keeps the score it has without any measure
    }
    for node_id in nodes:
        share = shares_in(scheme, base, row, node_id)
        if not share:
            scores[node_id] = np.full(cases, np.nan)
            continue
        total = np.zeros(cases)
        for key, weight in share.items():
            total += weight * (looked_up[key] if key in looked_up else float(base.proven[key][row]))
        scores[node_id] = total
    gates = {key: _flags(prepared, row, effective, f"gate:{key}", int(base.gates[key][row])) for key in base.gates}
    vetoes = {key: _flags(prepared, row, effective, f"veto:{key}", int(base.vetoes[key][row])) for key in base.vetoes}
    rounded = {key: round_half_up(column, scheme.rounding.total) for key, column in scores.items()}
    left_out = np.full(cases, base.not_applicable_weight[row])
    return classify(scheme, rounded, gates, vetoes, left_out, best_case=False), scores[scheme.root.id]


def _look_up(table: Table, row: int, effective: Bits) -> NDArray[np.float64]:
    numbers = effective[:, list(table.touching)] @ (1 << np.arange(len(table.touching)))
    found: NDArray[np.float64] = table.values[row, numbers]
    return found


def _flags(prepared: Prepared, row: int, effective: Bits, key: str, base: int) -> NDArray[np.int8]:
    if key not in prepared.flags:
        return np.full(len(effective), base, dtype=np.int8)
    return _look_up(prepared.flags[key], row, effective).astype(np.int8)


def _quantiles(totals: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    order = np.argsort(totals)
    share = np.cumsum(weight[order])
    low, high = np.searchsorted(share, [0.05 - 1e-12, 0.95 - 1e-12])
    last = len(order) - 1
    return float(totals[order[min(low, last)]]), float(totals[order[min(high, last)]])
