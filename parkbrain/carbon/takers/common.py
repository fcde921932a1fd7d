"""Columns and checks that the sheets of carbon share: places by their codes, periods, reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Enterprise
from parkbrain.facilities.models import Equipment
from parkbrain.kernel.models import Park
from parkbrain.kernel.taking import Column, RowProblem, TakenRow
from parkbrain.space.models import Building, Storey

Context = Mapping[str, Sequence[TakenRow]]

BUILDING = Column(
    "building_code",
    gettext_lazy("Building (code)"),
    max_length=40,
    note=gettext_lazy("Empty: the whole park."),
    synonyms=("楼栋编号", "楼栋", "樓棟編號"),
    example="A",
)
LEVEL = Column(
    "level", gettext_lazy("Storey (level)"), "integer", minimum=-10, maximum=200, synonyms=("楼层", "樓層"), example=3
)
FIRM = Column(
    "uscc",
    gettext_lazy("Enterprise (credit code)"),
    "uscc",
    max_length=18,
    synonyms=("用能企业信用代码", "企业信用代码", "企業信用代碼"),
    example="91440300MA5DEM0006",
)
EQUIPMENT = Column(
    "equipment_code",
    gettext_lazy("Equipment (code)"),
    max_length=40,
    synonyms=("设备编号", "設備編號"),
    example="BO-01",
)
STARTS_ON = Column(
    "starts_on",
    gettext_lazy("From"),
    "date",
    required=True,
    synonyms=("起始日期", "开始日期", "from"),
    example="2025-01-01",
)
ENDS_ON = Column(
    "ends_on",
    gettext_lazy("To (not counted)"),
    "date",
    required=True,
    note=gettext_lazy("The first day that is not counted."),
    synonyms=("截止日期", "结束日期", "to"),
    example="2025-02-01",
)
UNCERTAINTY = Column(
    "uncertainty",
    gettext_lazy("Uncertainty (share)"),
    "number",
    minimum=0,
    maximum=5,
    note=gettext_lazy("Half of the 95 % interval as a share of the value: 0.05 for ±5 %."),
    synonyms=("不确定度", "不確定度"),
    example=0.02,
)
NOTE = Column("note", gettext_lazy("Note"), max_length=300, synonyms=("备注", "说明"), example="")


@dataclass(frozen=True)
class Known:
    """What rows may refer to, of the record and of the same file."""

    levels: Mapping[str, set[int]]
    firms: set[str]
    machines: set[str]


def read_known(park: Park | None, rows: Sequence[TakenRow], context: Context) -> Known:
    """Return what the rows may refer to."""
    levels: dict[str, set[int]] = {}
    machines: set[str] = set()
    if park is not None:
        levels = {code: set() for code in Building.objects.filter(site__park=park).values_list("code", flat=True)}
        for code, level in Storey.objects.filter(building__site__park=park).values_list("building__code", "level"):
            levels[code].add(level)
        machines = set(Equipment.objects.filter(park=park).values_list("code", flat=True))
    for row in context.get("buildings", ()):
        levels.setdefault(str(row.values.get("code")), set())
    for row in context.get("storeys", ()):
        if row.values.get("level") is not None:
            levels.setdefault(str(row.values.get("building_code")), set()).add(int(row.values["level"]))
    codes = {str(r.values["uscc"]) for r in rows if r.values.get("uscc")}
    firms = set(Enterprise.objects.filter(uscc__in=codes).values_list("uscc", flat=True))
    firms |= {str(r.values.get("uscc")) for r in context.get("enterprises", ())}
    machines |= {str(r.values.get("code")) for r in context.get("equipment", ())}
    return Known(levels, firms, machines)


def find_problems(row: TakenRow, known: Known) -> list[RowProblem]:
    """Return what is wrong with the places and the period of a row."""
    found = []
    code, level = row.values.get("building_code"), row.values.get("level")
    if code and code not in known.levels:
        message = _("There is no building %(code)s.") % {"code": code}
        found.append(RowProblem("building_code", "unknown_building", message, str(code)))
    elif level is not None and (not code or level not in known.levels[str(code)]):
        message = _("The building has no storey %(level)s.") % {"level": level}
        found.append(RowProblem("level", "unknown_storey", message, str(level)))
    for field, things, code_name, text in (
        ("uscc", known.firms, "unknown_enterprise", _("There is no enterprise %(code)s.")),
        ("equipment_code", known.machines, "unknown_equipment", _("There is no equipment %(code)s.")),
    ):
        value = row.values.get(field)
        if value and value not in things:
            found.append(RowProblem(field, code_name, text % {"code": value}, str(value)))
    start, end = row.values.get("starts_on"), row.values.get("ends_on")
    if start and end and end <= start:
        message = _("The end has to lie after the beginning.")
        found.append(RowProblem("ends_on", "period_backwards", message, str(end)))
    return found


def place_codes(row: Any) -> dict[str, Any]:
    """Return the codes of the places of a row as sheets hold them."""
    storey, equipment = getattr(row, "storey", None), getattr(row, "equipment", None)
    return {
        "building_code": row.building.code if getattr(row, "building", None) else None,
        "level": storey.level if storey else None,
        "uscc": row.enterprise.uscc if row.enterprise else None,
        "equipment_code": equipment.code if equipment else None,
    }
