"""How firm a ranking is: the same scores under thousands of other weights.

Uncertainty analysis of the weights as in the OECD/JRC Handbook on Constructing Composite Indicators (2008), step 7.
Weights are drawn at every node of the tree from a Dirichlet distribution around the scheme's own, so that a whole
dimension as well as a single indicator may count for more or less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import Ranks
from parkbrain.calc.rating.outcome import NO_CLASS, cap_ranks, floors_of
from parkbrain.calc.rating.result import Result
from parkbrain.calc.rating.scheme import Node, OutcomeClass, Scheme

Single = NDArray[np.float32]
CONCENTRATION = 100.0
_CHUNK = 500
_TINY = np.float32(1e-30)


@dataclass(frozen=True)
class WeightDraws:
    """Drawn weights: for every node above the leaves an array children by draws, each draw summing to 1."""

    count: int
    seed: int
    concentration: float
    by_node: Mapping[str, Single] = field(repr=False)


@dataclass(frozen=True)
class Robustness:
    """Where each unit stands over all draws; ranks count from 1, the best.

    `class_probability` is units by classes, the columns being `class_ranks` (0 is no class); empty without classes.
    """

    units: tuple[str, ...] = field(repr=False)
    count: int
    seed: int
    concentration: float
    rank: Ranks = field(repr=False)
    rank_mean: Column = field(repr=False)
    rank_p05: Column = field(repr=False)
    rank_median: Column = field(repr=False)
    rank_p95: Column = field(repr=False)
    class_ranks: tuple[int, ...]
    class_probability: NDArray[np.float64] = field(repr=False)


def draw_weights(scheme: Scheme, n: int, seed: int, concentration: float = CONCENTRATION) -> WeightDraws:
    """Return `n` drawn sets of weights around those of the scheme.

    Parameters
    ----------
    scheme
        Gives the tree and the weights around which to draw.
    n
        Number of draws, at least 1.
    seed
        The same seed gives the same draws.
    concentration
        How close the draws stay to the scheme, above 0 [-]: among siblings a share w has the standard deviation
        ``sqrt(w * (1 - w) / (concentration + 1))``; at the default 100 a share of 0.2 becomes 0.2 ± 0.04.

    Raises
    ------
    ValueError
        If `n` or `concentration` is out of range.

    Notes
    -----
    ``Dirichlet(concentration * w)``, made of gamma variates.
    """
    if n < 1 or concentration <= 0:
        raise ValueError(f"n {n} must be at least 1 and concentration {concentration} above 0")
    generator = np.random.default_rng(seed)
    drawn: dict[str, Single] = {}
    for node in scheme.nodes:
        if node.is_indicator:
            continue
        weights = np.array([child.weight for child in node.children])
        shares = weights / weights.sum()
        gammas = generator.standard_gamma((shares * concentration)[:, None], (len(shares), n), dtype=np.float64)
        drawn[node.id] = (gammas / np.maximum(gammas.sum(axis=0), 1e-300)).astype(np.float32)
    return WeightDraws(n, seed, concentration, drawn)


def weight_draws(
    scheme: Scheme, result: Result, n: int = 10_000, seed: int = 0, concentration: float = CONCENTRATION
) -> Robustness:
    """Return how ranks and classes of all units hold under drawn weights, on the proven side.

    Parameters
    ----------
    scheme
        A scheme whose nodes all use the arithmetic mean, or all the geometric.
    result
        Its rating of at least one unit.
    n, seed, concentration
        As for `draw_weights`.

    Raises
    ------
    ValueError
        If the scheme aggregates otherwise, or a rank for every unit and draw would not fit into 2 GB.

    Notes
    -----
    What does not apply and what is missing is left out and the rest reweighted under every draw. A draw gives every
    unit a rank of its own: exact ties go by the order of the table. Gates and vetoes stay as proven.
    """
    draws = draw_weights(scheme, n, seed, concentration)
    counter = _ClassCounter(scheme, result)
    ranks = _rank_draws(scheme, result, draws, counter)
    quantiles = _quantiles(ranks)
    return Robustness(
        units=result.units,
        count=n,
        seed=seed,
        concentration=concentration,
        rank=result.rank,
        rank_mean=ranks.mean(axis=0, dtype=np.float64),
        rank_p05=quantiles[0],
        rank_median=quantiles[1],
        rank_p95=quantiles[2],
        class_ranks=counter.class_ranks,
        class_probability=counter.probabilities(n),
    )


def _rank_draws(
    scheme: Scheme, result: Result, draws: WeightDraws, counter: _ClassCounter
) -> NDArray[np.signedinteger]:
    """Return draws by units, counting classes on the way so that scores are kept for one chunk only."""
    methods = {node.aggregate.method for node in scheme.nodes if not node.is_indicator}
    if methods not in ({"arithmetic"}, {"geometric"}):
        raise ValueError("weight draws need arithmetic means throughout, or geometric means throughout")
    units = len(result.units)
    rank_type = np.int16 if units < 2**15 else np.int32
    if units * draws.count * np.dtype(rank_type).itemsize > 2e9:
        raise ValueError(f"{draws.count} draws of {units} units need more than 2 GB; draw fewer")
    ranks = np.empty((draws.count, units), dtype=rank_type)
    engine = _TreeDraws(scheme, result, draws, is_geometric=methods == {"geometric"}, floor_nodes=counter.floor_nodes)
    for start in range(0, draws.count, _CHUNK):
        scores = engine.scores(start, min(start + _CHUNK, draws.count))
        counter.add(scores)
        totals = scores[scheme.root.id]
        totals -= min(float(totals.min()), 0.0)
        for draw, total in enumerate(totals, start=start):
            ranks[draw] = _ranks(total, rank_type)
    return ranks


def _ranks(total: Single, rank_type: type[np.int16] | type[np.int32]) -> NDArray[np.signedinteger]:
    """Return the ranks of non-negative scores: bits of the score and position in one integer, sorted once.

    The bits of a non-negative float order as the float does; a plain sort of integers is several times faster than an
    argsort, and the position in the low half breaks ties by the order of the table.
    """
    bits = total.view(np.uint32)
    packed = (np.uint64(0xFFFFFFFF) - bits.astype(np.uint64)) << np.uint64(32)
    packed |= np.arange(total.size, dtype=np.uint64)
    packed.sort()
    ranks = np.empty(total.size, dtype=rank_type)
    ranks[(packed & np.uint64(0xFFFFFFFF)).astype(np.intp)] = np.arange(1, total.size + 1, dtype=rank_type)
    return ranks


def _quantiles(ranks: NDArray[np.signedinteger]) -> tuple[Column, Column, Column]:
    count, units = ranks.shape
    places = [min(round(share * (count - 1)), count - 1) for share in (0.05, 0.5, 0.95)]
    found = np.empty((3, units))
    for start in range(0, units, 256):
        block = np.ascontiguousarray(ranks[:, start : start + 256].T)
        block.partition(sorted(set(places)), axis=1)
        found[:, start : start + 256] = block[:, places].T
    return found[0], found[1], found[2]


class _TreeDraws:
    """Scores of the root, its children and the nodes with floors, draws by units, a chunk of draws at a time."""

    def __init__(
        self, scheme: Scheme, result: Result, draws: WeightDraws, *, is_geometric: bool, floor_nodes: tuple[str, ...]
    ) -> None:
        self._scheme, self._draws, self._is_geometric = scheme, draws, is_geometric
        self._nodes = [scheme.node(key) for key in dict.fromkeys([*(c.id for c in scheme.root.children), *floor_nodes])]
        self._nodes = [node for node in self._nodes if node.id != scheme.root.id]
        self._blocks = [_Block(node, result, is_geometric) for node in self._nodes]
        self._units = len(result.units)

    def scores(self, start: int, stop: int) -> dict[str, Single]:
        """Return the scores of the draws from start up to, not including, stop."""
        root = self._scheme.root
        scores = {block.node.id: block.scores(self._draws, start, stop) for block in self._blocks}
        total = np.zeros((stop - start, self._units), dtype=np.float32)
        share_of_child = np.empty_like(total)
        present = np.stack([block.present for block in self._blocks[: len(root.children)]])
        for index, child in enumerate(root.children):
            shares = self._draws.by_node[root.id][index, start:stop, None]
            total += np.multiply(scores[child.id], shares, out=share_of_child)
        if not present.all():
            # Absent children scored zero; what is present carries their weight.
            weight = self._draws.by_node[root.id][:, start:stop].T @ present.astype(np.float32)
            total /= np.maximum(weight, _TINY)
        scores[root.id] = total
        if self._is_geometric:
            scores = {key: np.exp(column) for key, column in scores.items()}
        return scores


class _Block:
    """One node's score as a weighted mean of its leaves, for groups of units that have the same leaves in force."""

    def __init__(self, node: Node, result: Result, is_geometric: bool) -> None:
        self.node = node
        self._leaves = [leaf.id for leaf in leaves_below(node)]
        columns = np.stack([result.unrounded_proven[key] for key in self._leaves], axis=1)
        in_force = ~np.isnan(columns) & np.stack([result.weights_in_force[key] > 0 for key in self._leaves], axis=1)
        weightless = np.array([result.scheme.node(key).weight == 0 for key in self._leaves])
        in_force &= ~weightless
        filled = np.where(in_force, columns, 1.0 if is_geometric else 0.0)
        self._scores = (np.log(np.maximum(filled, _TINY)) if is_geometric else filled).astype(np.float32)
        self.present: NDArray[np.bool_] = np.asarray(in_force.any(axis=1))
        patterns, group = np.unique(in_force, axis=0, return_inverse=True)
        # Units of one pattern side by side: each pattern is then one product, and one gather puts all back in order.
        order = np.argsort(group.ravel(), kind="stable")
        self._scores = np.ascontiguousarray(self._scores[order].T)
        self._back = np.argsort(order, kind="stable") if len(patterns) > 1 else None
        stops = np.cumsum(np.bincount(group.ravel(), minlength=len(patterns)))
        slices = [slice(start, stop) for start, stop in zip([0, *stops[:-1]], stops, strict=True)]
        named = [dict(zip(self._leaves, map(bool, pattern), strict=True)) for pattern in patterns]
        self._patterns = list(zip(named, slices, strict=True))

    def scores(self, draws: WeightDraws, start: int, stop: int) -> Single:
        """Return the score of every unit in every draw of the chunk; zero where nothing is in force."""
        scores = np.zeros((stop - start, self._scores.shape[1]), dtype=np.float32)
        for pattern, units in self._patterns:
            weights = leaf_weights(self.node, draws, pattern, start, stop)
            if weights:
                matrix = np.stack([weights.get(key, np.zeros(stop - start, np.float32)) for key in self._leaves])
                scores[:, units] = matrix.T @ self._scores[:, units]
        if self._back is not None:
            return np.take(scores, self._back, axis=1)
        return scores


