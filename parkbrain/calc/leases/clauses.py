"""The clauses of a lease as typed objects: each says one thing only, in units that its fields name.

Sources: Civil Code of the People's Republic of China, articles 703-734 (lease contracts; a term is at most 20 years,
article 705); common practice of industrial leases in Shenzhen as gathered in the documentation of this project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from .fields import (
    ClauseProblems,
    Codes,
    Day,
    Flag,
    Money,
    Percent,
    Price,
    Problem,
    Text,
    count_of,
    one_of,
    percent_of,
    read,
    some_of,
)

RENT, PROPERTY_FEE, TURNOVER = "RENT", "PROPERTY_FEE", "TURNOVER_RENT"
#: Fees that are priced per square meter.
PRICED = (RENT, PROPERTY_FEE)
FEES = (*PRICED, TURNOVER)
MONTH, DAY = "MONTH", "DAY"
COMPOUND, SIMPLE = "COMPOUND", "SIMPLE"
LAST_MONTHS, FIRST_MONTHS = "CONTRACT_YEAR_LAST_MONTHS", "CONTRACT_YEAR_FIRST_MONTHS"
CALENDAR_MONTH = "CALENDAR_MONTH"
NATURAL, STATED, NONE = "NATURAL", "STATED", "NONE"


@dataclass(frozen=True, kw_only=True)
class Clause:
    """What every clause has: `ref` says where it is kept, so that a line can open it."""

    KIND: ClassVar[str] = ""
    ref: str = ""

    def check(self) -> list[Problem]:
        """Return what is wrong between the fields."""
        return []


def _forward(starts_on: date | None, ends_on: date | None) -> list[Problem]:
    if starts_on and ends_on and ends_on <= starts_on:
        return [Problem("ends_on", "period_backwards", ends_on.isoformat())]
    return []


@dataclass(frozen=True, kw_only=True)
class Rent(Clause):
    """Rent per square meter and month, or and day; for all premises, or for those that are named."""

    KIND: ClassVar[str] = "RENT"
    FEE: ClassVar[str] = RENT
    price_yuan_per_m2: Price
    per: Annotated[str, one_of(MONTH, DAY)] = MONTH
    premises: Codes = ()


@dataclass(frozen=True, kw_only=True)
class PropertyFee(Clause):
    """Property fee per square meter and month, or and day."""

    KIND: ClassVar[str] = "PROPERTY_FEE"
    FEE: ClassVar[str] = PROPERTY_FEE
    price_yuan_per_m2: Price
    per: Annotated[str, one_of(MONTH, DAY)] = MONTH
    premises: Codes = ()


@dataclass(frozen=True, kw_only=True)
class RentStep(Clause):
    """A new price from a day on; rises count from it anew."""

    KIND: ClassVar[str] = "RENT_STEP"
    from_on: Day
    price_yuan_per_m2: Price
    fee: Annotated[str, one_of(*PRICED)] = RENT
    premises: Codes = ()


@dataclass(frozen=True, kw_only=True)
class Rise(Clause):
    """The price rises by a percentage every n years: on the last price (compound) or on the first (simple).

    Without `first_on` the first rise comes n years after the term begins. Caps hold the price to a percentage over the
    base price or to a price.
    """

    KIND: ClassVar[str] = "RISE"
    percent: Annotated[Decimal, percent_of(most=100)]
    every_years: Annotated[int, count_of(least=1, most=20)] = 1
    first_on: Day | None = None
    mode: Annotated[str, one_of(COMPOUND, SIMPLE)] = COMPOUND
    cap_percent: Percent | None = None
    cap_price_yuan_per_m2: Price | None = None
    fee: Annotated[str, one_of(*PRICED)] = RENT


@dataclass(frozen=True, kw_only=True)
class Index(Clause):
    """The price follows a published index: reviewed every n years, with a floor and a cap over the base price.

    The value of the month `lag_months` before the review counts; `share_percent` of the index's change is passed on.
    """

    KIND: ClassVar[str] = "INDEX"
    series: Text
    base_month_on: Day
    first_on: Day
    every_years: Annotated[int, count_of(least=1, most=20)] = 1
    lag_months: Annotated[int, count_of(most=24)] = 0
    share_percent: Annotated[Decimal, percent_of(most=200)] = Decimal(100)
    floor_percent: Annotated[Decimal, percent_of(least=-100)] | None = None
    cap_percent: Percent | None = None
    fee: Annotated[str, one_of(*PRICED)] = RENT

    def check(self) -> list[Problem]:
        """Return what is wrong between floor and cap."""
        if self.floor_percent is not None and self.cap_percent is not None and self.floor_percent > self.cap_percent:
            return [Problem("cap_percent", "cap_below_floor", str(self.cap_percent))]
        return []


@dataclass(frozen=True, kw_only=True)
class TurnoverRent(Clause):
    """A share of the tenant's turnover over a breakpoint: natural (base rent ÷ share), stated per year, or none."""

    KIND: ClassVar[str] = "TURNOVER_RENT"
    percent: Annotated[Decimal, percent_of(most=100)]
    breakpoint: Annotated[str, one_of(NATURAL, STATED, NONE)] = NATURAL
    breakpoint_yuan_per_year: Money | None = None
    months_per_report: Annotated[int, count_of(least=1, most=12)] = 12

    def check(self) -> list[Problem]:
        """Return what is wrong: a stated breakpoint needs its amount, reports cover 1, 3, 6 or 12 months."""
        problems = []
        if self.breakpoint == STATED and self.breakpoint_yuan_per_year is None:
            problems.append(Problem("breakpoint_yuan_per_year", "missing"))
        if self.percent == 0:
            problems.append(Problem("percent", "too_small", "0"))
        if self.months_per_report not in (1, 3, 6, 12):
            problems.append(Problem("months_per_report", "not_an_option", str(self.months_per_report)))
        return problems


