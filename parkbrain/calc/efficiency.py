"""Efficiency grade of a machine by its nameplate, whether a catalogue lists it as obsolete, when it is inspected next.

The rules are rows with dates and sources (`schemes/equipment_rules.yaml`). What no rule can tell is not assessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Below grade 3, the lowest that a standard admits.
BELOW = 4
#: Why a grade is not assessed.
NO_STANDARD, NO_CLASS, NO_LABEL, OLDER_LABEL = "no_standard", "no_class", "no_label", "older_label"
#: Why a machine is obsolete, or is not known to be either.
LISTED, TOO_LOW, NOT_ASSESSED = "listed", "below_grade_3", "not_assessed"


@dataclass(frozen=True)
class Standard:
    """A standard for one kind of machine in ``[starts_on, ends_on)``.

    `method` is ``ie_class`` (the class on the nameplate means a grade, by `grades`) or ``label`` (the grade on the
    label under this very standard).
    """

    kind: str
    name: str
    method: str
    starts_on: date
    ends_on: date | None
    grades: Mapping[str, int]
    source: str


@dataclass(frozen=True)
class Listing:
    """An entry of an elimination catalogue: models that match `pattern` are to be taken out of use."""

    kind: str
    pattern: str
    starts_on: date
    source: str


@dataclass(frozen=True)
class Nameplate:
    """What a machine says of itself."""

    kind: str
    model: str = ""
    ie_class: str = ""
    grade: int | None = None
    grade_standard: str = ""


@dataclass(frozen=True)
class Grade:
    """A grade (1 best, 3 lowest admitted, 4 below), or None with the reason; and by which standard."""

    grade: int | None
    reason: str
    standard: str
    source: str


@dataclass(frozen=True)
class Standing:
    """Whether a machine is obsolete: True, False, or None where that cannot be said; why, and by which source."""

    is_obsolete: bool | None
    why: str
    source: str


class RuleBook:
    """Standards and listings as the shipped file holds them.

    Examples
    --------
    >>> book = RuleBook.from_rows({
    ...     "standards": [{"kind": "MOTOR", "name": "GB 18613-2020", "method": "ie_class", "starts_on": date(2021, 6, 1),
    ...                    "grades": {"IE5": 1, "IE4": 2, "IE3": 3, "IE2": 4}, "source": "the standard"}],
    ...     "listings": [],
    ... })
    >>> book.grade(Nameplate("MOTOR", ie_class="IE4"), date(2026, 1, 1)).grade
    2
    >>> book.standing(Nameplate("MOTOR", ie_class="IE2"), date(2026, 1, 1)).is_obsolete
    True
    """

    def __init__(self, standards: Iterable[Standard], listings: Iterable[Listing]) -> None:
        self.standards = tuple(standards)
        self.listings = tuple(listings)

    @classmethod
    def from_rows(cls, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> RuleBook:
        """Return the book of a file's rows."""
        return cls(
            [
                Standard(
                    row["kind"], row["name"], row["method"], row["starts_on"], row.get("ends_on"),
                    {str(k): int(v) for k, v in row.get("grades", {}).items()}, row["source"],
                )
                for row in rows["standards"]
            ],
            [Listing(row["kind"], row["pattern"], row["starts_on"], row["source"]) for row in rows["listings"]],
        )  # fmt: skip

    def standard_for(self, kind: str, on: date) -> Standard | None:
        """Return the standard in force for a kind of machine on a day."""
        for one in self.standards:
            if one.kind == kind and one.starts_on <= on and (one.ends_on is None or on < one.ends_on):
                return one
        return None

    def grade(self, plate: Nameplate, on: date) -> Grade:
        """Return the grade of a machine under the standard in force on a day, or why there is none.

        Parameters
        ----------
        plate
            What its nameplate says.
        on
            The day.
        """
        standard = self.standard_for(plate.kind, on)
        if standard is None:
            return Grade(None, NO_STANDARD, "", "")
        if standard.method == "ie_class":
            found = standard.grades.get(plate.ie_class.strip().upper())
            return Grade(found, "" if found else NO_CLASS, standard.name, standard.source)
        if plate.grade is None:
            return Grade(None, NO_LABEL, standard.name, standard.source)
        if plate.grade_standard.replace(" ", "") != standard.name.replace(" ", ""):
            return Grade(None, OLDER_LABEL, standard.name, standard.source)
        return Grade(plate.grade, "", standard.name, standard.source)

    def listing_for(self, plate: Nameplate, on: date) -> Listing | None:
        """Return the catalogue entry that a model falls under on a day."""
        model = plate.model.strip().upper()
        for one in self.listings:
            if one.kind == plate.kind and one.starts_on <= on and model and re.match(one.pattern, model):
                return one
        return None

    def standing(self, plate: Nameplate, on: date) -> Standing:
        """Tell whether a machine is obsolete: on a catalogue, or below the lowest grade admitted."""
        listed = self.listing_for(plate, on)
        if listed is not None:
            return Standing(True, LISTED, listed.source)
        grade = self.grade(plate, on)
        if grade.grade is None:
            return Standing(None, NOT_ASSESSED, grade.source)
        return Standing(grade.grade >= BELOW, TOO_LOW if grade.grade >= BELOW else "", grade.source)


def next_inspection_on(
    commissioned_on: date | None, last_on: date | None, *, every_years: int, first_years: Sequence[int] = ()
) -> date | None:
    """Return the day by which a machine is inspected next; None where neither day is known.

    Parameters
    ----------
    commissioned_on, last_on
        When it came into use, and when it was inspected last.
    every_years
        The interval [a] after the last of `first_years`.
    first_years
        Years after it came into use in which inspections fall at first (lifts: 1, 4, 7, 9, 11, 13, 15).

    Examples
    --------
    >>> lift = (1, 4, 7, 9, 11, 13, 15)
    >>> next_inspection_on(date(2020, 3, 1), date(2024, 2, 20), every_years=1, first_years=lift)
    datetime.date(2027, 3, 1)
    >>> next_inspection_on(None, date(2025, 5, 2), every_years=2)
    datetime.date(2027, 5, 2)
    """
    if commissioned_on is not None and first_years:
        # An inspection counts for the date it was due by, also when it was done some weeks before.
        done = last_on or commissioned_on
        for years in first_years:
            due = _years_after(commissioned_on, years)
            if due > done and (due - done).days > 120:
                return due
        first_after = _years_after(done, every_years)
        return first_after
    start = last_on or commissioned_on
    return None if start is None else _years_after(start, every_years)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)
