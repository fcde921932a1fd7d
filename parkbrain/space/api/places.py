"""Read and record branches, parks, buildings, storeys and spaces."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from parkbrain.kernel.models import Branch, Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import Page, Problem, found, given, names_of, ordered, paged, refusals, require

from .. import queries, services
from ..models import Building, Space, Storey
from .shapes import (
    PARK_ORDERS,
    BranchOut,
    BranchParams,
    BuildingIn,
    BuildingOut,
    BuildingParams,
    ParkChange,
    ParkIn,
    ParkOut,
    ParkParams,
    SpaceOut,
    SpaceParams,
    StoreyIn,
    StoreyOut,
    StoreyParams,
)

router = Router()


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
