"""A greenhouse-gas inventory of a period from dated rows of activity: cut to the period, multiplied, added, compared.

Sources: GHG Protocol Corporate Standard, Scope 2 Guidance (2015) and Scope 3 Standard (2011); 2006 IPCC Guidelines,
volume 1, chapter 3 for the propagation of errors.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from parkbrain.calc.carbon import (
    SCOPE_2_LOCATION,
    SCOPE_2_MARKET,
    ActivityData,
    EmissionLine,
    list_emissions,
)
from parkbrain.calc.factors import FactorBook
from parkbrain.calc.intervals import DatePeriod

#: Why a line has no emissions of its own: no row at all, a row without an amount, no factor for the day and place.
NO_DATA, NO_AMOUNT, NO_FACTOR = "no_data", "no_amount", "no_factor"
#: Levels of detail a row may have, from the whole park to one machine.
LEVELS = ("park", "building", "storey", "enterprise", "equipment")


@dataclass(frozen=True)
class Activity:
    """A row of activity: an amount [unit of its carrier] used in ``[period)``, at a place.

    `scope` 0 releases nothing itself (sunlight, water reused); `places` holds what is known of building, storey,
    enterprise and equipment by level, `origin` names the meters where no row stands behind it.
    """

    row: int
    kind: str
    carrier: str
    scope: int
    category: str
    amount: float | None
    period: DatePeriod
    uncertainty: float | None = None
    coverage: float | None = None
    places: tuple[tuple[str, int], ...] = ()
    origin: str = ""

    @property
    def level(self) -> str:
        """The finest level the row speaks of."""
        return max((level for level, _key in self.places), key=LEVELS.index, default="park")


@dataclass(frozen=True)
class InventoryLine:
    """A piece of a row in one scope: its share of the amount, the emission, or why there is none."""

    activity: Activity
    amount: float | None
    emission: EmissionLine
    reason: str = ""

    @property
    def scope(self) -> str:
        """Which scope, with its basis."""
        return self.emission.scope

    @property
    def tco2e(self) -> float | None:
        """The emission [t], None where it is not assessed."""
        return self.emission.tco2e


@dataclass(frozen=True)
class Assessed:
    """A sum [t] with half its 95 % interval as a share, the share that is covered, and how many kinds are unknown."""

    tco2e: float | None
    uncertainty: float | None
    coverage: float | None
    unknown: int


def cut(activity: Activity, period: DatePeriod, days: Sequence[date] = ()) -> list[Activity]:
    """Return the pieces of a row that lie in a period, cut at the given days, with their shares of the amount by days.

    Examples
    --------
    >>> bill = Activity(1, "electricity", "electricity", 2, "", 365.0, DatePeriod(date(2025, 7, 1), date(2026, 7, 1)))
    >>> [p.amount for p in cut(bill, DatePeriod(date(2025, 1, 1), date(2027, 1, 1)), [date(2026, 1, 1)])]
    [184.0, 181.0]
    """
    starts_on = max(activity.period.starts_on, period.starts_on)
    ends_on = min(activity.period.ends_on, period.ends_on)
    if ends_on <= starts_on:
        return []
    edges = [starts_on, *(day for day in days if starts_on < day < ends_on), ends_on]
    pieces = []
    for first, last in itertools.pairwise(edges):
        part = DatePeriod(first, last)
        share = part.days / activity.period.days
        amount = None if activity.amount is None else activity.amount * share
        pieces.append(replace(activity, amount=amount, period=part))
    return pieces


def covered_share(periods: Iterable[tuple[DatePeriod, float | None]], whole: DatePeriod) -> float:
    """Return the share of the days of a period that rows cover; a row's own coverage counts for its days.

    Examples
    --------
    >>> year = DatePeriod(date(2025, 1, 1), date(2026, 1, 1))
    >>> covered_share([(DatePeriod(date(2025, 1, 1), date(2025, 7, 2)), None)], year)
    0.4986301369863014
    """
    reached, days = whole.starts_on, 0.0
    for period, share in sorted(periods, key=lambda p: p[0]):
        first, last = max(period.starts_on, reached), min(period.ends_on, whole.ends_on)
        if last > first:
            days += (last - first).days * (1.0 if share is None else share)
            reached = last
    return min(1.0, days / whole.days)


def make_inventory(
    activities: Iterable[Activity],
    book: FactorBook,
    *,
    period: DatePeriod,
    areas: Sequence[str],
    gwp: str = "AR5",
    green_kwh: float = 0.0,
    factors_on: date | None = None,
) -> list[InventoryLine]:
    """Return the lines of a period: every row cut to it and where its factor changes, in each scope it belongs to.

    Parameters
    ----------
    activities
        The rows; those outside the period fall away.
    book, areas, gwp
        Dated factors, where they are asked for, and the report whose warming potentials count.
    green_kwh
        Power of the period that retired certificates and green contracts cover [kWh]; spread over all power by amount,
        never more than was used.
    factors_on
        Take every factor of this one day instead: two years then differ by what was used alone.

    Examples
    --------
    >>> year = DatePeriod(date(2025, 1, 1), date(2026, 1, 1))
    >>> used = Activity(7, "diesel", "diesel", 1, "stationary", None, year)
    >>> [(line.tco2e, line.reason) for line in make_inventory([used], FactorBook([]), period=year, areas=("CN",))]
    [(None, 'no_amount')]
    """
    pieces = [
        piece
        for one in activities
        if one.scope
        for piece in cut(one, period, () if factors_on else book.changes(one.carrier))
    ]
    power = math.fsum(p.amount or 0.0 for p in pieces if p.carrier == "electricity" and p.scope == 2)
    green = min(1.0, green_kwh / power) if power else 0.0
    lines: list[InventoryLine] = []
    for piece in pieces:
        certified = (piece.amount or 0.0) * green if piece.carrier == "electricity" and piece.scope == 2 else 0.0
        lines += _lines_of(piece, certified, book, areas, gwp, factors_on or piece.period.starts_on)
    return lines


def _lines_of(
    piece: Activity, certified: float, book: FactorBook, areas: Sequence[str], gwp: str, on: date
) -> list[InventoryLine]:
    """Return the lines of one piece: two for bought energy, one for anything else."""
    data = ActivityData(piece.carrier, piece.amount, on, piece.scope, piece.uncertainty, piece.coverage, certified)
    reason = NO_AMOUNT if piece.amount is None else NO_FACTOR
    return [
        InventoryLine(piece, piece.amount, emission, reason if emission.tco2e is None else "")
        for emission in list_emissions([data], book, areas=areas, gwp=gwp)
    ]


def assess(lines: Iterable[InventoryLine], *, coverage: Callable[[Activity], float | None] | None = None) -> Assessed:
    """Return the sum of lines: None where none is known; its uncertainty where that of every known line is.

    The coverage is the mean of the rows' coverage, weighted by emissions; `unknown` counts the kinds of which something
    is not assessed.

    Examples
    --------
    >>> assess([])
    Assessed(tco2e=None, uncertainty=None, coverage=None, unknown=0)
    """
    every = list(lines)
    known = [line for line in every if line.tco2e is not None]
    unknown = len({(line.activity.kind, line.reason) for line in every if line.tco2e is None})
    if not known:
        return Assessed(None, None, None, unknown)
    total = math.fsum(line.tco2e or 0.0 for line in known)
    uncertainty = None
    weighing = [line for line in known if line.tco2e]
    if total > 0 and all(line.emission.uncertainty is not None for line in weighing):
        uncertainty = _propagate(weighing) / total
    share = None
    if coverage is not None and total > 0:
        shares = [(line.tco2e or 0.0, coverage(line.activity)) for line in weighing]
        if all(one is not None for _t, one in shares):
            share = math.fsum(t * (one or 0.0) for t, one in shares) / total
    return Assessed(total, uncertainty, share, unknown)


def _propagate(lines: Sequence[InventoryLine]) -> float:
    """Return half the 95 % interval of a sum [t]: what errs together is added before the squares are.

    Pieces of one row share the error of its amount, and all lines of one factor share the factor's.
    """
    together: dict[Hashable, float] = {}
    for index, line in enumerate(lines):
        tco2e = line.tco2e or 0.0
        row: Hashable = ("row", line.activity.row or -index)
        together[row] = together.get(row, 0.0) + tco2e * (line.activity.uncertainty or 0.0)
        found = line.emission.found
        if found is not None and found.factor.uncertainty:
            key: Hashable = ("factor", found.factor)
            together[key] = together.get(key, 0.0) + tco2e * found.factor.uncertainty
    return math.hypot(*together.values())


def choose_level(activities: Iterable[Activity], level: str) -> dict[int, list[Activity]]:
    """Return by building, storey, enterprise or equipment the rows that speak for it, none counted twice.

    Of one kind at one place, rows of the coarsest level speak: the bill of a building is not added to the sub-meters
    that divide it.

    Examples
    --------
    >>> year = DatePeriod(date(2025, 1, 1), date(2026, 1, 1))
    >>> bill = Activity(1, "electricity", "electricity", 2, "", 10.0, year, places=(("building", 5),))
    >>> part = Activity(2, "electricity", "electricity", 2, "", 4.0, year, places=(("building", 5), ("enterprise", 8)))
    >>> [a.row for a in choose_level([bill, part], "building")[5]], [a.row for a in choose_level([bill, part], "enterprise")[8]]
    ([1], [2])
    """
    found: dict[tuple[str, int], list[Activity]] = {}
    for one in activities:
        for name, key in one.places:
            if name == level:
                found.setdefault((one.kind, key), []).append(one)
    chosen: dict[int, list[Activity]] = {}
    for (_kind, key), rows in found.items():
        coarsest = min((LEVELS.index(row.level) for row in rows), default=0)
        chosen.setdefault(key, []).extend(row for row in rows if LEVELS.index(row.level) == coarsest)
    return chosen


@dataclass(frozen=True)
class Step:
    """One step of a waterfall [t]: from where it starts to where it ends; a total starts at zero."""

    key: str
    starts_at: float
    change: float
    is_total: bool = False


def waterfall(parts: Iterable[tuple[str, float | None]], *, total_key: str = "total") -> list[Step]:
    """Return the steps from zero over the known parts to their sum.

    Examples
    --------
    >>> [(s.key, s.starts_at, s.change) for s in waterfall([("scope_1", 2.0), ("scope_2", 3.0), ("scope_3", None)])]
    [('scope_1', 0.0, 2.0), ('scope_2', 2.0, 3.0), ('total', 0.0, 5.0)]
    """
    steps, reached = [], 0.0
    for key, value in parts:
        if value is None:
            continue
        steps.append(Step(key, reached, value))
        reached += value
    return [*steps, Step(total_key, 0.0, reached, is_total=True)]


def refrigerant_loss_kg(topped_up: float, held_at_retirement: float, recovered: float) -> float:
    """Return what escaped [kg]: topped up, and held by what was retired, less what was recovered; never below zero.

    Parameters
    ----------
    topped_up, held_at_retirement, recovered
        Masses of one refrigerant in the period [kg]. A first filling is no loss.

    Raises
    ------
    ValueError
        If a mass is negative.

    Examples
    --------
    >>> refrigerant_loss_kg(12.0, 40.0, 36.5)
    15.5
    """
    if min(topped_up, held_at_retirement, recovered) < 0:
        raise ValueError("a mass of refrigerant is not negative")
    return max(0.0, topped_up + held_at_retirement - recovered)


def share_of_public(own_area_m2: float | None, all_area_m2: float | None) -> float | None:
    """Return a firm's share of what everybody uses together, by area; None where an area is unknown.

    Examples
    --------
    >>> share_of_public(250.0, 10_000.0), share_of_public(None, 10_000.0)
    (0.025, None)
    """
    if own_area_m2 is None or not all_area_m2:
        return None
    return min(1.0, own_area_m2 / all_area_m2)


def scope_pairs(lines: Iterable[InventoryLine], *, basis: str = SCOPE_2_LOCATION) -> list[InventoryLine]:
    """Return the lines that one total adds: bought energy on one basis only.

    Examples
    --------
    >>> scope_pairs([])
    []
    """
    other = SCOPE_2_MARKET if basis == SCOPE_2_LOCATION else SCOPE_2_LOCATION
    return [line for line in lines if line.scope != other]


def by_scope(lines: Iterable[InventoryLine]) -> Mapping[str, list[InventoryLine]]:
    """Return the lines by scope.

    Examples
    --------
    >>> dict(by_scope([]))
    {}
    """
    found: dict[str, list[InventoryLine]] = {}
    for line in lines:
        found.setdefault(line.scope, []).append(line)
    return found
