"""Points, scores, ranks and classes of the firms of one group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .measures import FloatArray
from .scheme import Item, LandScheme


def item_points(item: Item, values: npt.ArrayLike) -> FloatArray:
    """Return the points of many firms of one group for one item; ``nan`` where it is not assessed.

    Parameters
    ----------
    item
        A line of the scheme.
    values
        The measure of each firm, ``nan`` when unknown.

    Returns
    -------
    array of float
        Points [0 to weight × cap]. ``ratio``: weight × value / reference within the caps. ``span``: weight × [20 + 80 ×
        (value − least) / (most − least)] / 100, full where all are alike (Jingde). An unknown value takes the mean of
        the known scores only where the item says so.

    Examples
    --------
    >>> item_points(Item("tax_per_mu", 30, "ratio", reference=24.097, cap_high=1.5), [24.097, 100.0]).tolist()
    [30.0, 45.0]
    >>> item_points(Item("tax_per_mu", 50, "span"), [5.0, 10.0, 15.0]).round(9).tolist()
    [10.0, 30.0, 50.0]
    """
    given = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(given)
    if item.method == "ratio":
        points = item.weight * np.clip(given / item.reference, item.cap_low, item.cap_high)
    else:
        points = item.weight * _span(given, known)
    if item.unknown == "mean" and known.any():
        points = np.where(known, points, points[known].mean())
    return points


def _span(given: FloatArray, known: npt.NDArray[np.bool_]) -> FloatArray:
    if not known.any():
        return given
    least, most = given[known].min(), given[known].max()
    share = (given - least) / (most - least) if most > least else np.where(known, 1.0, np.nan)
    return 0.2 + 0.8 * share


@dataclass(frozen=True)
class GroupScores:
    """Scores of one group: points per item, the score [points] or ``nan``, and the share of the weight it stands on."""

    points: Mapping[str, FloatArray]
    score: FloatArray
    known_share: FloatArray


def score_group(scheme: LandScheme, group: str, measures: Mapping[str, npt.ArrayLike]) -> GroupScores:
    """Return the scores of the firms of one group.

    Parameters
    ----------
    scheme
        The scheme.
    group
        Its group, "above" or "below".
    measures
        Per measure of the group's items one value per firm, ``nan`` when unknown.

    Returns
    -------
    GroupScores
        An item that is not assessed is left out and the score is scaled to the full weight; below the scheme's least
        known weight there is no score.

    Raises
    ------
    KeyError
        If the scheme has no such group or a measure is missing.
    """
    items = scheme.groups[group]
    points = {item.measure: item_points(item, measures[item.measure]) for item in items}
    weights = np.array([item.weight for item in items])
    table = np.stack([points[item.measure] for item in items])
    known = ~np.isnan(table)
    counted = (known * weights[:, None]).sum(axis=0)
    whole = weights.sum()
    enough = (counted >= whole * scheme.least_known - 1e-9) & (counted > 0)
    total = np.where(known, table, 0.0).sum(axis=0)
    score = np.divide(total * whole, counted, out=np.full(table.shape[1], np.nan), where=enough)
    return GroupScores(points, score, counted / whole)


def ranks_of(score: npt.ArrayLike) -> FloatArray:
    """Return the rank of each score, 1 for the best; equal scores share the better rank, unknown ones have none.

    Examples
    --------
    >>> ranks_of([80.0, 95.0, 80.0, float("nan")]).tolist()
    [2.0, 1.0, 2.0, nan]
    """
    # Scores that differ by less than a billionth of a point are equal: the order of a sum must not part them.
    given = np.round(np.asarray(score, dtype=np.float64), 9)
    known = ~np.isnan(given)
    ordered = np.sort(given[known])
    better = len(ordered) - np.searchsorted(ordered, given, side="right")
    return np.where(known, 1.0 + better, np.nan)


def classes_of(score: npt.ArrayLike, *, a_share: float, c_from: float, d_from: float) -> npt.NDArray[np.str_]:
    """Return the class of each firm of a group by its rank, empty where there is no score.

    Parameters
    ----------
    score
        Scores of the graded firms of one group [points], ``nan`` where there is none.
    a_share
        Share of the firms, from the best, that are A [0 to 1].
    c_from, d_from
        Share of the firms, from the best, behind which they are C and D [0 to 1, a_share ≤ c_from ≤ d_from].

    Returns
    -------
    array of str
        "A" to "D". Classes take whole firms: of 30 firms the last 5 % are one, of 19 none. What is neither A, C nor D
        is B. Equal scores share the better class.

    Examples
    --------
    >>> found = classes_of(list(range(20)), a_share=0.25, c_from=0.70, d_from=0.95)
    >>> [int((found == name).sum()) for name in "ABCD"]
    [5, 9, 5, 1]
    """
    rank = ranks_of(score)
    known = ~np.isnan(rank)
    firms = int(known.sum())
    a_last = np.floor(firms * a_share + 1e-9)
    c_last = firms - np.floor(firms * (1 - c_from) + 1e-9)
    d_last = firms - np.floor(firms * (1 - d_from) + 1e-9)
    place = np.select([rank <= a_last, rank > d_last, rank > c_last], ["A", "D", "C"], default="B")
    return np.where(known, place, "")
