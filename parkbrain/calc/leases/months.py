"""Months of the calendar and of the contract, billing periods, parts of months and due days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from .terms import ACTUAL_365, CONTRACT_MONTHS, DAY_OF_MONTH, THIRTY_360, Terms


def add_months(on: date, months: int) -> date:
    """Return the same day so many months later, or the last of the month where there is no such day.

    Examples
    --------
    >>> add_months(date(2026, 1, 31), 1).isoformat()
    '2026-02-28'
    """
    total = on.year * 12 + on.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)
def month_borders(cycle: str, starts_on: date, ends_on: date) -> tuple[date, ...]:
    """Return the borders of the months that cover ``[starts_on, ends_on)``; the first and last may lie outside it.

    Examples
    --------
    >>> [d.isoformat() for d in month_borders("NATURAL", date(2026, 1, 15), date(2026, 2, 10))]
    ['2026-01-01', '2026-02-01', '2026-03-01']
    >>> [d.isoformat() for d in month_borders("ANNIVERSARY", date(2026, 1, 15), date(2026, 2, 10))]
    ['2026-01-15', '2026-02-15']
    """
    anchor = starts_on if cycle == CONTRACT_MONTHS else starts_on.replace(day=1)
    borders, number = [anchor], 0
    while borders[-1] < ends_on:
        number += 1
        borders.append(add_months(anchor, number))
    return tuple(borders)


def part_of_month(day_count: str, begin: date, end: date, month_begin: date, month_end: date) -> tuple[int, int]:
    """Return what part of a month's price the days ``[begin, end)`` owe, as numerator and denominator.

    The parts of any cut of a month add up to the month: to 1 by actual days and by 30/360, to its days × 12 ÷ 365 by
    actual/365. By 30/360 each day has the number min(day, 30) of its month (ISDA 2006, section 4.16(g), 30E/360).

    Examples
    --------
    >>> part_of_month("ACTUAL", date(2026, 1, 15), date(2026, 2, 1), date(2026, 1, 1), date(2026, 2, 1))
    (17, 31)
    >>> part_of_month("THIRTY_360", date(2026, 1, 15), date(2026, 2, 1), date(2026, 1, 1), date(2026, 2, 1))
    (16, 30)
    >>> part_of_month("ACTUAL_365", date(2026, 1, 15), date(2026, 2, 1), date(2026, 1, 1), date(2026, 2, 1))
    (204, 365)
    """
    if day_count == ACTUAL_365:
        return (end - begin).days * 12, 365
    if day_count == THIRTY_360:
        return _thirty(end) - _thirty(begin), _thirty(month_end) - _thirty(month_begin)
    return (end - begin).days, (month_end - month_begin).days


def _thirty(on: date) -> int:
    return on.year * 360 + on.month * 30 + min(on.day, 30)


def due_day(terms: Terms, begin: date, end: date) -> date:
    """Return when the fee of the period ``[begin, end)`` is due.

    Examples
    --------
    >>> due_day(Terms(due_days=5), date(2026, 1, 1), date(2026, 4, 1)).isoformat()
    '2026-01-06'
    >>> due_day(Terms(in_advance=False, due_rule="DAY_OF_MONTH", due_days=31), date(2026, 1, 1), date(2026, 2, 1)).isoformat()
    '2026-02-28'
    """
    anchor = begin if terms.in_advance else end
    if terms.due_rule == DAY_OF_MONTH:
        return anchor.replace(day=min(terms.due_days, monthrange(anchor.year, anchor.month)[1]))
    return anchor + timedelta(days=terms.due_days)
