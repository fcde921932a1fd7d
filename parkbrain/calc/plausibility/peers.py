"""Figures held against those of units of like kind."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Fewer peers than this say nothing of what is usual.
LEAST_PEERS = 8
#: The scores beyond which Iglewicz and Hoaglin (1993) call a figure a potential outlier.
OUTLYING = 3.5
#: Makes the median absolute deviation of a normal distribution its standard deviation: the 75 % quantile.
_NORMAL = 0.6744897501960817
#: The same for the mean absolute deviation, which stands in where more than half of the peers are alike.
_NORMAL_MEAN = 1.2533141373155003


def robust_scores(
    values: npt.ArrayLike, groups: npt.ArrayLike, *, least: int = LEAST_PEERS, logarithmic: bool = True
) -> FloatArray:
    """Return the modified z-score of every figure among its group.

    The score is ``0.6745 (x - median) / MAD`` after Iglewicz and Hoaglin (1993). Where the MAD is zero, as more than
    half of the group are alike, the mean absolute deviation takes its place.

    Parameters
    ----------
    values
        Units × figures [any unit]; ``nan`` unknown.
    groups
        The group of every unit [any label].
    least
        A group with fewer known figures gives no score.
    logarithmic
        Whether decimal logarithms are compared, as for figures that differ by factors; what is not positive then has
        no score.

    Returns
    -------
    array of float
        Scores; ``nan`` where there is none. Beyond 3.5 a figure is a potential outlier.

    Raises
    ------
    ValueError
        If there are not as many groups as units.

    Examples
    --------
    >>> figures = [[90.0], [95.0], [98.0], [100.0], [102.0], [105.0], [110.0], [900.0]]
    >>> robust_scores(figures, ["A"] * 8)[7, 0] > 3.5
    np.True_
    """
    table = np.asarray(values, dtype=np.float64)
    labels = np.asarray(groups)
    if table.ndim != 2 or labels.shape != (table.shape[0],):
        raise ValueError(f"{labels.size} groups for a table of shape {table.shape}")
    if logarithmic:
        with np.errstate(divide="ignore", invalid="ignore"):
            table = np.where(table > 0, np.log10(np.where(table > 0, table, 1.0)), np.nan)
    return _scores_by_group(table, labels, least)


def group_medians(values: npt.ArrayLike, groups: npt.ArrayLike, *, least: int = LEAST_PEERS) -> FloatArray:
    """Return for every figure the median of its group.

    Parameters
    ----------
    values
        Units × figures [any unit]; ``nan`` unknown.
    groups
        The group of every unit [any label].
    least
        A group with fewer known figures has no median.

    Examples
    --------
    >>> group_medians([[1.0], [3.0], [9.0]], ["A", "A", "B"], least=2).ravel().tolist()
    [2.0, 2.0, nan]
    """
    table, labels = np.asarray(values, dtype=np.float64), np.asarray(groups)
    medians = np.full(table.shape, np.nan)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        own = table[rows]
        for column in np.flatnonzero(np.sum(~np.isnan(own), axis=0) >= least).tolist():
            medians[rows, column] = np.nanmedian(own[:, column])
    return medians


def _scores_by_group(table: FloatArray, labels: npt.NDArray[np.generic], least: int) -> FloatArray:
    scores = np.full(table.shape, np.nan)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        own = table[rows]
        counts = np.sum(~np.isnan(own), axis=0)
        for column in np.flatnonzero(counts >= least).tolist():
            scores[rows, column] = _scores(own[:, column])
    return scores


def _scores(column: FloatArray) -> FloatArray:
    known = column[~np.isnan(column)]
    distance = column - np.median(known)
    away = np.abs(known - np.median(known))
    spread = float(np.median(away)) / _NORMAL
    # Rounding of logarithms is no spread.
    if spread < 1e-9:
        spread = float(np.mean(away)) * _NORMAL_MEAN
    if spread < 1e-9:
        return np.where(np.isnan(column), np.nan, 0.0)
    scores: FloatArray = distance / spread
    return scores
