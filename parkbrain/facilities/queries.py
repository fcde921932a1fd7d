"""What is so about equipment: its grade, whether it is obsolete, when it is due for inspection, how long it ran."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain import lake, schemes
from parkbrain.calc.efficiency import (
    LISTED,
    NO_CLASS,
    NO_LABEL,
    NO_STANDARD,
    NOT_ASSESSED,
    OLDER_LABEL,
    TOO_LOW,
    Grade,
    Nameplate,
    RuleBook,
    Standing,
    next_inspection_on,
)
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import among, first_found
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission
from parkbrain.telemetry.models import Point

from .models import Equipment, EquipmentQuerySet, RunningHours

#: Days before an inspection is due in which it is said to come.
SOON_DAYS = 60
#: Words for what could not be graded, by reason.
REASONS: dict[str, str | Promise] = {
    NO_STANDARD: gettext_lazy("no standard for this kind of machine is known for the day"),
    NO_CLASS: gettext_lazy("the IE class on the nameplate is not recorded"),
    NO_LABEL: gettext_lazy("the grade on the energy label is not recorded"),
    OLDER_LABEL: gettext_lazy("the label was given under another standard than the one in force"),
    LISTED: gettext_lazy("the model stands on an elimination catalogue"),
    TOO_LOW: gettext_lazy("below grade 3, the lowest that the standard admits"),
    NOT_ASSESSED: gettext_lazy("not assessed"),
}


@dataclass(frozen=True)
class Inspection:
    """The rule a machine is inspected by, the next day, and where that day comes from."""

    due_on: date | None
    state: str
    source: str
    is_stated: bool


@dataclass(frozen=True)
class EquipmentRow:
    """A machine with what follows from its nameplate on a day."""

    equipment: Equipment
    grade: Grade
    standing: Standing
    inspection: Inspection | None
    is_past_stop: bool

    @property
    def grade_reason(self) -> str:
        """Why there is no grade, in words."""
        return str(REASONS[self.grade.reason]) if self.grade.reason else ""

    @property
    def standing_reason(self) -> str:
        """Why it is obsolete, in words."""
        return str(REASONS[self.standing.why]) if self.standing.why else ""


@lru_cache(maxsize=1)
def get_rules() -> RuleBook:
    """Return the shipped rules on efficiency."""
    return RuleBook.from_rows(schemes.shipped("equipment_rules.yaml"))


@lru_cache(maxsize=1)
def get_inspection_rules() -> dict[str, Mapping[str, object]]:
    """Return how often each kind of special equipment is inspected."""
    return {row["kind"]: row for row in schemes.shipped("equipment_rules.yaml")["inspections"]}


def get_inspection(*, equipment: Equipment, on: date) -> Inspection | None:
    """Return when a machine is inspected next; None where no rule asks for it and no day is stated."""
    rule = get_inspection_rules().get(equipment.kind)
    if rule is None and equipment.inspection_due_on is None:
        return None
    due_on, stated = equipment.inspection_due_on, True
    if due_on is None and rule is not None:
        stated = False
        due_on = next_inspection_on(
            equipment.commissioned_on,
            equipment.last_inspected_on,
            every_years=int(str(rule["every_years"])),
            first_years=tuple(rule.get("first_years", ())),  # type: ignore[arg-type]
        )
    state = "unknown"
    if due_on is not None:
        state = "overdue" if due_on < on else "soon" if due_on <= on + timedelta(days=SOON_DAYS) else "valid"
    return Inspection(due_on, state, str(rule["source"]) if rule else "", stated)


def describe_equipment(*, equipment: Equipment, on: date) -> EquipmentRow:
    """Return a machine with its grade, standing and inspection on a day."""
    plate = Nameplate(
        equipment.kind, equipment.model, equipment.ie_class, equipment.label_grade, equipment.label_standard
    )
    rules = get_rules()
    standing = rules.standing(plate, on)
    past = bool(standing.is_obsolete and equipment.stop_by_on is not None and equipment.stop_by_on <= on)
    inspection = get_inspection(equipment=equipment, on=on)
    return EquipmentRow(equipment, rules.grade(plate, on), standing, inspection, past)


def equipment_rows(*, equipment: Iterable[Equipment], on: date) -> list[EquipmentRow]:
    """Return machines with what follows on a day, in their order."""
    return [describe_equipment(equipment=one, on=on) for one in equipment]


def list_equipment(*, user: User) -> EquipmentQuerySet:
    """Return the equipment the person may see."""
    return Equipment.objects.visible_to(user)


def is_obsolete_q(*, on: date) -> Q:
    """Return the filter of machines that rules call obsolete on a day."""
    rules, condition = get_rules(), Q(pk__in=[])
    for listing in rules.listings:
        if listing.starts_on <= on:
            condition |= Q(kind=listing.kind, model__iregex=rf"^\s*({listing.pattern})")
    for kind in Equipment.Kind.values:
        standard = rules.standard_for(kind, on)
        if standard is None:
            continue
        if standard.method == "ie_class":
            low = [name for name, grade in standard.grades.items() if grade >= Equipment.LabelGrade.BELOW]
            condition |= Q(kind=kind, ie_class__in=low)
        else:
            names = {standard.name, standard.name.replace(" ", "")}
            condition |= Q(kind=kind, label_grade=Equipment.LabelGrade.BELOW, label_standard__in=names)
    return condition


def list_hours(*, equipment: Equipment) -> list[RunningHours]:
    """Return the running hours recorded for a machine, the newest first."""
    return list(equipment.hours.order_by("-starts_on"))


@dataclass(frozen=True)
class CounterHours:
    """What the hour counter of a machine went up by in a time; None where it was not read twice."""

    starts_on: date
    ends_on: date
    hours: float | None


def get_counter_hours(*, equipment: Equipment, on: date, days: int = 30) -> CounterHours | None:
    """Return the hours of the last days by the counter bound to a machine; None where none is bound.

    Steps downwards are an exchange or a reset of the counter and count nothing.
    """
    if not equipment.hours_point_code:
        return None
    start, end = on - timedelta(days=days - 1), on + timedelta(days=1)
    point = Point.objects.filter(
        park=equipment.park_id, code=equipment.hours_point_code, kind=Point.Kind.REGISTER, unit="HR"
    ).first()
    if point is None:
        return CounterHours(start, end, None)
    bounds = [int(datetime.combine(d, time(), get_current_timezone()).timestamp() * 1e6) for d in (start, end)]
    series = lake.read_series(points=[point.pk], start_us=bounds[0], end_us=bounds[1]).get(point.pk)
    if series is None:
        return CounterHours(start, end, None)
    read = series.value[series.quality != lake.BAD]
    if read.size < 2:
        return CounterHours(start, end, None)
    steps = np.diff(read)
    return CounterHours(start, end, float(steps[steps > 0].sum()))


def find_equipment_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the equipment whose code, name or model holds the text."""
    names = Q(name_zh_hans__icontains=text) | Q(name_zh_hant__icontains=text) | Q(name_en__icontains=text)
    found = list_equipment(user=user).filter(names | Q(code__iexact=text) | Q(model__icontains=text))
    return [
        SearchHit(_("Equipment"), str(e), reverse("equipment_detail", args=[e.pk]), e.get_kind_display())
        for e in first_found(found.order_by("code", "pk"), limit=limit)
    ]


