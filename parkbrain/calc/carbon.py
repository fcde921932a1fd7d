"""Greenhouse gases and standard coal from what was used: by scope, on both bases, with what is uncertain or unknown.

Sources: GHG Protocol Corporate Standard and Scope 2 Guidance (2015); GB/T 2589-2020; error propagation as in the 2006
IPCC Guidelines, volume 1, chapter 3 (equations 3.1 for products, 3.2 for sums).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from parkbrain.calc.factors import FactorBook, Found

SCOPE_1, SCOPE_2_LOCATION, SCOPE_2_MARKET, SCOPE_3 = SCOPES = (
    "scope_1",
    "scope_2_location",
    "scope_2_market",
    "scope_3",
)


@dataclass(frozen=True)
class ActivityData:
    """An amount used or released in a period [unit of its factor].

    `uncertainty` is half the 95 % interval as a share of the amount, `coverage` the share of the period that was
    measured; None where nobody knows. `certified_amount` is the part covered by green certificates (scope 2, market).
    """

    carrier: str
    amount: float | None
    starts_on: date
    scope: int
    uncertainty: float | None = None
    coverage: float | None = None
    certified_amount: float = 0.0

    def __post_init__(self) -> None:
        if self.scope not in {1, 2, 3}:
            raise ValueError(f"scope {self.scope} is none of 1, 2, 3")
        if self.amount is not None and not 0 <= self.certified_amount <= self.amount:
            raise ValueError(f"{self.certified_amount} of {self.amount} cannot be certified")


@dataclass(frozen=True)
class EmissionLine:
    """One activity in one scope: `tco2e` [t] is None where the amount or every factor for it is unknown."""

    activity: ActivityData
    scope: str
    found: Found | None
    tco2e: float | None
    uncertainty: float | None


@dataclass(frozen=True)
class ScopeTotal:
    """The sum of a scope's known lines [t], how uncertain it is [share], and how many lines are unknown."""

    tco2e: float
    uncertainty: float | None
    unknown: int


def list_emissions(
    activities: Iterable[ActivityData], book: FactorBook, *, areas: Sequence[str] = ("CN",), gwp: str = "AR5"
) -> list[EmissionLine]:
    """Return the emissions of every activity; bought energy appears twice, on both bases of scope 2.

    Parameters
    ----------
    activities
        What was used.
    book
        Dated factors.
    areas
        Where, from the nearest to the widest (province, grid, country).
    gwp
        Which assessment report's warming potentials turn other gases into CO2.

    Examples
    --------
    >>> from parkbrain.calc.factors import Factor
    >>> grid = Factor("electricity", "kgco2", "kWh", 0.5, date(2025, 1, 1), None, "CN", "location", "found", "somebody")
    >>> used = ActivityData("electricity", 10_000, date(2026, 1, 1), scope=2)
    >>> [(line.scope, line.tco2e) for line in list_emissions([used], FactorBook([grid]))]
    [('scope_2_location', 5.0), ('scope_2_market', None)]
    """
    lines = []
    for one in activities:
        if one.scope == 2:
            lines.append(_line(one, SCOPE_2_LOCATION, _scope_2(one, book, areas, "location"), one.amount))
            rest = None if one.amount is None else one.amount - one.certified_amount
            lines.append(_line(one, SCOPE_2_MARKET, _scope_2(one, book, areas, "market"), rest))
        else:
            found = (
                book.find(one.carrier, "kgco2", one.starts_on, areas=areas)
                or book.find(one.carrier, "kgco2e", one.starts_on, areas=areas, basis=gwp)
                or book.find(one.carrier, "kgco2e", one.starts_on, areas=areas)
            )
            lines.append(_line(one, SCOPE_1 if one.scope == 1 else SCOPE_3, found, one.amount))
    return lines


def _scope_2(one: ActivityData, book: FactorBook, areas: Sequence[str], basis: str) -> Found | None:
    # Heat and cold are not traded with certificates: one factor serves both bases.
    return book.find(one.carrier, "kgco2", one.starts_on, areas=areas, basis=basis) or book.find(
        one.carrier, "kgco2", one.starts_on, areas=areas
    )


