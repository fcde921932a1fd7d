"""Who is where, and moving in and out."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import Page, found, ordered, paged, refusals, require

from .. import queries, services
from ..models import Enterprise, Occupancy
from .shapes import OccupancyEnd, OccupancyIn, OccupancyOut, OccupancyParams, occupancy_out

router = Router()

ORDERS = {
    "premises": ["premises__park__code", "premises__code"],
    "starts_on": ["starts_on"],
    "lease_ends_on": ["lease_ends_on"],
}


def _visible(request: HttpRequest, occupancy_id: int) -> Occupancy:
    rows = Occupancy.objects.visible_to(request.user).select_related("premises__park__branch", "enterprise")
    return found(rows, pk=occupancy_id)


@router.get("/occupancies", response=Page[OccupancyOut], summary="Occupancies")
def list_occupancies(request: HttpRequest, part: Query[OccupancyParams]) -> Page[OccupancyOut]:
    """Who is where, since when and until when; those that hold on the day unless another state is asked for."""
    park = found(Park.objects.visible_to(request.user), pk=part.park) if part.park else None
    chosen = queries.OccupancyFilter(text=part.q.strip(), park=park, state=part.state)
    rows = queries.list_occupancies(user=request.user, chosen=chosen, on=part.day)
    return paged(Page[OccupancyOut], request, ordered(rows, part.ordering, ORDERS), part, occupancy_out)


@router.post("/occupancies", response={201: OccupancyOut}, summary="Move in")
def start_occupancy(request: HttpRequest, values: OccupancyIn) -> OccupancyOut:
    """Let an enterprise into premises from a day on; refused where somebody is there, in words that say who."""
    visible = queries.visible_premises(user=request.user).select_related("park__branch")
    premises = found(visible, pk=values.premises_id)
    require(request.user.may(Permission.EDIT_RECORD, premises.park.branch.path))
    enterprise = found(Enterprise.objects.all(), uscc=values.uscc)
    with refusals(services.CannotRecordOccupancy):
        stay = services.start_occupancy(
            premises=premises,
            enterprise=enterprise,
            starts_on=values.starts_on,
            ends_on=values.ends_on,
            lease_number=values.lease_number,
            lease_ends_on=values.lease_ends_on,
            rent_yuan_per_m2_month=values.rent_yuan_per_m2_month,
            actor=request.user,
            at=timezone.now(),
        )
    return occupancy_out(stay)


@router.get("/occupancies/{int:occupancy_id}", response=OccupancyOut, summary="One occupancy")
def get_occupancy(request: HttpRequest, occupancy_id: int) -> OccupancyOut:
    """One stay of a firm in premises."""
    return occupancy_out(_visible(request, occupancy_id))


@router.post("/occupancies/{int:occupancy_id}/end", response=OccupancyOut, summary="Move out")
def end_occupancy(request: HttpRequest, occupancy_id: int, values: OccupancyEnd) -> OccupancyOut:
    """End an occupancy: the premises are free from that day on."""
    stay = _visible(request, occupancy_id)
    require(request.user.may(Permission.EDIT_RECORD, stay.premises.park.branch.path))
    with refusals(services.CannotRecordOccupancy):
        ended = services.end_occupancy(occupancy=stay, ends_on=values.ends_on, actor=request.user, at=timezone.now())
    return occupancy_out(ended)
