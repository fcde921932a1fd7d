"""Which of many points lie within a drawn outline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Corner = tuple[float, float]


def contains(ring: Sequence[Corner], x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
    """Tell for each point whether it lies within a ring, by the even–odd rule.

    Parameters
    ----------
    ring
        Corners in order, three or more; the last joins the first. A ring that crosses itself leaves out what it
        surrounds twice, as drawing programs do.
    x, y
        Points in the same units as the corners (degrees, metres); NaN lies nowhere.

    Raises
    ------
    ValueError
        If there are fewer than three corners.

    Notes
    -----
    A point on a left or lower edge is within, on a right or upper one outside, so that neighbouring rings share none.
    The crossings rule of W. R. Franklin's PNPOLY (1970).

    Examples
    --------
    >>> contains([(0, 0), (4, 0), (4, 4), (0, 4)], [1.0, 5.0], [1.0, 1.0]).tolist()
    [True, False]
    """
    if len(ring) < 3:
        raise ValueError("an outline has three corners or more")
    px, py = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    odd = np.zeros(px.shape, dtype=bool)
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if y1 == y2:
            continue
        crosses = (py < y1) != (py < y2)
        odd ^= crosses & (px < (x2 - x1) * (py - y1) / (y2 - y1) + x1)
    return odd
