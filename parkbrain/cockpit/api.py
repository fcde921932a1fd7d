"""The search over everything, and the briefs, as JSON; a brief also as PDF."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.registry import Sentence
from parkbrain.kernel.roles import Permission
from parkbrain.ui.media import hand_out
from parkbrain.ui.rest import Day, Out, Page, Slice, choice, found, paged, require

from . import queries, reports
from .queries.briefs import KINDS

router = Router()
briefs = Router()
PDF = {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}


class HitOut(Out):
    """Something that the words found."""

    kind: str
    label: str
    detail: str
    url: str = Field(description="The page where it opens.")


class SearchParams(Slice):
    """What to look for."""

    q: str = Field(min_length=1, max_length=80, description="A few characters of a name, a code or a number.")


@router.get("/search", response=Page[HitOut], summary="Search")
def search(request: HttpRequest, part: Query[SearchParams]) -> Page[HitOut]:
    """Parks, firms, premises, indicators and facts whose names hold the words, within what you may see."""
    groups = queries.search_everything(user=request.user, text=part.q, limit=20)
    hits = [hit for _kind, found in groups for hit in found]
    return paged(
        Page[HitOut],
        request,
        hits,
        part,
        lambda hit: HitOut(kind=str(hit.kind), label=hit.label, detail=hit.detail, url=hit.url),
    )


class BriefParams(Schema):
    """Which brief."""

    kind: str = choice(KINDS, "Of a day, or of the month up to it.", default="day")
    on: Day | None = Field(None, description="The day; today without one.")
    composed: bool = Field(False, description="Composed now from the record of today, though one was sent and kept.")


class SentenceOut(Out):
    """A sentence with its figures and the page of its rows."""

    key: str = Field(description="What the sentence says, in every language.")
    text: str
    url: str
    weight: float = Field(description="The heavier, the earlier it stands.")
    tone: str = Field(description="bad, warn or empty.")
    values: dict[str, float | int | str | None] = Field(description="Its figures; null is unknown.")


class BriefOut(Out):
    """A brief within what you may see: as it was sent, or composed now."""

    park_id: int | None = Field(description="Null where it is of the city.")
    kind: str
    since: date
    on: date
    sent_at: datetime | None = Field(description="When it was sent; null where it was composed now.")
    sentences: list[SentenceOut]


class KeptBriefOut(Out):
    """A brief that was sent and kept."""

    kind: str
    since: date
    on: date
    sent_at: datetime


class PastParams(Slice):
    """Which of the kept briefs."""

    kind: str = choice(KINDS, "Of a day, or of a month.", default="day")


def _park(request: HttpRequest, park_id: int) -> Park:
    return found(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)


def _asked(request: HttpRequest, park: Park | None, params: BriefParams) -> queries.Brief:
    ask = queries.make_brief if params.composed else queries.get_brief
    return ask(user=request.user, park=park, kind=params.kind or queries.DAY, on=params.on or timezone.localdate())


def _said(one: Sentence) -> SentenceOut:
    values = dict(one.values)
    return SentenceOut(key=one.key, text=one.text, url=one.url, weight=one.weight, tone=one.tone, values=values)


def _brief(brief: queries.Brief) -> BriefOut:
    return BriefOut(
        park_id=brief.park.pk if brief.park else None,
        kind=brief.kind,
        since=brief.since,
        on=brief.on,
        sent_at=brief.sent_at,
        sentences=[_said(one) for one in brief.sentences],
    )


def _paper(brief: queries.Brief) -> HttpResponse:
    made = reports.file_of(brief=brief)
    return hand_out(made.content, made.content_type, made.name)


def _kept(request: HttpRequest, park: Park | None, part: PastParams) -> Page[KeptBriefOut]:
    rows = queries.list_kept_briefs(user=request.user, park=park, kind=part.kind or queries.DAY)
    return paged(
        Page[KeptBriefOut],
        request,
        rows,
        part,
        lambda row: KeptBriefOut(kind=row.kind, since=row.since, on=row.on, sent_at=row.sent_at),
    )


@briefs.get("/parks/{int:park_id}/brief", response=BriefOut, summary="Brief of a park")
def get_park_brief(request: HttpRequest, park_id: int, params: Query[BriefParams]) -> BriefOut:
    """The brief of a day or month as it was sent, or composed now where none was."""
    return _brief(_asked(request, _park(request, park_id), params))


@briefs.get("/parks/{int:park_id}/brief.pdf", summary="Brief of a park on paper", openapi_extra={"responses": PDF})
def get_park_brief_paper(request: HttpRequest, park_id: int, params: Query[BriefParams]) -> HttpResponse:
    """The same as PDF, in the language of the request."""
    return _paper(_asked(request, _park(request, park_id), params))


@briefs.get("/parks/{int:park_id}/briefs", response=Page[KeptBriefOut], summary="Briefs of a park that were sent")
def list_park_briefs(request: HttpRequest, park_id: int, part: Query[PastParams]) -> Page[KeptBriefOut]:
    """The briefs of a park that were sent and are kept, the newest first."""
    return _kept(request, _park(request, park_id), part)


@briefs.get("/city/brief", response=BriefOut, summary="Brief of the city")
def get_city_brief(request: HttpRequest, params: Query[BriefParams]) -> BriefOut:
    """The brief of your city as it was sent, or composed now where none was."""
    require(request.user.may(Permission.VIEW_CITY))
    return _brief(_asked(request, None, params))


@briefs.get("/city/brief.pdf", summary="Brief of the city on paper", openapi_extra={"responses": PDF})
def get_city_brief_paper(request: HttpRequest, params: Query[BriefParams]) -> HttpResponse:
    """The same as PDF, in the language of the request."""
    require(request.user.may(Permission.VIEW_CITY))
    return _paper(_asked(request, None, params))


@briefs.get("/city/briefs", response=Page[KeptBriefOut], summary="Briefs of the city that were sent")
def list_city_briefs(request: HttpRequest, part: Query[PastParams]) -> Page[KeptBriefOut]:
    """The briefs of your city that were sent and are kept, the newest first."""
    require(request.user.may(Permission.VIEW_CITY))
    return _kept(request, None, part)
