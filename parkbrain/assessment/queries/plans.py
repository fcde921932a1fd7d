"""The way to the next star: measures of a park, its plans, and what the city's planning found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from parkbrain import schemes as shipped
from parkbrain.calc import planning
from parkbrain.calc import rating as engine
from parkbrain.calc.rating.document import sha256_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import MeasureChange, OwnMeasure, StarPlan
from .plan_words import (
    Difference,
    PlanShown,
    UnusedShown,
    show_blocker,
    show_difference,
    show_plan,
    show_unused,
)
from .schemes import MAIN_SCHEME, describe, get_catalogue, get_scheme
from .sheets import StarSheet

#: Answers are kept in a process: the sliders of a page go back and forth.
KEPT = 128
MEASURES = "measures.yaml"
#: The kind of the job that plans all parks.
PLAN_CITY = "assessment.plans"

Items = tuple[tuple[str, float], ...]
Terms = tuple[tuple[str, int | None, int | None, float | None, bool], ...]
Own = tuple[tuple[str, str, int, int, float, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True)
class EffectLine:
    """A fact that a measure changes, and the formula of its value afterwards."""

    key: str
    name: str
    formula: str


@dataclass(frozen=True)
class MeasureLine:
    """A measure as a park has it: the catalogue's word, and the park's own where it knows better."""

    id: str
    name: str
    what: str
    cost_yuan: int | None
    months: int
    success: float
    effects: Sequence[EffectLine]
    requires: Sequence[str]
    excludes: Sequence[str]
    state: str
    change: MeasureChange | None
    own: OwnMeasure | None


@dataclass(frozen=True)
class NextStar:
    """The answer to a wish: the plan, its rivals, what is left out and why, what stands in the way."""

    target: str
    target_rank: int
    plan: PlanShown
    is_reached: bool
    is_certain: bool
    cheapest_yuan: int | None
    alternatives: Sequence[Difference]
    unused: Sequence[UnusedShown]
    blockers: Sequence[str]


@dataclass(frozen=True)
class NextStep:
    """The cheapest way in one line, for other pages."""

    target: str
    cost_yuan: int
    months: int
    measure_count: int


@lru_cache(maxsize=4)
def _measures_of(scheme_hash: str) -> planning.Catalogue:
    return planning.load_measures(shipped.path(MEASURES), get_scheme(scheme_id=MAIN_SCHEME))


def get_measures() -> planning.Catalogue:
    """Return the reference catalogue of measures, checked against the main scheme."""
    return _measures_of(get_scheme(scheme_id=MAIN_SCHEME).hash)


def own_id(*, own: OwnMeasure) -> str:
    """Return the id under which a park's own measure stands among the others."""
    return f"own-{own.pk}"


def own_entry(*, own: OwnMeasure) -> dict[str, Any]:
    """Return a park's own measure as the catalogue writes one."""
    return {
        "id": own_id(own=own),
        "name": {"en": own.name, "zh-Hans": own.name},
        "cost_wan": float(own.cost_yuan) / 10_000,
        "months": own.months,
        "success": own.success,
        "effects": dict(own.effects),
    }


def override_of(*, change: MeasureChange) -> planning.Override:
    """Return a park's change of a measure as the planner reads it; money in whole yuan."""
    return planning.Override(
        cost_yuan=None if change.cost_yuan is None else int(change.cost_yuan.to_integral_value()),
        months=change.months,
        success=change.success,
        is_off=change.is_off,
    )


def facts_hash(*, inputs: Mapping[str, Sequence[Any]]) -> str:
    """Return the hash of the facts that a plan rests on."""
    return sha256_of({key: entry[0] for key, entry in inputs.items()})


def _items(inputs: Mapping[str, Sequence[Any]]) -> Items:
    return tuple(sorted((key, float(entry[0])) for key, entry in inputs.items()))


def _terms_of(park: Park) -> tuple[Terms, Own]:
    changes = MeasureChange.objects.filter(park=park)
    own = OwnMeasure.objects.filter(park=park)
    terms = []
    for change in changes:
        one = override_of(change=change)
        terms.append((change.measure_id, one.cost_yuan, one.months, one.success, one.is_off))
    measures = [
        (
            own_id(own=one),
            one.name,
            int(one.cost_yuan.to_integral_value()),
            one.months,
            one.success,
            tuple(one.effects.items()),
        )
        for one in own
    ]
    return tuple(terms), tuple(measures)


