"""The sheet of the equipment register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker
from parkbrain.space.models import Building, Storey

from .models import Equipment
from .services import record_equipment

Context = Mapping[str, Sequence[TakenRow]]

COLUMNS = (
    Column(
        "code",
        gettext_lazy("Equipment code"),
        required=True,
        max_length=40,
        synonyms=("设备编号", "资产编号", "設備編號", "equipment no"),
        example="TR-01",
    ),
    Column(
        "name_zh_hans",
        gettext_lazy("Equipment name (Chinese)"),
        max_length=160,
        synonyms=("设备名称", "設備名稱", "equipment name"),
        example="1号变压器",
    ),
    Column("name_en", gettext_lazy("Equipment name (English)"), synonyms=("设备英文名称",), example="Transformer 1"),
    Column(
        "kind",
        gettext_lazy("Kind of equipment"),
        "choice",
        required=True,
        choices=dict(Equipment.Kind.choices),
        synonyms=("设备类型", "设备种类", "設備類型"),
        example=Equipment.Kind.TRANSFORMER.value,
    ),
    Column(
        "building_code",
        gettext_lazy("Building of the equipment"),
        max_length=40,
        synonyms=("所在楼栋", "安装楼栋", "所在樓棟"),
        example="A",
    ),
    Column(
        "level",
        gettext_lazy("Storey of the equipment"),
        "integer",
        synonyms=("所在楼层", "安装楼层", "所在樓層"),
        minimum=-10,
        maximum=200,
        example=-1,
    ),
    Column(
        "uscc",
        gettext_lazy("Credit code of the owner"),
        "uscc",
        max_length=18,
        note=gettext_lazy("Empty where the machine is the operator's."),
        synonyms=("产权企业信用代码", "设备所属企业代码"),
        example="91440300MA5DEM0006",
    ),
    Column(
        "manufacturer", gettext_lazy("Manufacturer"), max_length=120, synonyms=("制造商", "生产厂家", "製造商"), example=""
    ),
    Column("model", gettext_lazy("Model"), max_length=80, synonyms=("型号", "规格型号", "型號"), example="SCB13-1250/10"),
    Column("serial_number", gettext_lazy("Serial number"), max_length=80, synonyms=("出厂编号", "出廠編號"), example=""),
    Column(
        "rated_kw",
        gettext_lazy("Rated power (kW)"),
        "number",
        minimum=0.001,
        synonyms=("额定功率", "装机功率", "額定功率"),
        example=75,
    ),
    Column(
        "rated_kva",
        gettext_lazy("Rated capacity (kVA)"),
        "number",
        minimum=0.001,
        synonyms=("额定容量", "額定容量"),
        example=1250,
    ),
    Column(
        "ie_class",
        gettext_lazy("IE class"),
        "choice",
        choices=dict(Equipment.IeClass.choices),
        synonyms=("IE能效等级", "电机能效等级"),
        example=Equipment.IeClass.IE3.value,
    ),
    Column(
        "label_grade",
        gettext_lazy("Grade on the label"),
        "integer",
        minimum=1,
        maximum=4,
        note=gettext_lazy("1, 2 or 3 as the energy label says; 4 for below grade 3."),
        synonyms=("能效等级", "能效标识等级", "能效等級"),
        example=2,
    ),
    Column(
        "label_standard",
        gettext_lazy("Standard of the label"),
        max_length=40,
        synonyms=("能效标准", "依据标准", "能效標準"),
        example="GB 20052-2024",
    ),
    Column(
        "made_year",
        gettext_lazy("Year made"),
        "integer",
        minimum=1950,
        maximum=2100,
        synonyms=("制造年份", "出厂年份", "製造年份"),
        example=2020,
    ),
    Column(
        "commissioned_on", gettext_lazy("In use from"), "date", synonyms=("投用日期", "启用日期", "投用時間"), example="2020-06-01"
    ),
    Column(
        "retired_on", gettext_lazy("Out of use from"), "date", synonyms=("停用日期", "报废日期", "停用時間"), example="2030-06-01"
    ),
    Column(
        "stop_by_on",
        gettext_lazy("To be stopped by"),
        "date",
        note=gettext_lazy("The day that a notice or the replacement plan sets for an obsolete machine."),
        synonyms=("淘汰期限", "限期淘汰日期", "淘汰時限"),
        example="2027-12-31",
    ),
    Column(
        "registration_number",
        gettext_lazy("Registration number"),
        max_length=60,
        synonyms=("使用登记证编号", "注册代码", "使用登記證編號"),
        example="",
    ),
    Column(
        "last_inspected_on",
        gettext_lazy("Last inspected on"),
        "date",
        synonyms=("上次检验日期", "最近检验日期", "上次檢驗日期"),
        example="2026-03-01",
    ),
    Column(
        "inspection_due_on",
        gettext_lazy("Inspection due on"),
        "date",
        synonyms=("下次检验日期", "检验有效期", "下次檢驗日期"),
        example="2027-03-01",
    ),
    Column(
        "hours_point_code",
        gettext_lazy("Point of the hour counter"),
        max_length=80,
        note=gettext_lazy("Code of a register counted in hours among the park's points."),
        synonyms=("运行小时测点", "计时器测点", "運行小時測點"),
        example="",
    ),
)  # fmt: skip


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown buildings, storeys and owners, and dates that run backwards."""
    levels = _levels(park, context)
    codes = {str(r.values["uscc"]) for r in rows if r.values.get("uscc")}
    firms = set(Enterprise.objects.filter(uscc__in=codes).values_list("uscc", flat=True))
    firms |= {str(r.values.get("uscc")) for r in context.get("enterprises", ())}
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        found = [p for p in (_place_problem(row, levels), _owner_problem(row, firms), _date_problem(row)) if p]
        if found:
            problems[row.number] = found
    return problems


