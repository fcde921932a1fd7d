"""Dated factors: from an amount of something to standard coal or greenhouse gases, with where the number comes from.

A factor that nobody published is no factor: the answer is unknown, never zero. A year that has no value of its own yet
takes the latest one before it, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Factor:
    """One factor and its paper trail: `value` [`of` per `unit`] in ``[starts_on, ends_on)``, for an area and a basis."""

    carrier: str
    of: str
    unit: str
    value: float
    starts_on: date
    ends_on: date | None
    area: str
    basis: str
    certainty: str
    source: str
    #: Half the 95 % interval as a share of the value; None where nobody published one.
    uncertainty: float | None = None
    #: Whether the last value stands in for a year that has none of its own; a factor somebody closed does not.
    carries_on: bool = True
    #: Number of the row it was read from, 0 where it comes from a file.
    row: int = 0


@dataclass(frozen=True)
class Found:
    """The factor that answers a question; `is_carried_on` where it is an earlier year's, for want of one of its own."""

    factor: Factor
    is_carried_on: bool


class FactorBook:
    """Factors by what they are for.

    Raises
    ------
    ValueError
        If two factors for the same thing, area and basis hold on the same day.

    Examples
    --------
    >>> grid = {"carrier": "electricity", "of": "kgco2", "unit": "kWh", "area": "CN", "basis": "location",
    ...         "certainty": "found", "source": "a ministry"}
    >>> book = FactorBook.from_rows([
    ...     {**grid, "value": 0.5568, "starts_on": date(2021, 1, 1), "ends_on": date(2022, 1, 1)},
    ...     {**grid, "value": 0.5366, "starts_on": date(2022, 1, 1), "ends_on": date(2023, 1, 1)},
    ... ])
    >>> found = book.find("electricity", "kgco2", date(2024, 5, 1), basis="location")
    >>> found.factor.value, found.is_carried_on
    (0.5366, True)
    """

    def __init__(self, factors: Iterable[Factor]) -> None:
        self._by_question: dict[tuple[str, str, str, str], list[Factor]] = {}
        for factor in sorted(factors, key=lambda f: f.starts_on):
            question = (factor.carrier, factor.of, factor.area, factor.basis)
            earlier = self._by_question.setdefault(question, [])
            if earlier and (earlier[-1].ends_on is None or earlier[-1].ends_on > factor.starts_on):
                raise ValueError(f"two factors for {' '.join(question)} hold on {factor.starts_on}")
            earlier.append(factor)

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> FactorBook:
        """Return the book of rows as `schemes/factors.yaml` holds them."""
        names = ("carrier", "of", "unit", "value", "starts_on", "area", "certainty", "source")
        return cls(
            Factor(**{n: row[n] for n in names}, ends_on=row.get("ends_on"), basis=row.get("basis", "")) for row in rows
        )

    def find(self, carrier: str, of: str, on: date, *, areas: Sequence[str] = ("CN",), basis: str = "") -> Found | None:
        """Return the factor for a day, from the first area that has one in force; None where nobody published any.

        Parameters
        ----------
        carrier, of
            What is used or released, and what it is turned into (`kgce`, `kgco2`, `kgco2e`).
        on
            The day the amount was used.
        areas
            From the nearest to the widest: province, grid, country.
        basis
            Which of several methods.
        """
        carried: Factor | None = None
        for area in areas:
            for factor in reversed(self._by_question.get((carrier, of, area, basis), [])):
                if factor.starts_on <= on:
                    if factor.ends_on is None or on < factor.ends_on:
                        return Found(factor, is_carried_on=False)
                    # The nearest area's last value stands in only where no wider area has one for the day itself.
                    carried = carried or (factor if factor.carries_on else None)
                    break
        return Found(carried, is_carried_on=True) if carried else None

    def changes(self, carrier: str) -> list[date]:
        """Return the days on which any factor of a carrier begins or ends, in order."""
        days = {
            day
            for question, factors in self._by_question.items()
            if question[0] == carrier
            for factor in factors
            for day in (factor.starts_on, factor.ends_on)
            if day is not None
        }
        return sorted(days)


#: Provinces by the grid they are supplied from, as the ministry's regional averages are cut (codes of GB/T 2260).
GRIDS: dict[str, tuple[str, ...]] = {
    "CN-NORTH": ("11", "12", "13", "14", "15", "37"),
    "CN-NORTHEAST": ("21", "22", "23"),
    "CN-EAST": ("31", "32", "33", "34", "35"),
    "CN-CENTRAL": ("36", "41", "42", "43"),
    "CN-NORTHWEST": ("61", "62", "63", "64", "65"),
    "CN-SOUTHWEST": ("50", "51", "54"),
    "CN-SOUTH": ("44", "45", "46", "52", "53"),
}


def areas_of(division_code: str) -> tuple[str, ...]:
    """Return the areas whose factors hold at a place, from its province to the country.

    Parameters
    ----------
    division_code
        Code of the administrative division (GB/T 2260), at least its first two digits; empty where it is not known.

    Examples
    --------
    >>> areas_of("440309")
    ('CN-44', 'CN-SOUTH', 'CN')
    >>> areas_of("")
    ('CN',)
    """
    province = division_code[:2]
    grid = [name for name, provinces in GRIDS.items() if province in provinces]
    return (f"CN-{province}", *grid, "CN") if grid else ("CN",)
