"""Thousands of units, drawn at once: every indicator's answers are tabulated, the draws look them up and weigh them.

A table holds, for every unit, an indicator's score under `LEVELS` positions of its thresholds and `SAMPLES` joint
samples of its own facts (formulas evaluated, not linearised). Thresholds and weights are common to all units in a draw,
as they belong to the scheme; errors of facts are drawn apart for blocks of units, as they belong to the units.

What is approximate: each number is one of a few levels of equal chance, with the variance of the whole distribution;
indicators that share a fact are taken as independent; an unknown gate or veto as well. Everything else is as in
`certainty_of`; the tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating.certainty.classes import Classes
from parkbrain.calc.rating.certainty.doubt import Doubt, Limit, Peers, check_scheme
from parkbrain.calc.rating.certainty.one import SHARES
from parkbrain.calc.rating.certainty.tables import Branch, Single, Tables
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.rate import rate
from parkbrain.calc.rating.result import Result
from parkbrain.calc.rating.robustness import WeightDraws, draw_weights
from parkbrain.calc.rating.scheme import Scheme
from parkbrain.calc.rating.table import FactTable

_CHUNK = 200
#: Chunks drawn at the same time; which thread draws a chunk changes nothing.
_AT_ONCE = 2
#: The places of a rank that are given.
RANK_SHARES = (0.05, 0.5, 0.95)
#: Totals are kept as whole hundredths of a point.
_UNIT = np.float32(100.0)


@dataclass(frozen=True)
class CityCertainty:
    """How sure the classes and ranks of many units are; ranks count from 1, the best.

    `probability` is units by `class_ranks`; `quantiles` of the total [points of 100] are units by `SHARES`; `rank` and
    `group_rank` are units by (5 %, 50 %, 95 %), the latter among the units of the same group.
    """

    units: tuple[str, ...] = field(repr=False)
    doubt: Doubt
    class_ranks: tuple[int, ...]
    probability: NDArray[np.float64] = field(repr=False)
    quantiles: NDArray[np.float64] = field(repr=False)
    rank: NDArray[np.float64] = field(repr=False)
    group_rank: NDArray[np.float64] = field(repr=False)


def city_certainty(
    scheme: Scheme,
    table: FactTable,
    *,
    doubt: Doubt,
    relative: Mapping[str, Column] | None = None,
    limits: Mapping[str, Limit] | None = None,
    peers: Peers | None = None,
    groups: Sequence[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CityCertainty:
    """Return how sure the class and the rank of every unit are.

    Parameters
    ----------
    scheme
        A scheme of arithmetic means throughout, whose floors stand on the root's children, in which what is missing
        scores zero.
    table
        Facts of at least one unit.
    doubt
        What is drawn and how far.
    relative
        By fact, half the 95 % range of every unit [share of the value]; NaN and 0 are certain.
    limits, peers
        As for `prepare`.
    groups
        A small number a unit; ranks are also counted among those alike.
    progress
        Is told (done, all) as the draws go on.

    Raises
    ------
    ValueError
        If the scheme is another, or the draws would need more than 2 GB.
    """
    _check(scheme, len(table), doubt)
    order = _alike_together(rate(scheme, table))
    table, relative = _reordered(table, relative or {}, order)
    drawing = _Drawing(scheme, table, doubt, relative, limits or {}, peers or Peers())
    ranking = _Ranking(np.zeros(len(table), np.int64) if groups is None else np.asarray(groups)[order])
    stores = _draw_all(drawing, ranking, doubt.draws, progress)
    return _put_back(drawing, order, doubt, *stores)


def _draw_all(
    drawing: _Drawing, ranking: _Ranking, draws: int, progress: Callable[[int, int], None] | None
) -> tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16]]:
    """Return totals, ranks and ranks within the group, units by draws."""
    units = len(drawing.units)
    totals, ranks, group_ranks = (np.empty((units, draws), np.uint16) for _each in range(3))

    def draw(start: int) -> int:
        stop = min(start + _CHUNK, draws)
        total = drawing.totals(start, stop)
        for store, found in zip((totals, ranks, group_ranks), (total, *ranking.of(total)), strict=True):
            store[:, start:stop] = found.T
        return stop

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for stop in threads.map(draw, range(0, draws, _CHUNK)):
            if progress:
                progress(stop, draws)
    return totals, ranks, group_ranks


class _Drawing:
    """Everything that is ready before the first draw."""

    def __init__(
        self,
        scheme: Scheme,
        table: FactTable,
        doubt: Doubt,
        relative: Mapping[str, Column],
        limits: Mapping[str, Limit],
        peers: Peers,
    ) -> None:
        result = rate(scheme, table)
        tables = Tables(scheme, table, result, doubt, relative, limits, peers)
        self.units, self._scheme, self._weights = result.units, scheme, _weights(scheme, doubt)
        self._branches = [Branch(node, tables, result, self._weights, doubt) for node in scheme.root.children]
        self.classes = Classes(scheme, result, doubt, peers, [node.id for node in scheme.root.children])

    def totals(self, start: int, stop: int) -> NDArray[np.uint16]:
        """Draw one chunk, count its classes, and return the totals in whole hundredths, draws by units."""
        scores = [branch.scores(start, stop) for branch in self._branches]
        total = _total(self._scheme, scores, self._branches, self._weights, start, stop)
        self.classes.add(total, scores, [branch.present for branch in self._branches], start)
        return np.asarray(np.rint(np.clip(total, 0, 160) * _UNIT), np.uint16)


def _check(scheme: Scheme, units: int, doubt: Doubt) -> None:
    check_scheme(scheme)
    if {node.aggregate.method for node in scheme.nodes if not node.is_indicator} != {"arithmetic"}:
        raise ValueError("drawing a city needs arithmetic means throughout")
    if units * doubt.draws * 6 > 2e9 or units >= 2**15:
        raise ValueError(f"{doubt.draws} draws of {units} units need more than 2 GB; draw fewer")


def _put_back(
    drawing: _Drawing,
    order: NDArray[np.intp],
    doubt: Doubt,
    totals: NDArray[np.uint16],
    ranks: NDArray[np.uint16],
    group_ranks: NDArray[np.uint16],
) -> CityCertainty:
    """Return what was found in the order of the table."""
    back = np.argsort(order)
    return CityCertainty(
        units=tuple(drawing.units[place] for place in back),
        doubt=doubt,
        class_ranks=drawing.classes.class_ranks,
        probability=drawing.classes.counts[back] / doubt.draws,
        quantiles=_quantiles(totals, SHARES)[back] / float(_UNIT),
        rank=_quantiles(ranks, RANK_SHARES)[back],
        group_rank=_quantiles(group_ranks, RANK_SHARES)[back],
    )


def _alike_together(result: Result) -> NDArray[np.intp]:
    """Return the order in which units with the same indicators in force stand side by side."""
    in_force = np.stack([column > 0 for column in result.weights_in_force.values()], axis=1)
    _patterns, group = np.unique(in_force, axis=0, return_inverse=True)
    return np.argsort(group.ravel(), kind="stable")


def _reordered(
    table: FactTable, relative: Mapping[str, Column], order: NDArray[np.intp]
) -> tuple[FactTable, dict[str, Column]]:
    columns = {key: column[order] for key, column in table.columns.items()}
    moved = {key: np.asarray(column)[order] for key, column in relative.items()}
    return FactTable(units=[table.units[place] for place in order], columns=columns), moved


def _weights(scheme: Scheme, doubt: Doubt) -> WeightDraws:
    if doubt.concentration is not None:
        return draw_weights(scheme, doubt.draws, doubt.seed, doubt.concentration)
    nominal = {}
    for node in scheme.nodes:
        if not node.is_indicator:
            shares = np.array([child.weight for child in node.children], np.float32)
            nominal[node.id] = np.broadcast_to((shares / shares.sum())[:, None], (len(shares), doubt.draws))
    return WeightDraws(doubt.draws, doubt.seed, np.inf, nominal)


def _total(
    scheme: Scheme, scores: Sequence[Single], branches: Sequence[Branch], weights: WeightDraws, start: int, stop: int
) -> Single:
    shares = weights.by_node[scheme.root.id][:, start:stop]
    total, part = np.zeros_like(scores[0]), np.empty_like(scores[0])
    for score, share in zip(scores, shares, strict=True):
        total += np.multiply(score, share[:, None], out=part)
    present = np.stack([branch.present for branch in branches])
    if not present.all():
        # What does not apply scored zero; the rest carries its weight.
        total /= np.maximum(shares.T @ present.astype(np.float32), np.float32(1e-30))
    return total


class _Ranking:
    """Ranks of whole hundredths by units: total and place in one integer, sorted once for each ranking."""

    def __init__(self, groups: NDArray[np.int64]) -> None:
        units = groups.size
        self._bits = max(int(units - 1).bit_length(), 1)
        self._groups = groups.astype(np.uint64)
        self._all = np.arange(1, units + 1, dtype=np.uint16)
        sizes = np.bincount(self._groups.astype(np.intp))
        # After sorting by group, total and place, these are the ranks, whatever was drawn.
        self._within = np.concatenate([np.arange(1, size + 1, dtype=np.uint16) for size in sizes])
        self._key = np.uint32 if self._bits + 14 + int(sizes.size).bit_length() <= 32 else np.uint64

    def of(self, totals: NDArray[np.uint16]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Return the ranks among all and within the group, draws by units; exact ties go by the order of the table."""
        keys: NDArray[np.unsignedinteger] = (np.uint16(16383) - totals).astype(self._key)
        keys <<= self._key(self._bits)
        keys |= np.arange(totals.shape[1], dtype=np.uint16).astype(self._key)
        grouped = keys | (self._groups << np.uint64(self._bits + 14)).astype(self._key)
        return self._places(keys, self._all), self._places(grouped, self._within)

    def _places(self, keys: NDArray[np.unsignedinteger], ranks: NDArray[np.uint16]) -> NDArray[np.uint16]:
        keys.sort(axis=1)
        keys &= self._key(2**self._bits - 1)
        found = np.empty(keys.shape, np.uint16)
        for row, order in zip(found, keys, strict=True):
            row[order] = ranks
        return found


def _quantiles(draws: NDArray[np.uint16], shares: Sequence[float]) -> NDArray[np.float64]:
    """Return units by shares; the draws are sorted on the way."""
    count = draws.shape[1]
    # Sixteen-bit numbers sort stably by radix, faster than they partition.
    draws.sort(axis=1, kind="stable")
    return draws[:, [min(round(share * (count - 1)), count - 1) for share in shares]].astype(np.float64)