def _levels(park: Park | None, context: Context) -> dict[str, set[int]]:
    """Return the storeys of every building, of the record and of the same file."""
    levels: dict[str, set[int]] = {}
    if park is not None:
        levels = {code: set() for code in Building.objects.filter(site__park=park).values_list("code", flat=True)}
        storeys = Storey.objects.filter(building__site__park=park)
        for code, level in storeys.values_list("building__code", "level"):
            levels[code].add(level)
    for row in context.get("buildings", ()):
        if row.values.get("code"):
            levels.setdefault(str(row.values["code"]), set())
    for row in context.get("storeys", ()):
        if row.values.get("building_code") and row.values.get("level") is not None:
            levels.setdefault(str(row.values["building_code"]), set()).add(int(row.values["level"]))
    return levels


def _place_problem(row: TakenRow, levels: Mapping[str, set[int]]) -> RowProblem | None:
    code, level = row.values.get("building_code"), row.values.get("level")
    if code and code not in levels:
        message = _("There is no building %(code)s.") % {"code": code}
        return RowProblem("building_code", "unknown_building", message, str(code))
    if level is not None and (not code or level not in levels.get(str(code), set())):
        message = _("The building has no storey %(level)s.") % {"level": level}
        return RowProblem("level", "unknown_storey", message, str(level))
    return None


def _owner_problem(row: TakenRow, firms: set[str]) -> RowProblem | None:
    code = row.values.get("uscc")
    if not code or code in firms:
        return None
    message = _("There is no enterprise %(code)s.") % {"code": code}
    return RowProblem("uscc", "unknown_enterprise", message, str(code))


def _date_problem(row: TakenRow) -> RowProblem | None:
    start, end = row.values.get("commissioned_on"), row.values.get("retired_on")
    if not start or not end or end > start:
        return None
    return RowProblem("retired_on", "period_backwards", _("The end has to lie after the beginning."), str(end))


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the machine of each row."""
    recorded = record_equipment(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's equipment as the sheet has it."""
    machines = Equipment.objects.filter(park=park).select_related("building", "storey", "enterprise").order_by("code")
    plain = [c.field for c in COLUMNS if c.field not in {"building_code", "level", "uscc"}]
    return [
        {
            **{field: getattr(e, field) for field in plain},
            "building_code": e.building.code if e.building else None,
            "level": e.storey.level if e.storey else None,
            "uscc": e.enterprise.uscc if e.enterprise else None,
        }
        for e in machines
    ]


EQUIPMENT = Taker(
    key="equipment",
    label=gettext_lazy("Equipment"),
    order=92,
    columns=COLUMNS,
    identity=("code",),
    check=check,
    apply=apply,
    note=gettext_lazy("Transformers, motors, boilers, compressors, chillers, lifts and other machines with their nameplates."),
    synonyms=("设备台账", "设备清单", "設備台賬", "equipment register"),
    export=export,
)  # fmt: skip

TAKERS = (EQUIPMENT,)
