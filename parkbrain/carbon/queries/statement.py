"""The statement of a period: scopes, lines with their factors, places, intensities, what is not assessed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from parkbrain.calc.carbon import SCOPE_1, SCOPE_2_LOCATION, SCOPE_2_MARKET, SCOPE_3, SCOPES, standard_coal_tce
from parkbrain.calc.factors import Factor, FactorBook
from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.inventory import (
    LEVELS,
    NO_DATA,
    Activity,
    Assessed,
    InventoryLine,
    assess,
    by_scope,
    choose_level,
    covered_share,
    cut,
    make_inventory,
)
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park

from ..models import ActivityData, GreenPower
from .activities import (
    as_activities,
    derive_upstream,
    list_recorded,
    list_refrigerant_losses,
    sum_green_power,
    sum_kinds,
)
from .factors import get_factor_book, list_areas
from .kinds import get_category_name, get_kind_name, get_kinds, get_refrigerants
from .metered import list_metered

#: Whose emissions: of everything in the park (what indicators ask for), or of what the operator controls (tenants' use
#: of fuels and power then belongs to downstream leased assets, category 13 of scope 3).
PARK, OPERATOR = "park", "operator"
#: A kind at a place: rows that follow each other in time.
Series = tuple[str, tuple[tuple[str, int], ...]]
#: Kinds that a statement speaks of even where nothing is recorded.
EXPECTED = ("electricity", "fresh_water", "wastewater", "commuting_car", "waste_incineration")


@dataclass(frozen=True)
class StatementLine:
    """One kind in one scope with one factor: the amount, the emission, or why there is none; the rows behind it."""

    scope: str
    kind: str
    category: str
    unit: str
    amount: float | None
    factor: Factor | None
    is_carried_on: bool
    tco2e: float | None
    uncertainty: float | None
    coverage: float | None
    reason: str
    rows: tuple[int, ...]

    @property
    def name(self) -> str:
        """What was used."""
        return get_kind_name(key=self.kind)

    @property
    def category_name(self) -> str:
        """Its category."""
        return get_category_name(key=self.category)


@dataclass(frozen=True)
class Intensity:
    """A figure per something: its value, what it is divided by, and how much of that is covered."""

    key: str
    value: float | None
    per: float | None
    coverage: float | None


@dataclass(frozen=True)
class Statement:
    """The inventory of a park in a period, within a boundary."""

    park: Park
    period: DatePeriod
    boundary: str
    totals: Mapping[str, Assessed]
    lines: Sequence[StatementLine]
    inventory: Sequence[InventoryLine]
    #: Standard coal by kind [tce], with power at its heat value, and at the coal burnt for it.
    coal: Mapping[str, float | None]
    coal_burnt: Mapping[str, float | None]
    green: Sequence[tuple[GreenPower, float]]
    sums: Mapping[str, float | None]
    intensities: Sequence[Intensity] = field(default_factory=tuple)

    @property
    def has_rows(self) -> bool:
        """Whether anything is recorded."""
        return bool(self.inventory or self.sums)

    def total(self, *scopes: str) -> float | None:
        """Return the sum of scopes [t]; None where none of them is known."""
        known = [t for s in scopes if (t := self.totals[s].tco2e) is not None]
        return math.fsum(known) if known else None

    @property
    def scope_12(self) -> float | None:
        """Scopes 1 and 2, location-based [t]."""
        return self.total(SCOPE_1, SCOPE_2_LOCATION)

    @property
    def scope_12_market(self) -> float | None:
        """Scopes 1 and 2, market-based [t]."""
        return self.total(SCOPE_1, SCOPE_2_MARKET)

    @property
    def tce(self) -> float | None:
        """Energy used [tce], power at its heat value (0.1229 kgce/kWh)."""
        return _known_sum(self.coal)

    @property
    def tce_burnt(self) -> float | None:
        """Energy used [tce], power at the coal burnt for it; None as long as one kind is unknown."""
        return None if None in self.coal_burnt.values() else _known_sum(self.coal_burnt)

    @property
    def unknown_lines(self) -> list[StatementLine]:
        """What is not assessed."""
        return [line for line in self.lines if line.reason]


def build_statement(
    *, park: Park, period: DatePeriod, boundary: str = PARK, factors_on: date | None = None, gwp: str = "AR5"
) -> Statement:
    """Return the statement of a park for a period; `factors_on` takes all factors of one day, to compare like with like."""
    # Only amounts are added up here: the rows are the same as those beside which meters are read.
    rows = list_recorded(park_ids=[park.pk], period=period, is_placed=False).get(park.pk, [])
    losses = list_refrigerant_losses(park_ids=[park.pk], period=period).get(park.pk, [])
    metered = list_metered(park_ids=[park.pk], period=period).get(park.pk, [])
    counted = [*as_activities(rows=[row for row in rows if not row.is_breakdown]), *metered]
    activities = [*counted, *losses]
    breakdown = as_activities(rows=[row for row in rows if row.is_breakdown])
    if boundary == OPERATOR:
        activities = _within_control(activities, breakdown, period)
    green = sum_green_power(park_ids=[park.pk], period=period).get(park.pk, [])
    return make_statement(
        park=park, period=period, boundary=boundary, activities=activities, green=green, factors_on=factors_on, gwp=gwp,
        sums=sum_kinds(activities=counted, kinds=list(get_kinds()), period=period),
    )  # fmt: skip


def make_statement(
    *,
    park: Park,
    period: DatePeriod,
    boundary: str,
    activities: Sequence[Activity],
    green: Sequence[tuple[GreenPower, float]],
    sums: Mapping[str, float | None],
    factors_on: date | None = None,
    gwp: str = "AR5",
    book: FactorBook | None = None,
) -> Statement:
    """Return the statement of given activities; `book` where the factors were read already."""
    book, areas = book or get_factor_book(), list_areas(park=park)
    every = [*activities, *derive_upstream(activities=activities)]
    inventory = make_inventory(
        every, book, period=period, areas=areas, gwp=gwp, factors_on=factors_on, green_kwh=sum(k for _row, k in green)
    )
    shares = cover_kinds(activities=every, period=period)
    grouped = by_scope(inventory)
    totals = {s: assess(grouped.get(s, ()), coverage=lambda a: shares[a.kind, a.places]) for s in SCOPES}
    lines = [*group_lines(inventory=inventory, shares=shares), *_missing(activities, boundary)]
    order = {scope: n for n, scope in enumerate(SCOPES)}
    lines.sort(key=lambda line: (order[line.scope], -(line.tco2e or 0.0), line.kind))
    coal = _coal(activities, period, book, areas, "equivalent")
    burnt = _coal(activities, period, book, areas, "coal_equivalent")
    return Statement(park, period, boundary, totals, lines, inventory, coal, burnt, green, dict(sums))


def _within_control(
    activities: Sequence[Activity], breakdown: Sequence[Activity], period: DatePeriod
) -> list[Activity]:
    """Return the activities as the operator answers for them: what tenants use goes to downstream leased assets.

    A tenant's part of a row of the whole is taken out of it and stands by itself.
    """

    def leased(one: Activity) -> Activity:
        return replace(one, scope=3, category="leased_assets") if one.scope in {1, 2} else one

    def is_tenants(one: Activity) -> bool:
        return any(level == "enterprise" for level, _key in one.places)

    parts = [one for one in breakdown if is_tenants(one) and one.scope in {1, 2}]
    own = [one for one in activities if not is_tenants(one)]
    taken: list[Activity] = []
    for kind in {one.kind for one in own}:
        pieces = [p for one in own if one.kind == kind for p in cut(one, period)]
        used = [p for one in parts if one.kind == kind for p in cut(one, period)]
        whole, share = math.fsum(p.amount or 0.0 for p in pieces), math.fsum(p.amount or 0.0 for p in used)
        left = max(0.0, 1.0 - share / whole) if whole and used else 1.0
        unknown = any(p.amount is None for p in used)
        taken += [replace(p, amount=None if p.amount is None or unknown else p.amount * left) for p in pieces]
    return [*taken, *(leased(one) for one in activities if is_tenants(one)), *(leased(one) for one in parts)]


def cover_kinds(*, activities: Iterable[Activity], period: DatePeriod) -> dict[Series, float]:
    """Return by kind and place the share of the period's days that rows cover."""
    series: dict[Series, list[tuple[DatePeriod, float | None]]] = {}
    whole: set[Series] = set()
    for one in activities:
        series.setdefault((one.kind, one.places), []).append((one.period, one.coverage))
        if one.kind in get_refrigerants():
            # A log of events covers the period by its being kept; there is nothing between two top-ups.
            whole.add((one.kind, one.places))
    return {key: 1.0 if key in whole else covered_share(periods, period) for key, periods in series.items()}


