"""The search over everything as JSON."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from parkbrain.ui.rest import Out, Page, Slice, paged

from . import queries

router = Router()


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
