"""How old a debt is: the classes that operators and auditors sort arrears by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

#: Classes of age by their last day overdue; the last one has no end. Day 0 is the day after the due day's end.
AGES: tuple[tuple[str, int | None], ...] = (
    ("d0_30", 30),
    ("d31_60", 60),
    ("d61_90", 90),
    ("d91_180", 180),
    ("d181", None),
)


def age_of(days_overdue: int) -> str:
    """Return the class of a debt that is overdue for so many days (1 on the day after it was due).

    Examples
    --------
    >>> [age_of(days) for days in (1, 30, 31, 180, 181)]
    ['d0_30', 'd0_30', 'd31_60', 'd91_180', 'd181']
    """
    return next(key for key, last in AGES if last is None or days_overdue <= last)


def sort_by_age(debts: Iterable[tuple[date, Decimal]], *, on: date) -> dict[str, Decimal]:
    """Return the sum of overdue debts by class of age; what is not due before the day is in none.

    Parameters
    ----------
    debts
        Due day and open amount [yuan].
    on
        The day on which the age is counted.

    Examples
    --------
    >>> found = sort_by_age([(date(2026, 5, 5), Decimal(50)), (date(2026, 6, 30), Decimal(7))], on=date(2026, 6, 30))
    >>> found["d31_60"], found["d0_30"]
    (Decimal('50'), Decimal('0'))
    """
    sums = {key: Decimal(0) for key, _last in AGES}
    for due_on, amount in debts:
        if due_on < on:
            sums[age_of((on - due_on).days)] += amount
    return sums
