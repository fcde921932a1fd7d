"""What may change in the register of equipment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import NOTHING, created, updated

from .models import Equipment, RunningHours


class CannotRecordEquipment(Exception):
    """The equipment, or its hours, cannot be recorded."""


def _check_may_edit(park: Park, actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordEquipment(_("You may not change the record of this park."))


@transaction.atomic
def record_equipment(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Equipment]]:
    """Record machines of a park by their code; a row may name `building_code`, `level` and `uscc` of the owner.

    :raises CannotRecordEquipment: a building, storey or firm is not there, dates run backwards, or the actor may not.
    """
    _check_may_edit(park, actor)
    buildings = {b.code: b for b in Building.objects.filter(site__park=park).prefetch_related("storeys")}
    codes = {r["uscc"] for r in rows if r.get("uscc")}
    firms = {e.uscc: e for e in Enterprise.objects.filter(uscc__in=codes)}
    found = {e.code: e for e in Equipment.objects.filter(park=park, code__in=[r["code"] for r in rows])}
    wanted = [(r["code"], {**_placed(r, buildings, firms, found.get(r["code"])), "park": park}) for r in rows]
    for code, values in wanted:
        _check_dates(values, found.get(code))
    recorded = upsert(model=Equipment, found=found, rows=wanted)
    audit.record_many("facilities.equipment.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("facilities.equipment.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    if any(r.action != NOTHING for r in recorded):
        registry.park_changed(park_ids=[park.pk], at=at)
    return recorded


def _placed(
    row: Mapping[str, Any],
    buildings: Mapping[str, Building],
    firms: Mapping[str, Enterprise],
    current: Equipment | None,
) -> dict[str, Any]:
    """Return the values of a row with building, storey and owner in the place of their codes."""
    values = {name: value for name, value in row.items() if name not in {"building_code", "level", "uscc"}}
    if "building_code" in row:
        values["building"] = None
        if row["building_code"]:
            if row["building_code"] not in buildings:
                raise CannotRecordEquipment(_("There is no building %(code)s.") % {"code": row["building_code"]})
            values["building"] = buildings[row["building_code"]]
    if "level" in row:
        building = values.get("building", current.building if current else None)
        storeys = {s.level: s for s in building.storeys.all()} if building else {}
        if row["level"] is not None and row["level"] not in storeys:
            raise CannotRecordEquipment(_("The building has no storey %(level)s.") % {"level": row["level"]})
        values["storey"] = storeys.get(row["level"])
    if "uscc" in row:
        if row["uscc"] and row["uscc"] not in firms:
            raise CannotRecordEquipment(_("There is no enterprise %(code)s.") % {"code": row["uscc"]})
        values["enterprise"] = firms.get(row["uscc"])
    return values


def _check_dates(values: Mapping[str, Any], current: Equipment | None) -> None:
    start = values.get("commissioned_on", current.commissioned_on if current else None)
    end = values.get("retired_on", current.retired_on if current else None)
    if start and end and end <= start:
        raise CannotRecordEquipment(_("The end has to lie after the beginning."))


@transaction.atomic
def record_hours(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[RunningHours]]:
    """Record running hours by machine (`code`) and first day; hours never pass those of the period.

    :raises CannotRecordEquipment: a machine is not there, more hours than the period has, or the actor may not.
    """
    _check_may_edit(park, actor)
    machines = {e.code: e for e in Equipment.objects.filter(park=park, code__in=[r["code"] for r in rows])}
    existing = RunningHours.objects.filter(equipment__in=machines.values()).select_related("equipment")
    found = {(h.equipment_id, h.starts_on): h for h in existing}
    wanted = []
    for row in rows:
        if row["code"] not in machines:
            raise CannotRecordEquipment(_("There is no equipment %(code)s.") % {"code": row["code"]})
        if row["ends_on"] <= row["starts_on"]:
            raise CannotRecordEquipment(_("The end has to lie after the beginning."))
        if row["hours"] > 24 * (row["ends_on"] - row["starts_on"]).days:
            raise CannotRecordEquipment(_("These are more hours than the period has."))
        machine = machines[row["code"]]
        values = {name: value for name, value in row.items() if name != "code"}
        wanted.append(((machine.pk, row["starts_on"]), {**values, "equipment": machine}))
    recorded = upsert(model=RunningHours, found=found, rows=wanted)
    audit.record_many("facilities.hours.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("facilities.hours.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded
