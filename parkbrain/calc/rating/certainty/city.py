"""Thousands of units, drawn at once: every indicator's answers are tabulated, the draws look them up and weigh them.

A table holds, for every unit, an indicator's score under `LEVELS` positions of its thresholds and `SAMPLES` joint
samples of its own facts (formulas evaluated, not linearised). Thresholds and weights are common to all units in a draw,
as they belong to the scheme; errors of facts are drawn apart for blocks of units, as they belong to the units.

What is approximate: each number is one of a few levels of equal chance, with the variance of the whole distribution;
indicators that share a fact are taken as independent; an unknown gate or veto as well. Everything else is as in
`certainty_of`; the tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from parkbrain.calc.rating.certainty.classes import Classes
from parkbrain.calc.rating.certainty.doubt import HALF_95, Doubt, Limit, Peers, check_scheme
from parkbrain.calc.rating.certainty.leaves import facts_of, move_facts, scale_of, score_values, values_of
from parkbrain.calc.rating.certainty.one import SHARES, generator_of
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.rate import rate
from parkbrain.calc.rating.result import PARTIAL, SCORED, UNKNOWN, Result
from parkbrain.calc.rating.robustness import (
    WeightDraws,
    draw_weights,
    leaf_weights,
    leaves_below,
)
from parkbrain.calc.rating.scheme import Indicator, Node, Scheme
from parkbrain.calc.rating.table import FactTable

Single = NDArray[np.float32]
LEVELS, SAMPLES = 8, 8
#: Units whose facts share their draws; between blocks they are independent.
BLOCK = 192
_CHUNK = 200
#: Up to so many runs of units alike are drawn in place; where there are more, alike units are gathered.
_MOST_RUNS = 96
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
    check_scheme(scheme)
    units = len(table)
    if {node.aggregate.method for node in scheme.nodes if not node.is_indicator} != {"arithmetic"}:
        raise ValueError("drawing a city needs arithmetic means throughout")
    if units * doubt.draws * 6 > 2e9 or units >= 2**15:
        raise ValueError(f"{doubt.draws} draws of {units} units need more than 2 GB; draw fewer")
    order = _alike_together(rate(scheme, table))
    table, relative = _reordered(table, relative or {}, order)
    result = rate(scheme, table)
    tables = _Tables(scheme, table, result, doubt, relative, limits or {}, peers or Peers())
    weights = _weights(scheme, doubt)
    blocks = [_Branch(node, tables, result, weights, doubt) for node in scheme.root.children]
    classes = Classes(scheme, result, doubt, peers or Peers(), [node.id for node in scheme.root.children])
    ranking = _Ranking(np.zeros(units, np.int64) if groups is None else np.asarray(groups)[order])
    totals = np.empty((units, doubt.draws), np.uint16)
    ranks = np.empty((units, doubt.draws), np.uint16)
    group_ranks = np.empty((units, doubt.draws), np.uint16)
    for start in range(0, doubt.draws, _CHUNK):
        stop = min(start + _CHUNK, doubt.draws)
        scores = [branch.scores(start, stop) for branch in blocks]
        total = _total(scheme, scores, blocks, weights, start, stop)
        classes.add(total, scores, [branch.present for branch in blocks], start)
        whole = np.rint(np.clip(total, 0, 160) * _UNIT).astype(np.uint16)
        totals[:, start:stop] = whole.T
        for store, found in zip((ranks, group_ranks), ranking.of(whole), strict=True):
            store[:, start:stop] = found.T
        if progress:
            progress(stop, doubt.draws)
    back = np.argsort(order)
    return CityCertainty(
        units=tuple(result.units[place] for place in back),
        doubt=doubt,
        class_ranks=classes.class_ranks,
        probability=classes.counts[back] / doubt.draws,
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
    scheme: Scheme, scores: Sequence[Single], branches: Sequence[_Branch], weights: WeightDraws, start: int, stop: int
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
        keys = (np.uint16(16383) - totals).astype(self._key)
        keys <<= self._key(self._bits)
        keys |= np.arange(totals.shape[1], dtype=self._key)
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


def spread_levels(count: int) -> Column:
    """Return `count` numbers of equal chance with mean 0 and variance 1, standing for a normal distribution."""
    middles = stats.norm.ppf((np.arange(count) + 0.5) / count)
    return np.asarray(middles / np.sqrt(np.mean(middles**2)))


class _Tables:
    """Scores of every indicator: samples of facts by positions of thresholds, by units."""

    def __init__(
        self,
        scheme: Scheme,
        table: FactTable,
        result: Result,
        doubt: Doubt,
        relative: Mapping[str, Column],
        limits: Mapping[str, Limit],
        peers: Peers,
    ) -> None:
        self._scheme, self._result, self._doubt, self._peers = scheme, result, doubt, peers
        self._units = len(table)
        self._facts = dict(table.columns)
        self._limits = limits
        self._spread = {key: np.nan_to_num(np.asarray(column)) / HALF_95 for key, column in relative.items()}
        self._levels = spread_levels(LEVELS) * (doubt.threshold_spread / HALF_95)

    def of(self, one: Indicator) -> Single:
        """Return positions × `SAMPLES` rows by units [points of 100]; nothing where the indicator does not apply.

        There are `LEVELS` positions, or one where no thresholds move.
        """
        base = self._result.unrounded_proven[one.id]
        state = self._result.state[one.id]
        movable = scale_of(one) is not None and self._doubt.threshold_spread > 0
        steps = self._levels if movable else np.zeros(1)
        rows = np.empty((len(steps), SAMPLES, self._units), np.float32)
        rows[:] = np.nan_to_num(base)
        scored = np.flatnonzero(state == SCORED)
        if scored.size and one.score.method != "checklist":
            values = self._values(one, scored)
            for level, moved in enumerate(steps):
                scores = score_values(self._scheme, one, values, float(moved))
                rows[level][:, scored] = scores.reshape(SAMPLES, -1)
        self._fill(one, rows, np.flatnonzero((state == UNKNOWN) | (state == PARTIAL)))
        return rows.reshape(-1, self._units)

    def _values(self, one: Indicator, scored: NDArray[np.intp]) -> Column:
        """Return the values of `SAMPLES` joint samples of the indicator's facts, sample after sample."""
        keys = sorted(facts_of(self._scheme, one))
        wholes = {str(self._limits[key].part_of) for key in keys if key in self._limits} & set(self._facts)
        known = {key: np.tile(self._facts[key][scored], SAMPLES) for key in {*keys, *wholes} if key in self._facts}
        moving = [key for key in keys if key in self._spread and key in known]
        moves = {}
        if moving:
            seed = generator_of(self._doubt.seed, f"samples {one.id}")
            points = stats.qmc.Sobol(len(moving), rng=seed).random(SAMPLES)
            for key, column in zip(moving, points.T, strict=True):
                order = np.argsort(np.argsort(column))
                step = spread_levels(SAMPLES)[order]
                moves[key] = np.repeat(step, scored.size) * np.tile(self._spread[key][scored], SAMPLES)
        columns = move_facts(known, moves, self._limits)
        return values_of(self._scheme, {one.id}, columns, scored.size * SAMPLES)[one.id]

    def _fill(self, one: Indicator, rows: NDArray[np.float32], gaps: NDArray[np.intp]) -> None:
        """Give so many of all rows as the chance of being filled a peer's score, at equal steps of what peers have."""
        peers = np.asarray(self._peers.scores.get(one.id, ()))
        flat = rows.reshape(-1, self._units)
        filled = round(self._doubt.filled * len(flat))
        if not peers.size or not filled or not gaps.size:
            return
        low, high = self._result.unrounded_proven[one.id][gaps], self._result.unrounded_reachable[one.id][gaps]
        steps = peers[((np.arange(filled) + 0.5) / filled * peers.size).astype(np.intp)]
        flat[:filled, gaps] = np.clip(steps[:, None], low, high)