def list_inspection_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the special equipment whose inspection is overdue or comes soon, and obsolete machines past their day."""
    if not user.may(Permission.EDIT_RECORD, park.branch.path):
        return []
    machines = Equipment.objects.filter(park=park).in_use_on(on).order_by("code")
    found = []
    for row in equipment_rows(equipment=machines, on=on):
        url = reverse("equipment_detail", args=[row.equipment.pk])
        if row.inspection and row.inspection.state in {"overdue", "soon"}:
            late = row.inspection.state == "overdue"
            title = _("Inspection overdue: %(name)s") if late else _("Inspection due: %(name)s")
            found.append(
                Attention(
                    title % {"name": row.equipment},
                    row.equipment.get_kind_display(),
                    url,
                    row.inspection.due_on,
                    "bad" if late else "warn",
                    8.0 if late else 2.0,
                )
            )
        if row.is_past_stop:
            title = _("Obsolete and past its day: %(name)s") % {"name": row.equipment}
            found.append(Attention(title, row.standing_reason, url, row.equipment.stop_by_on, "bad", 9.0))
    return found


def list_in_use(*, park_ids: Sequence[int], on: date) -> list[EquipmentRow]:
    """Return the machines of parks that are in use on a day, with what follows from their nameplates."""
    machines = Equipment.objects.filter(park__in=among(park_ids)).in_use_on(on).order_by("park", "code")
    return equipment_rows(equipment=machines, on=on)
