"""Digits that look made up: too round, first digits against Benford's law, last digits against chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: The share of figures that begin with 1 to 9 under Benford's law, log10(1 + 1/d).
BENFORD: FloatArray = np.log10(1 + 1 / np.arange(1, 10))
#: Nigrini's limits of the mean absolute deviation of first digits (2012, table 7.1).
CLOSE, ACCEPTABLE, MARGINAL = 0.006, 0.012, 0.015
#: Benford's law is asked only of so many figures over so many orders of magnitude.
LEAST_FIGURES, LEAST_ORDERS = 100, 2.0
#: Last digits are asked of so many figures: five expected of each digit, the rule of the chi-square test.
LEAST_LAST = 50


@dataclass(frozen=True)
class BenfordResult:
    """How the first digits of figures are spread.

    ``applies`` is False where there are too few figures or they span too little; the rest then says nothing.
    ``deviation`` is Nigrini's mean absolute deviation, ``p_value`` that of Pearson's chi-square with 8 degrees of freedom.
    """

    counts: tuple[int, ...]
    figure_count: int
    orders: float
    applies: bool
    deviation: float
    p_value: float

    @property
    def conforms(self) -> bool:
        """Whether Nigrini calls the conformity close, acceptable or marginal; True where the law does not apply."""
        return not self.applies or self.deviation <= MARGINAL


@dataclass(frozen=True)
class LastDigitResult:
    """How the last digits of figures are spread: counts of 0 to 9, and the chance of such a spread or a worse one."""

    counts: tuple[int, ...]
    figure_count: int
    applies: bool
    p_value: float


def first_digits(values: npt.ArrayLike) -> IntArray:
    """Return the first significant digit of every figure, 0 where there is none.

    Examples
    --------
    >>> first_digits([0.0123, 970.0, -45.0, 0.0, float("nan")]).tolist()
    [1, 9, 4, 0, 0]
    """
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    known = np.isfinite(sizes) & (sizes > 0)
    digits = np.zeros(sizes.shape, dtype=np.int64)
    # Fifteen significant figures: 0.3 must not read as 0.29999.
    exponent = np.floor(np.log10(sizes[known]))
    lead = np.round(sizes[known] / 10.0**exponent, 12)
    digits[known] = np.clip(np.where(lead >= 10, 1, lead), 1, 9).astype(np.int64)
    return digits


def benford(values: npt.ArrayLike, *, least: int = LEAST_FIGURES, orders: float = LEAST_ORDERS) -> BenfordResult:
    """Return how far first digits are from Benford's law, and whether it may be asked of these figures at all.

    Parameters
    ----------
    values
        Figures of one kind [any unit]; zero and unknown ones are left out.
    least
        Fewest figures that the law is asked of.
    orders
        Fewest orders of magnitude between the 1 % and the 99 % quantile: figures between bounds that people set do not
        follow it (Nigrini 2012, chapter 2).

    Returns
    -------
    BenfordResult
        Counts, span, mean absolute deviation and p value.

    Examples
    --------
    >>> result = benford([2.0**n for n in range(1, 1001)])
    >>> result.counts, result.applies, result.conforms
    ((301, 176, 125, 97, 79, 69, 56, 52, 45), True, True)
    """
    digits = first_digits(values)
    sizes = np.abs(np.asarray(values, dtype=np.float64))[digits > 0]
    counts = np.bincount(digits[digits > 0].ravel(), minlength=10)[1:]
    count = int(counts.sum())
    if not count:
        return BenfordResult(tuple(counts.tolist()), 0, 0.0, False, 0.0, 1.0)
    low, high = np.log10(np.quantile(sizes, [0.01, 0.99]))
    deviation = float(np.mean(np.abs(counts / count - BENFORD)))
    expected = count * BENFORD
    p_value = float(chdtrc(8, float(np.sum((counts - expected) ** 2 / expected))))
    applies = count >= least and bool(high - low >= orders)
    return BenfordResult(tuple(counts.tolist()), count, float(high - low), applies, deviation, p_value)


def last_digits(values: npt.ArrayLike) -> IntArray:
    """Return the last digit of the whole part of figures with at least three of them; -1 where there is none.

    The last of few digits is not free: a figure of one or two digits is left out.

    Examples
    --------
    >>> last_digits([1234.0, 98.0, 5070.4, float("nan")]).tolist()
    [4, -1, 0, -1]
    """
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    known = np.isfinite(sizes) & (sizes >= 100) & (sizes < 1e15)
    digits = np.full(sizes.shape, -1, dtype=np.int64)
    digits[known] = np.floor(sizes[known]).astype(np.int64) % 10
    return digits


def judge_last_digits(values: npt.ArrayLike, *, least: int = LEAST_LAST) -> LastDigitResult:
    """Return whether last digits are as evenly spread as those of measured figures (Mosimann et al. 1995).

    Parameters
    ----------
    values
        Figures [any unit].
    least
        Fewest figures with three digits that are asked.

    Returns
    -------
    LastDigitResult
        Counts and the p value of Pearson's chi-square with 9 degrees of freedom.

    Examples
    --------
    >>> judge_last_digits(list(range(100, 200))).p_value
    1.0
    >>> judge_last_digits([100.0 * n for n in range(1, 101)]).p_value < 0.001
    True
    """
    digits = last_digits(values)
    counts = np.bincount(digits[digits >= 0].ravel(), minlength=10)
    count = int(counts.sum())
    if not count:
        return LastDigitResult(tuple(counts.tolist()), 0, False, 1.0)
    statistic = float(np.sum((counts - count / 10) ** 2 / (count / 10)))
    return LastDigitResult(tuple(counts.tolist()), count, count >= least, float(chdtrc(9, statistic)))


def round_shares(values: npt.ArrayLike) -> tuple[FloatArray, IntArray]:
    """Return the share of round figures of every unit, and of how many it is.

    A figure is round where it has at most two significant digits; only figures of at least four digits are asked, as a
    small count is round by nature. By chance about one in a hundred is.

    Parameters
    ----------
    values
        Units × figures [any unit]; ``nan`` unknown.

    Returns
    -------
    shares, counts
        Share of round ones among those asked [0 to 1, ``nan`` without any], and how many were asked.

    Examples
    --------
    >>> shares, counts = round_shares([[12000.0, 3500.0, 4217.0, 7.0]])
    >>> shares.round(2).tolist(), counts.tolist()
    ([0.67], [3])
    """
    sizes = np.abs(np.atleast_2d(np.asarray(values, dtype=np.float64)))
    asked = np.isfinite(sizes) & (sizes >= 1000)
    scale = np.ones(sizes.shape)
    scale[asked] = 10.0 ** (np.floor(np.log10(sizes[asked])) - 1)
    lead = np.where(asked, sizes / scale, 0.5)
    is_round = asked & (np.abs(lead - np.round(lead)) < 1e-9)
    counts = asked.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return is_round.sum(axis=1) / np.where(counts, counts, np.nan), counts
