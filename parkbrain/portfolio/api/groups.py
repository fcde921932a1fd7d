"""Operator groups as JSON."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.reading import read_once
from parkbrain.ui.rest import AsOf, Names, Out, Page, Slice, found, names_of, paged

from .. import queries
from ..models import LineService, OperatorGroup, ProductLine

router = Router()


class KnownOut(Out):
    """A sum or mean over the parks that know theirs."""

    value: float | None = Field(description="null where no park knows its own.")
    known_count: int = Field(description="Parks that are in it.")
    unknown_count: int = Field(description="Parks of which it is not known.")


class SumsOut(Out):
    """Parks of a line, or of all lines, in numbers."""

    park_count: int
    floor_area_m2: KnownOut
    land_area_m2: KnownOut
    occupancy: KnownOut = Field(description="Let part of the leasable area, over parks that know both.")
    firms: KnownOut
    mean_stars: KnownOut = Field(description="Mean of the proven stars; unknown_count parks are not assessed.")
    modern_count: int = Field(description="Parks with three stars or more.")


class GroupOut(Out):
    """An operator group with the parks of it that you oversee."""

    id: int
    code: str
    name: Names
    line_count: int
    parks_not_shown: int = Field(description="Parks of the group outside your branches.")
    total: SumsOut


class ServiceOut(Out):
    """A service of a line."""

    name: Names
    kind: str
    firms: list[str] = Field(description="STARTUP, GROWTH, LEADING: the firms that it is for.")
    is_standard: bool = Field(description="Whether every park of the line has it.")


class ProductLineOut(Out):
    """A product line with its services and the numbers of its parks."""

    id: int
    code: str
    name: Names
    promise: Names
    services: list[ServiceOut]
    sums: SumsOut


class PlacedParkOut(Out):
    """A park of the group."""

    id: int
    code: str
    name: Names
    line: str | None = Field(description="Code of its line; null where it is in none.")
    since_on: date | None
    stars: int | None = Field(description="Proven stars; null where it is not assessed.")
    occupancy: float | None
    floor_area_m2: float | None
    firm_count: int | None


class GroupSheetOut(Out):
    """An operator group, its lines side by side, and its parks that you oversee."""

    id: int
    code: str
    name: Names
    parks_not_shown: int
    total: SumsOut
    lines: list[ProductLineOut]
    parks: list[PlacedParkOut]


def _known(one: queries.Known) -> KnownOut:
    return KnownOut(value=one.value, known_count=one.known_count, unknown_count=one.unknown_count)


def _sums(one: queries.LineSums) -> SumsOut:
    return SumsOut(
        park_count=one.park_count,
        floor_area_m2=_known(one.floor_area_m2),
        land_area_m2=_known(one.land_area_m2),
        occupancy=_known(one.occupancy),
        firms=_known(one.firms),
        mean_stars=_known(one.mean_stars),
        modern_count=one.modern_count,
    )


def _service(one: LineService) -> ServiceOut:
    firms = [segment for segment, field in LineService.SEGMENTS if getattr(one, field)]
    return ServiceOut(name=names_of(one), kind=one.kind, firms=firms, is_standard=one.is_standard)


def _line(one: ProductLine, sums: queries.LineSums) -> ProductLineOut:
    promise = Names(zh_hans=one.promise_zh_hans, zh_hant=one.promise_zh_hant, en=one.promise_en)
    return ProductLineOut(
        id=one.pk,
        code=one.code,
        name=names_of(one),
        promise=promise,
        services=[_service(service) for service in one.services.all()],
        sums=_sums(sums),
    )


def _park(one: queries.GroupPark) -> PlacedParkOut:
    return PlacedParkOut(
        id=one.pk,
        code=one.park.code,
        name=names_of(one.park),
        line=one.line.code if one.line else None,
        since_on=one.since_on,
        stars=one.figures.stars,
        occupancy=one.figures.occupancy,
        floor_area_m2=one.park.gross_floor_area_m2,
        firm_count=one.figures.firm_count,
    )


class GroupParams(AsOf, Slice):
    """As of which day, and which part of the list."""


@router.get("/operators", response=Page[GroupOut], summary="Operator groups")
def list_operators(request: HttpRequest, ask: Query[GroupParams]) -> Page[GroupOut]:
    """The operator groups of which you oversee something, with the sums of those parks."""
    with read_once():
        lines = queries.sum_groups(user=request.user, on=ask.day)

    def item(group: OperatorGroup) -> GroupOut:
        line = lines[group.pk]
        return GroupOut(
            id=group.pk,
            code=group.code,
            name=names_of(group),
            line_count=line.line_count,
            parks_not_shown=line.hidden_count,
            total=_sums(line.total),
        )

    return paged(Page[GroupOut], request, queries.list_groups(user=request.user).order_by("code"), ask, item)


@router.get("/operators/{group_id}", response=GroupSheetOut, summary="Operator group")
def get_operator(request: HttpRequest, group_id: int, ask: Query[AsOf]) -> GroupSheetOut:
    """A group's product lines with their services and numbers, and its parks that you oversee."""
    group = found(queries.list_groups(user=request.user), pk=group_id)
    with read_once():
        sheet = queries.get_group_sheet(user=request.user, group=group, on=ask.day)
        parks = list(queries.group_parks(user=request.user, group=group).order_by("code"))
        placed = queries.with_figures(parks=parks, on=ask.day)
    lines = {one.line.pk: one for one in sheet.sums if one.line is not None}
    return GroupSheetOut(
        id=group.pk,
        code=group.code,
        name=names_of(group),
        parks_not_shown=sheet.hidden_count,
        total=_sums(sheet.total),
        lines=[_line(line, lines[line.pk]) for line in sheet.lines],
        parks=[_park(one) for one in placed],
    )
