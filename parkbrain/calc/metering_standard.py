"""GB 17167: whether a park meters what it must, by energy kind and level, and accurately enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Edition:
    """An edition of the standard; `rates` in percent by kind for levels 1 to 3, None where its table is not known yet."""

    code: str
    starts_on: date
    ends_on: date | None
    source: str
    rates: Mapping[str, Sequence[float]] | None
    classes: Mapping[str, Sequence[str]] | None
    thresholds: Mapping[str, Sequence[str]] | None


@dataclass(frozen=True)
class InForce:
    """The edition in force on a day, and the one whose table is used: an earlier one where its own is not known."""

    edition: Edition
    table: Edition

    @property
    def stands_in(self) -> bool:
        """Whether an earlier table stands in."""
        return self.edition.code != self.table.code


@dataclass(frozen=True)
class Provision:
    """Meters of one kind and level: needed places, fitted ones, the rate [%] and what the standard asks for [%].

    `required` and `installed` are what the rating counts: the places times the rate, and no more than that of the meters.
    """

    needed: int
    fitted: int
    wanted_rate: float

    @property
    def rate(self) -> float | None:
        """Fitted by needed [%]; None where nothing is needed."""
        return 100 * self.fitted / self.needed if self.needed else None

    @property
    def required(self) -> float:
        """Meters that the standard wants."""
        return self.needed * self.wanted_rate / 100

    @property
    def installed(self) -> float:
        """Meters that count: no more than are wanted."""
        return min(float(self.fitted), self.required)

    @property
    def is_met(self) -> bool:
        """Whether the rate is reached."""
        return self.fitted + 1e-9 >= self.required


def read_editions(rows: Sequence[Mapping[str, Any]]) -> list[Edition]:
    """Return the editions as the data file has them, in order of their dates.

    Examples
    --------
    >>> row = {"code": "A", "starts_on": date(2007, 1, 1), "source": "table 1", "rates": {"WATER": [100, 95, 80]}}
    >>> read_editions([row])[0].rates["WATER"][1]
    95
    """
    names = ("ends_on", "rates", "classes", "thresholds")
    found = [Edition(r["code"], r["starts_on"], source=r["source"], **{n: r.get(n) for n in names}) for r in rows]
    return sorted(found, key=lambda e: e.starts_on)


def edition_on(editions: Sequence[Edition], on: date) -> InForce | None:
    """Return the edition in force on a day with the table that is used for it; None before the first.

    Examples
    --------
    >>> old = Edition("A", date(2007, 1, 1), date(2026, 2, 1), "", {"WATER": [100, 95, 80]}, None, None)
    >>> new = Edition("B", date(2026, 2, 1), None, "", None, None, None)
    >>> found = edition_on([old, new], date(2026, 6, 30))
    >>> found.edition.code, found.table.code, found.stands_in
    ('B', 'A', True)
    """
    begun = [e for e in editions if e.starts_on <= on]
    known = [e for e in begun if e.rates is not None]
    if not begun or not known:
        return None
    return InForce(begun[-1], known[-1])


def is_accurate_enough(accuracy_class: str, wanted: str) -> bool | None:
    """Tell whether a class is at least as accurate as the wanted one; None where it is not known.

    The S of 0.5S says that small currents are measured as well: it is better than the same number without.

    Examples
    --------
    >>> is_accurate_enough("0.5S", "1.0"), is_accurate_enough("2.0", "1.0"), is_accurate_enough("", "1.0")
    (True, False, None)
    """
    try:
        return float(accuracy_class.upper().rstrip("S")) <= float(wanted.upper().rstrip("S"))
    except ValueError:
        return None
