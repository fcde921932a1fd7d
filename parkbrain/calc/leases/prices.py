"""What a square meter costs from which day on: base price, steps, rises, caps, index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from .clauses import SIMPLE, Clause, Index, PropertyFee, Rent, RentStep, Rise
from .months import add_months
from .terms import Figures, Terms

HUNDRED, ONE = Decimal(100), Decimal(1)


class Step(NamedTuple):
    """One step of an explanation: a code, the values put in, and the clause that says so."""

    code: str
    values: Mapping[str, Any]
    ref: str = ""


@dataclass(frozen=True)
class Price:
    """A price from a day on [yuan/m²]: None where a figure it needs is unknown."""

    from_on: date
    yuan_per_m2: Decimal | None
    per: str
    steps: tuple[Step, ...]


def round_to(value: Decimal, step: Decimal) -> Decimal:
    """Round half up to a multiple of the step.

    Examples
    --------
    >>> round_to(Decimal("71.6625"), Decimal("0.01"))
    Decimal('71.66')
    >>> round_to(Decimal("71.65"), Decimal("0.1"))
    Decimal('71.7')
    """
    if step == _CENT:
        return value.quantize(_CENT, ROUND_HALF_UP)
    return ((value / step).quantize(ONE, ROUND_HALF_UP) * step).quantize(step if step < 1 else ONE)


_CENT = Decimal("0.01")


def price_line(
    clauses: Sequence[Clause], fee: str, place: str, starts_on: date, ends_on: date, terms: Terms, figures: Figures
) -> list[Price]:
    """Return the prices of a fee for premises in their order, from the first day of the term on.

    Parameters
    ----------
    clauses
        Clauses of one version.
    fee, place
        ``RENT`` or ``PROPERTY_FEE``; the code of the premises.
    starts_on, ends_on
        The term, from which rises without a first day count [date].
    terms, figures
        Rounding of prices; values of indices.

    Returns
    -------
    list of Price
        Empty where no clause prices the fee; the price is None where an index value is unknown.

    Examples
    --------
    >>> clauses = [Rent(price_yuan_per_m2=Decimal(60)), Rise(percent=Decimal(5), every_years=1)]
    >>> line = price_line(clauses, "RENT", "101", date(2026, 1, 1), date(2029, 1, 1), Terms(), Figures())
    >>> [(p.from_on.isoformat(), str(p.yuan_per_m2)) for p in line]
    [('2026-01-01', '60.00'), ('2027-01-01', '63.00'), ('2028-01-01', '66.15')]
    """
    base = _most_special([c for c in clauses if isinstance(c, (Rent, PropertyFee)) and fee == c.FEE], place)
    if base is None:
        return []
    steps = [c for c in clauses if isinstance(c, RentStep) and c.fee == fee and _applies(c, place)]
    rises = [c for c in clauses if isinstance(c, Rise) and c.fee == fee]
    reviews = [c for c in clauses if isinstance(c, Index) and c.fee == fee]
    days = {starts_on}
    events: list[tuple[date, int, Clause]] = [(s.from_on, 0, s) for s in steps]
    for rise in rises:
        first = rise.first_on or add_months(starts_on, 12 * rise.every_years)
        events += [(on, 1, rise) for on in _every(first, rise.every_years, ends_on)]
    events.sort(key=lambda e: (e[0], e[1]))
    days |= {e[0] for e in events if starts_on < e[0] < ends_on}
    for review in reviews:
        days |= {on for on in _every(review.first_on, review.every_years, ends_on) if on > starts_on}
    return [_price_on(on, base, events, reviews, terms, figures) for on in sorted(days)]


def _applies(clause: Rent | PropertyFee | RentStep, place: str) -> bool:
    return not clause.premises or place in clause.premises


def _most_special(clauses: Sequence[Rent | PropertyFee], place: str) -> Rent | PropertyFee | None:
    """Return the clause that names the premises, else the one for all; of two the later."""
    fitting = [c for c in clauses if _applies(c, place)]
    return max(fitting, key=lambda c: bool(c.premises)) if fitting else None


def _every(first: date, years: int, ends_on: date) -> list[date]:
    found, number = [], 0
    while (on := add_months(first, 12 * years * number)) < ends_on:
        found.append(on)
        number += 1
    return found


def _price_on(
    on: date,
    base: Rent | PropertyFee,
    events: Sequence[tuple[date, int, Clause]],
    reviews: Sequence[Index],
    terms: Terms,
    figures: Figures,
) -> Price:
    first = exact = base.price_yuan_per_m2
    steps = [Step("price_base", {"price": first, "per": base.per}, base.ref)]
    for day, _order, clause in events:
        if day > on:
            break
        if isinstance(clause, RentStep):
            first = exact = clause.price_yuan_per_m2
            steps = [Step("price_step", {"price": first, "from_on": day}, clause.ref)]
        elif isinstance(clause, Rise):
            old = exact
            share = clause.percent / HUNDRED
            exact = exact + first * share if clause.mode == SIMPLE else exact * (ONE + share)
            steps.append(
                Step("price_rise", {"percent": clause.percent, "from_on": day, "mode": clause.mode}, clause.ref)
            )
            exact = _capped(clause, first, old, exact, steps)
    for review in reviews:
        if review.first_on <= on:
            factor = _index_factor(review, on, figures, steps)
            if factor is None:
                return Price(on, None, base.per, tuple(steps))
            exact = exact * factor
    price = round_to(exact, terms.price_to_yuan) if exact != base.price_yuan_per_m2 else exact
    return Price(on, price.quantize(_CENT) if price == price.quantize(_CENT) else price, base.per, tuple(steps))


def _capped(rise: Rise, first: Decimal, old: Decimal, new: Decimal, steps: list[Step]) -> Decimal:
    """Hold a risen price to the caps of its clause; a price that was over the cap before stays."""
    limits = [p for p in (rise.cap_price_yuan_per_m2,) if p is not None]
    if rise.cap_percent is not None:
        limits.append(first * (ONE + rise.cap_percent / HUNDRED))
    if not limits or new <= min(limits):
        return new
    steps.append(Step("price_capped", {"cap": min(limits)}, rise.ref))
    return max(old, min(limits))


def _index_factor(clause: Index, on: date, figures: Figures, steps: list[Step]) -> Decimal | None:
    """Return by what the index changes the price at its last review, or None where a value is unknown."""
    review = _every(clause.first_on, clause.every_years, on + (date.resolution))[-1]
    month = add_months(review, -clause.lag_months).replace(day=1)
    series = figures.indices.get(clause.series, {})
    base, value = series.get(clause.base_month_on.replace(day=1)), series.get(month)
    if base is None or value is None:
        missing = month if base is not None else clause.base_month_on.replace(day=1)
        steps.append(Step("index_unknown", {"series": clause.series, "month": missing}, clause.ref))
        return None
    change = (value / base - ONE) * clause.share_percent / HUNDRED
    held = change
    if clause.floor_percent is not None:
        held = max(held, clause.floor_percent / HUNDRED)
    if clause.cap_percent is not None:
        held = min(held, clause.cap_percent / HUNDRED)
    values = {"series": clause.series, "month": month, "base": base, "value": value, "percent": held * HUNDRED}
    steps.append(Step("price_index" if held == change else "price_index_held", values, clause.ref))
    return ONE + held
