"""Boundary changes of a park, and its figures over time as they were and like for like.

A park sells a parcel, opens a building, splits premises. A series of its figures then moves although nothing was let or
left. The like-for-like series keeps only what belonged to the park at both ends of the period: the way property
portfolios are compared (EPRA Best Practices Recommendations, like-for-like portfolio).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .intervals import months_before


@dataclass(frozen=True)
class Unit:
    """Premises with the days they belong to the park and, within them, to the lettable stock; None is no limit.

    Premises that became others (split, merger) share a `lineage` with them: together they are one thing.
    """

    key: Hashable
    lineage: Hashable
    area_m2: float
    added_on: date | None = None
    removed_on: date | None = None
    lettable: bool = True
    lettable_from_on: date | None = None
    lettable_to_on: date | None = None

    def belongs_on(self, on: date) -> bool:
        """Tell whether the unit belongs to the park on a day."""
        return _holds(self.added_on, self.removed_on, on)

    def lettable_on(self, on: date) -> bool:
        """Tell whether the unit belongs to the park and to its lettable stock on a day."""
        return self.lettable and self.belongs_on(on) and _holds(self.lettable_from_on, self.lettable_to_on, on)


@dataclass(frozen=True)
class Stay:
    """A firm in a unit from a day up to, not including, another."""

    unit: Hashable
    firm: Hashable
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True)
class Point:
    """Figures of a park on a day: areas [m²], firms, and their output of the last closed year [10,000 yuan].

    `output_wan` is None where no firm of the day reported one; `reported` says how many did.
    """

    on: date
    lettable_area_m2: float
    let_area_m2: float
    firms: int
    output_wan: float | None
    reported: int

    @property
    def occupancy(self) -> float | None:
        """Let share of the lettable area [0–1], None where nothing is lettable."""
        return self.let_area_m2 / self.lettable_area_m2 if self.lettable_area_m2 > 0 else None


def _holds(start: date | None, end: date | None, on: date) -> bool:
    return (start is None or start <= on) and (end is None or end > on)


def month_days(last_on: date, months: int) -> list[date]:
    """Return the same day of each of the last `months` months and of the one before them, oldest first.

    Parameters
    ----------
    last_on
        The last day of the series.
    months
        How many steps back [months, ≥ 1].

    Examples
    --------
    >>> [str(day) for day in month_days(date(2026, 3, 31), 2)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    return [months_before(last_on, back) for back in range(months, -1, -1)]


def lineages(keys: Iterable[Hashable], successions: Iterable[tuple[Hashable, Hashable]]) -> dict[Hashable, Hashable]:
    """Return for each unit the name of its lineage: units joined by splits and mergers share one.

    Parameters
    ----------
    keys
        All units.
    successions
        Pairs (before, after).

    Examples
    --------
    >>> found = lineages(["a", "b", "c", "d"], [("a", "b"), ("a", "c")])
    >>> found["a"] == found["b"] == found["c"], found["a"] == found["d"]
    (True, False)
    """
    parent: dict[Hashable, Hashable] = {key: key for key in keys}

    def root(key: Hashable) -> Hashable:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for before, after in successions:
        parent[root(after)] = root(before)
    return {key: root(key) for key in list(parent)}


def kept_lineages(units: Sequence[Unit], first_on: date, last_on: date) -> frozenset[Hashable]:
    """Return the lineages of which something belongs to the park on both days.

    Examples
    --------
    >>> old = Unit("old", "old", 100.0, removed_on=date(2025, 6, 1))
    >>> new = Unit("new", "new", 100.0, added_on=date(2025, 6, 1))
    >>> stayed = Unit("stayed", "stayed", 100.0)
    >>> sorted(kept_lineages([old, new, stayed], date(2025, 1, 1), date(2026, 1, 1)))
    ['stayed']
    """
    first = {unit.lineage for unit in units if unit.belongs_on(first_on)}
    return frozenset(first & {unit.lineage for unit in units if unit.belongs_on(last_on)})


def left_out(units: Sequence[Unit], first_on: date, last_on: date) -> list[Unit]:
    """Return the units of the period that the like-for-like series leaves out: they came or went.

    Units that never belonged to the park between the two days are not of the period.
    """
    kept = kept_lineages(units, first_on, last_on)
    return [
        unit
        for unit in units
        if unit.lineage not in kept
        and (unit.added_on is None or unit.added_on <= last_on)
        and (unit.removed_on is None or unit.removed_on > first_on)
    ]


def park_series(
    units: Sequence[Unit],
    stays: Sequence[Stay],
    outputs_wan: Mapping[int, Mapping[Hashable, float]],
    days: Sequence[date],
    *,
    lineages_kept: Collection[Hashable] | None = None,
) -> list[Point]:
    """Return the figures of a park on each day.

    Parameters
    ----------
    units
        The premises of the park with their areas [m², > 0].
    stays
        Who was where.
    outputs_wan
        Output by year and firm [10,000 yuan]; of a day the last closed year counts.
    days
        The days of the series.
    lineages_kept
        The lineages to count (see `kept_lineages`); None counts all, which is the series as it was.

    Returns
    -------
    list of Point
        One point per day.

    Raises
    ------
    KeyError
        If a stay names a unit that is not among the units.

    Examples
    --------
    >>> units = [Unit("a", "a", 300.0), Unit("b", "b", 100.0)]
    >>> stays = [Stay("a", "firm", date(2025, 1, 1))]
    >>> park_series(units, stays, {}, [date(2026, 1, 1)])[0].occupancy
    0.75
    """
    counted = [u for u in units if lineages_kept is None or u.lineage in lineages_kept]
    by_key = {unit.key: unit for unit in units}
    inside = {unit.key for unit in counted}
    relevant = [(by_key[stay.unit], stay) for stay in stays if by_key[stay.unit].key in inside]
    return [_point(counted, relevant, outputs_wan, on) for on in days]


def _point(
    units: Sequence[Unit],
    stays: Sequence[tuple[Unit, Stay]],
    outputs_wan: Mapping[int, Mapping[Hashable, float]],
    on: date,
) -> Point:
    present = [(u, s) for u, s in stays if u.belongs_on(on) and _holds(s.starts_on, s.ends_on, on)]
    firms = {stay.firm for _unit, stay in present}
    # A year counts from its last day on, as in `period_of`.
    closed = on.year if (on.month, on.day) == (12, 31) else on.year - 1
    found = outputs_wan.get(closed, {})
    reported = [found[firm] for firm in firms if firm in found]
    return Point(
        on=on,
        lettable_area_m2=sum(unit.area_m2 for unit in units if unit.lettable_on(on)),
        let_area_m2=sum(unit.area_m2 for unit, _stay in present if unit.lettable_on(on)),
        firms=len(firms),
        output_wan=math.fsum(reported) if reported else None,
        reported=len(reported),
    )
