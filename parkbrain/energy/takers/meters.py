"""The sheet of meters: what they count, which point shows them, what stands above them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.metering import MeteringError, order_formulas, parse_meter_formula
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import EnergyKind, Meter
from ..services import formula_message, record_meters

COLUMNS = (
    Column(
        "code",
        gettext_lazy("Meter code"),
        required=True,
        max_length=60,
        synonyms=("表计编号", "电表编号", "表号", "meter no"),
        example="E-T1-F03",
    ),
    Column(
        "name_zh_hans",
        gettext_lazy("Meter name (Chinese)"),
        max_length=160,
        synonyms=("表计名称", "电表名称"),
        example="T1栋3层电表",
    ),
    Column(
        "name_en",
        gettext_lazy("Meter name (English)"),
        max_length=200,
        synonyms=("meter name",),
        example="T1, storey 3",
    ),
    Column(
        "energy_kind",
        gettext_lazy("Energy kind"),
        "choice",
        required=True,
        choices=dict(EnergyKind.choices),
        synonyms=("能源种类", "介质", "carrier"),
        example="ELECTRICITY",
    ),
    Column(
        "level",
        gettext_lazy("Level"),
        "choice",
        choices={str(v): label for v, label in Meter.Level.choices},
        synonyms=("计量级别", "表级"),
        example="2",
    ),
    Column(
        "flow", gettext_lazy("Direction"), "choice", choices=dict(Meter.Flow.choices), synonyms=("流向",), example="IN"
    ),
    Column(
        "formula",
        gettext_lazy("Formula"),
        max_length=2000,
        note=gettext_lazy("For a meter that follows from others: [E-1] - [E-2]."),
        synonyms=("计算公式", "虚拟表公式"),
    ),
    Column(
        "serial_number",
        gettext_lazy("Serial number"),
        max_length=60,
        synonyms=("出厂编号", "资产编号", "serial"),
        example="2023-88-0117",
    ),
    Column(
        "accuracy_class", gettext_lazy("Accuracy class"), max_length=6, synonyms=("准确度等级", "精度"), example="0.5S"
    ),
    Column("building_code", gettext_lazy("In building"), max_length=40, synonyms=("所在楼栋",), example="T1"),
    Column(
        "point_code", gettext_lazy("Shown by point"), max_length=60, synonyms=("采集点", "测点编号"), example="E-T1-F03"
    ),
    Column("parent_code", gettext_lazy("Below meter"), max_length=60, synonyms=("上级表", "上级表计"), example="E-T1"),
    Column(
        "linked_from_on",
        gettext_lazy("Point and place hold from"),
        "date",
        note=gettext_lazy("Empty: from the day of installation."),
        example="2024-01-01",
    ),
    Column("installed_on", gettext_lazy("Installed on"), "date", synonyms=("安装日期",), example="2023-12-20"),
    Column("removed_on", gettext_lazy("Taken out on"), "date", synonyms=("拆除日期",)),
)
Context = Mapping[str, Sequence[TakenRow]]


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown points, meters above and buildings, formulas that do not read and those that run in a circle."""
    known = dict(park.meters.values_list("code", "formula")) if park else {}
    points = set(park.points.values_list("code", flat=True)) if park else set()
    points |= {str(r.values.get("code")) for r in context.get("points", ())}
    codes = set(known) | {str(r.values["code"]) for r in rows}
    problems: dict[int, list[RowProblem]] = defaultdict(list)
    formulas = {code: text for code, text in known.items() if text}
    for row in rows:
        values = row.values
        if values.get("point_code") and values["point_code"] not in points:
            message = _("There is no point %(code)s.") % {"code": values["point_code"]}
            problems[row.number].append(RowProblem("point_code", "unknown_point", message, str(values["point_code"])))
        if values.get("parent_code") and values["parent_code"] not in codes:
            message = _("There is no meter %(code)s.") % {"code": values["parent_code"]}
            problems[row.number].append(RowProblem("parent_code", "unknown_meter", message, str(values["parent_code"])))
        if values.get("formula"):
            formulas[str(values["code"])] = str(values["formula"])
            problems[row.number] += _formula_problems(str(values["formula"]), codes)
    try:
        order_formulas({code: parse_meter_formula(text) for code, text in formulas.items()})
    except MeteringError as error:
        circle = set(error.params.get("meters", ()))
        for row in rows:
            if row.values["code"] in circle:
                problems[row.number].append(RowProblem("formula", error.code, formula_message(error=error)))
    return {number: found for number, found in problems.items() if found}


def _formula_problems(text: str, codes: set[str]) -> list[RowProblem]:
    try:
        formula = parse_meter_formula(text)
    except MeteringError as error:
        return [RowProblem("formula", error.code, formula_message(error=error), text[:80])]
    missing = sorted(set(formula.meters) - codes)
    message = _("There is no meter %(code)s.") % {"code": ", ".join(missing)}
    return [RowProblem("formula", "unknown_meter", message, text[:80])] if missing else []


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the meter of each row."""
    values = [{k: int(v) if k == "level" and v else v for k, v in r.values.items()} for r in rows]
    recorded = record_meters(park=park, rows=values, actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's meters as the sheet has them, with the point and the meter above that hold now."""
    plain = [
        c.field
        for c in COLUMNS
        if c.field not in {"building_code", "point_code", "parent_code", "linked_from_on", "level"}
    ]
    rows = []
    meters = park.meters.select_related("building").prefetch_related("points__point", "parents__parent")
    for meter in meters.order_by("energy_kind", "level", "code"):
        point = next((b.point.code for b in meter.points.all() if b.end_at is None), "")
        parent = next((p for p in meter.parents.all() if p.ends_on is None), None)
        rows.append(
            {
                **{field: getattr(meter, field) for field in plain},
                "level": str(meter.level),
                "building_code": meter.building.code if meter.building else "",
                "point_code": point,
                "parent_code": parent.parent.code if parent else "",
                "linked_from_on": parent.starts_on if parent else None,
            }
        )
    return rows


METERS = Taker(
    key="meters",
    label=gettext_lazy("Meters"),
    order=120,
    columns=COLUMNS,
    identity=("code",),
    check=check,
    apply=apply,
    note=gettext_lazy("One row per meter; its readings come in over its point."),
    synonyms=("表计", "表计台账", "計量器具", "meter list"),
    export=export,
)