def leaves_below(node: Node) -> Iterator[Node]:
    """Yield the indicators below a node, in the order of the scheme; a leaf yields itself."""
    if node.is_indicator:
        yield node
    for child in node.children:
        yield from leaves_below(child)


def leaf_weights(
    node: Node, draws: WeightDraws, in_force: Mapping[str, bool], start: int, stop: int
) -> dict[str, Single]:
    """Return the share of each leaf in the node, one a draw, after what is not in force has left."""
    if node.is_indicator:
        return {node.id: np.ones(stop - start, dtype=np.float32)} if in_force[node.id] else {}
    below = [leaf_weights(child, draws, in_force, start, stop) for child in node.children]
    drawn = draws.by_node[node.id][:, start:stop]
    present = [index for index, leaves in enumerate(below) if leaves]
    if not present:
        return {}
    total = np.maximum(drawn[present].sum(axis=0), _TINY)
    return {key: weight * (drawn[index] / total) for index in present for key, weight in below[index].items()}


class _ClassCounter:
    """Counts, over chunks of draws, how often each unit reaches each class."""

    def __init__(self, scheme: Scheme, result: Result) -> None:
        self._scheme, self._result = scheme, result
        # Best first; the first class that is met is the one.
        self._classes = sorted(scheme.outcome.classes, key=lambda one: -one.rank)
        self._floors = {one.rank: floors_of(scheme, one) for one in self._classes}
        self.floor_nodes = tuple(dict.fromkeys(key for floors in self._floors.values() for key in floors))
        caps = {veto.cap for veto in scheme.outcome.vetoes if veto.cap is not None}
        ranks = {one.rank for one in self._classes} | caps | {NO_CLASS}
        self.class_ranks = tuple(sorted(ranks, reverse=True)) if self._classes else ()
        self._counts = np.zeros((len(result.units), len(self.class_ranks)))
        self._open = {one.rank: self._gates_met(one) for one in self._classes}
        self._capped = {rank: self._cap(rank) for rank in ranks}

    def _gates_met(self, one: OutcomeClass) -> NDArray[np.bool_]:
        met = np.ones(len(self._result.units), dtype=bool)
        for gate_id in one.gates:
            met &= self._result.gates[gate_id] == 1
        return met

    def _cap(self, rank: int) -> Ranks:
        ranks = np.full(len(self._result.units), rank, dtype=np.int64)
        left_out = self._result.not_applicable_weight
        return cap_ranks(self._scheme, ranks, self._result.vetoes, left_out, best_case=False)

    def add(self, scores: Mapping[str, Single]) -> None:
        """Count the classes of one chunk of draws."""
        if not self._classes:
            return
        decimals = self._scheme.rounding.total
        # A total counts as reached where it would round up to it.
        allowance = np.float32(0.5 * 10.0**-decimals if decimals is not None else 0.0)
        total = scores[self._scheme.root.id]
        undecided = np.ones(total.shape, dtype=bool)
        lows: dict[tuple[str, ...], Single] = {}
        for one in self._classes:
            met = undecided & (total >= np.float32(one.min_total) - allowance)
            by_floor: dict[float, list[str]] = {}
            for key, floor in self._floors[one.rank].items():
                by_floor.setdefault(floor, []).append(key)
            for floor, keys in by_floor.items():
                # Classes that ask of the same nodes share their lowest score.
                if tuple(keys) not in lows:
                    lows[tuple(keys)] = self._lowest(scores, keys)
                met &= lows[tuple(keys)] >= np.float32(floor) - allowance
            met &= self._open[one.rank]
            undecided &= ~met
            self._count(one.rank, met)
        self._count(NO_CLASS, undecided)

    def _lowest(self, scores: Mapping[str, Single], keys: list[str]) -> Single:
        lowest = np.full_like(scores[keys[0]], np.inf)
        for key in keys:
            absent = np.isnan(self._result.unrounded_proven[key])
            column = np.where(absent, np.float32(np.inf), scores[key]) if absent.any() else scores[key]
            np.minimum(lowest, column, out=lowest)
        return lowest

    def _count(self, rank: int, met: NDArray[np.bool_]) -> None:
        capped = self._capped[rank]
        times = np.count_nonzero(met, axis=0)
        for index, class_rank in enumerate(self.class_ranks):
            self._counts[:, index] += np.where(capped == class_rank, times, 0)

    def probabilities(self, count: int) -> NDArray[np.float64]:
        """Return units by classes, each row summing to 1."""
        return self._counts / count
