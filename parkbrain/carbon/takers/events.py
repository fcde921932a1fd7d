"""The sheets of the refrigerant log and of green power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import GreenPower, RefrigerantEvent
from ..queries import get_refrigerants
from ..services import record_green_power, record_refrigerant_events
from . import common
from .common import Context


def _refrigerant_choices() -> Mapping[str, str]:
    return get_refrigerants()


REFRIGERANT_COLUMNS = (
    Column(
        "reference",
        gettext_lazy("Log entry"),
        required=True,
        max_length=60,
        synonyms=("记录编号", "维保单号", "記錄編號"),
        example="RF-2025-03",
    ),
    Column(
        "happened_on",
        gettext_lazy("Date of the work"),
        "date",
        required=True,
        synonyms=("作业日期", "维保日期", "作業日期"),
        example="2025-03-12",
    ),
    Column(
        "refrigerant",
        gettext_lazy("Refrigerant"),
        "choice",
        required=True,
        choices=_refrigerant_choices,
        synonyms=("制冷剂", "冷媒", "製冷劑"),
        example="r410a",
    ),
    Column(
        "kind",
        gettext_lazy("What was done"),
        "choice",
        required=True,
        choices=dict(RefrigerantEvent.Kind.choices),
        synonyms=("作业类型", "操作类型", "作業類型"),
        example=RefrigerantEvent.Kind.TOP_UP.value,
    ),
    Column(
        "mass_kg",
        gettext_lazy("Refrigerant mass (kg)"),
        "number",
        minimum=0,
        note=gettext_lazy("Empty where it was not weighed: the loss is then unknown."),
        synonyms=("充注量", "制冷剂质量", "充注量kg"),
        example=3.5,
    ),
    common.BUILDING,
    common.EQUIPMENT,
    common.FIRM,
    common.UNCERTAINTY,
    common.NOTE,
)

GREEN_COLUMNS = (
    Column(
        "number",
        gettext_lazy("Certificate or contract number"),
        required=True,
        max_length=60,
        synonyms=("绿证编号", "合同编号", "綠證編號"),
        example="GEC-2025-000123",
    ),
    Column(
        "kind",
        gettext_lazy("Kind of green power"),
        "choice",
        required=True,
        choices=dict(GreenPower.Kind.choices),
        synonyms=("绿电类型", "綠電類型"),
        example=GreenPower.Kind.CERTIFICATE.value,
    ),
    Column(
        "quantity_kwh",
        gettext_lazy("Green power (kWh)"),
        "number",
        required=True,
        minimum=0.001,
        synonyms=("绿电电量", "绿证电量", "綠電電量"),
        example=500000,
    ),
    common.STARTS_ON,
    common.ENDS_ON,
    Column(
        "retired_on",
        gettext_lazy("Retired on"),
        "date",
        note=gettext_lazy("Certificates cover use once they are retired."),
        synonyms=("注销日期", "核销日期", "註銷日期"),
        example="2026-02-01",
    ),
    Column(
        "issuer",
        gettext_lazy("Issuer or seller"),
        max_length=160,
        synonyms=("签发机构", "售电方", "簽發機構"),
        example="",
    ),
    common.FIRM,
)


def check_refrigerants(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown places, machines and firms."""
    known = common.read_known(park, rows, context)
    problems = {row.number: common.find_problems(row, known) for row in rows}
    return {number: found for number, found in problems.items() if found}


def apply_refrigerants(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the entry of each row."""
    recorded = record_refrigerant_events(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_refrigerants(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's refrigerant log as the sheet has it."""
    rows = RefrigerantEvent.objects.filter(park=park).select_related("building", "enterprise", "equipment")
    plain = ("reference", "happened_on", "refrigerant", "kind", "mass_kg", "uncertainty", "note")
    found = []
    for row in rows.order_by("happened_on", "reference"):
        codes = {name: code for name, code in common.place_codes(row).items() if name != "level"}
        found.append({**{name: getattr(row, name) for name in plain}, **codes})
    return found


def check_green_power(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown firms, periods that run backwards, and numbers that count in another park."""
    known = common.read_known(park, rows, context)
    numbers = [str(r.values.get("number")) for r in rows]
    taken = GreenPower.objects.filter(number__in=numbers)
    elsewhere = set((taken.exclude(park=park) if park else taken).values_list("number", flat=True))
    problems = {}
    for row in rows:
        found = common.find_problems(row, known)
        number = str(row.values.get("number"))
        if number in elsewhere:
            message = _("The certificate or contract %(number)s is counted elsewhere.") % {"number": number}
            found.append(RowProblem("number", "counted_elsewhere", message, number))
        if found:
            problems[row.number] = found
    return problems


def apply_green_power(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the certificate or contract of each row."""
    recorded = record_green_power(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_green_power(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's green power as the sheet has it."""
    rows = GreenPower.objects.filter(park=park).select_related("enterprise").order_by("starts_on", "number")
    plain = [c.field for c in GREEN_COLUMNS if c.field != "uscc"]
    return [
        {**{name: getattr(r, name) for name in plain}, "uscc": r.enterprise.uscc if r.enterprise else None}
        for r in rows
    ]


REFRIGERANTS = Taker(
    key="refrigerant_log",
    label=gettext_lazy("Refrigerant log"),
    order=94,
    columns=REFRIGERANT_COLUMNS,
    identity=("reference",),
    check=check_refrigerants,
    apply=apply_refrigerants,
    note=gettext_lazy("What was filled in, topped up, recovered and found to leak, by date."),
    synonyms=("制冷剂台账", "冷媒记录", "製冷劑台賬"),
    export=export_refrigerants,
)

GREEN_POWER = Taker(
    key="green_power",
    label=gettext_lazy("Green power"),
    order=95,
    columns=GREEN_COLUMNS,
    identity=("number",),
    check=check_green_power,
    apply=apply_green_power,
    note=gettext_lazy("Green certificates and green power contracts, each counted once."),
    synonyms=("绿电绿证", "绿证台账", "綠電綠證"),
    export=export_green_power,
)
