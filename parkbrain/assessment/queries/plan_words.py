"""Plans in the reader's words: steps, facts, reasons, obstacles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from parkbrain.calc import planning
from parkbrain.calc import rating as engine

from .schemes import describe, get_catalogue
from .sheets import StarSheet


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


def show_plan(*, prepared: planning.Prepared, plan: planning.Plan, rank: int) -> PlanShown:
    """Return a plan in the reader's words; `rank` is the class it is for."""
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


def show_difference(*, best: PlanShown, other: PlanShown) -> Difference:
    """Return another plan by how it differs from the best."""
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


def show_unused(*, prepared: planning.Prepared, one: planning.Unused) -> UnusedShown:
    """Return why a measure is not in the plan, in words."""
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


def show_blocker(*, sheet: StarSheet, one: planning.Blocker) -> str:
    """Return what stands in the way, in words."""
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
