"""What payments to come are worth today."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .lines import CENT, Line
from .prices import HUNDRED, ONE, round_to


def present_value(lines: Iterable[Line], *, on: date, percent_per_year: Decimal) -> Decimal:
    """Return the present value of what is owed [yuan]: gross amounts over (1 + rate)^(days ÷ 365).

    Lines that are not assessed are left out; `total` says how many they are.

    Parameters
    ----------
    lines
        What is owed, each on its due day.
    on
        The day to which amounts are brought back [date]; earlier payments count more than their amount.
    percent_per_year
        Discount rate [%/year, > -100].

    Returns
    -------
    Decimal
        Rounded to the cent.

    Notes
    -----
    The method of XNPV of spreadsheet programs: effective yearly rate, actual days over 365.

    Examples
    --------
    >>> present_value([], on=date(2026, 1, 1), percent_per_year=Decimal(5))
    Decimal('0.00')
    """
    by_day: dict[date, Decimal] = {}
    for line in lines:
        if line.gross_yuan is not None:
            by_day[line.due_on] = by_day.get(line.due_on, Decimal(0)) + line.gross_yuan
    rate = ONE + percent_per_year / HUNDRED
    worth = sum((amount / rate ** (Decimal((day - on).days) / 365) for day, amount in by_day.items()), Decimal(0))
    return round_to(worth, CENT)
