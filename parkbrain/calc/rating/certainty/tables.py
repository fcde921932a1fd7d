"""Answers of every indicator, tabulated, and a chunk of draws looked up in them and weighed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from parkbrain.calc.rating.certainty.doubt import HALF_95, Doubt, Limit, Peers
from parkbrain.calc.rating.certainty.leaves import facts_of, move_facts, scale_of, score_values, values_of
from parkbrain.calc.rating.certainty.one import generator_of
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.result import PARTIAL, SCORED, UNKNOWN, Result
from parkbrain.calc.rating.robustness import WeightDraws, leaf_weights, leaves_below
from parkbrain.calc.rating.scheme import Indicator, Node, Scheme
from parkbrain.calc.rating.table import FactTable

Single = NDArray[np.float32]
LEVELS, SAMPLES = 8, 8
#: Units whose facts share their draws; between blocks they are independent.
BLOCK = 448
#: Up to so many runs of units alike are drawn in place; where there are more, alike units are gathered.
_MOST_RUNS = 96


def spread_levels(count: int) -> Column:
    """Return `count` numbers of equal chance with mean 0 and variance 1, standing for a normal distribution."""
    middles = special.ndtri((np.arange(count) + 0.5) / count)
    return np.asarray(middles / np.sqrt(np.mean(middles**2)))


class Tables:
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
            # Loading it takes half a second, which every process of the system would wait for at its start.
            from scipy.stats import qmc

            points = qmc.Sobol(len(moving), rng=seed).random(SAMPLES)
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


class Branch:
    """A child of the root: the score of every unit in a chunk of draws, looked up and weighed in one sparse product."""

    def __init__(self, node: Node, tables: Tables, result: Result, weights: WeightDraws, doubt: Doubt) -> None:
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
