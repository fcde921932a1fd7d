"""Leads with their need and stages, premises that fit a need, and the figures of a park's lettings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.calc.fitting import SpaceNeed
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import masked_value
from parkbrain.space.models import Premises
from parkbrain.ui.rest import (
    AsOf,
    Day,
    Finite,
    In,
    Out,
    Page,
    Slice,
    choice,
    found,
    given,
    id_filter,
    paged,
    refusals,
    require,
)

from .. import queries, services
from ..models import Lead

router = Router()


class LeadOut(Out):
    """A lead; telephone and e-mail as the caller may see them."""

    id: int
    park_id: int
    number: str
    company_name: str
    uscc: str
    enterprise_id: int | None
    industry_code: str
    source: str
    received_on: date
    stage: str
    contact_name: str
    contact_phone: str
    contact_email: str
    next_step: str
    next_step_on: date | None
    lost_reason: str
    lease_id: int | None
    area_from_m2: float | None
    area_to_m2: float | None
    move_in_on: date | None


class LeadIn(In):
    """A lead; only the given fields are touched. Without a number it is a new one."""

    number: str = Field("", max_length=40)
    company_name: str = Field(min_length=1, max_length=200)
    uscc: str = Field("", max_length=18)
    industry_code: str = Field("", max_length=6)
    source: str = choice(Lead.Source.values, "Where the lead came from.", default=Lead.Source.OTHER.value)
    received_on: Day
    contact_name: str = Field("", max_length=80)
    contact_phone: str = Field("", max_length=40)
    area_from_m2: Finite | None = Field(None, gt=0)
    area_to_m2: Finite | None = Field(None, gt=0)
    floor_load_kn_m2: Finite | None = Field(None, gt=0)
    clear_height_m: Finite | None = Field(None, gt=0)
    power_kw: Finite | None = Field(None, gt=0)
    needs_water: bool = False
    needs_exhaust: bool = False
    move_in_on: Day | None = None


class LeadParams(Slice):
    """Which leads."""

    park: int | None = id_filter("Leads of this park.")
    stage: str = choice(Lead.Stage.values, "Leads at this stage.")


class LeadRecordedOut(Out):
    """What happened."""

    id: int
    action: str


class NeedParams(AsOf):
    """What is needed; what is not given is no demand."""

    park: int | None = id_filter("Premises of this park.")
    area_from_m2: Finite | None = Field(None, gt=0)
    area_to_m2: Finite | None = Field(None, gt=0)
    use: str = choice(Premises.Use.values, "Use of the premises.")
    floor_load_kn_m2: Finite | None = Field(None, gt=0)
    clear_height_m: Finite | None = Field(None, gt=0)
    goods_lift_load_t: Finite | None = Field(None, gt=0)
    power_kw: Finite | None = Field(None, gt=0)
    needs_water: bool = False
    needs_exhaust: bool = False
    fire_class: str = choice(Premises.FireClass.values, "Fire-hazard class of the production.")
    budget_yuan_per_m2_month: Finite | None = Field(None, gt=0)
    move_in_on: Day | None = None


class CheckOut(Out):
    """One constraint with its verdict: meets, fails or unknown."""

    constraint: str
    verdict: str
    is_hard: bool
    missing_premises: list[int]


class SpaceOfferOut(Out):
    """Premises, or neighbors on a storey, held against the need; the best first."""

    park_id: int
    premises_ids: list[int]
    area_m2: float
    fits: bool
    usual_rent_yuan_per_m2_month: float | None
    checks: list[CheckOut]


class LettingsOut(Out):
    """The lettings of a park on a day; null is unknown."""

    park_id: int
    lettable_m2: float
    vacant_m2: float
    vacancy_rate: float | None
    wault_area_years: float | None
    wault_rent_years: float | None
    let_count: int
    rent_yuan_per_month: float
    unknown_rents: int


def _out(lead: Lead, user: Any) -> LeadOut:
    need = getattr(lead, "need", None)
    path = lead.park.branch.path
    same = (
        "id park_id number company_name uscc enterprise_id industry_code source received_on stage contact_name next_step "
        "next_step_on lost_reason lease_id"
    )
    return LeadOut(
        contact_phone=masked_value(lead, "contact_phone", user=user, path=path),
        contact_email=masked_value(lead, "contact_email", user=user, path=path),
        area_from_m2=need.area_from_m2 if need else None,
        area_to_m2=need.area_to_m2 if need else None,
        move_in_on=need.move_in_on if need else None,
        **{name: getattr(lead, name) for name in same.split()},
    )


@router.get("/leads", response=Page[LeadOut], summary="Leads")
def list_leads(request: HttpRequest, part: Query[LeadParams]) -> Page[LeadOut]:
    """The leads of the parks whose money you see, the newest first."""
    rows = queries.list_leads(user=request.user).select_related("park__branch", "need").order_by("-received_on", "-pk")
    if part.park:
        rows = rows.filter(park=found(Park.objects.visible_to(request.user), pk=part.park))
    if part.stage:
        rows = rows.filter(stage=part.stage)
    return paged(Page[LeadOut], request, rows, part, lambda lead: _out(lead, request.user))


@router.get("/leads/{int:lead_id}", response=LeadOut, summary="One lead")
def get_lead(request: HttpRequest, lead_id: int) -> LeadOut:
    """A lead with its need."""
    return _out(found(queries.list_leads(user=request.user).select_related("park__branch"), pk=lead_id), request.user)


@router.post("/parks/{int:park_id}/leads", response=LeadRecordedOut, summary="Record a lead")
def record_lead(request: HttpRequest, park_id: int, values: LeadIn) -> LeadRecordedOut:
    """Record a lead: a new one, or the given fields of the one with this number."""
    park = found(Park.objects.visible_to(request.user), pk=park_id)
    require(request.user.may(Permission.MANAGE_LEASES, park.branch.path))
    with refusals(services.CannotChangeLead):
        recorded = services.record_leads(park=park, rows=[given(values)], actor=request.user, at=timezone.now())
    return LeadRecordedOut(id=recorded[0].row.pk, action=recorded[0].action)


@router.get("/space-offers", response=list[SpaceOfferOut], summary="Premises that fit a need")
def find_space(request: HttpRequest, part: Query[NeedParams]) -> list[SpaceOfferOut]:
    """Vacant premises, and those that become free within a year, held against a need, demand by demand."""
    require(request.user.may(Permission.VIEW_MONEY))
    values = part.dict(exclude={"as_of", "park"})
    park = found(Park.objects.visible_to(request.user, Permission.VIEW_MONEY), pk=part.park) if part.park else None
    offers = queries.find_offers(user=request.user, need=SpaceNeed(**values), on=part.day, park=park)
    return [
        SpaceOfferOut(
            park_id=offer.park.pk,
            premises_ids=[p.pk for p in offer.premises],
            area_m2=offer.fitting.area_m2,
            fits=offer.fitting.fits,
            usual_rent_yuan_per_m2_month=offer.asking_yuan_per_m2_month,
            checks=[
                CheckOut(
                    constraint=check.constraint,
                    verdict=check.verdict,
                    is_hard=check.is_hard,
                    missing_premises=[int(key) for key in check.missing],
                )
                for check in offer.fitting.checks
            ],
        )
        for offer in offers
    ]


@router.get("/parks/{int:park_id}/lettings", response=LettingsOut, summary="Lettings of a park")
def get_lettings(request: HttpRequest, park_id: int, part: Query[AsOf]) -> LettingsOut:
    """Vacancy, WAULT and the rent roll's totals on a day."""
    park = found(Park.objects.visible_to(request.user, Permission.VIEW_MONEY), pk=park_id)
    board = queries.get_board(user=request.user, park=park, on=part.day)
    return LettingsOut(
        park_id=park.pk,
        lettable_m2=board.lettable_m2,
        vacant_m2=board.vacant_m2,
        vacancy_rate=board.vacancy,
        wault_area_years=board.wault_area,
        wault_rent_years=board.wault_rent,
        let_count=board.totals.count,
        rent_yuan_per_month=float(board.totals.rent_yuan_per_month),
        unknown_rents=board.totals.unknown_rents,
    )
