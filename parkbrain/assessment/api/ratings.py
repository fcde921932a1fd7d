"""Ratings: the current ones and the frozen ones, each as a sheet with its whole tree, and the published star."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.media import XLSX, hand_out
from parkbrain.ui.rest import (
    AsOf,
    Day,
    In,
    Out,
    Page,
    Problem,
    Slice,
    choice,
    found,
    id_filter,
    ordered,
    ordering,
    paged,
    refusals,
    require,
    text_filter,
)

from .. import queries, reports, services
from ..models import Rating
from .common import rated_park
from .facts import STANDINGS

router = Router()
ORDERS = {
    "park": ["park__code", "scheme_id", "cut_off_on"],
    "total_proven": ["total_proven"],
    "cut_off_on": ["cut_off_on"],
}
SLUG = r"^[a-zA-Z0-9_-]{1,60}$"
BINARY = {"schema": {"type": "string", "format": "binary"}}


class RatingOut(Out):
    """A park's result under a scheme: proven by what is known, reachable by what could still be known."""

    id: int | None = Field(description="Null where the result was computed for another day and is not stored.")
    park_id: int
    park_code: str
    scheme_id: str
    scheme_version: str
    state: str = Field(description="CURRENT follows the data, FROZEN stands for ever.")
    cut_off_on: date
    computed_at: datetime
    title: str
    total_proven: float
    total_reachable: float
    class_proven: int = Field(description="Stars, or 1 where a requirement is met.")
    class_reachable: int
    coverage: float = Field(description="Share of the weight whose facts are known, 0 to 1.")
    hash: str = Field(description="Seal over scheme, facts and results; empty in lists of current ratings.")


class NodeOut(Out):
    """A node of the tree with its scores of 0 to 100; null is not assessed."""

    id: str
    name: str
    depth: int
    is_indicator: bool
    weight: float = Field(description="Points of the total's hundred.")
    proven: float | None
    reachable: float | None
    value: float | None
    unit: str
    state: str
    standing: str = Field(description="The weakest standing of the facts it reads: declared, computed or verified.")


class InputOut(Out):
    """A fact as the rating took it."""

    key: str
    name: str
    unit: str
    value: float | None
    standing: str
    coverage: float


class ConditionOut(Out):
    """A gate or a veto; `holds` is null where it is not known."""

    id: str
    name: str
    holds: bool | None
    effect: str


class GapOut(Out):
    """What to fill in, and what it may gain at most."""

    fact_keys: list[str]
    subject_id: str
    subject_name: str
    points: float
    kind: str


class RatingSheetOut(RatingOut):
    """A rating with everything that explains it."""

    sentence: str
    unknown_count: int
    next_step: list[str] = Field(description="What stands between the proven class and the next.")
    nodes: list[NodeOut]
    gates: list[ConditionOut]
    vetoes: list[ConditionOut]
    facts: list[InputOut]
    gaps: list[GapOut]


class StarOut(Out):
    """The star that everybody who may see the park may know."""

    park_id: int
    is_frozen: bool
    class_proven: int
    total_proven: float
    cut_off_on: date


class RatingParams(Slice):
    """Which ratings."""

    park: int | None = id_filter("Only of this park.")
    scheme: str = text_filter("Only under the scheme with this id.", longest=60)
    state: str = choice(Rating.State.values, "Only current or only frozen ratings.")
    ordering: str = ordering(ORDERS, default="park")


class SheetParams(AsOf):
    """Which scheme, and which day."""

    scheme: str = Field(queries.MAIN_SCHEME, pattern=SLUG, description="Id of the scheme.")


class Freezing(In):
    """A rating to keep for ever."""

    scheme: str = Field(queries.MAIN_SCHEME, pattern=SLUG)
    cut_off_on: Day
    title: str = Field(min_length=1, max_length=120)


def _head(row: Rating, park: Park) -> dict[str, object]:
    return {
        "id": row.pk,
        "park_id": park.pk,
        "park_code": park.code,
        "scheme_id": row.scheme_id,
        "scheme_version": row.scheme_version,
        "state": row.state,
        "cut_off_on": row.cut_off_on,
        "computed_at": row.computed_at,
        "title": row.title,
        "hash": row.result_hash,
    }


def _rating(row: Rating) -> RatingOut:
    return RatingOut(
        **_head(row, row.park),
        total_proven=row.total_proven,
        total_reachable=row.total_reachable,
        class_proven=row.class_proven,
        class_reachable=row.class_reachable,
        coverage=row.coverage,
    )


def _sheet(sheet: queries.StarSheet) -> RatingSheetOut:
    unit = sheet.unit
    return RatingSheetOut(
        **{**_head(sheet.rating, sheet.park), "hash": sheet.hash},
        total_proven=unit.total_proven or 0.0,
        total_reachable=unit.total_reachable or 0.0,
        class_proven=unit.class_proven,
        class_reachable=unit.class_reachable,
        coverage=unit.coverage,
        sentence=sheet.sentence,
        unknown_count=sheet.unknown_count,
        next_step=sheet.next_step,
        nodes=[_node(row) for row in sheet.rows],
        gates=[ConditionOut(id=g.id, name=g.name, holds=g.holds, effect=g.effect) for g in sheet.gates],
        vetoes=[ConditionOut(id=v.id, name=v.name, holds=v.holds, effect=v.effect) for v in sheet.vetoes],
        facts=[_input(fact) for fact in sheet.facts],
        gaps=[
            GapOut(
                fact_keys=[f.key for f in gap.facts],
                subject_id=gap.subject_id,
                subject_name=gap.subject_name,
                points=gap.points,
                kind=gap.kind,
            )
            for gap in sheet.gaps
        ],
    )


