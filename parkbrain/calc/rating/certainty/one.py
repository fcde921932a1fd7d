"""One unit, drawn by full re-evaluation: every formula, score, mean, condition and class in every draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating.aggregate import METHODS
from parkbrain.calc.rating.certainty.doubt import FURTHEST, HALF_95, Doubt, Limit, Peers, check_scheme
from parkbrain.calc.rating.certainty.leaves import facts_of, move_facts, scale_of, score_values, values_of
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import Flags, Ranks
from parkbrain.calc.rating.outcome import NO_CLASS, classify
from parkbrain.calc.rating.rate import rate, round_nodes
from parkbrain.calc.rating.result import NOT_APPLICABLE, PARTIAL, UNKNOWN, Result
from parkbrain.calc.rating.robustness import draw_weights
from parkbrain.calc.rating.scheme import Scheme
from parkbrain.calc.rating.table import FactTable

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """One unit ready to be drawn: its facts, how far each may be off, and what is open.

    `relative` is half the 95 % range of each uncertain fact [share of its value]; `open_leaves` the indicators with
    something unknown that peers know.
    """

    scheme: Scheme
    facts: Mapping[str, float] = field(repr=False)
    result: Result = field(repr=False)
    relative: Mapping[str, float]
    limits: Mapping[str, Limit] = field(repr=False)
    peers: Peers = field(repr=False)
    open_leaves: tuple[str, ...]
    open_tests: tuple[str, ...]


@dataclass(frozen=True)
class CertaintyDraws:
    """What is drawn, as plain numbers: an array a draw for each; what is left out stays as it is.

    `facts` and `thresholds` are standard normal (by fact, by indicator); `gaps` uniform between 0 and 1 (by indicator,
    ``gate:…`` or ``veto:…``); `weights` by node, children by draws.
    """

    count: int
    facts: Mapping[str, Column] = field(default_factory=dict, repr=False)
    thresholds: Mapping[str, Column] = field(default_factory=dict, repr=False)
    gaps: Mapping[str, Column] = field(default_factory=dict, repr=False)
    weights: Mapping[str, Matrix] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Certainty:
    """How sure the class of one unit is.

    `probability` goes by class rank, 0 being no class; `quantiles` are those of the total [points of 100] at
    `SHARES`.
    """

    doubt: Doubt
    probability: Mapping[int, float]
    quantiles: tuple[float, ...]
    mean: float
    total_proven: float
    total_reachable: float
    class_proven: int
    class_reachable: int

    @property
    def likeliest(self) -> int:
        """The class that most draws end in; of several alike the lowest."""
        return max(sorted(self.probability), key=lambda rank: self.probability[rank])


#: The quantiles of the total that are given.
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def prepare(
    scheme: Scheme,
    facts: Mapping[str, float | None],
    *,
    relative: Mapping[str, float] | None = None,
    limits: Mapping[str, Limit] | None = None,
    peers: Peers | None = None,
) -> Prepared:
    """Return one unit ready to be drawn.

    Parameters
    ----------
    scheme
        Rates by it; what is missing must score zero.
    facts
        Facts by key, None where unknown.
    relative
        Half the 95 % range of facts [share of the value, 0 and above]; others are certain.
    limits
        Where facts stay whatever is drawn.
    peers
        What peers have, for what the unit does not know; without them gaps stay unproven.

    Raises
    ------
    ValueError
        If the scheme cannot be drawn unit by unit.
    """
    check_scheme(scheme)
    table = FactTable.from_rows({"unit": {key: facts.get(key) for key in sorted(scheme.facts)}})
    result, known = rate(scheme, table), {key: float(column[0]) for key, column in table.columns.items()}
    peers = peers or Peers()
    moving = {key for one in scheme.indicators for key in facts_of(scheme, one)}
    uncertain = {
        key: share
        for key, share in sorted((relative or {}).items())
        if share > 0 and key in moving and known.get(key, np.nan) not in (0.0,) and not np.isnan(known[key])
    }
    leaves = [
        one.id
        for one in scheme.indicators
        if result.state[one.id][0] in (UNKNOWN, PARTIAL) and peers.scores.get(one.id)
    ]
    tests = [f"gate:{key}" for key, flag in result.gates.items() if flag[0] < 0 and key in peers.gates]
    tests += [f"veto:{key}" for key, flag in result.vetoes.items() if flag[0] < 0 and key in peers.vetoes]
    return Prepared(scheme, known, result, uncertain, limits or {}, peers, tuple(leaves), tuple(tests))


def draw(prepared: Prepared, doubt: Doubt) -> CertaintyDraws:
    """Return the draws of a unit: the same seed gives the same numbers to a fact, whatever else is drawn."""
    scheme, count = prepared.scheme, doubt.draws
    thresholds = {}
    if doubt.threshold_spread:
        movable = [one.id for one in scheme.indicators if scale_of(one) is not None]
        thresholds = {key: normal_of(doubt.seed, f"threshold {key}", count) for key in movable}
    gaps = {}
    if doubt.filled:
        open_keys = (*prepared.open_leaves, *prepared.open_tests)
        gaps = {key: generator_of(doubt.seed, f"gap {key}").random(count) for key in open_keys}
    weights: dict[str, Matrix] = {}
    if doubt.concentration is not None:
        drawn = draw_weights(scheme, count, doubt.seed, doubt.concentration)
        weights = {key: shares.astype(np.float64) for key, shares in drawn.by_node.items()}
    facts = {key: normal_of(doubt.seed, f"fact {key}", count) for key in prepared.relative}
    return CertaintyDraws(count, facts, thresholds, gaps, weights)


def generator_of(seed: int, name: str) -> np.random.Generator:
    """Return a stream of random numbers of its own for a name, so that no draw depends on the order of the others."""
    return np.random.default_rng([seed, *name.encode()])


def normal_of(seed: int, name: str, count: int) -> Column:
    """Return standard normal numbers of a name, held within `FURTHEST`."""
    return np.clip(generator_of(seed, name).standard_normal(count), -FURTHEST, FURTHEST)


def totals_of(prepared: Prepared, doubt: Doubt, draws: CertaintyDraws) -> tuple[Column, Ranks]:
    """Return the rounded total and the class of every draw.

    Notes
    -----
    Which indicators apply is taken as recorded. Known gates and vetoes hold in every draw as they are: they are
    findings, not measurements. Unknown ones count as in the rating (a gate unmet, a veto raised) unless they are
    drawn filled in; what peers have then decides.
    """
    scheme, result, count = prepared.scheme, prepared.result, draws.count
    leaves = _leaves(prepared, doubt, draws)
    applies = {key: not np.isnan(column[0]) for key, column in leaves.items()}
    scores = _tree(scheme, leaves, applies, draws)
    rounded = round_nodes(scheme, scores)
    gates = {key: np.full(count, flag[0], dtype=np.int8) for key, flag in result.gates.items()}
    vetoes = {key: np.full(count, flag[0], dtype=np.int8) for key, flag in result.vetoes.items()}
    for name in prepared.open_tests:
        if name in draws.gaps:
            kind, _sep, key = name.partition(":")
            if kind == "gate":
                gates[key] = _filled_flags(draws.gaps[name], doubt.filled, prepared.peers.gates[key], favorable=1)
            else:
                vetoes[key] = _filled_flags(draws.gaps[name], doubt.filled, 1 - prepared.peers.vetoes[key], favorable=0)
    left_out = np.full(count, result.not_applicable_weight[0])
    ranks = classify(scheme, rounded, gates, vetoes, left_out, best_case=False)
    return rounded[scheme.root.id], ranks


def _filled_flags(drawn: Column, chance: float, share: float, *, favorable: int) -> Flags:
    """Return -1 where the test stays unknown, else what peers have: the favorable answer in a share, at the low draws."""
    return np.where(drawn < chance * share, favorable, np.where(drawn < chance, 1 - favorable, -1)).astype(np.int8)


def _leaves(prepared: Prepared, doubt: Doubt, draws: CertaintyDraws) -> dict[str, Column]:
    """Return the score of every indicator in every draw, NaN throughout where it does not apply."""
    scheme, result, count = prepared.scheme, prepared.result, draws.count
    leaves = {one.id: np.full(count, result.unrounded_proven[one.id][0]) for one in scheme.indicators}
    touched = {}
    for one in scheme.indicators:
        state = result.state[one.id][0]
        if state in (NOT_APPLICABLE, UNKNOWN, PARTIAL):
            continue
        keys = facts_of(scheme, one)
        if one.id in draws.thresholds or any(key in draws.facts for key in keys):
            touched[one.id] = one
    moves = {key: z * (prepared.relative[key] / HALF_95) for key, z in draws.facts.items()}
    needed = {key for one in touched.values() for key in facts_of(scheme, one)}
    needed |= {str(prepared.limits[key].part_of) for key in needed if key in prepared.limits}
    known = {key: np.full(count, prepared.facts[key]) for key in needed if key in prepared.facts}
    columns = move_facts(known, {key: move for key, move in moves.items() if key in known}, prepared.limits)
    values = values_of(scheme, touched, columns, count)
    for key, one in touched.items():
        moved = draws.thresholds[key] * (doubt.threshold_spread / HALF_95) if key in draws.thresholds else 0.0
        leaves[key] = score_values(scheme, one, values[key], moved)
    for key in prepared.open_leaves:
        if key in draws.gaps:
            leaves[key] = _filled_scores(prepared, doubt, key, draws.gaps[key])
    return leaves


def _filled_scores(prepared: Prepared, doubt: Doubt, key: str, drawn: Column) -> Column:
    """Return a peer's score where the gap is filled, between what is proven and what can be reached."""
    proven = prepared.result.unrounded_proven[key][0]
    reachable = prepared.result.unrounded_reachable[key][0]
    scores = np.clip(np.asarray(prepared.peers.scores[key]), proven, reachable)
    place = np.minimum(drawn / max(doubt.filled, 1e-12) * scores.size, scores.size - 1).astype(np.intp)
    return np.asarray(np.where(drawn < doubt.filled, scores[place], proven))


