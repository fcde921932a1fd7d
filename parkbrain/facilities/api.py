"""Equipment with what follows from its nameplate."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    AsOf,
    Day,
    Finite,
    In,
    Names,
    Out,
    Page,
    Slice,
    choice,
    found,
    given,
    id_filter,
    names_of,
    paged,
    refusals,
    require,
)

from . import queries, services
from .models import Equipment

router = Router()


class EquipmentOut(Out):
    """A machine on a day."""

    id: int
    park_id: int
    code: str
    names: Names
    kind: str
    building_id: int | None
    storey_id: int | None
    enterprise_id: int | None = Field(description="The owner; null where it is the operator's.")
    manufacturer: str
    model: str
    rated_kw: float | None
    rated_kva: float | None
    ie_class: str
    label_grade: int | None
    label_standard: str
    commissioned_on: date | None
    retired_on: date | None
    grade: int | None = Field(description="1 to 3, 4 for below 3; null where it is not assessed.")
    grade_standard: str = Field(description="The standard in force on the day.")
    not_graded_because: str = Field(description="A machine code, empty where there is a grade.")
    is_obsolete: bool | None = Field(description="Null where it is not assessed.")
    obsolete_because: str
    stop_by_on: date | None
    hours_point_code: str
    is_past_stop: bool
    inspection_due_on: date | None
    inspection_state: str | None = Field(description="valid, soon, overdue or unknown; null where none is asked for.")


class EquipmentIn(In):
    """A machine; only the given fields are touched."""

    code: str = Field(min_length=1, max_length=40)
    kind: str = choice(Equipment.Kind.values, "Kind of machine.", default=None)
    name_zh_hans: str = Field("", max_length=160)
    name_en: str = Field("", max_length=200)
    building_code: str | None = Field(None, max_length=40)
    level: int | None = Field(None, ge=-10, le=200)
    uscc: str | None = Field(None, max_length=18)
    manufacturer: str = Field("", max_length=120)
    model: str = Field("", max_length=80)
    serial_number: str = Field("", max_length=80)
    rated_kw: Finite | None = Field(None, gt=0)
    rated_kva: Finite | None = Field(None, gt=0)
    ie_class: str = choice(Equipment.IeClass.values, "Efficiency class of a motor.")
    label_grade: int | None = Field(None, ge=1, le=4)
    label_standard: str = Field("", max_length=40)
    made_year: int | None = Field(None, ge=1950, le=2100)
    commissioned_on: Day | None = None
    retired_on: Day | None = None
    stop_by_on: Day | None = None
    registration_number: str = Field("", max_length=60)
    last_inspected_on: Day | None = None
    inspection_due_on: Day | None = None
    hours_point_code: str = Field("", max_length=80)


class EquipmentParams(AsOf, Slice):
    """Which machines."""

    park: int | None = id_filter("Machines of this park.")
    kind: str = choice(Equipment.Kind.values, "Machines of this kind.")


class EquipmentRecordedOut(Out):
    """What happened."""

    id: int
    action: str


def _out(row: queries.EquipmentRow) -> EquipmentOut:
    machine, inspection = row.equipment, row.inspection
    same = (
        "code kind building_id storey_id enterprise_id manufacturer model rated_kw rated_kva ie_class label_grade "
        "label_standard commissioned_on retired_on stop_by_on hours_point_code park_id"
    )
    return EquipmentOut(
        id=machine.pk,
        names=names_of(machine),
        grade=row.grade.grade,
        grade_standard=row.grade.standard,
        not_graded_because=row.grade.reason,
        is_obsolete=row.standing.is_obsolete,
        obsolete_because=row.standing.why,
        is_past_stop=row.is_past_stop,
        inspection_due_on=inspection.due_on if inspection else None,
        inspection_state=inspection.state if inspection else None,
        **{name: getattr(machine, name) for name in same.split()},
    )


@router.get("/equipment", response=Page[EquipmentOut], summary="Equipment")
def list_equipment(request: HttpRequest, part: Query[EquipmentParams]) -> Page[EquipmentOut]:
    """The machines in use on the day in your parks; a tenant's own."""
    rows = queries.list_equipment(user=request.user).in_use_on(part.day).order_by("park", "code", "pk")
    if part.park:
        rows = rows.filter(park=found(Park.objects.visible_to(request.user), pk=part.park))
    if part.kind:
        rows = rows.filter(kind=part.kind)
    prepare = lambda items: queries.equipment_rows(equipment=items, on=part.day)  # noqa: E731
    return paged(Page[EquipmentOut], request, rows, part, _out, prepare=prepare)


@router.get("/equipment/{int:equipment_id}", response=EquipmentOut, summary="One machine")
def get_equipment(request: HttpRequest, equipment_id: int, part: Query[AsOf]) -> EquipmentOut:
    """A machine with its grade, whether it is obsolete and when it is inspected, as of a day."""
    machine = found(queries.list_equipment(user=request.user), pk=equipment_id)
    return _out(queries.describe_equipment(equipment=machine, on=part.day))


@router.post("/parks/{int:park_id}/equipment", response=EquipmentRecordedOut, summary="Record a machine")
def record_equipment(request: HttpRequest, park_id: int, values: EquipmentIn) -> EquipmentRecordedOut:
    """Record a machine by its code: a new one, or the given fields of the one that is there."""
    park = found(Park.objects.visible_to(request.user), pk=park_id)
    require(request.user.may(Permission.EDIT_RECORD, park.branch.path))
    with refusals(services.CannotRecordEquipment):
        recorded = services.record_equipment(park=park, rows=[given(values)], actor=request.user, at=timezone.now())
    return EquipmentRecordedOut(id=recorded[0].row.pk, action=recorded[0].action)