class _Branch:
    """A child of the root: the score of every unit in a chunk of draws, looked up and weighed in one sparse product."""

    def __init__(self, node: Node, tables: _Tables, result: Result, weights: WeightDraws, doubt: Doubt) -> None:
        self.node, self._weights = node, weights
        leaves = [leaf for leaf in leaves_below(node) if isinstance(leaf, Indicator)]
        self._leaves = [leaf.id for leaf in leaves]
        in_force = np.stack([result.weights_in_force[key] > 0 for key in self._leaves], axis=1)
        in_force &= ~np.isnan(np.stack([result.unrounded_proven[key] for key in self._leaves], axis=1))
        self.present: NDArray[np.bool_] = np.asarray(in_force.any(axis=1))
        answers = [tables.of(leaf) for leaf in leaves]
        stacked = np.concatenate(answers)
        self._units = stacked.shape[1]
        # One choice of thresholds a draw and indicator, for all units alike; rows of an indicator follow each other.
        positions = np.array([len(rows) // SAMPLES for rows in answers])
        random = generator_of(doubt.seed, f"levels {node.id}")
        self._level = random.integers(positions, size=(doubt.draws, len(leaves))).astype(np.int32) * SAMPLES
        self._level += np.cumsum([0, *(len(rows) for rows in answers[:-1])]).astype(np.int32)
        self._parts = [
            (units, pattern, np.ascontiguousarray(stacked[:, units]), self._samples(number, doubt))
            for number, (units, pattern) in enumerate(_parts(in_force, self._leaves))
        ]

    def _samples(self, number: int, doubt: Doubt) -> NDArray[np.uint8]:
        random = generator_of(doubt.seed, f"samples {self.node.id} {number}")
        return random.integers(SAMPLES, size=self._level.shape, dtype=np.uint8)

    def scores(self, start: int, stop: int) -> Single:
        """Return draws by units; zero where nothing is in force."""
        scores = np.zeros((stop - start, self._units), np.float32)
        shares: dict[int, Single] = {}
        for units, pattern, table, samples in self._parts:
            if id(pattern) not in shares:
                found = leaf_weights(self.node, self._weights, pattern, start, stop)
                none = np.zeros(stop - start, np.float32)
                shares[id(pattern)] = np.stack([found.get(key, none) for key in self._leaves], axis=1)
            picked = self._level[start:stop] + samples[start:stop]
            ends = np.arange(0, picked.size + 1, picked.shape[1], dtype=np.int32)
            chosen = sparse.csr_array(
                (shares[id(pattern)].ravel(), picked.ravel(), ends), shape=(stop - start, len(table))
            )
            scores[:, units] = chosen @ table
        return scores


def _parts(
    in_force: NDArray[np.bool_], leaves: Sequence[str]
) -> Iterator[tuple[slice | NDArray[np.intp], Mapping[str, bool]]]:
    """Yield blocks of units that have the same indicators in force."""
    changes = np.flatnonzero((in_force[1:] != in_force[:-1]).any(axis=1)) + 1
    if changes.size < _MOST_RUNS:
        for first, last in pairwise([0, *changes.tolist(), len(in_force)]):
            pattern = dict(zip(leaves, map(bool, in_force[first]), strict=True))
            for start in range(first, last, BLOCK):
                yield slice(start, min(start + BLOCK, last)), pattern
        return
    patterns, group = np.unique(in_force, axis=0, return_inverse=True)
    for place, row in enumerate(patterns):
        pattern = dict(zip(leaves, map(bool, row), strict=True))
        members = np.flatnonzero(group.ravel() == place)
        for start in range(0, len(members), BLOCK):
            yield members[start : start + BLOCK], pattern
