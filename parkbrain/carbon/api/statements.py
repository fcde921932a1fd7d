"""Carbon statements, footprints, activity data, factors and exchange."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from parkbrain.calc.carbon import SCOPES
from parkbrain.calc.inventory import Assessed
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import own_enterprise_codes
from parkbrain.ui.rest import AsOf, Page, found, given, paged, refusals, require

from .. import queries, services
from ..models import ActivityData, EmissionFactor, ExchangeOffer
from .shapes import (
    ActivityIn,
    ActivityOut,
    ActivityParams,
    CarbonRecordedOut,
    CarbonStatementOut,
    FactorOut,
    FactorParams,
    FootprintOut,
    LineOut,
    MatchOut,
    MatchParams,
    OfferIn,
    OfferOut,
    OfferParams,
    PeriodParams,
    StatementParams,
    TotalOut,
)

router = Router()


def _total(scope: str, total: Assessed) -> TotalOut:
    return TotalOut(
        scope=scope,
        tco2e=total.tco2e,
        uncertainty=total.uncertainty,
        coverage=total.coverage,
        unknown_lines=total.unknown,
    )


def _line(line: queries.StatementLine) -> LineOut:
    factor = line.factor
    return LineOut(
        scope=line.scope,
        kind=line.kind,
        category=line.category,
        amount=line.amount,
        unit=line.unit,
        factor=factor.value if factor else None,
        factor_unit=f"{factor.of}/{factor.unit}" if factor else "",
        factor_source=factor.source if factor else "",
        factor_is_carried_on=line.is_carried_on,
        tco2e=line.tco2e,
        uncertainty=line.uncertainty,
        coverage=line.coverage,
        not_assessed_because=line.reason,
        activity_ids=[row for row in line.rows if row > 0],
    )


@router.get("/parks/{int:park_id}/carbon-statement", response=CarbonStatementOut, summary="Carbon statement")
def get_statement(request: HttpRequest, park_id: int, part: Query[StatementParams]) -> CarbonStatementOut:
    """The statement of a park by the GHG Protocol, with the factor and source of every line."""
    park = found(Park.objects.visible_to(request.user, Permission.VIEW_ENTERPRISE).select_related("branch"), pk=park_id)
    period = part.period
    with read_once():
        statement = queries.add_intensities(
            statement=queries.build_statement(park=park, period=period, boundary=part.boundary)
        )
    return CarbonStatementOut(
        park_id=park.pk,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        boundary=statement.boundary,
        totals=[_total(scope, statement.totals[scope]) for scope in SCOPES],
        lines=[_line(line) for line in statement.lines],
        scope_12_location_tco2e=statement.scope_12,
        scope_12_market_tco2e=statement.scope_12_market,
        energy_tce=statement.tce,
        energy_coal_tce=statement.tce_burnt,
        intensities={one.key: one.value for one in statement.intensities},
    )


@router.get(
    "/parks/{int:park_id}/enterprises/{int:enterprise_id}/footprint",
    response=FootprintOut,
    summary="Footprint of a firm",
)
def get_footprint(request: HttpRequest, park_id: int, enterprise_id: int, part: Query[PeriodParams]) -> FootprintOut:
    """The energy of a firm's own premises and its share of public use, for its customers."""
    park = found(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)
    firms = Enterprise.objects.visible_to(request.user).filter(occupancies__premises__park=park).distinct()
    firm = found(firms, pk=enterprise_id)
    with read_once():
        sheet = queries.build_footprint(park=park, enterprise=firm, period=part.period)
    return FootprintOut(
        park_id=park.pk,
        enterprise_id=firm.pk,
        starts_on=sheet.period.starts_on,
        ends_on=sheet.period.ends_on,
        totals=[_total(scope, total) for scope, total in sheet.totals.items()],
        own=[_line(line) for line in sheet.own],
        public=[_line(line) for line in sheet.public],
        area_m2=sheet.area_m2,
        share_of_public_use=sheet.share,
        tco2e_per_10k_yuan=sheet.per_output,
        misses_own_electricity=sheet.misses_power,
    )


def _activity(row: ActivityData) -> ActivityOut:
    kind = queries.get_kinds().get(row.kind)
    same = (
        "park_id reference kind quantity starts_on ends_on building_id storey_id enterprise_id equipment_id "
        "is_breakdown source uncertainty document_id note"
    )
    return ActivityOut(id=row.pk, unit=kind.unit if kind else "", **{name: getattr(row, name) for name in same.split()})