def group_lines(*, inventory: Sequence[InventoryLine], shares: Mapping[Series, float]) -> list[StatementLine]:
    """Return the lines of a statement: pieces of one kind, scope, category and factor together."""
    groups: dict[tuple[str, str, str, str, Factor | None], list[InventoryLine]] = {}
    for line in inventory:
        found = line.emission.found
        key = (line.scope, line.activity.kind, line.activity.category, line.reason, found.factor if found else None)
        groups.setdefault(key, []).append(line)
    lines = []
    for (scope, kind, category, reason, factor), members in groups.items():
        total = assess(members, coverage=lambda a: shares[a.kind, a.places])
        amounts = [m.amount for m in members]
        amount = None if any(a is None for a in amounts) else math.fsum(a or 0.0 for a in amounts)
        carried = any(m.emission.found and m.emission.found.is_carried_on for m in members)
        rows = tuple(dict.fromkeys(m.activity.row for m in members))
        lines.append(
            StatementLine(
                scope, kind, category, _unit(kind), amount, factor, carried, total.tco2e, total.uncertainty,
                total.coverage, reason, rows,
            )
        )  # fmt: skip
    return lines


def _unit(kind: str) -> str:
    kinds = get_kinds()
    found = kinds.get(kind) or kinds.get(kind.removesuffix("_upstream"))
    return found.unit if found else "kg"


