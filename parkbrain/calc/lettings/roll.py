"""What is let: totals of the rent roll, unexpired terms, vacancy, expiries by year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class LetLine:
    """Premises that are let: area [m²], rent of a month [yuan] (None: unknown), up to, not including, `ends_on`.

    `ends_on` None is an end that nobody knows.
    """

    key: str
    area_m2: float
    rent_yuan_per_month: Decimal | None
    ends_on: date | None


@dataclass(frozen=True)
class RollTotals:
    """Sums of a rent roll: what is not known is counted apart and never taken for zero."""

    count: int
    area_m2: float
    rent_yuan_per_month: Decimal
    area_with_rent_m2: float
    unknown_rents: int
    unknown_ends: int

    @property
    def rent_yuan_per_m2_month(self) -> Decimal | None:
        """Mean rent of the area whose rent is known [yuan/m²·month], rounded to the cent."""
        if not self.area_with_rent_m2:
            return None
        return round(self.rent_yuan_per_month / Decimal(str(self.area_with_rent_m2)), 2)


def roll_totals(lines: Sequence[LetLine]) -> RollTotals:
    """Return the sums of a rent roll.

    Examples
    --------
    >>> made = roll_totals([LetLine("1", 100.0, Decimal(5000), None), LetLine("2", 50.0, None, None)])
    >>> made.area_m2, made.rent_yuan_per_m2_month, made.unknown_rents
    (150.0, Decimal('50.00'), 1)
    """
    known = [line for line in lines if line.rent_yuan_per_month is not None]
    return RollTotals(
        count=len(lines),
        area_m2=sum(line.area_m2 for line in lines),
        rent_yuan_per_month=sum((line.rent_yuan_per_month or Decimal() for line in known), Decimal()),
        area_with_rent_m2=sum(line.area_m2 for line in known),
        unknown_rents=len(lines) - len(known),
        unknown_ends=sum(1 for line in lines if line.ends_on is None),
    )


def wault_years(lines: Sequence[LetLine], on: date, *, weight: str = "area") -> float | None:
    """Return the weighted average unexpired lease term to expiry [a].

    Parameters
    ----------
    lines
        What is let on the day. Lines without an end, or without the weight, are left out; a lease held over (its end has
        passed) counts with no time left.
    on
        The day.
    weight
        ``area`` or ``rent``.

    Returns
    -------
    float or None
        Years of 365.25 days; None where no line has a weight.

    Raises
    ------
    ValueError
        If the weight is neither.

    Examples
    --------
    >>> lines = [LetLine("1", 100.0, None, date(2027, 1, 1)), LetLine("2", 300.0, None, date(2029, 1, 1))]
    >>> round(wault_years(lines, date(2026, 1, 1)), 2)
    2.5
    """
    if weight not in {"area", "rent"}:
        raise ValueError(f"unknown weight {weight!r}: area or rent")
    weighted = total = 0.0
    for line in lines:
        size = line.area_m2 if weight == "area" else float(line.rent_yuan_per_month or 0)
        if line.ends_on is None or size <= 0:
            continue
        weighted += size * max(0, (line.ends_on - on).days) / DAYS_PER_YEAR
        total += size
    return weighted / total if total else None


def vacancy_rate(vacant_m2: float, lettable_m2: float) -> float | None:
    """Return the vacant share of the lettable area [1]; None where nothing can be let.

    Raises
    ------
    ValueError
        If an area is negative, or more is vacant than can be let.

    Examples
    --------
    >>> vacancy_rate(120.0, 1000.0)
    0.12
    """
    if vacant_m2 < 0 or lettable_m2 < 0 or vacant_m2 > lettable_m2 * (1 + 1e-9):
        raise ValueError(f"{vacant_m2} m² vacant of {lettable_m2} m²")
    return vacant_m2 / lettable_m2 if lettable_m2 else None


@dataclass(frozen=True)
class Expiring:
    """What ends in a year: leases, area [m²], rent of a month [yuan]; year None stands for an end that is not known."""

    year: int | None
    keys: tuple[str, ...]
    area_m2: float
    rent_yuan_per_month: Decimal


def expiry_profile(lines: Sequence[LetLine]) -> list[Expiring]:
    """Return what ends by year of the last day, the years in between without any too; unknown ends stand last.

    Examples
    --------
    >>> lines = [LetLine("1", 80.0, Decimal(4000), date(2027, 1, 1)), LetLine("2", 20.0, Decimal(900), date(2028, 5, 1))]
    >>> [(e.year, e.area_m2) for e in expiry_profile(lines)]
    [(2026, 80.0), (2027, 0), (2028, 20.0)]
    """
    by_year: dict[int | None, list[LetLine]] = {}
    for line in lines:
        # The last day that is let: a lease up to 1 January ends in the year before.
        year = None if line.ends_on is None else date.fromordinal(line.ends_on.toordinal() - 1).year
        by_year.setdefault(year, []).append(line)
    known = [year for year in by_year if year is not None]
    years: list[int | None] = list(range(min(known), max(known) + 1)) if known else []
    if None in by_year:
        years.append(None)
    return [
        Expiring(
            year,
            tuple(line.key for line in by_year.get(year, ())),
            sum(line.area_m2 for line in by_year.get(year, ())),
            sum((line.rent_yuan_per_month or Decimal() for line in by_year.get(year, ())), Decimal()),
        )
        for year in years
    ]


def median_or_none(values: Sequence[float], *, least: int) -> float | None:
    """Return the median, or None where there are fewer than `least` values to speak of.

    Examples
    --------
    >>> median_or_none([50.0, 54.0, 62.0], least=3), median_or_none([50.0], least=3)
    (54.0, None)
    """
    return float(median(values)) if len(values) >= max(1, least) else None