def _node(row: queries.NodeRow) -> NodeOut:
    return NodeOut(
        id=row.id,
        name=row.name,
        depth=row.depth,
        is_indicator=row.is_indicator,
        weight=row.weight,
        proven=row.proven,
        reachable=row.reachable,
        value=row.value,
        unit=row.unit,
        state=row.state,
        standing=STANDINGS[row.standing] if row.standing else "",
    )


def _input(entry: queries.InputFact) -> InputOut:
    return InputOut(
        key=entry.fact.key,
        name=entry.fact.name,
        unit=entry.fact.unit,
        value=entry.value,
        standing=STANDINGS[entry.standing],
        coverage=entry.coverage,
    )


def _visible(request: HttpRequest, rating_id: int) -> Rating:
    rating: Rating = found(Rating.objects.visible_to(request.user).select_related("park__branch"), pk=rating_id)
    return rating


def _sheet_of(row: Rating) -> queries.StarSheet:
    with refusals(queries.UnknownScheme):
        return queries.build_sheet(row=row)


@router.get("/ratings", response=Page[RatingOut], summary="Ratings")
def list_ratings(request: HttpRequest, part: Query[RatingParams]) -> Page[RatingOut]:
    """The current and the frozen ratings of the parks whose ratings you may see."""
    rows = Rating.objects.visible_to(request.user).select_related("park").defer("inputs", "result")
    if part.park:
        rows = rows.filter(park=part.park)
    if part.scheme:
        rows = rows.filter(scheme_id=part.scheme)
    if part.state:
        rows = rows.filter(state=part.state)
    return paged(Page[RatingOut], request, ordered(rows, part.ordering, ORDERS), part, _rating)


@router.get("/ratings/{int:rating_id}", response=RatingSheetOut, summary="One rating")
def get_rating(request: HttpRequest, rating_id: int) -> RatingSheetOut:
    """A stored rating with its tree, its facts and what is missing."""
    return _sheet(_sheet_of(_visible(request, rating_id)))


@router.get(
    "/ratings/{int:rating_id}/report.pdf",
    summary="Report of a rating",
    openapi_extra={"responses": {200: {"content": {"application/pdf": BINARY}}}},
)
def get_report(request: HttpRequest, rating_id: int) -> HttpResponse:
    """The report as PDF, in the language of the request."""
    return _file(_sheet_of(_visible(request, rating_id)), "pdf")


@router.get(
    "/ratings/{int:rating_id}/workbook.xlsx",
    summary="Workbook of a rating",
    openapi_extra={"responses": {200: {"content": {XLSX: BINARY}}}},
)
def get_workbook(request: HttpRequest, rating_id: int) -> HttpResponse:
    """The workbook with live formulas, in the language of the request."""
    return _file(_sheet_of(_visible(request, rating_id)), "xlsx")


def _file(sheet: queries.StarSheet, kind: str) -> HttpResponse:
    made = reports.make_file(sheet=sheet, kind=kind)
    return hand_out(made.content, made.content_type, made.name)


@router.get("/parks/{int:park_id}/stars", response=RatingSheetOut, summary="Stars of a park")
def get_stars(request: HttpRequest, park_id: int, part: Query[SheetParams]) -> RatingSheetOut:
    """How a park stands under a scheme, today or by what is known of another day."""
    park, day = rated_park(request, park_id), part.past_day
    try:
        if day == timezone.localdate():
            return _sheet(queries.get_star_sheet(park=park, scheme_id=part.scheme))
        return _sheet(queries.rate_on(park=park, scheme_id=part.scheme, on=day, at=timezone.now()))
    except queries.NotRated as reason:
        raise Problem(404, str(reason)) from reason
    except queries.UnknownScheme as reason:
        raise Problem(409, str(reason)) from reason


@router.post("/parks/{int:park_id}/ratings", response={201: RatingOut}, summary="Freeze a rating")
def freeze_rating(request: HttpRequest, park_id: int, values: Freezing) -> RatingOut:
    """Rate the park at a cut-off date and keep the result for ever, with its facts, scheme and hash."""
    park = rated_park(request, park_id)
    require(request.user.may(Permission.FREEZE_RATING, park.branch.path))
    if values.scheme not in {scheme.id for scheme in queries.list_schemes()}:
        raise Problem(404)
    with refusals(services.CannotFreezeRating):
        row = services.freeze_rating(
            park=park,
            scheme_id=values.scheme,
            cut_off_on=values.cut_off_on,
            title=values.title,
            actor=request.user,
            at=timezone.now(),
        )
    row.park = park
    return _rating(row)


@router.get("/parks/{int:park_id}/star", response=StarOut, summary="Published star")
def get_star(request: HttpRequest, park_id: int) -> StarOut:
    """The star of a park: the current one for those who may see ratings, the latest frozen one for everybody else."""
    park = found(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)
    panel = queries.get_park_panel(user=request.user, park=park)
    if panel is None or not isinstance(row := panel["row"], Rating):
        raise Problem(404)
    return StarOut(
        park_id=park.pk,
        is_frozen=row.state == Rating.State.FROZEN,
        class_proven=row.class_proven,
        total_proven=row.total_proven,
        cut_off_on=row.cut_off_on,
    )
