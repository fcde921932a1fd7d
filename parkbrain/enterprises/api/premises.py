"""Premises as they stand on a day, and the search for premises that fit."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises
from parkbrain.space.services import CannotRecordPremises
from parkbrain.space.services import record_premises as record_rows
from parkbrain.ui.rest import (
    AsOf,
    Day,
    Finite,
    In,
    Out,
    Page,
    Slice,
    choice,
    found,
    given,
    id_filter,
    ordered,
    ordering,
    paged,
    refusals,
    require,
    text_filter,
)

from ..queries import PremisesFilter, PremisesRow, get_viewer, list_premises_states, premises_rows, visible_premises
from ..queries import list_premises as find_premises

router = Router()

ORDERS = {
    "code": ["park__code", "building__code", "code"],
    "billing_area_m2": ["billing_area_m2"],
    "floor_load_kn_m2": ["floor_load_kn_m2"],
    "clear_height_m": ["clear_height_m"],
}


class PremisesOut(Out):
    """Premises with their technical properties and their state on the day."""

    id: int
    park_id: int
    building_id: int
    code: str
    use: str = Field(description=f"One of {', '.join(Premises.Use.values)}.")
    billing_area_m2: float
    lettable: bool = Field(description="Whether they belong to the lettable stock on the day.")
    is_let: bool
    enterprise_id: int | None = Field(description="Who is in them; null where vacant, or where you may not know.")
    enterprise: str
    since_on: date | None
    lease_ends_on: date | None
    vacant_since_on: date | None
    designated_industry: str
    clear_height_m: float | None
    floor_load_kn_m2: float | None
    power_density_w_m2: float | None
    goods_lift_load_t: float | None
    has_water: bool | None
    has_exhaust: bool | None
    has_gas: bool | None
    fire_class: str
    vibration_class: str


class PremisesParams(Slice, AsOf):
    """Which premises; a demand is met only by what is known."""

    q: str = text_filter("Text in the code.")
    park: int | None = id_filter("Only premises of this park.")
    use: str = choice(Premises.Use.values, "Only premises for this use.")
    state: str = choice(["let", "vacant"], "Only premises in this state on the day.")
    fire_class: str = choice(Premises.FireClass.values, "Only premises of this fire class.")
    min_area_m2: Finite | None = Field(None, ge=0, le=1e9, description="Least billing area.")
    min_load_kn_m2: Finite | None = Field(None, ge=0, le=1e9, description="Least floor load.")
    min_height_m: Finite | None = Field(None, ge=0, le=1e9, description="Least clear height.")
    min_power_w_m2: Finite | None = Field(None, ge=0, le=1e9, description="Least power density.")
    min_lift_t: Finite | None = Field(None, ge=0, le=1e9, description="Least load of a goods lift.")
    ordering: str = ordering(ORDERS, default="code")


class PremisesIn(In):
    """Premises of one space, known by their code: recorded anew, or changed where the code is there already."""

    code: str = Field(min_length=1, max_length=40)
    building_code: str = Field("", max_length=40, description="Needed for new premises.")
    level: int | None = Field(None, ge=-20, le=300, description="The storey they lie on; 0 does not exist.")
    use: str = choice(Premises.Use.values, "Permitted use; needed for new premises.")
    billing_area_m2: Finite | None = Field(None, gt=0, le=1e8, description="The gross area unless given.")
    gross_area_m2: Finite | None = Field(None, gt=0, le=1e8)
    net_internal_area_m2: Finite | None = Field(None, gt=0, le=1e8)
    lettable: bool = True
    lettable_from_on: Day | None = None
    lettable_to_on: Day | None = None
    designated_industry: str = Field("", max_length=6)
    clear_height_m: Finite | None = Field(None, ge=0, le=1e3)
    floor_load_kn_m2: Finite | None = Field(None, ge=0, le=1e4)
    power_density_w_m2: Finite | None = Field(None, ge=0, le=1e6)
    goods_lift_load_t: Finite | None = Field(None, ge=0, le=1e3)
    has_water: bool | None = None
    has_exhaust: bool | None = None
    has_gas: bool | None = None
    fire_class: str = choice(Premises.FireClass.values, "Fire class.")
    vibration_class: str = choice(Premises.VibrationClass.values, "Vibration class.")


def _premises(row: PremisesRow) -> PremisesOut:
    premises, state = row.premises, row.state
    return PremisesOut(
        id=premises.pk,
        park_id=premises.park_id,
        building_id=premises.building_id,
        code=premises.code,
        use=premises.use,
        billing_area_m2=premises.billing_area_m2,
        lettable=state.lettable,
        is_let=state.is_let,
        enterprise_id=state.enterprise_id,
        enterprise=state.enterprise,
        since_on=state.since_on,
        lease_ends_on=state.lease_ends_on,
        vacant_since_on=state.vacant_since_on,
        designated_industry=premises.designated_industry,
        clear_height_m=premises.clear_height_m,
        floor_load_kn_m2=premises.floor_load_kn_m2,
        power_density_w_m2=premises.power_density_w_m2,
        goods_lift_load_t=premises.goods_lift_load_t,
        has_water=premises.has_water,
        has_exhaust=premises.has_exhaust,
        has_gas=premises.has_gas,
        fire_class=premises.fire_class,
        vibration_class=premises.vibration_class,
    )


def _state_of(request: HttpRequest, premises: Premises, on: date) -> PremisesOut:
    viewer = get_viewer(user=request.user, park=premises.park)
    return _premises(PremisesRow(premises, list_premises_states(premises=[premises], on=on, viewer=viewer)[0]))


@router.get("/premises", response=Page[PremisesOut], summary="Premises")
def list_premises(request: HttpRequest, part: Query[PremisesParams]) -> Page[PremisesOut]:
    """Premises with their state on a day; the search for room that fits a firm. A tenant has its own."""
    park = found(Park.objects.visible_to(request.user), pk=part.park) if part.park else None
    chosen = PremisesFilter(
        text=part.q.strip(),
        park=park,
        use=part.use,
        state=part.state,
        fire_class=part.fire_class,
        min_load_kn_m2=part.min_load_kn_m2,
        min_height_m=part.min_height_m,
        min_power_w_m2=part.min_power_w_m2,
        min_lift_t=part.min_lift_t,
        min_area_m2=part.min_area_m2,
    )
    rows = ordered(find_premises(user=request.user, chosen=chosen, on=part.day), part.ordering, ORDERS)
    return paged(
        Page[PremisesOut],
        request,
        rows,
        part,
        _premises,
        prepare=lambda items: premises_rows(premises=items, user=request.user, on=part.day),
    )


@router.get("/premises/{int:premises_id}", response=PremisesOut, summary="One premises")
def get_premises(request: HttpRequest, premises_id: int, part: Query[AsOf]) -> PremisesOut:
    """Premises as they stand on a day."""
    visible = visible_premises(user=request.user).select_related("park__branch", "building")
    return _state_of(request, found(visible, pk=premises_id), part.day)


@router.post("/parks/{int:park_id}/premises", response=PremisesOut, summary="Record premises")
def record_premises(request: HttpRequest, park_id: int, values: PremisesIn) -> PremisesOut:
    """Record premises by their code: new ones, or the given fields of those that have this code."""
    park = found(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)
    require(request.user.may(Permission.EDIT_RECORD, park.branch.path))
    row = {name: value for name, value in given(values).items() if value != "" or name == "designated_industry"}
    with refusals(CannotRecordPremises):
        recorded = record_rows(park=park, rows=[row], actor=request.user, at=timezone.now())[0]
    saved = Premises.objects.select_related("park__branch", "building").get(pk=recorded.row.pk)
    return _state_of(request, saved, timezone.localdate())