@router.get("/activity-data", response=Page[ActivityOut], summary="Activity data")
def list_activities(request: HttpRequest, part: Query[ActivityParams]) -> Page[ActivityOut]:
    """What was used, bought, thrown away or travelled in your parks; a tenant's own."""
    rows = queries.list_activity_data(user=request.user).order_by("-starts_on", "pk")
    if part.park:
        rows = rows.filter(park=found(Park.objects.visible_to(request.user), pk=part.park))
    if part.kind:
        rows = rows.filter(kind=part.kind)
    return paged(Page[ActivityOut], request, rows, part, _activity)


@router.post("/parks/{int:park_id}/activity-data", response=CarbonRecordedOut, summary="Record activity data")
def record_activity(request: HttpRequest, park_id: int, values: ActivityIn) -> CarbonRecordedOut:
    """Record a row by its reference: a new one, or the given fields of the one that is there."""
    park = found(Park.objects.visible_to(request.user), pk=park_id)
    require(request.user.may(Permission.EDIT_RECORD, park.branch.path))
    with refusals(services.CannotRecordActivity):
        recorded = services.record_activities(park=park, rows=[given(values)], actor=request.user, at=timezone.now())
    return CarbonRecordedOut(id=recorded[0].row.pk, action=recorded[0].action)


def _factor(row: EmissionFactor) -> FactorOut:
    same = "carrier of unit value uncertainty starts_on ends_on area basis branch_id certainty source"
    return FactorOut(id=row.pk, **{name: getattr(row, name) for name in same.split()})


@router.get("/emission-factors", response=Page[FactorOut], summary="Factors in force")
def list_factors(request: HttpRequest, part: Query[FactorParams]) -> Page[FactorOut]:
    """The factors that hold on the day by their own dates."""
    rows = queries.list_factors(user=request.user).in_force_on(part.day)
    if part.carrier:
        rows = rows.filter(carrier=part.carrier)
    return paged(Page[FactorOut], request, rows.order_by("carrier", "of", "area", "basis", "pk"), part, _factor)


def _offer(row: ExchangeOffer) -> OfferOut:
    same = (
        "park_id enterprise_id direction kind substance quality temperature_c per_month unit starts_on ends_on contact"
    )
    return OfferOut(id=row.pk, **{name: getattr(row, name) for name in same.split()})


@router.get("/exchange-offers", response=Page[OfferOut], summary="Offers and needs")
def list_offers(request: HttpRequest, part: Query[OfferParams]) -> Page[OfferOut]:
    """What firms of the parks you see offer each other and need, as of a day."""
    rows = queries.list_offers(user=request.user, on=part.day).order_by("park", "kind", "pk")
    if part.park:
        rows = rows.filter(park=found(Park.objects.visible_to(request.user), pk=part.park))
    return paged(Page[OfferOut], request, rows, part, _offer)


def _match(one: queries.ExchangeMatch) -> MatchOut:
    return MatchOut(
        offer=_offer(one.offer),
        need=_offer(one.need),
        filled=one.filled,
        distance_m=one.distance_m,
        same_substance=one.same_substance,
    )


@router.get("/parks/{int:park_id}/exchange-matches", response=list[MatchOut], summary="What fits together")
def list_matches(request: HttpRequest, park_id: int, part: Query[AsOf]) -> list[MatchOut]:
    """The offers of a park that fit its needs, the best first, with distances in metres."""
    park = found(Park.objects.visible_to(request.user), pk=park_id)
    return [_match(one) for one in queries.list_matches(park=park, user=request.user, on=part.day)]


@router.get("/exchange-matches", response=Page[MatchOut], summary="What fits between parks")
def list_matches_between(request: HttpRequest, part: Query[MatchParams]) -> Page[MatchOut]:
    """The offers that fit a need in another park within reach, of the parks you see, the best first."""
    rows = queries.list_matches_between(user=request.user, on=part.day)
    return paged(Page[MatchOut], request, rows, part, _match)


@router.post("/parks/{int:park_id}/exchange-offers", response=CarbonRecordedOut, summary="Record an offer or a need")
def record_offer(request: HttpRequest, park_id: int, values: OfferIn) -> CarbonRecordedOut:
    """Record an offer or a need: the operator for any firm of the park, a firm for itself."""
    park = found(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)
    require(
        request.user.may(Permission.EDIT_RECORD, park.branch.path) or values.uscc in own_enterprise_codes(request.user)
    )
    with refusals(services.CannotRecordOffer):
        recorded = services.record_offers(park=park, rows=[given(values)], actor=request.user, at=timezone.now())
    return CarbonRecordedOut(id=recorded[0].row.pk, action=recorded[0].action)
