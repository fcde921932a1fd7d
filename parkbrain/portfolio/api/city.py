"""The city as JSON."""

from __future__ import annotations

from datetime import date

import numpy as np
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.names import stored_street
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import Out, Problem, found, require

from .. import queries

router = Router()


class DistrictOut(Out):
    """A district with its parks."""

    code: str
    name: str
    park_count: int
    modern_count: int
    mean_total: float | None
    land_area_m2: float | None


class CityOut(Out):
    """The parks of your branches in a few numbers, by the current ratings of the main scheme."""

    park_count: int
    modern_count: int = Field(description="Parks with three stars or more.")
    mean_total: float | None
    mean_coverage: float | None
    land_area_m2: float | None
    parks_by_stars: list[int] = Field(description="Number of parks with 0, 1, 2, 3, 4 and 5 proven stars.")
    districts: list[DistrictOut]


@router.get("/city", response=CityOut, summary="City")
def get_city(request: HttpRequest) -> CityOut:
    """The parks that you oversee: how many, how good, and by district. `/ratings` lists them one by one."""
    require(request.user.may(Permission.VIEW_CITY))
    overview = queries.get_overview(user=request.user)
    totals = overview.totals
    return CityOut(
        park_count=totals.park_count,
        modern_count=totals.modern_count,
        mean_total=totals.mean_total,
        mean_coverage=totals.mean_coverage,
        land_area_m2=totals.land_area_m2,
        parks_by_stars=[overview.counts.get(stars, 0) for stars in range(6)],
        districts=[
            DistrictOut(
                code=line.code,
                name=line.name,
                park_count=line.park_count,
                modern_count=line.modern_count,
                mean_total=line.mean_total,
                land_area_m2=line.land_area_m2,
            )
            for line in overview.lines
        ],
    )


class BranchParams(Schema):
    """Which parks, of what day."""

    district: str = Field("", description="Code of a district: its streets follow.")
    street: str = Field("", description="Name of a street: its operators follow.")
    on: date | None = Field(None, description="As of a day; the current ratings without one.")


class CityBranchOut(Out):
    """A branch with the sums of its parks."""

    key: str = Field(description="Code of the district or operator, name of the street; empty where it is not stated.")
    name: str
    park_count: int
    land_area_m2: float | None
    floor_area_m2: float | None
    firm_count: int
    mean_total: float | None
    modern_count: int
    stars: list[int] = Field(description="Number of parks with 0, 1, 2, 3, 4 and 5 proven stars.")


class BranchesOut(Out):
    """The branches of the next level, and all of them together."""

    level: str = Field(description="district, street or operator.")
    branches: list[CityBranchOut]
    total: CityBranchOut


def _branch(line: queries.BranchLine) -> CityBranchOut:
    return CityBranchOut(**{**line.__dict__, "stars": list(line.stars)})


@router.get("/city/branches", response=BranchesOut, summary="Sums of branches")
def get_city_branches(request: HttpRequest, ask: Query[BranchParams]) -> BranchesOut:
    """The sums of the districts that you oversee, of a district's streets, or of a street's operators."""
    require(request.user.may(Permission.VIEW_CITY))
    ground = queries.get_ground(user=request.user)
    kept = np.ones(len(ground.park_ids), dtype=bool)
    if ask.district:
        kept &= ground.districts == ask.district
    if ask.street:
        kept &= ground.streets == (ask.street if ask.street in ground.streets else stored_street(ask.street))
    level = queries.next_level(chosen={"district": ask.district, "street": ask.street})
    day = ask.on or timezone.localdate()
    shown = queries.get_branches(user=request.user, rows=np.flatnonzero(kept), level=level, on=day)
    return BranchesOut(level=shown.level, branches=[_branch(line) for line in shown.lines], total=_branch(shown.total))


class PointParams(Schema):
    """By which measure, of what day."""

    by: str = Field(queries.DEFAULT, description="total, stars, kind, score.A, value.F1.1, fact.leasable_area_m2 …")
    on: date | None = Field(None, description="As of a day; the current ratings without one.")


class PointsOut(Out):
    """Parks with a place as columns of equal length."""

    park_ids: list[int]
    longitudes: list[float]
    latitudes: list[float]
    names: list[str]
    steps: list[int] = Field(description="Colour step of the measure; 0 is unknown.")
    texts: list[str] = Field(description="The measure with its unit, in your language.")


@router.get("/city/points", response=PointsOut, summary="Parks as points")
def get_city_points(request: HttpRequest, ask: Query[PointParams]) -> PointsOut:
    """The parks that you oversee as points in the colours of a measure."""
    require(request.user.may(Permission.VIEW_CITY))
    measure = queries.get_measure(key=ask.by)
    if measure is None:
        raise Problem(422, _("“%(typed)s” is no measure.") % {"typed": ask.by[:40]})
    ground = queries.get_ground(user=request.user)
    day = ask.on or timezone.localdate()
    points = queries.get_points(
        user=request.user, rows=ground.rows_of(ground.park_ids.tolist()), measure=measure, on=day
    )
    return PointsOut(
        park_ids=list(points.park_ids),
        longitudes=list(points.longitudes),
        latitudes=list(points.latitudes),
        names=list(points.names),
        steps=list(points.steps),
        texts=list(points.texts),
    )


