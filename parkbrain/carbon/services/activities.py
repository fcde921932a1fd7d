"""Recording activity data, refrigerant events and green power of a park."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Document, Park, User
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import NOTHING, created, updated

from ..models import ActivityData, GreenPower, RefrigerantEvent
from ..queries import get_kinds, get_refrigerants
from .places import CannotRecordActivity, check_may_edit, read_register


def _follow(park: Park, recorded: Sequence[Recorded[Any]], at: datetime) -> None:
    if any(r.action != NOTHING for r in recorded):
        registry.park_changed(park_ids=[park.pk], at=at)


def _check_period(values: Mapping[str, Any], current: Any) -> None:
    start = values.get("starts_on", getattr(current, "starts_on", None))
    end = values.get("ends_on", getattr(current, "ends_on", None))
    if start and end and end <= start:
        raise CannotRecordActivity(_("The end has to lie after the beginning."))


def _check_not_negative(values: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if values.get(name) is not None and values[name] < 0:
            raise CannotRecordActivity(_("An amount is not negative."))
    if (values.get("uncertainty") or 0) > 5:
        raise CannotRecordActivity(_("The uncertainty is a share: 0.05 for ±5 %."))


def _check_document(values: Mapping[str, Any], park: Park) -> None:
    document: Document | None = values.get("document")
    if document is not None and document.park_id != park.pk:
        raise CannotRecordActivity(_("The file belongs to another park."))


@transaction.atomic
def record_activities(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[ActivityData]]:
    """Record activity data by reference; rows may name `building_code`, `level`, `uscc` and `equipment_code`.

    :raises CannotRecordActivity: an unknown kind or code, a period that runs backwards, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    register = read_register(park=park, rows=rows)
    references = [r["reference"] for r in rows]
    existing = ActivityData.objects.filter(park=park, reference__in=references)
    found = {
        r.reference: r for r in existing.select_related("building", "storey", "enterprise", "equipment", "document")
    }
    wanted = []
    for row in rows:
        current = found.get(row["reference"])
        values = {**register.place(row=row, current=current), "park": park}
        if values.get("kind", current.kind if current else "") not in get_kinds():
            raise CannotRecordActivity(_("There is no activity “%(kind)s”.") % {"kind": values.get("kind")})
        _check_period(values, current)
        _check_not_negative(values, "quantity", "uncertainty")
        _check_document(values, park)
        wanted.append((row["reference"], values))
    recorded = upsert(model=ActivityData, found=found, rows=wanted)
    audit.record_many("carbon.activity.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("carbon.activity.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    _follow(park, recorded, at)
    return recorded


@transaction.atomic
def record_refrigerant_events(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[RefrigerantEvent]]:
    """Record what was done with refrigerants by reference; rows may name building, machine and firm by their codes.

    :raises CannotRecordActivity: an unknown refrigerant or code, a negative mass, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    register = read_register(park=park, rows=rows)
    existing = RefrigerantEvent.objects.filter(park=park, reference__in=[r["reference"] for r in rows])
    found = {r.reference: r for r in existing.select_related("building", "enterprise", "equipment", "document")}
    wanted = []
    for row in rows:
        current = found.get(row["reference"])
        values = {**register.place(row=row, current=current), "park": park}
        if values.get("refrigerant", current.refrigerant if current else "") not in get_refrigerants():
            wrong = {"name": values.get("refrigerant")}
            raise CannotRecordActivity(_("There is no refrigerant “%(name)s”.") % wrong)
        _check_not_negative(values, "mass_kg", "uncertainty")
        _check_document(values, park)
        wanted.append((row["reference"], values))
    recorded = upsert(model=RefrigerantEvent, found=found, rows=wanted)
    audit.record_many("carbon.refrigerant.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("carbon.refrigerant.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    _follow(park, recorded, at)
    return recorded


@transaction.atomic
def record_green_power(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[GreenPower]]:
    """Record certificates and contracts by number; a number counts once in the whole installation.

    :raises CannotRecordActivity: the number is another park's, a period runs backwards, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    register = read_register(park=park, rows=rows)
    existing = GreenPower.objects.filter(number__in=[r["number"] for r in rows])
    found = {r.number: r for r in existing.select_related("enterprise", "document", "park")}
    wanted = []
    for row in rows:
        current = found.get(row["number"])
        if current is not None and current.park_id != park.pk:
            taken = {"number": row["number"]}
            raise CannotRecordActivity(_("The certificate or contract %(number)s is counted elsewhere.") % taken)
        values = {**register.place(row=row, current=current), "park": park}
        _check_period(values, current)
        if values.get("quantity_kwh") is not None and values["quantity_kwh"] <= 0:
            raise CannotRecordActivity(_("The quantity is more than nothing."))
        _check_document(values, park)
        wanted.append((row["number"], values))
    recorded = upsert(model=GreenPower, found=found, rows=wanted)
    audit.record_many("carbon.green_power.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("carbon.green_power.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    _follow(park, recorded, at)
    return recorded
