"""The facts of a park: all of them, and one with everything behind it; declaring and verifying."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    MOST_ID,
    AsOf,
    Finite,
    In,
    Out,
    Page,
    Problem,
    Slice,
    choice,
    found,
    paged,
    refusals,
    require,
    text_filter,
)

from .. import queries, services
from ..models import Declaration, Verification
from .common import evidence_of, rated_park

router = Router()
STANDINGS = {"": "unknown", "d": "declared", "c": "computed", "v": "verified"}


class CatalogueFactOut(Out):
    """An entry of the catalogue of facts."""

    key: str
    name: str
    unit: str
    kind: str
    period: str = Field(description="What it covers at a cut-off date, for example fy: the last full year.")
    group: str
    record: str = Field(description="The record it comes from.")
    minimum: float | None
    maximum: float | None
    part_of: str | None = Field(description="The fact of which it is a part.")


class FactOut(Out):
    """A fact as it stands for a park."""

    key: str
    name: str
    unit: str
    value: float | None = Field(description="Null is unknown, never zero.")
    standing: str = Field(description="unknown, declared, computed or verified: the one that holds.")
    coverage: float = Field(description="How much of what should be there was there, 0 to 1.")
    is_computable: bool = Field(description="Whether rows of the record can give it.")


class FactRowOut(Out):
    """A row behind a fact: what it is, its part of the number, and where it came from."""

    label: str
    detail: str
    value: float | None
    url: str = Field(description="The page where it opens.")
    source: str = Field(description="File, sheet and row it was last taken from.")
    batch_id: int | None


class StatementOut(Out):
    """What somebody declared or found for a period."""

    id: int
    value: float
    starts_on: date
    ends_on: date
    note: str
    document_id: int | None
    by: str | None
    at: datetime


class FactSheetOut(FactOut):
    """A fact with everything behind it."""

    starts_on: date
    ends_on: date
    how: str = Field(description="How it is computed.")
    computed_value: float | None
    row_total: float
    rows: list[FactRowOut]
    declarations: list[StatementOut]
    verifications: list[StatementOut]
    conflicts: bool = Field(description="Whether what is declared differs from what the rows say.")
    indicator_ids: list[str] = Field(description="Indicators that read it, as scheme:indicator.")


class FactParams(Slice, AsOf):
    """Which facts."""

    standing: str = choice(["u", "d", "c", "v"], "Only unknown, declared, computed or verified facts.")


class CatalogueParams(Slice):
    """Which entries."""

    q: str = text_filter("Text in key or name.")


class Declared(In):
    """A fact as its operator states it."""

    value: Finite
    note: str = Field("", max_length=300)
    document_id: int | None = Field(None, ge=1, le=MOST_ID, description="A stored file of the park that shows it.")


class Found(In):
    """A fact as an assessor finds it."""

    value: Finite
    reason: str = Field("", max_length=300, description="Needed where it differs from what was stated.")
    document_id: int | None = Field(None, ge=1, le=MOST_ID, description="A stored file of the park that shows it.")


def _catalogue(fact: queries.CatalogueFact) -> CatalogueFactOut:
    return CatalogueFactOut(
        key=fact.key,
        name=fact.name,
        unit=fact.unit,
        kind=fact.kind,
        period=fact.period,
        group=fact.group,
        record=fact.record,
        minimum=fact.minimum,
        maximum=fact.maximum,
        part_of=fact.part_of,
    )


def _line(line: queries.FactLine) -> FactOut:
    return FactOut(
        key=line.fact.key,
        name=line.fact.name,
        unit=line.fact.unit,
        value=line.value,
        standing=STANDINGS[line.standing],
        coverage=line.coverage,
        is_computable=line.is_computable,
    )


def _statement(row: Declaration | Verification, *, note: str, by: User | None, at: datetime) -> StatementOut:
    return StatementOut(
        id=row.pk,
        value=row.value,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        note=note,
        document_id=row.evidence_id,
        by=by.username if by else None,
        at=at,
    )


def _declaration(row: Declaration) -> StatementOut:
    return _statement(row, note=row.note, by=row.declared_by, at=row.declared_at)


def _verification(row: Verification) -> StatementOut:
    return _statement(row, note=row.reason, by=row.verified_by, at=row.verified_at)


@router.get("/facts", response=Page[CatalogueFactOut], summary="Catalogue of facts")
def list_catalogue(request: HttpRequest, part: Query[CatalogueParams]) -> Page[CatalogueFactOut]:
    """Every fact that schemes may read, with its unit, period and bounds."""
    words = part.q.strip().casefold()
    rows = [f for f in queries.get_catalogue().values() if words in f.key or words in f.name.casefold()]
    return paged(Page[CatalogueFactOut], request, rows, part, _catalogue)


@router.get("/parks/{int:park_id}/facts", response=Page[FactOut], summary="Facts of a park")
def list_facts(request: HttpRequest, park_id: int, part: Query[FactParams]) -> Page[FactOut]:
    """Every fact of the catalogue as it stands for a park on a day up to today."""
    park = rated_park(request, park_id)
    lines = queries.list_facts(park=park, cut_off_on=part.past_day, standing=part.standing)
    return paged(Page[FactOut], request, lines, part, _line)


@router.get("/parks/{int:park_id}/facts/{fact_key}", response=FactSheetOut, summary="One fact of a park")
def get_fact(request: HttpRequest, park_id: int, fact_key: str, part: Query[AsOf]) -> FactSheetOut:
    """A fact with everything behind it: its rows and their sources, what was declared, what was found."""
    park = rated_park(request, park_id)
    sheet = queries.get_fact_sheet(park=park, fact_key=fact_key, cut_off_on=part.past_day)
    if sheet is None:
        raise Problem(404)
    return FactSheetOut(
        key=sheet.fact.key,
        name=sheet.fact.name,
        unit=sheet.fact.unit,
        value=sheet.value,
        standing=STANDINGS[sheet.standing],
        coverage=sheet.coverage,
        is_computable=bool(sheet.how),
        starts_on=sheet.period.starts_on,
        ends_on=sheet.period.ends_on,
        how=sheet.how,
        computed_value=sheet.computed.value if sheet.computed else None,
        row_total=sum(row.value for row in sheet.rows if row.value is not None),
        rows=[
            FactRowOut(label=r.label, detail=r.detail, value=r.value, url=r.url, source=r.source, batch_id=r.batch_id)
            for r in sheet.rows
        ],
        declarations=[_declaration(row) for row in sheet.declarations],
        verifications=[_verification(row) for row in sheet.verifications],
        conflicts=sheet.conflicts,
        indicator_ids=[f"{scheme}:{indicator}" for scheme, _name, indicator, _title in sheet.used_by],
    )


@router.post("/parks/{int:park_id}/facts/{fact_key}/declare", response=StatementOut, summary="Declare a fact")
def declare_fact(
    request: HttpRequest, park_id: int, fact_key: str, values: Declared, part: Query[AsOf]
) -> StatementOut:
    """State a fact for the period that it covers at the day; the stars are computed anew."""
    park = rated_park(request, park_id)
    require(request.user.may(Permission.DECLARE_FACT, park.branch.path))
    evidence = evidence_of(request, park, values.document_id)
    with refusals(services.CannotDeclareFact):
        row = services.declare_fact(
            park=park,
            fact_key=fact_key,
            value=values.value,
            note=values.note,
            evidence=evidence,
            cut_off_on=part.past_day,
            actor=request.user,
            at=timezone.now(),
        )
    return _declaration(row)


@router.post("/parks/{int:park_id}/facts/{fact_key}/verify", response=StatementOut, summary="Verify a fact")
def verify_fact(request: HttpRequest, park_id: int, fact_key: str, values: Found, part: Query[AsOf]) -> StatementOut:
    """Record an assessor's finding beside what was declared or computed."""
    park = rated_park(request, park_id)
    require(request.user.may(Permission.VERIFY_FACT, park.branch.path))
    evidence = evidence_of(request, park, values.document_id)
    with refusals(services.CannotVerifyFact, services.CannotDeclareFact):
        row = services.verify_fact(
            park=park,
            fact_key=fact_key,
            value=values.value,
            reason=values.reason,
            evidence=evidence,
            cut_off_on=part.past_day,
            actor=request.user,
            at=timezone.now(),
        )
    return _verification(row)


@router.delete("/declarations/{int:declaration_id}", response={204: None}, summary="Take a declared fact back")
def withdraw_declaration(request: HttpRequest, declaration_id: int) -> None:
    """Take a declared fact back: it becomes unknown again where nothing else vouches for it."""
    visible = Declaration.objects.visible_to(request.user).select_related("park__branch")
    row = found(visible, pk=declaration_id)
    require(request.user.may(Permission.DECLARE_FACT, row.park.branch.path))
    services.withdraw_declaration(declaration=row, actor=request.user, at=timezone.now())