class PeerOut(Out):
    """One measure of the park beside its group."""

    key: str
    name: str
    unit: str
    own: float | None
    place: int | None = Field(description="1 is best; null where it is unknown.")
    known_count: int
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None


class PeersOut(Out):
    """A park among parks of its type, size and age."""

    group: str
    widened: str = Field(description="Why the group is wider than type, size and age; empty where it is not.")
    peer_count: int
    cut_off_on: date
    lines: list[PeerOut] = Field(description="The total, the dimensions, the indicators.")


def _peer(line: queries.PeerLine) -> PeerOut:
    return PeerOut(
        key=line.measure.key,
        name=line.measure.name,
        unit=line.measure.unit,
        own=line.own,
        place=line.place or None,
        known_count=line.known_count,
        lower_quartile=line.group.lower,
        median=line.group.median,
        upper_quartile=line.group.upper,
    )


@router.get("/parks/{park_id}/peers", response=PeersOut, summary="Among like parks")
def get_park_peers(request: HttpRequest, park_id: int, on: date | None = None) -> PeersOut:
    """The park's place among parks of its type, size and age, with the group's quartiles."""
    park = found(Park.objects.visible_to(request.user, Permission.VIEW_RATING), pk=park_id)
    try:
        sheet = queries.get_peer_sheet(park=park, on=on or timezone.localdate())
    except queries.NotCompared as reason:
        raise Problem(404, str(reason)) from reason
    lines = [sheet.total, *sheet.dimensions, *(line for _name, own in sheet.indicators for line in own)]
    return PeersOut(
        group=sheet.words,
        widened=sheet.widened,
        peer_count=sheet.peer_count,
        cut_off_on=sheet.cut_off_on,
        lines=[_peer(line) for line in lines],
    )


class LiftParams(Schema):
    """Which budget, within which limits of fairness."""

    budget_yuan: int | None = Field(None, ge=0, le=10**13, description="A tenth of what all would cost unless given.")
    least: int = Field(0, ge=0, le=10_000, description="Parks to be lifted in every district, as far as it has plans.")
    most: int | None = Field(None, ge=0, le=10_000, description="Parks that a district may have at most.")


class LiftedOut(Out):
    """A park that the money lifts by a star."""

    park_id: int
    name: str
    district: str
    rank: int = Field(description="The class it reaches.")
    measure_ids: list[str]
    cost_yuan: int
    spent_yuan: int = Field(description="Money spent up to this park.")


class DistrictLiftOut(Out):
    """A district: parks, those with a known way, those lifted, and for how much."""

    name: str
    park_count: int
    planned_count: int
    lifted_count: int
    cost_yuan: int


class CityPlanOut(Out):
    """Where one budget lifts most parks by a star each."""

    park_count: int
    planned_count: int
    budget_yuan: int
    spent_yuan: int
    whole_yuan: int = Field(description="What it costs to lift every park that the limits allow.")
    lifted_count: int
    lifted: list[LiftedOut] = Field(description="The first of them, in the order in which money reaches them.")
    districts: list[DistrictLiftOut]
    short_of: list[str] = Field(description="Districts for whose least number the money does not reach.")


@router.get("/city/plan", response=CityPlanOut, summary="Where money lifts most")
def get_city_plan(request: HttpRequest, ask: Query[LiftParams]) -> CityPlanOut:
    """Where a budget lifts most parks of your branches by a star; each counts with its cheapest plan of the last planning."""
    require(request.user.may(Permission.VIEW_CITY))
    found_plan = queries.get_lifting(user=request.user, budget_yuan=ask.budget_yuan, least=ask.least, most=ask.most)
    return CityPlanOut(
        park_count=found_plan.park_count,
        planned_count=found_plan.planned_count,
        budget_yuan=found_plan.budget_yuan,
        spent_yuan=found_plan.spent_yuan,
        whole_yuan=found_plan.whole_yuan,
        lifted_count=found_plan.lifted_count,
        lifted=[
            LiftedOut(
                park_id=one.plan.park_id,
                name=one.plan.park.name,
                district=one.district,
                rank=one.plan.target,
                measure_ids=list(one.plan.measures),
                cost_yuan=one.cost_yuan,
                spent_yuan=one.spent_yuan,
            )
            for one in found_plan.lifted
        ],
        districts=[DistrictLiftOut(**line.__dict__) for line in found_plan.districts],
        short_of=list(found_plan.short_of),
    )
