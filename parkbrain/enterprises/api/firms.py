"""Enterprises with their returns, qualifications, addresses and documents."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import AsOf, Page, found, given, names_of, ordered, paged, refusals, require

from .. import queries, services
from ..models import Enterprise, EnterpriseReturn, Qualification
from . import occupancies
from .shapes import (
    AddressOut,
    EnterpriseDocumentOut,
    EnterpriseIn,
    EnterpriseOut,
    EnterpriseParams,
    EnterpriseRowOut,
    PlacementOut,
    QualificationIn,
    QualificationOut,
    QualificationParams,
    RecordedOut,
    ReturnIn,
    ReturnOut,
    ReturnParams,
    occupancy_out,
)

router = Router()
router.add_router("", occupancies.router)

ORDERS = {"uscc": ["uscc"], "name": ["name_zh_hans"], "industry_code": ["industry_code"], "founded_on": ["founded_on"]}


def _row(row: queries.EnterpriseRow) -> EnterpriseRowOut:
    return EnterpriseRowOut(
        **_identity(row.enterprise),
        premises_codes=list(row.premises),
        area_m2=row.area_m2,
        staff_count=row.staff_count,
    )


def _identity(firm: Enterprise) -> dict[str, object]:
    return {
        "id": firm.pk,
        "uscc": firm.uscc,
        "name": firm.name,
        "names": names_of(firm),
        "industry_code": firm.industry_code,
        "founded_on": firm.founded_on,
        "products": firm.products,
        "size_class": firm.size_class or None,
        "is_listed": firm.is_listed,
        "is_headquarters": firm.is_headquarters,
        "is_fictional": firm.is_fictional,
    }


def _return(row: EnterpriseReturn) -> ReturnOut:
    return ReturnOut(
        id=row.pk,
        enterprise_id=row.enterprise_id,
        year=row.year,
        source=row.source,
        staff_count=row.staff_count,
        revenue_wan=row.revenue_wan,
        assets_wan=row.assets_wan,
        output_wan=row.output_wan,
        value_added_wan=row.value_added_wan,
        tax_wan=row.tax_wan,
        rd_spend_wan=row.rd_spend_wan,
    )


def _qualification(row: Qualification, on: date) -> QualificationOut:
    certificate = queries.certificate_on(qualification=row, on=on)
    return QualificationOut(
        id=row.pk,
        enterprise_id=row.enterprise_id,
        kind=row.kind,
        number=row.number,
        valid_from_on=row.valid_from_on,
        valid_to_on=row.valid_to_on,
        state=certificate.state,
    )


def _visible_firm(request: HttpRequest, enterprise_id: int) -> Enterprise:
    return found(Enterprise.objects.visible_to(request.user), pk=enterprise_id)


@router.get("/enterprises", response=Page[EnterpriseRowOut], summary="Enterprises")
def list_enterprises(request: HttpRequest, part: Query[EnterpriseParams]) -> Page[EnterpriseRowOut]:
    """The firms that were ever in your parks; a tenant's own."""
    park = found(Park.objects.visible_to(request.user), pk=part.park) if part.park else None
    chosen = queries.EnterpriseFilter(part.q.strip(), part.section, part.size, part.qualification, park)
    rows = queries.list_enterprises(user=request.user, chosen=chosen, on=part.day)
    everything = chosen == queries.EnterpriseFilter()
    return paged(
        Page[EnterpriseRowOut],
        request,
        ordered(rows, part.ordering, ORDERS),
        part,
        _row,
        total=queries.count_visible_enterprises(user=request.user) if everything else None,
        prepare=lambda items: queries.enterprise_rows(enterprises=items, user=request.user, on=part.day),
    )


@router.post("/enterprises", response=RecordedOut, summary="Record an enterprise")
def record_enterprise(request: HttpRequest, values: EnterpriseIn) -> RecordedOut:
    """Record a firm by its credit code: a new one, or the given fields of the one that is there.

    Of a firm that only another operator's parks know, empty fields are filled and nothing is overwritten.
    """
    require(request.user.may(Permission.EDIT_RECORD))
    with refusals(services.CannotRecordEnterprise):
        recorded = services.record_enterprise(values=given(values), actor=request.user, at=timezone.now())
    return RecordedOut(id=recorded.row.pk, action=recorded.action)


