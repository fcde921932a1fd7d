"""The term cut into pieces in which nothing changes: month, version, price, free days, concessions, premises."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from .clauses import DAY, PRICED, Concession, Tax
from .frees import Window, free_windows
from .months import month_borders, part_of_month
from .prices import Price, price_line
from .spans import governing_spans
from .taxes import tax_of
from .terms import Agreement, Figures, Place, Terms, Version


class Piece(NamedTuple):
    """Days within a month with one price: the part of it that is owed, and what frees or lessens it."""

    begin: date
    end: date
    price: Price
    numerator: int
    denominator: int
    free: Window | None
    concessions: tuple[Concession, ...]


@dataclass(slots=True)
class Draft:
    """A line before its money is worked out."""

    kind: str
    place: Place
    version: Version
    begin: date
    end: date
    tax: Tax | None
    pieces: list[Piece] = field(default_factory=list)


class State(NamedTuple):
    """What holds between two cuts: the price, what frees the days, what lessens them."""

    price: Price
    free: Window | None
    concessions: tuple[Concession, ...]


@dataclass(frozen=True)
class Track:
    """All that may change the price of a fee in premises while a version governs: days, and what holds after each."""

    cuts: Sequence[date]
    states: Sequence[State]


def draft_lines(agreement: Agreement, figures: Figures, begin: date, end: date) -> list[Draft]:
    """Return the lines that touch ``[begin, end)``, cut into pieces, in order of their first day, kind and premises."""
    drafts: list[Draft] = []
    days = [v.effective_on for v in agreement.versions]
    for number, first, last in governing_spans(days, agreement.starts_on, agreement.last_on):
        if first < end and last > begin:
            drafts += _of_version(agreement, agreement.versions[number], first, last, figures, begin, end)
    drafts.sort(key=lambda d: (d.begin, PRICED.index(d.kind), d.place.code))
    return drafts


def _of_version(
    agreement: Agreement, version: Version, first: date, last: date, figures: Figures, begin: date, end: date
) -> Iterator[Draft]:
    periods = list(billing_periods(version.terms, agreement))
    concessions = [c for c in version.clauses if isinstance(c, Concession)]
    frees = {fee: free_windows(version.clauses, fee, agreement.starts_on, agreement.ends_on) for fee in PRICED}
    for fee in PRICED:
        fitting = [c for c in concessions if fee in c.fees]
        tax = tax_of(version.clauses, fee)
        for place in version.places:
            start, stop = max(first, place.starts_on), min(last, place.ends_on)
            if stop <= start or stop <= begin or start >= end:
                continue
            prices = price_line(
                version.clauses, fee, place.code, agreement.starts_on, agreement.ends_on, version.terms, figures
            )
            if not prices:
                continue
            track = _track(prices, frees[fee], fitting)
            for a, b, months in periods:
                lower, upper = max(a, start), min(b, stop)
                if upper > lower and lower < end and upper > begin:
                    draft = Draft(fee, place, version, lower, upper, tax)
                    _cut(draft, months, track, version.terms)
                    yield draft


def billing_periods(terms: Terms, agreement: Agreement) -> Iterator[tuple[date, date, Sequence[date]]]:
    """Yield the billing periods of the term with the borders of their months; the first and last may reach outside it.

    Examples
    --------
    >>> agreement = Agreement(date(2026, 1, 15), date(2026, 5, 1), [])
    >>> [(a.isoformat(), b.isoformat()) for a, b, _ in billing_periods(Terms(months_per_bill=3), agreement)]
    [('2026-01-01', '2026-04-01'), ('2026-04-01', '2026-05-01')]
    """
    borders = month_borders(terms.cycle, agreement.starts_on, agreement.ends_on)
    size = terms.months_per_bill
    for n in range(0, len(borders) - 1, size):
        part = borders[n : n + size + 1]
        yield part[0], part[-1], part


def _track(prices: Sequence[Price], windows: Sequence[Window], concessions: Sequence[Concession]) -> Track:
    days = [p.from_on for p in prices]
    found = set(days)
    for window in windows:
        found |= {window[0], window[1]}
    for clause in concessions:
        found |= {clause.starts_on, clause.ends_on}
    cuts = sorted(found)
    states = [State(prices[0], None, ())]
    for on in cuts:
        price = prices[max(bisect_right(days, on) - 1, 0)]
        free = next((w for w in windows if w[0] <= on < w[1]), None)
        states.append(State(price, free, tuple(c for c in concessions if c.starts_on <= on < c.ends_on)))
    return Track(cuts, states)


def _cut(draft: Draft, months: Sequence[date], track: Track, terms: Terms) -> None:
    """Cut a line at its months and wherever something changes."""
    cuts, states, begin, end = track.cuts, track.states, draft.begin, draft.end
    for month_begin, month_end in pairwise(months):
        a, upper = max(month_begin, begin), min(month_end, end)
        if upper <= a:
            continue
        at = bisect_right(cuts, a)
        while a < upper:
            b = cuts[at] if at < len(cuts) and cuts[at] < upper else upper
            price, free, less = states[at]
            parts = (
                ((b - a).days, 1) if price.per == DAY else part_of_month(terms.day_count, a, b, month_begin, month_end)
            )
            draft.pieces.append(Piece(a, b, price, *parts, free, less))
            a, at = b, at + 1


def exact_amount(piece: Piece, area_m2: Decimal) -> Decimal | None:
    """Return what a piece owes before deductions and rounding [yuan], None where its price is unknown."""
    price = piece.price.yuan_per_m2
    if price is None:
        return None
    if piece.numerator == piece.denominator:
        return area_m2 * price
    return area_m2 * price * piece.numerator / piece.denominator
