"""From children to their parent: the means, what is left out, and the whole tree.

Sources: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 6 (linear, geometric and non-compensatory
aggregation); the harmonic mean as in the Human Development Report 2010, technical note 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.scheme import Node, Scheme

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]


def arithmetic_mean(scores: Matrix, weights: Matrix, k: int | None = None) -> Column:
    """Return ``sum(w * s) / sum(w)`` down the columns; weight zero leaves a row out.

    Parameters
    ----------
    scores
        Children by units [points of 100]; what is left out holds any finite number.
    weights
        Children by units, relative; zero for what is left out.
    k
        Not used.

    Examples
    --------
    >>> arithmetic_mean(np.array([[80.0], [50.0]]), np.array([[2.0], [1.0]])).tolist()
    [70.0]
    """
    return _divide((scores * weights).sum(axis=0), weights.sum(axis=0))


def geometric_mean(scores: Matrix, weights: Matrix, k: int | None = None) -> Column:
    """Return ``exp(sum(w * ln s) / sum(w))``; a zero with weight makes it zero, a negative score unknown.

    Examples
    --------
    >>> geometric_mean(np.array([[25.0], [100.0]]), np.ones((2, 1))).round(9).tolist()
    [50.0]
    """
    counts = weights > 0
    logs = np.log(np.where(counts & (scores > 0), scores, 1.0))
    mean = np.exp(_divide((logs * weights).sum(axis=0), weights.sum(axis=0)))
    mean = np.where((counts & (scores == 0)).any(axis=0), 0.0, mean)
    return np.where((counts & (scores < 0)).any(axis=0), np.nan, mean)


def harmonic_mean(scores: Matrix, weights: Matrix, k: int | None = None) -> Column:
    """Return ``sum(w) / sum(w / s)``; a zero with weight makes it zero, a negative score unknown.

    Examples
    --------
    >>> harmonic_mean(np.array([[40.0], [60.0]]), np.ones((2, 1))).round(9).tolist()
    [48.0]
    """
    counts = weights > 0
    inverse = weights / np.where(counts & (scores > 0), scores, 1.0)
    mean = _divide(weights.sum(axis=0), inverse.sum(axis=0))
    mean = np.where((counts & (scores == 0)).any(axis=0), 0.0, mean)
    return np.where((counts & (scores < 0)).any(axis=0), np.nan, mean)


def minimum(scores: Matrix, weights: Matrix, k: int | None = None) -> Column:
    """Return the worst score: nothing makes up for it.

    Examples
    --------
    >>> minimum(np.array([[80.0], [30.0]]), np.ones((2, 1))).tolist()
    [30.0]
    """
    lowest = np.where(weights > 0, scores, np.inf).min(axis=0)
    return np.where(np.isinf(lowest), np.nan, lowest)


def median(scores: Matrix, weights: Matrix, k: int | None = None) -> Column:
    """Return the middle score; weights only say what takes part.

    Examples
    --------
    >>> median(np.array([[80.0], [30.0], [40.0]]), np.ones((3, 1))).tolist()
    [40.0]
    """
    ordered = np.sort(np.where(weights > 0, scores, np.inf), axis=0)
    count = (weights > 0).sum(axis=0)
    upper = np.take_along_axis(ordered, np.minimum(count // 2, len(scores) - 1)[None, :], axis=0)[0]
    lower = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[None, :], axis=0)[0]
    return np.where(count > 0, np.where(np.isinf(upper), lower, (lower + upper) / 2), np.nan)


def mean_of_best(scores: Matrix, weights: Matrix, k: int | None = None) -> Column:
    """Return the weighted mean of the `k` best scores (of all, where fewer take part).

    Examples
    --------
    >>> mean_of_best(np.array([[80.0], [30.0], [100.0]]), np.ones((3, 1)), 2).tolist()
    [90.0]
    """
    order = np.argsort(np.where(weights > 0, -scores, np.inf), axis=0, kind="stable")[: k or 1]
    return arithmetic_mean(np.take_along_axis(scores, order, axis=0), np.take_along_axis(weights, order, axis=0))


METHODS: Mapping[str, Callable[[Matrix, Matrix, int | None], Column]] = {
    "arithmetic": arithmetic_mean,
    "geometric": geometric_mean,
    "harmonic": harmonic_mean,
    "minimum": minimum,
    "median": median,
    "best": mean_of_best,
}


def _divide(above: Column, below: Column) -> Column:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def aggregate_tree(scheme: Scheme, leaves: Mapping[str, Column], applies: Mapping[str, Mask]) -> dict[str, Column]:
    """Return the score of every node and leaf [points of 100], not rounded.

    Parameters
    ----------
    scheme
        Says how: the aggregation of every node, and what becomes of missing scores.
    leaves
        Scores by indicator; NaN where there is none.
    applies
        By indicator: False takes it out, its weight going to its siblings (and, where none is left, to the parent's).

    Notes
    -----
    A missing score is left out and the rest reweighted, if enough of the weight is known (`missing.min_coverage`);
    with `missing: fail` it makes its parent missing. Under `missing: zero` callers hand in no missing scores.
    """
    scores = {key: column for key, column in leaves.items()}
    present = dict(applies)
    for node in reversed(scheme.nodes):
        if not node.is_indicator:
            scores[node.id], present[node.id] = _aggregate_node(scheme, node, scores, present)
    return scores


def _aggregate_node(
    scheme: Scheme, node: Node, scores: Mapping[str, Column], present: Mapping[str, Mask]
) -> tuple[Column, Mask]:
    children = np.stack([scores[child.id] for child in node.children])
    takes_part = np.stack([present[child.id] for child in node.children])
    weight = np.array([[child.weight] for child in node.children])
    missing = np.isnan(children)
    in_force = np.where(takes_part, weight, 0.0)
    known = np.where(missing, 0.0, in_force)
    result = METHODS[node.aggregate.method](np.where(missing, 0.0, children), known, node.aggregate.k)
    if scheme.missing.method == "fail":
        result = np.where((missing & takes_part).any(axis=0), np.nan, result)
    elif scheme.missing.min_coverage:
        coverage = _divide(known.sum(axis=0), in_force.sum(axis=0))
        result = np.where(coverage + 1e-12 < scheme.missing.min_coverage, np.nan, result)
    return result, np.asarray(takes_part.any(axis=0))


def weights_in_force(scheme: Scheme, applies: Mapping[str, Mask]) -> dict[str, Column]:
    """Return the share of every indicator in the total [points of 100], after what does not apply has left.

    For nodes that are no weighted mean (minimum, median, best) this is the share the weights would give.
    """
    present = dict(applies)
    for node in reversed(scheme.nodes):
        if not node.is_indicator:
            present[node.id] = np.logical_or.reduce([present[child.id] for child in node.children])
    shares = {scheme.root.id: np.where(present[scheme.root.id], 100.0, 0.0)}
    for node in scheme.nodes:
        if not node.is_indicator:
            weights = {child.id: np.where(present[child.id], child.weight, 0.0) for child in node.children}
            total = sum(weights.values(), np.zeros_like(shares[node.id]))
            for key, weight in weights.items():
                share = np.divide(weight, total, out=np.zeros_like(total), where=total > 0)
                shares[key] = shares[node.id] * share
    return {one.id: shares[one.id] for one in scheme.indicators}