@router.get("/enterprises/{int:enterprise_id}", response=EnterpriseOut, summary="One enterprise")
def get_enterprise(request: HttpRequest, enterprise_id: int, part: Query[AsOf]) -> EnterpriseOut:
    """A firm with everything the record knows of it, as of a day, within what you may see."""
    firm, on = _visible_firm(request, enterprise_id), part.day
    profile = queries.get_profile(enterprise=firm, user=request.user, on=on)
    return EnterpriseOut(
        **_identity(firm),
        area_m2=profile.area_m2 if profile.current else None,
        occupancies=[occupancy_out(stay) for stay in profile.stays],
        placements=[
            PlacementOut(park_id=p.park.pk, segment=p.segment, reason=p.reason, certain=p.certain)
            for p in profile.placements
        ],
        returns=[_return(row) for row in profile.returns],
        qualifications=[_qualification(c.qualification, on) for c in profile.certificates],
        addresses=[
            AddressOut(kind=a.kind, text=a.address.text, park_id=a.address.park_id, agrees=a.agrees)
            for a in profile.addresses
            if a.address is not None
        ],
        documents=[
            EnterpriseDocumentOut(
                document_id=d.document_id, name=d.document.name, kind=d.kind, valid_to_on=d.valid_to_on
            )
            for d in (paper.attached for paper in profile.papers)
        ],
    )


@router.get("/returns", response=Page[ReturnOut], summary="Yearly returns")
def list_returns(request: HttpRequest, part: Query[ReturnParams]) -> Page[ReturnOut]:
    """The yearly figures of the firms that you may see, the newest year first."""
    rows = EnterpriseReturn.objects.filter(enterprise__in=Enterprise.objects.visible_to(request.user))
    if part.enterprise:
        rows = rows.filter(enterprise=part.enterprise)
    if part.year:
        rows = rows.filter(year=part.year)
    return paged(Page[ReturnOut], request, rows.order_by("-year", "enterprise", "pk"), part, _return)


@router.post("/enterprises/{int:enterprise_id}/returns", response=RecordedOut, summary="Record a yearly return")
def record_return(request: HttpRequest, enterprise_id: int, values: ReturnIn) -> RecordedOut:
    """Record the figures of a year: a new return, or the given fields of the one that is there."""
    firm = _visible_firm(request, enterprise_id)
    require(request.user.may(Permission.EDIT_RECORD))
    with refusals(services.CannotRecordEnterprise):
        recorded = services.record_return(enterprise=firm, values=given(values), actor=request.user, at=timezone.now())
    return RecordedOut(id=recorded.row.pk, action=recorded.action)


@router.get("/qualifications", response=Page[QualificationOut], summary="Qualifications")
def list_qualifications(request: HttpRequest, part: Query[QualificationParams]) -> Page[QualificationOut]:
    """The certificates of the firms that you may see, with their state on the day."""
    rows = Qualification.objects.filter(enterprise__in=Enterprise.objects.visible_to(request.user))
    if part.enterprise:
        rows = rows.filter(enterprise=part.enterprise)
    if part.kind:
        rows = rows.filter(kind=part.kind)
    rows = rows.order_by("enterprise", "kind", "-valid_from_on", "pk")
    return paged(Page[QualificationOut], request, rows, part, lambda row: _qualification(row, part.day))


@router.post("/enterprises/{int:enterprise_id}/qualifications", response=RecordedOut, summary="Record a qualification")
def record_qualification(request: HttpRequest, enterprise_id: int, values: QualificationIn) -> RecordedOut:
    """Record a certificate by its kind and first day: a new one, or the given fields of the one that is there."""
    firm = _visible_firm(request, enterprise_id)
    require(request.user.may(Permission.EDIT_RECORD))
    with refusals(services.CannotRecordEnterprise):
        recorded = services.record_qualification(
            enterprise=firm, values=given(values), actor=request.user, at=timezone.now()
        )
    return RecordedOut(id=recorded.row.pk, action=recorded.action)