def _missing(activities: Sequence[Activity], boundary: str) -> list[StatementLine]:
    """Return the lines of what every park has and this one has not recorded: not assessed, never zero."""
    recorded = {one.kind for one in activities}
    missing = []
    for key in EXPECTED:
        kind = get_kinds()[key]
        if key not in recorded:
            for scope in (SCOPE_2_LOCATION, SCOPE_2_MARKET) if kind.scope == 2 else (SCOPE_3,):
                missing.append(
                    StatementLine(scope, key, kind.category, kind.unit, None, None, False, None, None, 0.0, NO_DATA, ())
                )
    return missing


def _known_sum(values: Mapping[str, float | None]) -> float | None:
    known = [v for v in values.values() if v is not None]
    return math.fsum(known) if known else None


def _coal(
    activities: Sequence[Activity], period: DatePeriod, book: FactorBook, areas: Sequence[str], electricity: str
) -> dict[str, float | None]:
    """Return the energy used by kind in standard coal [tce]; a kind with an unknown amount or factor is None."""
    kinds = get_kinds()
    found: dict[str, float | None] = {}
    for one in activities:
        kind = kinds.get(one.kind)
        if kind is None or not kind.is_energy:
            continue
        for piece in cut(one, period, book.changes(one.carrier)):
            tce, left_out = standard_coal_tce(
                [(one.carrier, piece.amount)], piece.period.starts_on, book, electricity=electricity, areas=areas
            )
            before = found.get(one.kind, 0.0)
            found[one.kind] = None if left_out or before is None else before + tce
    return found


def add_intensities(*, statement: Statement) -> Statement:
    """Return the statement with what it amounts to per output and per value added, and the shares of reuse."""
    park, period = statement.park, statement.period
    found = []
    for key, fact_key in (("output", "total_output_wan"), ("value_added", "value_added_wan")):
        fact = registry.facts.get(fact_key)
        value = fact.values(park_ids=[park.pk], period=period).get(park.pk) if fact and _is_year(period) else None
        per = value.value if value else None
        figure = statement.scope_12 / per if statement.scope_12 is not None and per else None
        found.append(Intensity(f"co2_per_{key}", figure, per, value.coverage if value else None))
    sums = statement.sums
    reused, fresh = sums.get("reused_water"), sums.get("fresh_industrial_water", sums.get("fresh_water"))
    found.append(Intensity("water_reuse", _ratio(reused, _add(reused, fresh)), _add(reused, fresh), None))
    base = _add(sums.get("solid_waste_generated"), sums.get("solid_waste_old_stock", 0.0))
    found.append(Intensity("waste_reuse", _ratio(sums.get("solid_waste_utilised"), base), base, None))
    return replace(statement, intensities=found)


def _is_year(period: DatePeriod) -> bool:
    start, end = period.starts_on, period.ends_on
    return (start.month, start.day, end.month, end.day, end.year - start.year) == (1, 1, 1, 1, 1)


def _add(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


@dataclass(frozen=True)
class PlaceTotal:
    """What falls on one building, storey, firm or machine, by scope [t]; the last is what falls on none."""

    key: int | None
    label: str
    by_scope: Mapping[str, float | None]


def list_places(*, statement: Statement, level: str) -> list[PlaceTotal]:
    """Return the emissions of a statement's period by building, storey, enterprise or equipment, largest first."""
    if level not in LEVELS[1:]:
        raise ValueError(level)
    park, period = statement.park, statement.period
    rows = list_recorded(park_ids=[park.pk], period=period).get(park.pk, [])
    losses = list_refrigerant_losses(park_ids=[park.pk], period=period).get(park.pk, [])
    chosen = choose_level([*as_activities(rows=rows), *losses], level)
    labels = _labels(rows, level)
    book, areas = get_factor_book(), list_areas(park=park)
    green = sum(kwh for _row, kwh in statement.green)
    used = statement.sums.get("electricity") or 0.0
    found = []
    for key, activities in chosen.items():
        power = sum(p.amount or 0.0 for a in activities if a.kind == "electricity" for p in cut(a, period))
        part = green * power / used if used else 0.0
        lines = make_inventory(activities, book, period=period, areas=areas, green_kwh=part)
        grouped = by_scope(lines)
        found.append(PlaceTotal(key, labels.get(key, str(key)), {s: assess(grouped.get(s, ())).tco2e for s in SCOPES}))
    found.sort(key=lambda p: -(p.by_scope[SCOPE_1] or 0.0) - (p.by_scope[SCOPE_2_LOCATION] or 0.0))
    rest: dict[str, float | None] = {}
    for scope in SCOPES[:3]:
        total = statement.totals[scope].tco2e
        rest[scope] = None if total is None else total - math.fsum(p.by_scope[scope] or 0.0 for p in found)
    rest[SCOPE_3] = None
    return [*found, PlaceTotal(None, "", rest)]


def _labels(rows: Iterable[ActivityData], level: str) -> dict[int, str]:
    labels: dict[int, str] = {}
    for row in rows:
        thing = getattr(row, level)
        if thing is not None:
            text = str(thing) or getattr(thing, "code", "")
            labels[thing.pk] = f"{thing.building.name} · {text}" if level == "storey" else text
    return labels
