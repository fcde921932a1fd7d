"""What the rents of a park may bring: a Monte Carlo what-if over its lease lines.

Every line pays its rent up to its agreed end. Then the tenant stays (a Bernoulli draw) at a new price, or leaves: the
room stands empty for some months (exponential with the given mean, rounded to whole months), is let for a new term,
is free of rent for the agreed months, and pays the new price. Lines that are empty today begin with such a gap. All
draws of all lines are worked through at once; the same seed gives the same numbers. Method: simulation of lease events
as in Hoesli, Jani and Bender, "Monte Carlo simulations for real estate valuation", J. Property Investment & Finance 24
(2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LOW, MIDDLE, HIGH = 5.0, 50.0, 95.0


@dataclass(frozen=True)
class CashLine:
    """A room with the rent it pays, or would pay, in a month [yuan], and for how many more months it is let [1].

    0 months is an empty room.
    """

    key: str
    rent_yuan_per_month: float
    months_left: int


@dataclass(frozen=True)
class WhatIf:
    """What is assumed.

    `months` of the horizon [1, 1 to 360]; `renewal_probability` [1, 0 to 1]; `vacancy_months` mean of an empty time
    [month, >= 0]; `price_change` at each renewal or new letting [1, > -1] with `price_spread` as its standard deviation
    [1, >= 0]; `rent_free_months` of a new letting [month, >= 0]; `term_months` of a new or renewed lease [month, > 0];
    `discount_rate` of a year [1, > -1]; `draws` [1, 1 to 20,000]; `seed`.

    Raises
    ------
    ValueError
        If a value lies outside its range; the message names it.
    """

    months: int = 60
    renewal_probability: float = 0.7
    vacancy_months: float = 4.0
    price_change: float = 0.0
    price_spread: float = 0.05
    rent_free_months: int = 2
    term_months: int = 36
    discount_rate: float = 0.06
    draws: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        limits = {
            "months": (1, 360),
            "renewal_probability": (0.0, 1.0),
            "vacancy_months": (0.0, 120.0),
            "price_change": (-0.99, 10.0),
            "price_spread": (0.0, 1.0),
            "rent_free_months": (0, 60),
            "term_months": (1, 360),
            "discount_rate": (-0.99, 1.0),
            "draws": (1, 20_000),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} = {value} lies outside {low} to {high}")


@dataclass(frozen=True)
class CashFlow:
    """Rents by month [yuan], 5 %, 50 % and 95 % of the draws, and the present value [yuan] in the same parts.

    `contracted_yuan` is what the leases of today alone bring. `mean_yuan` is the mean of all draws by month.
    """

    low_yuan: Floats
    middle_yuan: Floats
    high_yuan: Floats
    mean_yuan: Floats
    contracted_yuan: Floats
    present_value_yuan: tuple[float, float, float]
    total_yuan: tuple[float, float, float]


def simulate(lines: Sequence[CashLine], what_if: WhatIf) -> CashFlow:
    """Return what the rents of the lines may bring by month.

    Parameters
    ----------
    lines
        The rooms, let and empty; rents [yuan per month, >= 0], months left [month, >= 0].
    what_if
        What is assumed.

    Raises
    ------
    ValueError
        If a rent or a number of months is negative.

    Examples
    --------
    >>> sure = WhatIf(months=24, renewal_probability=1.0, price_spread=0.0, price_change=0.1, discount_rate=0.0)
    >>> made = simulate([CashLine("1", 1000.0, 12)], sure)
    >>> made.middle_yuan[[0, 11, 12]].tolist(), round(made.present_value_yuan[1], 2)
    ([1000.0, 1000.0, 1100.0], 25200.0)
    """
    if any(line.rent_yuan_per_month < 0 or line.months_left < 0 for line in lines):
        raise ValueError("rents and months left are not negative")
    rent = np.array([line.rent_yuan_per_month for line in lines], np.float64)
    left = np.array([line.months_left for line in lines], np.int64)
    paid = _draw(rent, left, what_if)
    discount = (1.0 + what_if.discount_rate) ** (-(np.arange(what_if.months) + 1) / 12.0)
    low, middle, high = np.percentile(paid, [LOW, MIDDLE, HIGH], axis=0)
    return CashFlow(
        low_yuan=low,
        middle_yuan=middle,
        high_yuan=high,
        mean_yuan=paid.mean(axis=0),
        contracted_yuan=_contracted(rent, left, what_if.months),
        present_value_yuan=_parts(paid @ discount),
        total_yuan=_parts(paid.sum(axis=1)),
    )


def _parts(values: Floats) -> tuple[float, float, float]:
    low, middle, high = np.percentile(values, [LOW, MIDDLE, HIGH])
    return float(low), float(middle), float(high)


def _contracted(rent: Floats, left: Ints, months: int) -> Floats:
    return np.array([rent[left > month].sum() for month in range(months)], np.float64)


def _draw(rent: Floats, left: Ints, what_if: WhatIf) -> Floats:
    """Return what is paid by draw and month [yuan]: changes of the rent at their months, summed up over time."""
    random = np.random.default_rng(what_if.seed)
    months, draws = what_if.months, what_if.draws
    changes = np.zeros(draws * (months + 1))
    row = np.repeat(np.arange(draws), rent.size) * (months + 1)
    price = np.tile(rent, draws)
    end = np.tile(left, draws)
    occupied = end > 0
    _pay(changes, row, np.zeros_like(end), np.minimum(end, months), np.where(occupied, price, 0.0))
    while end.size and bool((end < months).any()):
        shape = end.shape
        stays = occupied & (random.random(shape) < what_if.renewal_probability)
        gap = np.rint(random.exponential(1.0, shape) * what_if.vacancy_months).astype(np.int64)
        rise = 1.0 + what_if.price_change + what_if.price_spread * random.standard_normal(shape)
        price = price * np.maximum(rise, 0.0)
        begin = np.where(stays, end, end + gap)
        pays_from = np.where(stays, begin, begin + what_if.rent_free_months)
        end = begin + what_if.term_months
        _pay(changes, row, np.minimum(pays_from, months), np.minimum(np.maximum(end, pays_from), months), price)
        occupied = np.ones(shape, bool)
    paid: Floats = np.cumsum(changes.reshape(draws, months + 1), axis=1)[:, :months]
    # Sums of what comes and goes leave some millionths behind.
    rounded: Floats = np.asarray(np.round(np.maximum(paid, 0.0), 6), np.float64)
    return rounded


def _pay(changes: Floats, row: Ints, begin: Ints, end: Ints, price: Floats) -> None:
    """Add a price from a month up to another to the changes of each draw."""
    changes += np.bincount(row + begin, weights=price, minlength=changes.size)
    changes -= np.bincount(row + end, weights=price, minlength=changes.size)
