"""Figures that repeat those of another unit, or of the year before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: A figure below this is often the same by chance (counts of a few, yes and no); it is not compared.
LEAST_SIZE = 100.0


@dataclass(frozen=True)
class Copy:
    """The unit whose figures one unit repeats most: its row, how many are the same, of how many that both give."""

    row: int
    same: int
    compared: int


def repeated_shares(values: npt.ArrayLike, before: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """Return how many figures of every unit are the very ones of the period before, and how many were compared.

    Parameters
    ----------
    values, before
        Units × figures of two periods [any unit]; ``nan`` unknown. Figures below 100 are not compared.

    Examples
    --------
    >>> same, compared = repeated_shares([[5120.0, 333.0, 4.0]], [[5120.0, 334.0, 4.0]])
    >>> same.tolist(), compared.tolist()
    ([1], [2])
    """
    now, then = np.asarray(values, dtype=np.float64), np.asarray(before, dtype=np.float64)
    asked = (np.abs(now) >= LEAST_SIZE) & ~np.isnan(then)
    return ((now == then) & asked).sum(axis=1), asked.sum(axis=1)


def closest_copies(
    values: npt.ArrayLike, others: npt.ArrayLike, *, own: npt.ArrayLike | None = None, least: int = 3
) -> list[Copy | None]:
    """Return for every unit the other one with most figures exactly the same.

    Parameters
    ----------
    values
        Units × figures that are asked about [any unit]; figures below 100 are not compared.
    others
        Units × figures they may repeat [same units].
    own
        For every unit its own row among the others, -1 where it is not among them; none of them is unless given.
    least
        Fewer figures the same are nothing to speak of.

    Returns
    -------
    list of Copy or None
        The earliest of those with most figures the same; None where nobody has `least` of them.

    Examples
    --------
    >>> table = [[5120.0, 333.0, 720.0], [5120.0, 333.0, 720.0], [8000.5, 412.0, 650.0]]
    >>> closest_copies(table, table, own=[0, 1, 2])
    [Copy(row=1, same=3, compared=3), Copy(row=0, same=3, compared=3), None]
    """
    mine, theirs = np.asarray(values, dtype=np.float64), np.asarray(others, dtype=np.float64)
    rows, columns = mine.shape
    if not rows or not len(theirs):
        return [None] * rows
    hits: dict[tuple[int, int], int] = {}
    for column in range(columns):
        places: dict[float, list[int]] = {}
        for row, value in enumerate(theirs[:, column].tolist()):
            if abs(value) >= LEAST_SIZE:
                places.setdefault(value, []).append(row)
        for row, value in enumerate(mine[:, column].tolist()):
            for other in places.get(value, ()):
                hits[row, other] = hits.get((row, other), 0) + 1
    selves = np.full(rows, -1) if own is None else np.asarray(own)
    best: list[Copy | None] = [None] * rows
    for (row, other), same in sorted(hits.items()):
        known = best[row]
        if other != selves[row] and same >= least and (known is None or same > known.same):
            both = (np.abs(mine[row]) >= LEAST_SIZE) & (np.abs(theirs[other]) >= LEAST_SIZE)
            best[row] = Copy(other, same, int(both.sum()))
    return best
