"""Clauses that can be read in two ways: both schedules, the months that differ, totals and present value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from .clauses import (
    CALENDAR_MONTH,
    COMPOUND,
    FIRST_MONTHS,
    LAST_MONTHS,
    NATURAL,
    NONE,
    PRICED,
    SIMPLE,
    Clause,
    FitOut,
    RecurringFree,
    RentFree,
    Rise,
    Tax,
    TurnoverRent,
)
from .lines import Line, Totals, by_month, total
from .present import present_value
from .schedule import schedule
from .terms import Agreement, Figures


@dataclass(frozen=True)
class Reading:
    """Another way to read a clause: what it is about (`code`), and the clause read that way."""

    code: str
    mine: Clause
    other: Clause


@dataclass(frozen=True)
class MonthPair:
    """What both readings owe for periods that begin in a month [yuan]; None where a figure is unknown."""

    month_on: date
    mine_yuan: Decimal | None
    other_yuan: Decimal | None

    @property
    def differs(self) -> bool:
        """Whether the readings owe different amounts."""
        return self.mine_yuan != self.other_yuan

    @property
    def difference_yuan(self) -> Decimal | None:
        """What the other reading owes more [yuan]."""
        return None if self.mine_yuan is None or self.other_yuan is None else self.other_yuan - self.mine_yuan


@dataclass(frozen=True)
class Comparison:
    """Two readings side by side to the end of the lease."""

    months: tuple[MonthPair, ...]
    mine: Totals
    other: Totals
    mine_worth_yuan: Decimal
    other_worth_yuan: Decimal
    mine_lines: tuple[Line, ...]
    other_lines: tuple[Line, ...]

    @property
    def differing_months(self) -> tuple[date, ...]:
        """Months in which the readings owe different amounts."""
        return tuple(m.month_on for m in self.months if m.differs)

    @property
    def has_same_total(self) -> bool:
        """Whether the totals agree although months may differ: the trap that totals alone do not show."""
        return self.mine.gross_yuan == self.other.gross_yuan


def other_readings(clause: Clause) -> tuple[Reading, ...]:
    """Return the other ways in which people read such a clause.

    Examples
    --------
    >>> clause = RecurringFree(meaning="CONTRACT_YEAR_LAST_MONTHS")
    >>> [(r.code, r.other.meaning, r.other.calendar_month) for r in other_readings(clause)][0]
    ('contract_or_calendar_year', 'CALENDAR_MONTH', 12)
    """
    found: list[Reading] = []
    if isinstance(clause, RecurringFree):
        found.append(Reading("contract_or_calendar_year", clause, _other_year(clause)))
    if isinstance(clause, (RecurringFree, RentFree)):
        frees = PRICED if clause.frees != PRICED and set(clause.frees) != set(PRICED) else ("RENT",)
        found.append(Reading("rent_or_property_fee_too", clause, replace(clause, frees=frees)))
    if isinstance(clause, FitOut):
        other = replace(clause, property_fee_runs=not clause.property_fee_runs)
        found.append(Reading("property_fee_in_fit_out", clause, other))
    if isinstance(clause, Rise):
        mode = SIMPLE if clause.mode == COMPOUND else COMPOUND
        found.append(Reading("compound_or_simple", clause, replace(clause, mode=mode)))
    if isinstance(clause, Tax):
        found.append(Reading("tax_included_or_added", clause, replace(clause, included=not clause.included)))
    if isinstance(clause, TurnoverRent):
        point = NONE if clause.breakpoint == NATURAL else NATURAL
        found.append(Reading("over_breakpoint_or_all", clause, replace(clause, breakpoint=point)))
    return tuple(found)


def _other_year(clause: RecurringFree) -> RecurringFree:
    if clause.meaning == LAST_MONTHS:
        return replace(clause, meaning=CALENDAR_MONTH, calendar_month=13 - clause.months)
    if clause.meaning == FIRST_MONTHS:
        return replace(clause, meaning=CALENDAR_MONTH, calendar_month=1)
    first = clause.calendar_month or 1
    return replace(clause, meaning=FIRST_MONTHS if first <= 6 else LAST_MONTHS, calendar_month=None)


def replace_clause(agreement: Agreement, old: Clause, new: Clause) -> Agreement:
    """Return the agreement with a clause read in another way, in every version that says the same."""
    same = replace(old, ref="")
    versions = [
        replace(v, clauses=tuple(replace(new, ref=c.ref) if replace(c, ref="") == same else c for c in v.clauses))
        for v in agreement.versions
    ]
    return replace(agreement, versions=versions)


def compare(
    mine: Agreement, other: Agreement, figures: Figures | None = None, *, on: date, percent_per_year: Decimal
) -> Comparison:
    """Return two agreements side by side, month by month to the end, with totals and present value on a day.

    Parameters
    ----------
    mine, other
        The agreement as read in two ways.
    figures
        Index values and turnover that both need.
    on, percent_per_year
        Day and rate of the present value [date; %/year].
    """
    first, second = schedule(mine, figures), schedule(other, figures)
    left, right = by_month(first), by_month(second)
    months = tuple(
        MonthPair(month, _owed(left.get(month, [])), _owed(right.get(month, []))) for month in sorted({*left, *right})
    )
    return Comparison(
        months,
        total(first),
        total(second),
        present_value(first, on=on, percent_per_year=percent_per_year),
        present_value(second, on=on, percent_per_year=percent_per_year),
        tuple(first),
        tuple(second),
    )


def _owed(lines: Sequence[Line]) -> Decimal | None:
    sums = Decimal(0)
    for line in lines:
        if line.gross_yuan is None:
            return None
        sums += line.gross_yuan
    return sums


def readings(
    agreement: Agreement, figures: Figures | None = None, *, on: date, percent_per_year: Decimal
) -> list[tuple[Reading, Comparison]]:
    """Return every clause that can be read in two ways and owes something else when it is, with both schedules."""
    found: list[tuple[Reading, Comparison]] = []
    seen: list[Clause] = []
    for version in agreement.versions:
        for clause in version.clauses:
            if replace(clause, ref="") in seen:
                continue
            seen.append(replace(clause, ref=""))
            for reading in other_readings(clause):
                second = replace_clause(agreement, clause, reading.other)
                pair = compare(agreement, second, figures, on=on, percent_per_year=percent_per_year)
                if pair.differing_months:
                    found.append((reading, pair))
    return found