@dataclass(frozen=True, kw_only=True)
class RentFree(Clause):
    """Days for which the named fees are not owed: ``[starts_on, ends_on)``."""

    KIND: ClassVar[str] = "RENT_FREE"
    starts_on: Day
    ends_on: Day
    frees: Annotated[tuple[str, ...], some_of(*PRICED)] = (RENT,)

    def check(self) -> list[Problem]:
        """Return a period that runs backwards."""
        return _forward(self.starts_on, self.ends_on)


@dataclass(frozen=True, kw_only=True)
class RecurringFree(Clause):
    """Free months every year. The meaning is explicit: of the contract year, first or last, or of the calendar year.

    Contract years count from the first day of the term; with `CALENDAR_MONTH` the free months begin with
    `calendar_month` of each calendar year. `first_year` and `last_year` are contract years, or calendar years of the term.
    """

    KIND: ClassVar[str] = "RECURRING_FREE"
    meaning: Annotated[str, one_of(LAST_MONTHS, FIRST_MONTHS, CALENDAR_MONTH)]
    months: Annotated[int, count_of(least=1, most=11)] = 1
    calendar_month: Annotated[int, count_of(least=1, most=12)] | None = None
    first_year: Annotated[int, count_of(least=1, most=20)] = 1
    last_year: Annotated[int, count_of(least=1, most=20)] | None = None
    frees: Annotated[tuple[str, ...], some_of(*PRICED)] = (RENT,)

    def check(self) -> list[Problem]:
        """Return a calendar meaning without its month, or years that run backwards."""
        problems = []
        if self.meaning == CALENDAR_MONTH and self.calendar_month is None:
            problems.append(Problem("calendar_month", "missing"))
        if self.last_year is not None and self.last_year < self.first_year:
            problems.append(Problem("last_year", "period_backwards", str(self.last_year)))
        return problems


@dataclass(frozen=True, kw_only=True)
class FitOut(Clause):
    """Fit-out period: no rent where `rent_free`; the property fee runs from its first day, or only after it."""

    KIND: ClassVar[str] = "FIT_OUT"
    starts_on: Day
    ends_on: Day
    rent_free: Flag = True
    property_fee_runs: Flag = True

    def check(self) -> list[Problem]:
        """Return a period that runs backwards."""
        return _forward(self.starts_on, self.ends_on)