@lru_cache(maxsize=KEPT)
def _prepared(scheme_hash: str, items: Items, terms: Terms, own: Own) -> planning.Prepared:
    scheme, catalogue = get_scheme(scheme_id=MAIN_SCHEME), get_measures()
    if own:
        entries = [
            {
                "id": key,
                "name": {"en": name, "zh-Hans": name},
                "cost_wan": cost / 10_000,
                "months": months,
                "success": success,
                "effects": dict(effects),
            }
            for key, name, cost, months, success, effects in own
        ]
        catalogue = catalogue.with_measures(entries, scheme)
    values = dict(items)
    table = engine.FactTable.from_rows({"park": {key: values.get(key) for key in scheme.facts}})
    overrides = {key: planning.Override(cost, months, success, is_off) for key, cost, months, success, is_off in terms}
    return planning.prepare(scheme, catalogue, table, {"park": overrides})


@lru_cache(maxsize=KEPT)
def _planned(scheme_hash: str, items: Items, terms: Terms, own: Own, wish: planning.Wish) -> planning.Planning:
    return planning.find_plans(_prepared(scheme_hash, items, terms, own), 0, wish)


def _prepared_of(sheet: StarSheet) -> planning.Prepared:
    return _prepared(sheet.scheme.hash, _items(sheet.inputs), *_terms_of(sheet.park))


def next_ranks(*, sheet: StarSheet) -> list[tuple[int, str]]:
    """Return the classes above the proven one, the next first."""
    above = [one for one in sheet.scheme.outcome.classes if one.rank > sheet.unit.class_proven]
    return [(one.rank, describe(value=one.name)) for one in sorted(above, key=lambda one: one.rank)]


def get_next_star(*, sheet: StarSheet, wish: planning.Wish) -> NextStar:
    """Return the cheapest way to a class for the park of a star sheet of the main scheme."""
    prepared, rank = _prepared_of(sheet), wish.rank
    found = _planned(sheet.scheme.hash, _items(sheet.inputs), *_terms_of(sheet.park), wish)
    assert found.plan is not None
    plan = show_plan(prepared=prepared, plan=found.plan, rank=rank)
    return NextStar(
        target=describe(value=found.target.name),
        target_rank=found.target.rank,
        plan=plan,
        is_reached=found.is_reached,
        is_certain=found.is_certain,
        cheapest_yuan=found.cheapest_yuan,
        alternatives=[
            show_difference(best=plan, other=show_plan(prepared=prepared, plan=one, rank=rank))
            for one in found.alternatives
        ],
        unused=[show_unused(prepared=prepared, one=one) for one in found.unused],
        blockers=[show_blocker(sheet=sheet, one=one) for one in found.blockers],
    )


def get_next_step(*, sheet: StarSheet) -> NextStep | None:
    """Return the cheapest way to the next class in one line; None at the top, where no way is known, or by another scheme."""
    ranks = next_ranks(sheet=sheet)
    if sheet.scheme.id != MAIN_SCHEME or not ranks:
        return None
    wish = planning.Wish(ranks[0][0], alternatives=0)
    found = _planned(sheet.scheme.hash, _items(sheet.inputs), *_terms_of(sheet.park), wish)
    if not found.is_reached or found.plan is None:
        return None
    return NextStep(ranks[0][1], found.plan.cost_yuan, found.plan.months, len(found.plan.steps))


def list_measures(*, park: Park, sheet: StarSheet) -> list[MeasureLine]:
    """Return every measure as the park has it, in the order of the catalogue, its own ones last."""
    prepared = _prepared_of(sheet)
    changes = {one.measure_id: one for one in MeasureChange.objects.filter(park=park)}
    own = {own_id(own=one): one for one in OwnMeasure.objects.filter(park=park)}
    names = {one.id: describe(value=one.name) for one in prepared.catalogue.measures}
    states = {planning.OPEN: "open", planning.DONE: "done", planning.OFF: "off", planning.NO_COST: "no_cost"}
    catalogue = get_catalogue()
    lines = []
    for place, one in enumerate(prepared.catalogue.measures):
        cost = int(prepared.cost_yuan[0, place])
        lines.append(
            MeasureLine(
                id=one.id,
                name=names[one.id],
                what=describe(value=one.what),
                cost_yuan=cost if cost >= 0 else None,
                months=int(prepared.months[0, place]),
                success=float(prepared.success[0, place]),
                effects=[EffectLine(key, catalogue[key].name, each.text) for key, each in one.effects.items()],
                requires=[names[key] for key in one.requires],
                excludes=[names[key] for key in one.excludes],
                state=states[int(prepared.state[0, place])],
                change=changes.get(one.id),
                own=own.get(one.id),
            )
        )
    return lines


def list_star_plans(*, user: User, permission: Permission = Permission.VIEW_RATING) -> QuerySet[StarPlan]:
    """Return what the city's planning found for the parks that the person oversees."""
    return StarPlan.objects.visible_to(user, permission).filter(scheme_id=MAIN_SCHEME)
