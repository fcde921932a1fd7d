"""Figures held against what they should be near: changes, and slips of a unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int8]

#: Powers of ten by which units of the field are mixed up: kW and W, 万元 and 元, 万 m² and m².
EXPONENTS = (3, 4)
#: How near the ratio must be to the power of ten, in powers of ten: 0.3 is a factor of two either way.
TOLERANCE = 0.3


def relative_changes(values: npt.ArrayLike, before: npt.ArrayLike) -> FloatArray:
    """Return the change of every figure as a share of what it was.

    Parameters
    ----------
    values
        Figures [any unit].
    before
        The same figures a period earlier [same unit].

    Returns
    -------
    array of float
        ``(value - before) / |before|``; ``nan`` where one of them is unknown or both are zero, infinite where
        something came from zero.

    Examples
    --------
    >>> relative_changes([130.0, 5.0, 0.0], [100.0, 0.0, 0.0]).tolist()
    [0.3, inf, nan]
    """
    now, then = np.asarray(values, dtype=np.float64), np.asarray(before, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (now - then) / np.abs(then)


def unit_slips(
    values: npt.ArrayLike,
    reference: npt.ArrayLike,
    *,
    exponents: Sequence[int] = EXPONENTS,
    tolerance: float = TOLERANCE,
) -> IntArray:
    """Return by which power of ten a figure seems to be in the wrong unit.

    Parameters
    ----------
    values
        Figures [any unit].
    reference
        What they should be near, such as last year's figure or the median of peers [same unit].
    exponents
        The powers of ten that are looked for, positive.
    tolerance
        Largest distance of the ratio's decimal logarithm from the power [0 to 0.5).

    Returns
    -------
    array of int
        4 where a figure is about 10⁴ times its reference (yuan written for 万元), -4 where it is about a ten-thousandth,
        0 where it is neither or anything is unknown or not positive.

    Raises
    ------
    ValueError
        If the tolerance is not between 0 and 0.5.

    Examples
    --------
    >>> unit_slips([52_000_000.0, 5_100.0, 4.9], [5_000.0, 5_000.0, 5_000.0]).tolist()
    [4, 0, -3]
    """
    if not 0 <= tolerance < 0.5:
        raise ValueError(f"a tolerance of {tolerance} powers of ten is not between 0 and 0.5")
    now, near = np.asarray(values, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    ratio = np.full(np.broadcast_shapes(now.shape, near.shape), np.nan)
    known = np.broadcast_to((now > 0) & (near > 0), ratio.shape)
    now, near = np.broadcast_to(now, ratio.shape), np.broadcast_to(near, ratio.shape)
    ratio[known] = np.log10(now[known]) - np.log10(near[known])
    found = np.zeros(ratio.shape, dtype=np.int8)
    for exponent in exponents:
        found[np.abs(ratio - exponent) <= tolerance] = exponent
        found[np.abs(ratio + exponent) <= tolerance] = -exponent
    return found
