"""The list of equipment: what it may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .models import Equipment
from .queries import EquipmentRow, equipment_rows, is_obsolete_q, list_equipment


def grade_badge(row: EquipmentRow) -> tuple[str, str] | None:
    """Return the grade as a badge; nothing for a kind that no standard rates."""
    if row.equipment.kind not in Equipment.RATED_KINDS:
        return None
    if row.grade.grade is None:
        return _("not assessed"), ""
    if row.grade.grade > 3:
        return _("below grade 3"), "bad"
    return _("grade %(grade)s") % {"grade": row.grade.grade}, "ok" if row.grade.grade < 3 else "warn"


def obsolete_badge(row: EquipmentRow) -> tuple[str, str] | None:
    """Return whether it is obsolete as a badge; nothing for a kind that no standard rates."""
    if row.equipment.kind not in Equipment.RATED_KINDS:
        return None
    if row.standing.is_obsolete is None:
        return _("not assessed"), ""
    if row.is_past_stop:
        return _("obsolete, past its day"), "bad"
    return (_("obsolete"), "warn") if row.standing.is_obsolete else (_("no"), "ok")


def due_badge(row: EquipmentRow) -> tuple[str, str] | None:
    """Return the inspection as a badge; nothing where none is asked for."""
    if row.inspection is None:
        return None
    if row.inspection.due_on is None:
        return _("date unknown"), ""
    tones = {"overdue": "bad", "soon": "warn", "valid": "ok"}
    return row.inspection.due_on.isoformat(), tones[row.inspection.state]


def equipment_columns() -> Sequence[Column]:
    """Return the columns of the list of equipment."""
    return (
        Column(
            "code",
            _("Equipment"),
            lambda r: (str(r.equipment), reverse("equipment_detail", args=[r.equipment.pk])),
            "link",
            ("code",),
        ),
        Column("kind", _("Kind"), lambda r: r.equipment.get_kind_display(), order_by=("kind",)),
        Column("model", _("Model"), lambda r: r.equipment.model, order_by=("model",)),
        Column("power", "kW", lambda r: r.equipment.rated_kw, "number", ("rated_kw",), total="rated_kw"),
        Column("capacity", "kVA", lambda r: r.equipment.rated_kva, "number", ("rated_kva",), hidden=True),
        Column("place", _("Place"), _place),
        Column("owner", _("Owner"), lambda r: r.equipment.enterprise.name if r.equipment.enterprise else _("Operator")),
        Column("grade", _("Efficiency"), grade_badge, "badge"),
        Column("obsolete", _("Obsolete"), obsolete_badge, "badge"),
        Column("stop", _("To be stopped by"), lambda r: r.equipment.stop_by_on, "date", ("stop_by_on",)),
        Column("due", _("Inspection due"), due_badge, "badge"),
        Column(
            "since", _("In use from"), lambda r: r.equipment.commissioned_on, "date", ("commissioned_on",), hidden=True
        ),
    )


def _place(row: EquipmentRow) -> str:
    machine = row.equipment
    parts = [machine.building.name or machine.building.code] if machine.building else []
    return " · ".join([*parts, *([machine.storey.short_label] if machine.storey else [])])


def _filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Code, name or model"), fields=("code", "name_zh_hans", "name_en", "model"), main=True),
        Filter("kind", _("Kind"), "choices", ("kind",), Equipment.Kind.choices, main=True),
        Filter(
            "obsolete",
            _("Obsolete"),
            "choice",
            choices=[("yes", _("Obsolete")), ("no", _("Not known to be obsolete"))],
            keep=lambda rows, chosen: _by_standing(rows, chosen, ask.on),
            main=True,
        ),
        Filter(
            "owner",
            _("Owner"),
            "choice",
            choices=[("operator", _("Operator")), ("tenant", _("Tenant"))],
            keep=lambda rows, owner: rows.filter(enterprise__isnull=owner == "operator"),
            main=True,
        ),
        Filter("power", _("Rated power"), "number", ("rated_kw",), unit="kW"),
        Filter("stop", _("To be stopped by"), "date", ("stop_by_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _by_standing(rows: Any, chosen: str, on: date) -> Any:
    obsolete = is_obsolete_q(on=on)
    return rows.filter(obsolete) if chosen == "yes" else rows.exclude(obsolete)


def _rows(ask: Ask) -> Any:
    return list_equipment(user=ask.user).in_use_on(ask.on)


def _prepare(rows: Sequence[Equipment], ask: Ask) -> list[EquipmentRow]:
    day: date = ask.on
    return equipment_rows(equipment=rows, on=day)


def _sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s machine with %(power)s kW.", "%(count)s machines with %(power)s kW.", count)
    return text % {"count": formats.number(count, 0), "power": formats.number(totals["power"][0] or 0, 0)}


EQUIPMENT = ListSpec(
    key="facilities.equipment",
    url_name="equipment_list",
    label=gettext_lazy("Equipment"),
    columns=lambda ask: equipment_columns(),
    filters=_filters,
    rows=_rows,
    related=("building", "storey", "enterprise", "park"),
    default_sort=("park_id", "code"),
    sentence=_sentence,
    prepare=_prepare,
    dated=True,
    empty=gettext_lazy("No equipment is kept by these filters."),
)
