"""The way to a park's next star."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from parkbrain.calc import planning
from parkbrain.ui.rest import Out, Problem

from .. import queries
from ..queries.plan_words import PlanShown
from .common import rated_park

router = Router()


class WishParams(Schema):
    """What a plan is asked for."""

    rank: int | None = Field(None, ge=1, le=20, description="Class to reach; the next one unless given.")
    budget_yuan: int | None = Field(None, ge=0, le=10**12, description="Budget at most.")
    months: int | None = Field(None, ge=1, le=240, description="Months at most.")
    certainty: int = Field(80, ge=0, le=99, description="Certainty wanted, in percent.")
    without: list[str] = Field(default_factory=list, max_length=100, description="Ids of measures not to be taken.")


class MoveOut(Out):
    """A fact before and after a step."""

    fact_key: str
    name: str
    before: float | None
    after: float | None


class MeasureStepOut(Out):
    """A measure of a plan."""

    measure_id: str
    name: str
    cost_yuan: int
    starts_after_months: int
    ends_after_months: int
    success: float = Field(description="Chance that it works, 0 to 1.")
    points: float = Field(description="What it adds to the total.")
    facts: list[MoveOut]


class PlanOut(Out):
    """A plan: its steps, what it costs and takes, and how likely it reaches its class."""

    cost_yuan: int
    months: int
    total_before: float
    total_after: float
    chance: float = Field(description="Chance of the class or better, 0 to 1.")
    steps: list[MeasureStepOut]


class UnusedOut(Out):
    """A measure that is not in the plan, and why."""

    measure_id: str
    name: str
    reason: str
    cost_yuan: int | None
    months: int


class NextStarOut(Out):
    """The cheapest way to a class."""

    park_id: int
    scheme_id: str
    class_proven: int
    rank: int | None = Field(description="The class asked for; null where the best one is proven.")
    name: str
    is_reached: bool
    is_certain: bool = Field(description="Whether it is reached with the certainty that was wanted.")
    cheapest_yuan: int | None = Field(description="What the class costs at least, without limits.")
    plan: PlanOut | None
    alternatives: list[PlanOut]
    unused: list[UnusedOut]
    blockers: list[str] = Field(description="What stands in the way, in your language.")


@router.get("/parks/{int:park_id}/next-star", response=NextStarOut, summary="Way to the next star")
def get_next_star(request: HttpRequest, park_id: int, ask: Query[WishParams]) -> NextStarOut:
    """The cheapest plan of a park under a budget, a time, a certainty and without the measures that are ruled out."""
    park = rated_park(request, park_id)
    try:
        sheet = queries.get_star_sheet(park=park)
    except queries.NotRated as reason:
        raise Problem(404, str(reason)) from reason
    head = {"park_id": park.pk, "scheme_id": sheet.scheme.id, "class_proven": sheet.unit.class_proven}
    ranks = queries.next_ranks(sheet=sheet)
    if not ranks:
        return NextStarOut(
            **head, rank=None, name="", is_reached=True, is_certain=True, cheapest_yuan=0, plan=None,
            alternatives=[], unused=[], blockers=[],
        )  # fmt: skip
    wish = _wish(ask, ranks)
    found = queries.get_next_star(sheet=sheet, wish=wish)
    return NextStarOut(
        **head,
        rank=found.target_rank,
        name=found.target,
        is_reached=found.is_reached,
        is_certain=found.is_certain,
        cheapest_yuan=found.cheapest_yuan,
        plan=_plan(found.plan),
        alternatives=[_plan(one.plan) for one in found.alternatives],
        unused=[
            UnusedOut(measure_id=one.id, name=one.name, reason=one.reason, cost_yuan=one.cost_yuan, months=one.months)
            for one in found.unused
        ],
        blockers=list(found.blockers),
    )


def _wish(ask: WishParams, ranks: list[tuple[int, str]]) -> planning.Wish:
    rank = ask.rank or ranks[0][0]
    if rank not in {one for one, _name in ranks}:
        raise Problem(422, _("The class %(rank)s is proven already, or is none.") % {"rank": rank})
    return planning.Wish(
        rank=rank,
        budget_yuan=ask.budget_yuan,
        most_months=ask.months,
        certainty=ask.certainty / 100,
        switched_off=frozenset(ask.without),
    )


def _plan(shown: PlanShown) -> PlanOut:
    return PlanOut(
        cost_yuan=shown.cost_yuan,
        months=shown.months,
        total_before=shown.total_before,
        total_after=shown.total,
        chance=shown.chance,
        steps=[
            MeasureStepOut(
                measure_id=one.id,
                name=one.name,
                cost_yuan=one.cost_yuan,
                starts_after_months=one.starts_after_months,
                ends_after_months=one.ends_after_months,
                success=one.success,
                points=one.points,
                facts=[MoveOut(fact_key=m.key, name=m.name, before=m.before, after=m.after) for m in one.moves],
            )
            for one in shown.steps
        ],
    )
