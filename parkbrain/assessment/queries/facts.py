"""Facts as a rating takes them: verified before computed before declared, each with its period and coverage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import repeat
from operator import itemgetter
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from parkbrain.calc.intervals import DatePeriod, months_before, period_of
from parkbrain.calc.rating import FactTable
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import read_once

from ..models import Declaration, Verification
from .schemes import get_catalogue

#: Standings, in the order in which they win.
NONE, DECLARED, COMPUTED, VERIFIED = 0, 1, 2, 3
LETTERS = ("", "d", "c", "v")
#: Up to so many parks are named in the query; beyond, all rows are read, which is faster than comparing each.
MOST_NAMED = 200
#: Up to so many facts are named for all parks: a table of some facts is no reason to read hundreds of thousands.
FEW_KEYS = 30


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
        return FactTable(units=[str(p) for p in self.park_ids], columns=self.columns())

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """Return a column of values for each fact."""
        return {key: self.values[:, i] for i, key in enumerate(self.keys)}

    def subset(self, *, rows: NDArray[np.intp], keys: Collection[str]) -> Gathered:
        """Return the facts of some of the parks and some of the keys."""
        columns = np.array([column for column, key in enumerate(self.keys) if key in keys], dtype=np.intp)
        place = np.ix_(rows, columns)
        return Gathered(
            [self.park_ids[row] for row in rows.tolist()],
            [self.keys[column] for column in columns.tolist()],
            self.values[place],
            self.standing[place],
            self.coverage[place],
        )

    def all_inputs(self) -> list[dict[str, tuple[float, str, float]]]:
        """Return every park's known facts as a rating stores them: key → (value, standing, coverage)."""
        found: list[dict[str, tuple[float, str, float]]] = [{} for _park in self.park_ids]
        for column, key in enumerate(self.keys):
            values = self.values[:, column]
            rows = np.flatnonzero(~np.isnan(values)).tolist()
            letters = self.standing[rows, column].tolist()
            shares = np.round(self.coverage[rows, column].astype(np.float64), 4).tolist()
            for row, value, letter, share in zip(rows, values[rows].tolist(), letters, shares, strict=True):
                found[row][key] = (value, LETTERS[letter], share)
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
    with read_once():
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
    yearly = {key for key in gathered.keys if catalogue[key].period == "fy"}
    for kind, keys in (("fy", yearly), ("as_of", set(gathered.keys) - yearly)):
        listed = _list_stated(model, gathered.park_ids, sorted(keys), kind, cut_off_on) if keys else ()
        if not listed:
            continue
        rows = _places(listed, 0, {park_id: row for row, park_id in enumerate(gathered.park_ids)})
        columns = _places(listed, 1, {key: column for column, key in enumerate(gathered.keys) if key in keys})
        values = np.fromiter(map(itemgetter(2), listed), np.float64, len(listed))
        asked = (rows >= 0) & (columns >= 0)
        place = rows[asked], columns[asked]
        gathered.values[place] = values[asked]
        gathered.standing[place] = standing
        gathered.coverage[place] = 1.0


def _places(listed: Sequence[Sequence[Any]], field: int, places: Mapping[Any, int]) -> NDArray[np.int32]:
    """Return the place of a field of every row, -1 where it is not asked for."""
    return np.fromiter(map(places.get, map(itemgetter(field), listed), repeat(-1)), np.int32, len(listed))


def _list_stated(
    model: type[Declaration] | type[Verification], park_ids: Sequence[int], keys: Sequence[str], kind: str, on: date
) -> Sequence[tuple[int, str, float]]:
    """Return (park, fact, value) of what was stated and still counts at the cut-off, the newest period last.

    Plain SQL, because a city states hundreds of thousands of facts and turning each into Python objects takes longer
    than everything that follows.
    """
    quote = connection.ops.quote_name
    window, exact = validity_of(kind=kind, cut_off_on=on)
    conditions = [f"{quote('starts_on')} = %s", f"{quote('ends_on')} = %s"]
    if not exact:
        conditions = [f"{quote('ends_on')} >= %s", f"{quote('ends_on')} < %s"]
    params: list[Any] = [window.starts_on, window.ends_on]
    few_parks = len(park_ids) <= MOST_NAMED
    named: list[tuple[str, Sequence[Any]]] = [("park_id", park_ids)] if few_parks else []
    if few_parks or len(keys) <= FEW_KEYS:
        named.append(("fact_key", keys))
    for column, wanted in named:
        conditions.append(f"{quote(column)} IN ({', '.join(['%s'] * len(wanted))})")
        params += wanted
    source = f"FROM {quote(model._meta.db_table)} WHERE {' AND '.join(conditions)}"
    with connection.cursor() as cursor:
        order = ""
        if not exact:
            cursor.execute(f"SELECT MIN({quote('ends_on')}), MAX({quote('ends_on')}) {source}", params)
            oldest, newest = cursor.fetchone()
            # Sorting a city's facts takes as long as reading them, and most often all end on one day.
            order = "" if oldest == newest else f" ORDER BY {quote('ends_on')}"
        cursor.execute(f"SELECT {quote('park_id')}, {quote('fact_key')}, {quote('value')} {source}{order}", params)
        rows: Sequence[tuple[int, str, float]] = cursor.fetchall()
        return rows


def list_rated_parks() -> list[int]:
    """Return the numbers of the parks that are rated: all but those of which only public statements are known."""
    return list(Park.objects.exclude(standing=Park.Standing.AS_STATED).order_by("pk").values_list("pk", flat=True))
