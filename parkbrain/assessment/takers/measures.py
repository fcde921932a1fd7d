"""What another park can take over of measures: what is known better than the catalogue, and measures of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Column, SetupPart

from ..models import MeasureChange, OwnMeasure
from ..queries import describe
from ..queries.plans import get_measures
from ..services.plans import CannotChangeMeasure, add_own_measure, change_measure, remove_own_measure

_CHANGE = ("measure_id", "cost_yuan", "months", "success", "is_off", "note")
_OWN = ("name", "cost_yuan", "months", "success", "effects")


def _read_changes(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    return list(MeasureChange.objects.filter(park=park).order_by("measure_id").values(*_CHANGE))


def _write_change(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    known: dict[str, Any] = {name: values.get(name) for name in _CHANGE}
    change_measure(park=park, **{**known, "note": known["note"] or ""}, actor=actor, at=at)


def _read_own(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    return list(OwnMeasure.objects.filter(park=park).order_by("pk").values(*_OWN))


def _write_own(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    before = OwnMeasure.objects.filter(park=park, name=values["name"]).first()
    if before is not None:
        remove_own_measure(own=before, actor=actor, at=at)
    add_own_measure(park=park, **{name: values[name] for name in _OWN}, actor=actor, at=at)


def _measure_name(values: Mapping[str, Any]) -> str:
    try:
        return describe(value=get_measures().measure(values["measure_id"]).name)
    except KeyError:
        return str(values["measure_id"])


def _terms(*, required: bool) -> tuple[Column, ...]:
    return (
        Column("cost_yuan", gettext_lazy("Cost (yuan)"), "money", required=required, minimum=0),
        Column("months", gettext_lazy("Months"), "integer", required=required, minimum=1, maximum=120),
        Column("success", gettext_lazy("Chance of success"), "number", required=required, minimum=0, maximum=1),
    )


SETUP = (
    SetupPart(
        key="assessment.measures",
        label=gettext_lazy("Own terms of measures"),
        order=50,
        permission=Permission.EDIT_RECORD,
        columns=(
            Column("measure_id", gettext_lazy("Measure"), required=True, max_length=60),
            *_terms(required=False),
            Column("is_off", gettext_lazy("Never in a plan"), "boolean", required=True),
            Column("note", gettext_lazy("Note"), max_length=300),
        ),
        identity=("measure_id",),
        name=_measure_name,
        read=_read_changes,
        write=_write_change,
        refusals=(CannotChangeMeasure,),
    ),
    SetupPart(
        key="assessment.own_measures",
        label=gettext_lazy("Own measures"),
        order=60,
        permission=Permission.EDIT_RECORD,
        columns=(
            Column("name", gettext_lazy("Name"), required=True, max_length=120),
            *_terms(required=True),
            Column("effects", gettext_lazy("Effects"), "plain", required=True),
        ),
        identity=("name",),
        name=lambda values: str(values["name"]),
        read=_read_own,
        write=_write_own,
        refusals=(CannotChangeMeasure,),
    ),
)
