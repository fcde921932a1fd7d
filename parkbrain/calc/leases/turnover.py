"""Rent by turnover: a share of what the tenant sold over a breakpoint; unknown until it is reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from .clauses import NATURAL, RENT, STATED, TURNOVER, Tax, TurnoverRent
from .lines import ZERO, Line
from .months import due_day, part_of_month
from .pieces import billing_periods
from .prices import HUNDRED, ONE, Step, round_to
from .spans import governing_spans
from .taxes import tax_of, with_tax
from .terms import ACTUAL, Agreement, Figures, Terms


def turnover_lines(agreement: Agreement, figures: Figures, rents: Sequence[Line]) -> list[Line]:
    """Return the lines of turnover rent: one per reported period, due after its end.

    The breakpoint of a period is natural (the rent owed for its days, without tax, divided by the share), stated
    (the part of the yearly amount that the months of the period are of twelve), or none. The rent of the days comes from
    the lines, so it is unknown where one of them is.
    """
    lines: list[Line] = []
    days = [v.effective_on for v in agreement.versions]
    for number, first, last in governing_spans(days, agreement.starts_on, agreement.last_on):
        version = agreement.versions[number]
        for clause in version.clauses:
            if isinstance(clause, TurnoverRent):
                terms = replace(version.terms, months_per_bill=clause.months_per_report, in_advance=False)
                tax = tax_of(version.clauses, TURNOVER)
                for a, b, months in _periods(terms, agreement, first, last):
                    lines.append(_line(clause, a, b, months, terms, figures, rents, tax))
    return lines


def unreported_periods(agreement: Agreement, figures: Figures, until: date) -> list[tuple[date, date]]:
    """Return the reporting periods of turnover rent that ended on or before a day and that nobody has reported.

    Examples
    --------
    >>> unreported_periods(Agreement(date(2026, 1, 1), date(2027, 1, 1), []), Figures(), date(2027, 1, 1))
    []
    """
    missing: list[tuple[date, date]] = []
    days = [v.effective_on for v in agreement.versions]
    for number, first, last in governing_spans(days, agreement.starts_on, agreement.last_on):
        version = agreement.versions[number]
        for clause in version.clauses:
            if isinstance(clause, TurnoverRent):
                terms = replace(version.terms, months_per_bill=clause.months_per_report)
                periods = [(a, b) for a, b, _months in _periods(terms, agreement, first, last) if b <= until]
                missing += [(a, b) for a, b in periods if _turnover_of(figures, a, b) is None]
    return missing


def _periods(terms: Terms, agreement: Agreement, first: date, last: date) -> Iterator[tuple[date, date, Decimal]]:
    for a, b, borders in billing_periods(terms, agreement):
        lower, upper = max(a, first), min(b, last)
        if upper <= lower:
            continue
        months = ZERO
        for n in range(len(borders) - 1):
            x, y = max(borders[n], lower), min(borders[n + 1], upper)
            if y > x:
                parts = part_of_month(ACTUAL, x, y, borders[n], borders[n + 1])
                months += Decimal(parts[0]) / parts[1]
        yield lower, upper, months


def _line(
    clause: TurnoverRent,
    begin: date,
    end: date,
    months: Decimal,
    terms: Terms,
    figures: Figures,
    rents: Sequence[Line],
    tax: Tax | None,
) -> Line:
    steps: list[Step] = []
    rate = tax.rate_percent if tax else ZERO
    due = due_day(terms, begin, end)
    shared = (TURNOVER, "", begin, end, due, None, None, "MONTH")
    turnover = _turnover_of(figures, begin, end)
    point = _breakpoint(clause, begin, end, months, rents, steps)
    if turnover is None:
        steps.append(Step("turnover_unknown", {"starts_on": begin, "ends_on": end}, clause.ref))
    if turnover is None or point is None:
        return Line(*shared, None, None, rate, None, None, (), tuple(steps))
    over = max(turnover - point, ZERO)
    amount = round_to(over * clause.percent / HUNDRED, terms.round_to_yuan).quantize(Decimal("0.01"))
    steps.append(
        Step("turnover", {"turnover": turnover, "over": over, "percent": clause.percent, "amount": amount}, clause.ref)
    )
    net, duty, gross = with_tax(amount, tax, steps)
    return Line(*shared, ONE, net, rate, duty, gross, (), tuple(steps))


def _turnover_of(figures: Figures, begin: date, end: date) -> Decimal | None:
    """Return the reported turnover of exactly these days: of one report, or of reports that follow each other."""
    total, at = ZERO, begin
    while at < end:
        found = next(((b, v) for (a, b), v in figures.turnover.items() if a == at and b <= end), None)
        if found is None:
            return None
        at, total = found[0], total + found[1]
    return total


def _breakpoint(
    clause: TurnoverRent, begin: date, end: date, months: Decimal, rents: Sequence[Line], steps: list[Step]
) -> Decimal | None:
    if clause.breakpoint == STATED:
        point = (clause.breakpoint_yuan_per_year or ZERO) * months / 12
        steps.append(Step("breakpoint_stated", {"amount": round_to(point, Decimal("0.01"))}, clause.ref))
        return point
    if clause.breakpoint != NATURAL:
        return ZERO
    rent = ZERO
    for line in rents:
        if line.kind == RENT and line.starts_on < end and line.ends_on > begin:
            if line.net_yuan is None:
                steps.append(Step("base_rent_unknown", {"starts_on": line.starts_on}, clause.ref))
                return None
            days = (min(line.ends_on, end) - max(line.starts_on, begin)).days
            rent += line.net_yuan * days / (line.ends_on - line.starts_on).days
    point = rent * HUNDRED / clause.percent
    values = {
        "rent": round_to(rent, Decimal("0.01")),
        "percent": clause.percent,
        "amount": round_to(point, Decimal("0.01")),
    }
    steps.append(Step("breakpoint_natural", values, clause.ref))
    return point
