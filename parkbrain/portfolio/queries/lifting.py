"""Where one budget lifts most parks of a city by a star, by district."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Paginator

from parkbrain.assessment.models import StarPlan
from parkbrain.assessment.queries import PLAN_CITY, list_star_plans
from parkbrain.calc import planning
from parkbrain.kernel.models import Job, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.work import with_progress

from .overview import get_overview

#: So many lifted parks stand on a page; the districts' table counts all.
LIFTS_SHOWN = 40


@dataclass(frozen=True)
class LiftedPark:
    """A park that the money lifts, with its plan and the money spent up to it [yuan]."""

    plan: StarPlan
    district: str
    cost_yuan: int
    spent_yuan: int


@dataclass(frozen=True)
class DistrictLift:
    """A district: how many parks have a way to their next star, how many are lifted, and for how much [yuan]."""

    name: str
    park_count: int
    planned_count: int
    lifted_count: int
    cost_yuan: int


@dataclass(frozen=True)
class Lifting:
    """What a budget does for a city: parks lifted (a page of them in full), by district, and the whole curve [yuan]."""

    park_count: int
    planned_count: int
    top_count: int
    budget_yuan: int
    spent_yuan: int
    lifted_count: int
    lifted: Sequence[LiftedPark]
    districts: Sequence[DistrictLift]
    curve: Sequence[int]
    short_of: Sequence[str]
    computed_at: datetime | None

    @property
    def whole_yuan(self) -> int:
        """What it costs to lift every park that the limits allow."""
        return self.curve[-1] if self.curve else 0


def get_lifting(
    *, user: User, budget_yuan: int | None, least: int, most: int | None, page: str | int | None = 1
) -> Lifting:
    """Return where a budget lifts most parks of a person's branches by one star each.

    `least` and `most` are for every district; a district with fewer plans than `least` gives all it has. Without a
    budget a tenth of what all would cost is taken. `page` says which of the lifted parks are named.
    """
    wanted = list_star_plans(user=user, permission=Permission.VIEW_CITY)
    rows = list(
        wanted.exclude(park__standing=Park.Standing.AS_STATED)
        .order_by()
        .values_list("park_id", "park__district_code", "cost_yuan", "target")
    )
    names = {line.code: line.name for line in get_overview(user=user).lines}
    parks = [(park_id, code, int(cost)) for park_id, code, cost, _target in rows if cost is not None]
    have = Counter(code for _key, code, _cost in parks)
    lowest = {code: min(least, count) for code, count in have.items()}
    highest = {} if most is None else dict.fromkeys(have, most)
    curve = planning.lift_curve(parks, least=lowest, most=highest)
    budget = budget_yuan if budget_yuan is not None else (curve[-1].spent_yuan // 10 if curve else 0)
    spent = planning.spend(parks, budget_yuan=budget, least=lowest, most=highest)
    shown = Paginator(spent.lifts, LIFTS_SHOWN).get_page(page).object_list
    by_park = {one.park_id: one for one in wanted.filter(park__in=[o.key for o in shown]).select_related("park")}
    newest = wanted.order_by("-computed_at").values_list("computed_at", flat=True).first()
    return Lifting(
        park_count=len(rows),
        planned_count=len(parks),
        top_count=sum(target == 0 for _park_id, _code, _cost, target in rows),
        budget_yuan=budget,
        spent_yuan=spent.spent_yuan,
        lifted_count=len(spent.lifts),
        lifted=[
            LiftedPark(by_park[one.key], names.get(one.district, one.district), one.cost_yuan, one.spent_yuan)
            for one in shown
        ],
        districts=_district_lifts(Counter(row[1] for row in rows), have, spent.lifts, names),
        curve=[one.spent_yuan for one in curve],
        short_of=[names.get(code, code) for code in spent.short_of],
        computed_at=newest,
    )


def _district_lifts(
    counts: Mapping[str, int], have: Mapping[str, int], lifts: Sequence[planning.Lift], names: Mapping[str, str]
) -> list[DistrictLift]:
    costs: dict[str, list[int]] = {}
    for one in lifts:
        costs.setdefault(one.district, []).append(one.cost_yuan)
    lines = [
        DistrictLift(
            names.get(code, code or "—"), count, have.get(code, 0), len(costs.get(code, [])), sum(costs.get(code, []))
        )
        for code, count in counts.items()
    ]
    return sorted(lines, key=lambda line: (-line.lifted_count, line.name))


def get_planning_job() -> Job | None:
    """Return the planning of all parks that was asked for last, with how far it is."""
    job = Job.objects.filter(kind=PLAN_CITY).order_by("-requested_at").first()
    return with_progress(job=job) if job else None