@dataclass(frozen=True, kw_only=True)
class Utilities(Clause):
    """How a supply is charged: by the tariff on its own meter, or by a share of the park's whole bill or common use."""

    KIND: ClassVar[str] = "UTILITIES"
    supply: Annotated[str, one_of("ELECTRICITY", "WATER", "GAS", "HEAT", "COOLING")]
    way: Annotated[str, one_of("TARIFF", "SHARE")]
    share_percent: Annotated[Decimal, percent_of(most=100)] | None = None
    share_of: Annotated[str, one_of("WHOLE", "PUBLIC")] = "WHOLE"
    tariff: Text = ""

    def check(self) -> list[Problem]:
        """Return a share without its percentage."""
        if self.way == "SHARE" and self.share_percent is None:
            return [Problem("share_percent", "missing")]
        return []


@dataclass(frozen=True, kw_only=True)
class LateFee(Clause):
    """Late fee by the day on what is overdue, with its own first day, days of grace and a cap on the sum."""

    KIND: ClassVar[str] = "LATE_FEE"
    percent_per_day: Annotated[Decimal, percent_of(most=5)]
    starts_on: Day | None = None
    grace_days: Annotated[int, count_of(most=365)] = 0
    counts_from: Annotated[str, one_of("GRACE_END", "DUE_DAY")] = "GRACE_END"
    cap_percent: Percent | None = None


@dataclass(frozen=True, kw_only=True)
class Tax(Clause):
    """Value added tax on fees: included in their prices, or on top."""

    KIND: ClassVar[str] = "TAX"
    rate_percent: Annotated[Decimal, percent_of(most=50)]
    included: Flag = True
    fees: Annotated[tuple[str, ...], some_of(*FEES)] = FEES


@dataclass(frozen=True, kw_only=True)
class Concession(Clause):
    """A concession of a programme (让利): a percentage or an amount off, up to limits, between dates."""

    KIND: ClassVar[str] = "CONCESSION"
    programme: Text
    starts_on: Day
    ends_on: Day
    percent: Annotated[Decimal, percent_of(most=100)] | None = None
    amount_yuan_per_m2_month: Price | None = None
    limit_yuan: Money | None = None
    limit_yuan_per_m2: Price | None = None
    limit_months: Annotated[int, count_of(least=1, most=240)] | None = None
    fees: Annotated[tuple[str, ...], some_of(*PRICED)] = (RENT,)

    def check(self) -> list[Problem]:
        """Return a period that runs backwards, and a concession with both ways or none."""
        problems = _forward(self.starts_on, self.ends_on)
        if (self.percent is None) == (self.amount_yuan_per_m2_month is None):
            problems.append(Problem("percent", "one_of_two"))
        return problems


CLAUSES: Mapping[str, type[Clause]] = {
    c.KIND: c
    for c in (
        Rent,
        RentStep,
        Rise,
        Index,
        TurnoverRent,
        RentFree,
        RecurringFree,
        FitOut,
        PropertyFee,
        Utilities,
        LateFee,
        Tax,
        Concession,
    )
}


def parse_clause(kind: str, values: Mapping[str, Any], *, ref: str = "") -> Clause:
    """Return the clause of plain values as JSON, a form or a sheet holds them.

    Raises
    ------
    ClauseProblems
        The kind is unknown, or fields are missing or wrong; each is named with a code and the value as given.

    Examples
    --------
    >>> parse_clause("RISE", {"percent": "5", "every_years": "2"}).percent
    Decimal('5')
    >>> parse_clause("RISE", {"percent": "12,5O0"})
    Traceback (most recent call last):
    parkbrain.calc.leases.fields.ClauseProblems: RISE: percent: not_a_number '12,5O0'
    """
    cls = CLAUSES.get(kind)
    if cls is None:
        raise ClauseProblems(kind, [Problem("kind", "not_an_option", kind)])
    return read(cls, kind, values, ref=ref)
