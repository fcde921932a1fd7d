"""What an agreement is: terms of payment, dated premises, versions, and the figures that clauses wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from .clauses import Clause
from .fields import Flag, Price, Problem, count_of, one_of, read

NATURAL_MONTHS, CONTRACT_MONTHS = "NATURAL", "ANNIVERSARY"
ACTUAL, THIRTY_360, ACTUAL_365 = "ACTUAL", "THIRTY_360", "ACTUAL_365"
PER_LINE, PER_PIECE = "LINE", "PIECE"
OFFSET, DAY_OF_MONTH = "OFFSET", "DAY_OF_MONTH"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How fees become amounts with a day on which they are due.

    `cycle` cuts the term at natural months or at months of the contract; bills cover `months_per_bill` of them, counted
    from the month in which the term begins. Due is `due_days` after the first day of the period (in advance; negative:
    before it) or after its end (in arrears), or the day `due_days` of that month. Part months count by `day_count`:
    actual days over those of the month, 30/360, or actual days over 365 of twelve monthly prices. Amounts are rounded
    half up to `round_to_yuan` per line or per piece of a line, prices after rises to `price_to_yuan`.
    """

    cycle: Annotated[str, one_of(NATURAL_MONTHS, CONTRACT_MONTHS)] = NATURAL_MONTHS
    months_per_bill: Annotated[int, count_of(least=1, most=12)] = 1
    in_advance: Flag = True
    due_rule: Annotated[str, one_of(OFFSET, DAY_OF_MONTH)] = OFFSET
    due_days: Annotated[int, count_of(least=-90, most=120)] = 0
    day_count: Annotated[str, one_of(ACTUAL, THIRTY_360, ACTUAL_365)] = ACTUAL
    round_to_yuan: Price = Decimal("0.01")
    round_at: Annotated[str, one_of(PER_LINE, PER_PIECE)] = PER_LINE
    price_to_yuan: Price = Decimal("0.01")

    def check(self) -> list[Problem]:
        """Return months that are not 1, 2, 3, 6 or 12, a day of the month that is none, and steps that are zero."""
        problems = []
        if self.months_per_bill not in (1, 2, 3, 6, 12):
            problems.append(Problem("months_per_bill", "not_an_option", str(self.months_per_bill)))
        if self.due_rule == DAY_OF_MONTH and not 1 <= self.due_days <= 31:
            problems.append(Problem("due_days", "not_a_day_of_the_month", str(self.due_days)))
        for name in ("round_to_yuan", "price_to_yuan"):
            if getattr(self, name) <= 0:
                problems.append(Problem(name, "too_small", str(getattr(self, name))))
        return problems


def parse_terms(values: Mapping[str, Any]) -> Terms:
    """Return the terms of plain values; what is not given is as `Terms` has it.

    Raises
    ------
    ClauseProblems
        Fields are wrong; each is named.

    Examples
    --------
    >>> parse_terms({"months_per_bill": 3}).months_per_bill
    3
    """
    return read(Terms, "TERMS", values)


@dataclass(frozen=True)
class Place:
    """Premises in ``[starts_on, ends_on)`` with the area that is paid for [m², > 0] and by which basis it was taken."""

    code: str
    area_m2: Decimal
    starts_on: date
    ends_on: date
    basis: str = "BILLING"


@dataclass(frozen=True)
class Version:
    """What the agreement says from a day on."""

    effective_on: date
    terms: Terms
    places: Sequence[Place]
    clauses: Sequence[Clause]


@dataclass(frozen=True)
class Agreement:
    """A term ``[starts_on, ends_on)`` with its versions; `stops_on` says that it ends earlier.

    Contract years, contract months and rises count from `starts_on`, whatever changes later.
    """

    starts_on: date
    ends_on: date
    versions: Sequence[Version]
    stops_on: date | None = None

    @property
    def last_on(self) -> date:
        """The first day that is not covered."""
        return min(self.stops_on, self.ends_on) if self.stops_on else self.ends_on


@dataclass(frozen=True)
class Figures:
    """What clauses wait for: index values by series and month, turnover by reported period [yuan]. Absent is unknown."""

    indices: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)
    turnover: Mapping[tuple[date, date], Decimal] = field(default_factory=dict)
