"""The numbers that follow from the register of equipment: power in scope, obsolete power, what is past its day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import shared
from parkbrain.kernel.registry import FactRow, FactValue, fact

from .models import Equipment
from .queries import EquipmentRow, list_in_use

Rows = dict[int, list[EquipmentRow]]


@shared
def _register(*, park_ids: Sequence[int], on: date) -> Rows:
    found: Rows = {}
    for row in list_in_use(park_ids=park_ids, on=on):
        found.setdefault(row.equipment.park_id, []).append(row)
    return found


def _fact_row(row: EquipmentRow, value: float | None, detail: str) -> FactRow:
    machine = row.equipment
    url = reverse("equipment_detail", args=[machine.pk])
    return FactRow(str(machine), value, url, detail, "facilities.equipment", machine.pk)


def _in_scope(rows: Sequence[EquipmentRow]) -> list[EquipmentRow]:
    return [row for row in rows if row.equipment.kind in Equipment.RATED_KINDS]


def _power(rows: Sequence[EquipmentRow]) -> float:
    return float(sum(row.equipment.size_kw or 0.0 for row in rows))


def list_covered_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the machines in scope with their rated power."""
    rows = _in_scope(_register(park_ids=[park_id], on=period.last_on).get(park_id, []))
    return [_fact_row(r, r.equipment.size_kw, r.equipment.get_kind_display()) for r in rows if r.equipment.size_kw]


@fact(
    "covered_equipment_kw",
    how=gettext_lazy(
        "The rated power of transformers, motors, boilers, compressors, chillers, pumps and fans in use on the day, "
        "added up; a transformer's kVA counts as kW."
    ),
    rows=list_covered_rows,
)
def covered_equipment(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return the power in scope [kW]; unknown where the register has no such machine."""
    values = {}
    for park_id, rows in _register(park_ids=park_ids, on=period.last_on).items():
        scoped = _in_scope(rows)
        sized = [r for r in scoped if r.equipment.size_kw]
        if sized:
            values[park_id] = FactValue(_power(sized), len(sized) / len(scoped), len(sized))
    return values


def _obsolete(rows: Sequence[EquipmentRow]) -> list[EquipmentRow]:
    return [r for r in _in_scope(rows) if r.standing.is_obsolete and r.equipment.size_kw]


def list_obsolete_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the obsolete machines with their rated power."""
    rows = _obsolete(_register(park_ids=[park_id], on=period.last_on).get(park_id, []))
    return [_fact_row(r, r.equipment.size_kw, f"{r.equipment.model} · {r.standing_reason}") for r in rows]


@fact(
    "obsolete_equipment_kw",
    how=gettext_lazy(
        "Of the equipment in scope, the rated power of what stands on an elimination catalogue or lies below grade 3 of "
        "the standard in force. Machines whose grade cannot be told lower the coverage."
    ),
    rows=list_obsolete_rows,
)
def obsolete_equipment(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return the obsolete power [kW]; unknown where no machine in scope could be assessed."""
    values = {}
    for park_id, rows in _register(park_ids=park_ids, on=period.last_on).items():
        sized = [r for r in _in_scope(rows) if r.equipment.size_kw]
        assessed = [r for r in sized if r.standing.is_obsolete is not None]
        if assessed:
            found = _obsolete(rows)
            values[park_id] = FactValue(_power(found), _power(assessed) / _power(sized), len(found))
    return values


def _overdue(rows: Sequence[EquipmentRow]) -> list[EquipmentRow]:
    return [r for r in rows if r.equipment.enterprise_id is None and r.inspection and r.inspection.state == "overdue"]


def _past_stop(rows: Sequence[EquipmentRow]) -> list[EquipmentRow]:
    return [r for r in rows if r.equipment.enterprise_id is None and r.is_past_stop]


def _list_rows(keep: Callable[[Sequence[EquipmentRow]], list[EquipmentRow]]) -> Callable[..., list[FactRow]]:
    def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
        """Return the machines that are counted."""
        found = keep(_register(park_ids=[park_id], on=period.last_on).get(park_id, []))
        return [_fact_row(r, 1.0, r.equipment.get_kind_display()) for r in found]

    return rows


@fact(
    "operator_special_equipment_overdue",
    how=gettext_lazy(
        "The operator's lifts, forklifts, cranes, boilers and pressure vessels in use whose inspection date lies before "
        "the day: the date on the certificate, or the one that the inspection rules give."
    ),
    rows=_list_rows(_overdue),
)
def special_equipment_overdue(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how much special equipment is overdue; unknown where the register has none."""
    values = {}
    for park_id, rows in _register(park_ids=park_ids, on=period.last_on).items():
        special = [r for r in rows if r.equipment.enterprise_id is None and r.inspection]
        dated = [r for r in special if r.inspection and r.inspection.due_on]
        if dated:
            found = _overdue(rows)
            values[park_id] = FactValue(float(len(found)), len(dated) / len(special), len(found))
    return values


@fact(
    "operator_catalogue_equipment_overdue",
    how=gettext_lazy(
        "The operator's obsolete machines in use whose day to be stopped by, as the notice or plan sets it, has passed."
    ),
    rows=_list_rows(_past_stop),
)
def catalogue_equipment_overdue(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many obsolete machines run past their day; unknown where none could be assessed."""
    values = {}
    for park_id, rows in _register(park_ids=park_ids, on=period.last_on).items():
        own = [r for r in _in_scope(rows) if r.equipment.enterprise_id is None]
        assessed = [r for r in own if r.standing.is_obsolete is not None]
        # An obsolete machine without a day is known to be obsolete and not known to be late.
        dated = [r for r in assessed if not r.standing.is_obsolete or r.equipment.stop_by_on]
        if dated:
            found = _past_stop(rows)
            values[park_id] = FactValue(float(len(found)), len(dated) / len(own), len(found))
    return values