def _tree(
    scheme: Scheme, leaves: Mapping[str, Column], applies: Mapping[str, bool], draws: CertaintyDraws
) -> dict[str, Column]:
    """Return the score of every node in every draw, as `aggregate_tree` does with the drawn weights."""
    scores, present = dict(leaves), dict(applies)
    for node in reversed(scheme.nodes):
        if node.is_indicator:
            continue
        children = np.stack([scores[child.id] for child in node.children])
        weights = np.array([[child.weight] for child in node.children])
        if node.id in draws.weights:
            weights = draws.weights[node.id]
        taking_part = np.array([[present[child.id]] for child in node.children])
        in_force = np.broadcast_to(np.where(taking_part, weights, 0.0), children.shape)
        filled = np.where(np.isnan(children), 0.0, children)
        in_force = np.where(np.isnan(children), 0.0, in_force)
        scores[node.id] = METHODS[node.aggregate.method](filled, in_force, node.aggregate.k)
        present[node.id] = bool(taking_part.any())
    return scores


def certainty_of(prepared: Prepared, doubt: Doubt) -> Certainty:
    """Return how sure the class of one unit is under the assumptions.

    Parameters
    ----------
    prepared
        The unit, as `prepare` returns it.
    doubt
        What is drawn and how far.

    Examples
    --------
    >>> from parkbrain.calc.rating import load_scheme
    >>> from parkbrain.calc.rating.certainty import NO_DOUBT
    >>> scheme = load_scheme({
    ...     "schema": "parkbrain.scheme/1", "id": "tiny", "version": "1", "status": "example", "name": {"en": "Tiny"},
    ...     "levels": ["indicator"], "facts": [{"key": "let"}],
    ...     "outcome": {"kind": "stars", "classes": [{"id": "1", "rank": 1, "name": "One", "min_total": 50}]},
    ...     "tree": [{"id": "A", "name": "Let", "formula": "let",
    ...               "score": {"method": "piecewise_linear", "points": [[0, 0], [100, 100]]}}],
    ... })
    >>> certainty_of(prepare(scheme, {"let": 60.0}), NO_DOUBT).probability
    {0: 0.0, 1: 1.0}
    >>> doubtful = prepare(scheme, {"let": 50.0}, relative={"let": 0.1})
    >>> 0.4 < certainty_of(doubtful, Doubt(concentration=None)).probability[1] < 0.6
    True
    """
    totals, ranks = totals_of(prepared, doubt, draw(prepared, doubt))
    return summary_of(prepared, doubt, totals, ranks)


def summary_of(prepared: Prepared, doubt: Doubt, totals: Column, ranks: Ranks) -> Certainty:
    """Return the certainty that drawn totals and classes tell."""
    scheme, unit = prepared.scheme, prepared.result.unit(0)
    counts = dict(zip(*np.unique(ranks, return_counts=True), strict=True))
    classes = sorted({NO_CLASS, *(one.rank for one in scheme.outcome.classes), *map(int, counts)})
    return Certainty(
        doubt=doubt,
        probability={rank: int(counts.get(rank, 0)) / len(ranks) for rank in classes},
        quantiles=tuple(float(one) for one in np.quantile(totals, SHARES)),
        mean=float(totals.mean()),
        total_proven=unit.total_proven or 0.0,
        total_reachable=unit.total_reachable or 0.0,
        class_proven=unit.class_proven,
        class_reachable=unit.class_reachable,
    )