def _line(one: ActivityData, scope: str, found: Found | None, amount: float | None) -> EmissionLine:
    if amount == 0:
        return EmissionLine(one, scope, found, 0.0, one.uncertainty)
    if amount is None or found is None:
        return EmissionLine(one, scope, found, None, None)
    uncertainty = combine_uncertainty(one.uncertainty, found.factor.uncertainty)
    return EmissionLine(one, scope, found, amount * found.factor.value / 1000.0, uncertainty)


def combine_uncertainty(amount: float | None, factor: float | None) -> float | None:
    """Return the uncertainty of an amount times a factor [share]: the root of the squares (equation 3.1).

    A factor without a published uncertainty adds none, so the answer is then that of the amount alone; without one of
    the amount there is no answer.

    Examples
    --------
    >>> combine_uncertainty(0.03, 0.04), combine_uncertainty(0.03, None), combine_uncertainty(None, 0.04)
    (0.05, 0.03, None)
    """
    return None if amount is None else math.hypot(amount, factor or 0.0)


def total_by_scope(lines: Iterable[EmissionLine]) -> dict[str, ScopeTotal]:
    """Return the totals by scope; the uncertainty of a sum is the root of the squares of its parts'.

    A total with a line of unknown uncertainty has none.

    Examples
    --------
    >>> one = ActivityData("diesel", 1.0, date(2026, 1, 1), scope=1, uncertainty=0.3)
    >>> two = ActivityData("diesel", 1.0, date(2026, 1, 1), scope=1, uncertainty=0.4)
    >>> total = total_by_scope([EmissionLine(a, SCOPE_1, None, 1.0, a.uncertainty) for a in (one, two)])["scope_1"]
    >>> total.tco2e, total.uncertainty
    (2.0, 0.25)
    """
    by_scope: dict[str, list[EmissionLine]] = {}
    for line in lines:
        by_scope.setdefault(line.scope, []).append(line)
    return {scope: _total(by_scope[scope]) for scope in SCOPES if scope in by_scope}


def _total(lines: Sequence[EmissionLine]) -> ScopeTotal:
    known = [line for line in lines if line.tco2e is not None]
    total = math.fsum(line.tco2e or 0.0 for line in known)
    uncertainty = None
    if known and total > 0 and all(line.uncertainty is not None for line in known):
        uncertainty = math.hypot(*((line.tco2e or 0.0) * (line.uncertainty or 0.0) for line in known)) / total
    return ScopeTotal(total, uncertainty, len(lines) - len(known))


def standard_coal_tce(
    used: Iterable[tuple[str, float | None]],
    on: date,
    book: FactorBook,
    *,
    electricity: str = "equivalent",
    areas: Sequence[str] = ("CN",),
) -> tuple[float, list[str]]:
    """Return the comprehensive energy of bought carriers [tce], and the carriers that are unknown and left out.

    Parameters
    ----------
    used
        Carrier and amount [unit of its factor]; None is unknown.
    on
        The day whose factors hold.
    book
        Dated factors.
    electricity
        ``equivalent`` (0.1229 kgce/kWh: the heat of a kWh) or ``coal_equivalent`` (what a power station burns for it);
        GB/T 2589-2020 asks to name which. They differ by a factor of two and a half: never mix them in one figure.
    areas
        Where, from the nearest to the widest.

    Examples
    --------
    >>> from parkbrain.calc.factors import Factor
    >>> kwh = Factor("electricity", "kgce", "kWh", 0.1229, date(2021, 4, 1), None, "CN", "equivalent", "known", "GB/T 2589")
    >>> standard_coal_tce([("electricity", 1e6), ("steam", 5.0)], date(2026, 1, 1), FactorBook([kwh]))
    (122.9, ['steam'])
    """
    total, unknown = [], []
    for carrier, amount in used:
        basis = electricity if carrier == "electricity" else ""
        found = book.find(carrier, "kgce", on, areas=areas, basis=basis)
        if amount is None or found is None:
            unknown.append(carrier)
        else:
            total.append(amount * found.factor.value / 1000.0)
    return round(math.fsum(total), 9), unknown
