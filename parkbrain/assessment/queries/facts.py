"""Facts as a rating takes them: verified before computed before declared, each with its period and coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.intervals import DatePeriod, months_before, period_of
from parkbrain.calc.rating import FactTable
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park

from ..models import Declaration, Verification
from .schemes import get_catalogue

#: Standings, in the order in which they win.
NONE, DECLARED, COMPUTED, VERIFIED = 0, 1, 2, 3
LETTERS = ("", "d", "c", "v")


@dataclass(frozen=True)
class Gathered:
    """Facts of many parks as columns: value (nan unknown), standing, coverage."""

    park_ids: Sequence[int]
    keys: Sequence[str]
    values: NDArray[np.float64]
    standing: NDArray[np.uint8]
    coverage: NDArray[np.float32]

    def table(self) -> FactTable:
        """Return them as the rating engine reads them; a unit is named by the park's number."""
        columns = {key: self.values[:, i] for i, key in enumerate(self.keys)}
        return FactTable(units=[str(p) for p in self.park_ids], columns=columns)

    def inputs(self, row: int) -> dict[str, list[float | str]]:
        """Return one park's known facts as a rating stores them: key → [value, standing, coverage]."""
        found: dict[str, list[float | str]] = {}
        for column in np.flatnonzero(~np.isnan(self.values[row])):
            letter = LETTERS[int(self.standing[row, column])]
            share = round(float(self.coverage[row, column]), 4)
            found[self.keys[column]] = [float(self.values[row, column]), letter, share]
        return found


def validity_of(*, kind: str, cut_off_on: date) -> tuple[DatePeriod, bool]:
    """Return the days on which a stated fact's period may end, and whether it must be exactly the period itself.

    A year's figure counts for that year only; a state or a twelve-month figure counts for a year after its last day.
    """
    if kind == "fy":
        return period_of("fy", cut_off_on), True
    after = cut_off_on + timedelta(days=1)
    return DatePeriod(months_before(after, 12) + timedelta(days=1), after + timedelta(days=1)), False


def gather_facts(*, park_ids: Sequence[int], cut_off_on: date, keys: Sequence[str]) -> Gathered:
    """Return the facts of the parks for a cut-off date, in a number of queries that does not grow with the parks."""
    shape = (len(park_ids), len(keys))
    values = np.full(shape, np.nan)
    standing = np.zeros(shape, dtype=np.uint8)
    coverage = np.zeros(shape, dtype=np.float32)
    gathered = Gathered(list(park_ids), list(keys), values, standing, coverage)
    _take_stated(gathered, Declaration, DECLARED, cut_off_on)
    _take_computed(gathered, cut_off_on)
    _take_stated(gathered, Verification, VERIFIED, cut_off_on)
    return gathered


def _take_computed(gathered: Gathered, cut_off_on: date) -> None:
    catalogue = get_catalogue()
    rows = {park_id: row for row, park_id in enumerate(gathered.park_ids)}
    for column, key in enumerate(gathered.keys):
        computed = registry.facts.get(key)
        if computed is None:
            continue
        period = period_of(catalogue[key].period, cut_off_on)
        for park_id, fact in computed.values(park_ids=gathered.park_ids, period=period).items():
            if fact.value is not None and park_id in rows:
                row = rows[park_id]
                gathered.values[row, column] = fact.value
                gathered.standing[row, column] = COMPUTED
                gathered.coverage[row, column] = fact.coverage


def _take_stated(
    gathered: Gathered, model: type[Declaration] | type[Verification], standing: int, cut_off_on: date
) -> None:
    """Write declared or verified values over what is there; among several periods that fit, the newest wins."""
    catalogue = get_catalogue()
    year = period_of("fy", cut_off_on)
    window, _exact = validity_of(kind="as_of", cut_off_on=cut_off_on)
    columns = {key: i for i, key in enumerate(gathered.keys)}
    yearly = {key for key in gathered.keys if catalogue[key].period == "fy"}
    rows = {park_id: row for row, park_id in enumerate(gathered.park_ids)}
    found = model.objects.filter(ends_on__gt=min(window.starts_on, year.starts_on), ends_on__lt=window.ends_on)
    if len(rows) <= 200:
        found = found.filter(park_id__in=list(rows))
    # Oldest first: a newer period overwrites an older one.
    listed = found.order_by("ends_on").values_list("park_id", "fact_key", "starts_on", "ends_on", "value")
    for park_id, key, starts_on, ends_on, value in listed.iterator(chunk_size=20_000):
        column, row = columns.get(key), rows.get(park_id)
        if column is None or row is None:
            continue
        if key in yearly:
            if starts_on != year.starts_on or ends_on != year.ends_on:
                continue
        elif not window.contains(ends_on):
            continue
        gathered.values[row, column] = value
        gathered.standing[row, column] = standing
        gathered.coverage[row, column] = 1.0


def list_rated_parks() -> list[int]:
    """Return the numbers of the parks that are rated: all but those of which only public statements are known."""
    return list(Park.objects.exclude(standing=Park.Standing.AS_STATED).order_by("pk").values_list("pk", flat=True))
