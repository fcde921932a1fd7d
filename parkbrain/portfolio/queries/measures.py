"""By what a city can be looked at: totals, scores, values and facts of parks, now or as they were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils import timezone
from django.utils.translation import get_language, gettext
from numpy.typing import NDArray

from parkbrain.assessment.queries import (
    MAIN_SCHEME,
    CityColumns,
    describe,
    get_catalogue,
    get_columns,
    get_scheme,
    list_columns,
)
from parkbrain.kernel.reading import shared
from parkbrain.ui import formats

from .sureness import get_certainties

Column = NDArray[np.float64]
Ids = NDArray[np.int64]

DEFAULT = "total"
#: A park's type has no order: it is a colour and a count, never a number.
KIND, CERTAINTY, STARS = "kind", "certainty", "stars"


@dataclass(frozen=True)
class Measure:
    """Something that parks are coloured, listed and counted by; `unit` is a code of the catalogue or “points”."""

    key: str
    name: str
    unit: str

    @property
    def is_number(self) -> bool:
        """Whether its values can be put in order."""
        return self.key != KIND

    @property
    def unit_name(self) -> str:
        """The unit in the reader's words."""
        if self.key == STARS or self.unit in {"boolean", "share"}:
            return ""
        return gettext("points") if self.unit == "points" else formats.unit(self.unit)

    def text(self, value: float | None) -> str:
        """Return a value as the page writes it."""
        if value is None or value != value:
            return gettext("unknown")
        if self.unit == "share":
            return formats.percent(value, 0)
        if self.unit == "points":
            return formats.number(value, 1)
        return formats.with_unit(value, "" if self.unit in {"count", "stars"} else self.unit)


@dataclass(frozen=True)
class MeasureGroup:
    """Measures that belong together, under their heading."""

    name: str
    measures: Sequence[Measure]

    def choices(self, chosen: Measure) -> list[tuple[str, str, bool]]:
        """Return key and name of each measure, and whether it is the chosen one."""
        return [(one.key, one.name, one.key == chosen.key) for one in self.measures]


@dataclass(frozen=True)
class Measured:
    """A measure of parks at a day: the parks' numbers rising, a value for each (NaN unknown), and the day it is of."""

    measure: Measure
    park_ids: Ids
    values: Column
    cut_off_on: date | None


_GROUPS: dict[str, Sequence[MeasureGroup]] = {}


def list_measures() -> Sequence[MeasureGroup]:
    """Return every measure in its group, in the active language."""
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    key = f"{get_language()} {scheme.hash}"
    if key not in _GROUPS:
        _GROUPS[key] = _groups()
    return _GROUPS[key]


def _groups() -> Sequence[MeasureGroup]:
    scheme, catalogue = get_scheme(scheme_id=MAIN_SCHEME), get_catalogue()
    rating = [
        Measure(DEFAULT, gettext("Proven total"), "points"),
        Measure("reachable", gettext("Reachable total"), "points"),
        Measure(STARS, gettext("Proven stars"), "stars"),
        Measure("coverage", gettext("Share known"), "share"),
        Measure(CERTAINTY, gettext("Certainty of the star"), "share"),
        Measure(KIND, gettext("Kind of park"), ""),
    ]
    nodes = [node for node in scheme.nodes if node.parent_id is not None]
    scores = [Measure(f"score.{n.id}", f"{n.id} {describe(value=n.name)}", "points") for n in nodes if n.depth == 1]
    values = [
        Measure(f"value.{n.id}", f"{n.id} {describe(value=n.name)}", getattr(n, "unit", None) or "")
        for n in nodes
        if n.is_indicator
    ]
    facts = [
        Measure(f"fact.{key}", describe(value=catalogue[key].names), catalogue[key].unit)
        for key in catalogue
        if key in scheme.facts
    ]
    return [
        MeasureGroup(gettext("Rating"), rating),
        MeasureGroup(gettext("Dimensions"), scores),
        MeasureGroup(gettext("Indicators"), values),
        MeasureGroup(gettext("Facts"), facts),
    ]


def get_measure(*, key: str) -> Measure | None:
    """Return a measure by its key, None where there is no such one."""
    return next((m for group in list_measures() for m in group.measures if m.key == key), None)


def past_day(*, on: date) -> date | None:
    """Return the day that kept columns are read for; None for today and later, which are the current ratings."""
    return on if on < timezone.localdate() else None


@shared
def columns_on(*, keys: Sequence[str], on: date) -> CityColumns:
    """Return columns as of a day: of today the current ones, before that the last kept; empty where nothing was."""
    found = get_columns(keys=keys, before_on=past_day(on=on))
    return found or CityColumns(np.zeros(0, dtype=np.int64), {}, on, False)


def measure_parks(*, measure: Measure, park_ids: Ids, on: date) -> Measured:
    """Return what parks have of a measure as of a day; the certainty of a star is known for today alone."""
    if measure.key == CERTAINTY:
        known: Mapping[int, float] = get_certainties() if past_day(on=on) is None else {}
        values = np.array([known.get(park, np.nan) for park in park_ids.tolist()], dtype=np.float64)
        return Measured(measure, park_ids, values, on)
    columns = columns_on(keys=[measure.key], on=on)
    return Measured(measure, park_ids, columns.of(measure.key, park_ids), columns.cut_off_on)


def list_past(*, measure: Measure, park_ids: Ids, on: date) -> list[tuple[date, Column]]:
    """Return what parks had of a measure at every kept cut-off up to a day, and at the day itself; oldest first."""
    if measure.key in {CERTAINTY, KIND}:
        return []
    kept = [(c.cut_off_on, c.of(measure.key, park_ids)) for c in list_columns(keys=[measure.key], up_to=on)]
    if past_day(on=on) is None:
        now = columns_on(keys=[measure.key], on=on)
        kept = [(day, column) for day, column in kept if day < now.cut_off_on]
        kept.append((now.cut_off_on, now.of(measure.key, park_ids)))
    return kept
