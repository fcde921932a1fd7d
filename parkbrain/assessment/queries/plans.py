"""The way to the next star: measures of a park, its plans, and what the city's planning found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parkbrain import schemes as shipped
from parkbrain.calc import planning
from parkbrain.calc import rating as engine
from parkbrain.calc.rating.document import sha256_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import MeasureChange, OwnMeasure, StarPlan
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
class MoveShown:
    """A fact before and after a step."""

    key: str
    name: str
    unit: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class StepShown:
    """A step of a plan in words."""

    id: str
    name: str
    what: str
    cost_yuan: int
    starts_after_months: int
    ends_after_months: int
    success: float
    points: float
    moves: Sequence[MoveShown]
    indicators: Sequence[tuple[str, str, float, float]]
    opens: Sequence[str]


@dataclass(frozen=True)
class PlanShown:
    """A plan in words; `chance` is how likely its target or better is, `by_rank` class, share and percent."""

    steps: Sequence[StepShown]
    cost_yuan: int
    months: int
    total_before: float
    total: float
    chance: float
    by_rank: Sequence[tuple[str, float, float]]
    total_p05: float
    total_p95: float
    is_exact: bool

    @property
    def gained(self) -> float:
        """What the plan adds to the total [points of 100]."""
        return self.total - self.total_before


@dataclass(frozen=True)
class Difference:
    """Another plan beside the best: the names of the steps it leaves out and of those it takes instead."""

    plan: PlanShown
    less: Sequence[str]
    more: Sequence[str]


@dataclass(frozen=True)
class UnusedShown:
    """A measure that is not in the plan, and why."""

    id: str
    name: str
    reason: str
    text: str
    cost_yuan: int | None
    months: int
    points: float


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
    plan = _show(prepared, found.plan, rank)
    return NextStar(
        target=describe(value=found.target.name),
        target_rank=found.target.rank,
        plan=plan,
        is_reached=found.is_reached,
        is_certain=found.is_certain,
        cheapest_yuan=found.cheapest_yuan,
        alternatives=[_difference(plan, _show(prepared, one, rank)) for one in found.alternatives],
        unused=[_unused(prepared, one) for one in found.unused],
        blockers=[_blocker(sheet, one) for one in found.blockers],
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


def _show(prepared: planning.Prepared, plan: planning.Plan, rank: int) -> PlanShown:
    names = {one.rank: describe(value=one.name) for one in prepared.scheme.outcome.classes}
    return PlanShown(
        steps=[_step(prepared, one) for one in plan.steps],
        cost_yuan=plan.cost_yuan,
        months=plan.months,
        total_before=plan.total_before,
        total=plan.total,
        chance=plan.chances.at_least(rank),
        by_rank=[(names.get(one, _("no star")), share, 100 * share) for one, share in plan.chances.by_rank.items()],
        total_p05=plan.chances.total_p05,
        total_p95=plan.chances.total_p95,
        is_exact=plan.chances.is_exact,
    )


def _difference(best: PlanShown, other: PlanShown) -> Difference:
    own, rival = {step.id for step in best.steps}, {step.id for step in other.steps}
    less = [step.name for step in best.steps if step.id not in rival]
    return Difference(other, less, [step.name for step in other.steps if step.id not in own])


def _step(prepared: planning.Prepared, step: planning.Step) -> StepShown:
    measure, catalogue, scheme = prepared.catalogue.measure(step.measure_id), get_catalogue(), prepared.scheme
    moves = [
        MoveShown(move.key, catalogue[move.key].name, _unit_of(move.key), move.before, move.after)
        for move in step.moves
        if move.key in catalogue
    ]
    return StepShown(
        id=step.measure_id,
        name=describe(value=measure.name),
        what=describe(value=measure.what),
        cost_yuan=step.cost_yuan,
        starts_after_months=step.starts_after_months,
        ends_after_months=step.ends_after_months,
        success=step.success,
        points=step.points,
        moves=moves,
        indicators=[
            (key, describe(value=scheme.node(key).name), before, after) for key, before, after in step.indicators
        ],
        opens=[_condition_name(scheme, key) for key in step.opens],
    )


def _unit_of(key: str) -> str:
    fact = get_catalogue()[key]
    return "" if fact.kind in {"boolean", "count"} else fact.unit


def _condition_name(scheme: engine.Scheme, key: str) -> str:
    kind, name = key.split(":", 1)
    found: Sequence[engine.Gate | engine.Veto] = scheme.outcome.gates if kind == "gate" else scheme.outcome.vetoes
    return describe(value=next(one.name for one in found if one.id == name))


def _unused(prepared: planning.Prepared, one: planning.Unused) -> UnusedShown:
    catalogue = prepared.catalogue
    other = describe(value=catalogue.measure(one.other).name) if one.other else ""
    texts = {
        "done": _("in place already"),
        "off": _("switched off"),
        "no_cost": _("its cost is not known"),
        "no_way": _("needs a measure that cannot be taken"),
        "too_late": _("ends too late"),
        "too_dear": _("dearer than the budget"),
        "excluded": _("cannot go together with “%(other)s”") % {"other": other},
        "adds_nothing": _("adds no points here"),
        "dearer": _("not needed: other steps bring the points for less"),
    }
    name = describe(value=catalogue.measure(one.measure_id).name)
    return UnusedShown(one.measure_id, name, one.reason, texts[one.reason], one.cost_yuan, one.months, one.points)


def _blocker(sheet: StarSheet, one: planning.Blocker) -> str:
    if one.code in {"gate", "veto"}:
        name = _condition_name(sheet.scheme, f"{one.code}:{one.subject}")
        flags = sheet.unit.gates if one.code == "gate" else sheet.unit.vetoes
        if flags.get(one.subject) is None:
            return _("Not known whether: %(name)s. Fill in the fact; until then no star is proven.") % {"name": name}
        if one.code == "gate":
            return _("Required and not met, and no measure settles it: %(name)s.") % {"name": name}
        return _("It holds the star back, and no measure settles it: %(name)s.") % {"name": name}
    if one.code == "budget":
        return _("The budget: %(needed)s yuan would do.") % {"needed": f"{one.needed:,.0f}"}
    if one.code == "months":
        return _("The time: %(needed)s months would do.") % {"needed": f"{one.needed:.0f}"}
    if one.code == "not_applicable":
        return _("Too much of the scheme does not apply to this park.")
    node = sheet.scheme.node(one.subject)
    name = _("Total") if node is sheet.scheme.root else f"{node.id} {describe(value=node.name)}"
    return _("%(name)s: all measures together reach %(best)s points of the %(needed)s needed.") % {
        "name": name,
        "best": f"{one.best:.1f}",
        "needed": f"{one.needed:g}",
    }


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
