"""Branches, parks, buildings, storeys and spaces as JSON."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Branch, Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    MOST_ID,
    Day,
    Finite,
    In,
    Names,
    Out,
    Page,
    Problem,
    Slice,
    choice,
    found,
    given,
    id_filter,
    names_of,
    ordered,
    ordering,
    paged,
    refusals,
    require,
    text_filter,
)

from . import queries, services
from .models import Building, Space, Storey

router = Router()

PARK_ORDERS = {
    "code": ["code"],
    "name": ["name_zh_hans"],
    "land_area_m2": ["land_area_m2"],
    "gross_floor_area_m2": ["gross_floor_area_m2"],
}


class BranchOut(Out):
    """A node of the tree city → district → operator → park."""

    id: int
    code: str
    kind: str = Field(description=f"One of {', '.join(Branch.Kind.values)}.")
    path: str = Field(description="Codes from the top of the tree down to this branch.")
    parent_id: int | None
    name: str
    names: Names


class ParkOut(Out):
    """An industrial park."""

    id: int
    code: str
    name: str
    names: Names
    branch_id: int
    standing: str = Field(description="OPERATING, FICTIONAL (demo) or AS_STATED (known from public statements only).")
    kind: str = Field(description=f"One of {', '.join(Park.Kind.values)}.")
    district_code: str
    street: str
    address: str
    longitude: float | None
    latitude: float | None
    opened_on: date | None
    land_area_m2: float | None
    gross_floor_area_m2: float | None
    leading_industries: list[str] = Field(description="GB/T 4754-2017 codes of the park's positioning.")


class BuildingOut(Out):
    """A building on a site of a park."""

    id: int
    park_id: int
    site_code: str
    code: str
    name: str
    names: Names
    use: str = Field(description=f"One of {', '.join(Building.Use.values)}.")
    height_m: float | None
    completed_on: date | None


class StoreyOut(Out):
    """A storey; level 1 is the ground storey, basements are negative."""

    id: int
    park_id: int
    building_id: int
    level: int
    label: str
    height_m: float | None
    gross_floor_area_m2: float | None


class SpaceOut(Out):
    """A bounded area on a storey."""

    id: int
    park_id: int
    building_id: int
    storey_id: int
    level: int
    premises_id: int | None = Field(description="The premises it belongs to; null where it is not let.")
    code: str
    gross_area_m2: float
    net_internal_area_m2: float | None


class BranchParams(Slice):
    """Which branches."""

    kind: str = choice(Branch.Kind.values, "Only branches of this level.")
    ordering: str = ordering(["path", "code"], default="path")


class ParkParams(Slice):
    """Which parks."""

    q: str = text_filter("Text in name, code or street.")
    kind: str = choice(Park.Kind.values, "Only parks of this kind.")
    standing: str = choice(Park.Standing.values, "Only parks with data of this standing.")
    district: str = text_filter("Only parks of the district with this code.", longest=12)
    ordering: str = ordering(PARK_ORDERS, default="code")


class BuildingParams(Slice):
    """Which buildings."""

    park: int | None = id_filter("Only buildings of this park.")
    ordering: str = ordering(["code", "park"], default="park")


class StoreyParams(Slice):
    """Which storeys."""

    park: int | None = id_filter("Only storeys of this park.")
    building: int | None = id_filter("Only storeys of this building.")


class SpaceParams(StoreyParams):
    """Which spaces."""

    premises: int | None = id_filter("Only spaces of these premises.")


class ParkChange(In):
    """What to change of a park; a field that is left out stays as it is."""

    name_zh_hans: str = Field("", max_length=160)
    name_zh_hant: str = Field("", max_length=160, description="Derived from the Simplified name unless given.")
    name_en: str = Field("", max_length=200)
    kind: str = choice(Park.Kind.values, "Kind of the park.", default="MIXED")
    district_code: str = Field("", max_length=12)
    street: str = Field("", max_length=60)
    address: str = Field("", max_length=200)
    longitude: Finite | None = Field(None, ge=-180, le=180)
    latitude: Finite | None = Field(None, ge=-90, le=90)
    opened_on: Day | None = None
    land_area_m2: Finite | None = Field(None, gt=0, le=1e10)
    gross_floor_area_m2: Finite | None = Field(None, gt=0, le=1e10)
    leading_industries: list[str] = Field([], max_length=30, description="GB/T 4754-2017 codes.")


class ParkIn(ParkChange):
    """A new park; it gets a branch of its own below `parent_branch_id`, or below your own operator."""

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    name_zh_hans: str = Field(min_length=1, max_length=160)
    parent_branch_id: int | None = Field(None, ge=1, le=MOST_ID)


class BuildingIn(In):
    """A building, known by its code: recorded anew, or changed where the code is there already."""

    code: str = Field(min_length=1, max_length=40)
    site_code: str = Field("", max_length=40, description="The park's first site unless given.")
    name_zh_hans: str = Field("", max_length=160)
    name_en: str = Field("", max_length=200)
    use: str = choice(Building.Use.values, "Main use.", default="MIXED")
    height_m: Finite | None = Field(None, ge=0, le=2000)
    completed_on: Day | None = None


class StoreyIn(In):
    """A storey, known by its level: recorded anew, or changed where the building has it already."""

    level: int = Field(ge=-20, le=300, description="1 is the ground storey, -1 the first basement; 0 does not exist.")
    label: str = Field("", max_length=20)
    height_m: Finite | None = Field(None, ge=0, le=200)
    gross_floor_area_m2: Finite | None = Field(None, gt=0, le=1e8)


def _branch(branch: Branch) -> BranchOut:
    return BranchOut(
        id=branch.pk,
        code=branch.code,
        kind=branch.kind,
        path=branch.path,
        parent_id=branch.parent_id,
        name=branch.name,
        names=names_of(branch),
    )


def _park(park: Park) -> ParkOut:
    return ParkOut(
        id=park.pk,
        code=park.code,
        name=park.name,
        names=names_of(park),
        branch_id=park.branch_id,
        standing=park.standing,
        kind=park.kind,
        district_code=park.district_code,
        street=park.street,
        address=park.address,
        longitude=park.longitude,
        latitude=park.latitude,
        opened_on=park.opened_on,
        land_area_m2=park.land_area_m2,
        gross_floor_area_m2=park.gross_floor_area_m2,
        leading_industries=[str(code) for code in park.leading_industries],
    )


def _building(building: Building) -> BuildingOut:
    return BuildingOut(
        id=building.pk,
        park_id=building.site.park_id,
        site_code=building.site.code,
        code=building.code,
        name=building.name,
        names=names_of(building),
        use=building.use,
        height_m=building.height_m,
        completed_on=building.completed_on,
    )


def _storey(storey: Storey) -> StoreyOut:
    return StoreyOut(
        id=storey.pk,
        park_id=storey.building.site.park_id,
        building_id=storey.building_id,
        level=storey.level,
        label=storey.short_label,
        height_m=storey.height_m,
        gross_floor_area_m2=storey.gross_floor_area_m2,
    )


def _space(space: Space) -> SpaceOut:
    return SpaceOut(
        id=space.pk,
        park_id=space.storey.building.site.park_id,
        building_id=space.storey.building_id,
        storey_id=space.storey_id,
        level=space.storey.level,
        premises_id=space.premises_id,
        code=space.code,
        gross_area_m2=space.gross_area_m2,
        net_internal_area_m2=space.net_internal_area_m2,
    )


@router.get("/branches", response=Page[BranchOut], summary="Branches")
def list_branches(request: HttpRequest, part: Query[BranchParams]) -> Page[BranchOut]:
    """The branches of the tree in which you may see parks."""
    rows = queries.list_branches(user=request.user)
    if part.kind:
        rows = rows.filter(kind=part.kind)
    rows = ordered(rows, part.ordering, {"path": ["path"], "code": ["code"]})
    return paged(Page[BranchOut], request, rows, part, _branch)


@router.get("/branches/{int:branch_id}", response=BranchOut, summary="One branch")
def get_branch(request: HttpRequest, branch_id: int) -> BranchOut:
    """A branch of the tree."""
    return _branch(found(queries.list_branches(user=request.user), pk=branch_id))


@router.get("/parks", response=Page[ParkOut], summary="Parks")
def list_parks(request: HttpRequest, part: Query[ParkParams]) -> Page[ParkOut]:
    """The parks that you may see."""
    chosen = queries.ParkFilter(part.q.strip(), part.kind, part.district, part.standing)
    rows = ordered(queries.list_parks(user=request.user, chosen=chosen), part.ordering, PARK_ORDERS)
    return paged(Page[ParkOut], request, rows, part, _park)


@router.post("/parks", response={201: ParkOut}, summary="Record a park")
def record_park(request: HttpRequest, values: ParkIn) -> ParkOut:
    """Record a new park. A code that is taken is refused."""
    require(request.user.may(Permission.EDIT_RECORD))
    row = given(values)
    parent_id, parent = row.pop("parent_branch_id", None), None
    if parent_id is not None:
        parent = found(queries.list_branches(user=request.user), pk=parent_id)
        require(request.user.may(Permission.EDIT_RECORD, parent.path))
    if Park.objects.filter(code=values.code).exists():
        raise Problem(409, _("The code %(code)s is already a branch.") % {"code": values.code})
    with refusals(services.CannotRecordPark):
        recorded = services.record_park(values=row, actor=request.user, at=timezone.now(), parent=parent)
    return _park(recorded.row)


@router.get("/parks/{int:park_id}", response=ParkOut, summary="One park")
def get_park(request: HttpRequest, park_id: int) -> ParkOut:
    """A park."""
    return _park(found(Park.objects.visible_to(request.user), pk=park_id))


@router.patch("/parks/{int:park_id}", response=ParkOut, summary="Change a park")
def change_park(request: HttpRequest, park_id: int, values: ParkChange) -> ParkOut:
    """Change the fields that are given, and everything that follows from them."""
    park = _editable(request, park_id)
    with refusals(services.CannotRecordPark):
        row = {**given(values), "code": park.code}
        recorded = services.record_park(values=row, actor=request.user, at=timezone.now())
    return _park(recorded.row)


def _editable(request: HttpRequest, park_id: int) -> Park:
    park = found(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)
    require(request.user.may(Permission.EDIT_RECORD, park.branch.path))
    return park


@router.get("/buildings", response=Page[BuildingOut], summary="Buildings")
def list_buildings(request: HttpRequest, part: Query[BuildingParams]) -> Page[BuildingOut]:
    """The buildings of the parks that you may see."""
    rows = Building.objects.visible_to(request.user).select_related("site")
    if part.park:
        rows = rows.filter(site__park=part.park)
    keys = {"code": ["code"], "park": ["site__park__code", "code"]}
    return paged(Page[BuildingOut], request, ordered(rows, part.ordering, keys), part, _building)


@router.get("/buildings/{int:building_id}", response=BuildingOut, summary="One building")
def get_building(request: HttpRequest, building_id: int) -> BuildingOut:
    """A building."""
    return _building(found(Building.objects.visible_to(request.user).select_related("site"), pk=building_id))


@router.post("/parks/{int:park_id}/buildings", response=BuildingOut, summary="Record a building")
def record_building(request: HttpRequest, park_id: int, values: BuildingIn) -> BuildingOut:
    """Record a building by its code: a new one, or the given fields of the one that has this code."""
    park = _editable(request, park_id)
    with refusals(services.CannotRecordBuilding):
        recorded = services.record_building(park=park, values=given(values), actor=request.user, at=timezone.now())
    return _building(recorded.row)


@router.get("/storeys", response=Page[StoreyOut], summary="Storeys")
def list_storeys(request: HttpRequest, part: Query[StoreyParams]) -> Page[StoreyOut]:
    """The storeys of buildings, from the lowest up."""
    rows = queries.list_storeys(user=request.user)
    if part.park:
        rows = rows.filter(building__site__park=part.park)
    if part.building:
        rows = rows.filter(building=part.building)
    return paged(Page[StoreyOut], request, rows.order_by("building", "level"), part, _storey)


@router.post("/buildings/{int:building_id}/storeys", response=StoreyOut, summary="Record a storey")
def record_storey(request: HttpRequest, building_id: int, values: StoreyIn) -> StoreyOut:
    """Record a storey by its level: a new one, or the given fields of the one that is there."""
    visible = Building.objects.visible_to(request.user).select_related("site__park__branch")
    building = found(visible, pk=building_id)
    park = building.site.park
    require(request.user.may(Permission.EDIT_RECORD, park.branch.path))
    row = {**given(values), "building_code": building.code}
    with refusals(services.CannotRecordBuilding):
        recorded = services.record_storey(park=park, values=row, actor=request.user, at=timezone.now())
    return _storey(recorded.row)


@router.get("/spaces", response=Page[SpaceOut], summary="Spaces")
def list_spaces(request: HttpRequest, part: Query[SpaceParams]) -> Page[SpaceOut]:
    """The spaces on storeys."""
    rows = queries.list_spaces(user=request.user)
    if part.park:
        rows = rows.filter(storey__building__site__park=part.park)
    if part.building:
        rows = rows.filter(storey__building=part.building)
    if part.premises:
        rows = rows.filter(premises=part.premises)
    return paged(Page[SpaceOut], request, rows.order_by("storey", "code"), part, _space)
