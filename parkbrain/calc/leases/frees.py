"""On which days a fee is not owed: free periods, free months of every year, fit-out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from .clauses import CALENDAR_MONTH, FIRST_MONTHS, PROPERTY_FEE, RENT, Clause, FitOut, RecurringFree, RentFree
from .months import add_months
from .prices import Step

Window = tuple[date, date, Step]


def free_windows(clauses: Sequence[Clause], fee: str, starts_on: date, ends_on: date) -> list[Window]:
    """Return the days on which a fee is not owed, ``[from, to)``, each with the step that says why.

    Contract years count from `starts_on`. Windows may overlap: a day that is free twice is free once.

    Examples
    --------
    >>> last = RecurringFree(meaning="CONTRACT_YEAR_LAST_MONTHS")
    >>> [w[0].isoformat() for w in free_windows([last], "RENT", date(2026, 4, 1), date(2028, 4, 1))]
    ['2027-03-01', '2028-03-01']
    >>> december = RecurringFree(meaning="CALENDAR_MONTH", calendar_month=12)
    >>> [w[0].isoformat() for w in free_windows([december], "RENT", date(2026, 4, 1), date(2028, 4, 1))]
    ['2026-12-01', '2027-12-01']
    """
    windows: list[Window] = []
    for clause in clauses:
        if isinstance(clause, RentFree) and fee in clause.frees:
            windows.append(_window("free", clause.starts_on, clause.ends_on, clause.ref))
        elif isinstance(clause, FitOut):
            if (fee == RENT and clause.rent_free) or (fee == PROPERTY_FEE and not clause.property_fee_runs):
                windows.append(_window("free_fit_out", clause.starts_on, clause.ends_on, clause.ref))
        elif isinstance(clause, RecurringFree) and fee in clause.frees:
            windows += _recurring(clause, starts_on, ends_on)
    return sorted((w for w in windows if w[0] < ends_on and w[1] > starts_on), key=lambda w: (w[0], w[1]))


def _window(code: str, begin: date, end: date, ref: str, **more: object) -> Window:
    return begin, end, Step(code, {"starts_on": begin, "ends_on": end, **more}, ref)


def _recurring(clause: RecurringFree, starts_on: date, ends_on: date) -> list[Window]:
    windows = []
    for number in range(clause.first_year - 1, min(clause.last_year or 99, 99)):
        if clause.meaning == CALENDAR_MONTH:
            begin = date(starts_on.year + number, clause.calendar_month or 1, 1)
            end = add_months(begin, clause.months)
        elif clause.meaning == FIRST_MONTHS:
            begin = add_months(starts_on, 12 * number)
            end = add_months(starts_on, 12 * number + clause.months)
        else:
            begin = add_months(starts_on, 12 * (number + 1) - clause.months)
            end = add_months(starts_on, 12 * (number + 1))
        if begin >= ends_on:
            break
        windows.append(_window("free_recurring", begin, end, clause.ref, meaning=clause.meaning, year=number + 1))
    return windows
