"""The sheet of premises: one row per space that belongs to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Premises, Space, Storey
from ..services import record_premises_rows
from .buildings import (
    BELONGING,
    BUILDING_CODE,
    LEVEL,
    belonging_problem,
    building_problem,
    known_buildings,
    level_problem,
)

#: Areas are measured: a storey that is fuller than this is a mistake, not a rounding.
AREA_TOLERANCE = 1.01
SPACE_FIELDS = ("level", "space_code", "gross_area_m2", "net_internal_area_m2")

COLUMNS = (
    Column(
        "code",
        gettext_lazy("Premises code"),
        required=True,
        max_length=40,
        note=gettext_lazy("Premises on several storeys have one row per storey with the same code."),
        synonyms=("房号", "单元编号", "房源编号", "铺位号", "房號", "單元編號", "unit", "unit no", "room"),
        example="A-0301",
    ),
    BUILDING_CODE,
    LEVEL,
    Column(
        "space_code",
        gettext_lazy("Space code"),
        max_length=40,
        note=gettext_lazy("Only where premises have several spaces on one storey."),
        synonyms=("空间编号", "空間編號"),
        example="A-0301-1",
    ),
    Column(
        "use",
        gettext_lazy("Use"),
        "choice",
        required=True,
        choices=dict(Premises.Use.choices),
        synonyms=("用途", "房屋用途", "premises use"),
        example=Premises.Use.PRODUCTION.value,
    ),
    Column(
        "gross_area_m2",
        gettext_lazy("Gross area"),
        "number",
        unit="m²",
        minimum=0.1,
        maximum=1e6,
        synonyms=("建筑面积", "建築面積", "gross area"),
        example=612.5,
    ),
    Column(
        "net_internal_area_m2",
        gettext_lazy("Net internal area"),
        "number",
        unit="m²",
        minimum=0.1,
        maximum=1e6,
        synonyms=("套内面积", "使用面积", "套內面積", "net area", "nia"),
        example=540,
    ),
    Column(
        "billing_area_m2",
        gettext_lazy("Billing area"),
        "number",
        unit="m²",
        minimum=0.1,
        maximum=1e6,
        note=gettext_lazy("Of the whole premises; without it, the sum of the gross areas."),
        synonyms=("计租面积", "计费面积", "租赁面积", "計租面積", "leased area"),
        example=612.5,
    ),
    Column("lettable", gettext_lazy("Lettable"), "boolean", synonyms=("可租", "是否可租", "可出租"), example=True),
    Column("lettable_from_on", gettext_lazy("Lettable from"), "date", synonyms=("可租起始日",), example="2019-06-18"),
    Column(
        "lettable_to_on",
        gettext_lazy("Lettable to"),
        "date",
        note=gettext_lazy("The first day on which the premises no longer belong to the lettable stock."),
        synonyms=("可租截止日",),
        example="2039-06-18",
    ),
    Column(
        "designated_industry",
        gettext_lazy("Designated industry"),
        max_length=6,
        note=gettext_lazy("Code of GB/T 4754-2017 that the premises are built for."),
        synonyms=("规划产业", "规划行业", "規劃產業"),
        example="34",
    ),
    Column(
        "clear_height_m",
        gettext_lazy("Clear height"),
        "number",
        unit="m",
        minimum=1.5,
        maximum=60,
        synonyms=("净高", "淨高"),
        example=4.8,
    ),
    Column(
        "floor_load_kn_m2",
        gettext_lazy("Floor load"),
        "number",
        unit="kN/m²",
        minimum=0.5,
        maximum=200,
        synonyms=("楼面荷载", "承重", "荷载", "樓面荷載"),
        example=8,
    ),
    Column(
        "power_density_w_m2",
        gettext_lazy("Power density"),
        "number",
        unit="W/m²",
        minimum=1,
        maximum=5000,
        synonyms=("用电密度", "配电密度", "用電密度"),
        example=100,
    ),
    Column(
        "goods_lift_load_t",
        gettext_lazy("Goods-lift load"),
        "number",
        unit="t",
        minimum=0.1,
        maximum=50,
        synonyms=("货梯载重", "貨梯載重", "货梯"),
        example=3,
    ),
    Column(
        "has_water", gettext_lazy("Process water"), "boolean", synonyms=("给排水", "工艺给水", "上下水"), example=True
    ),
    Column(
        "has_exhaust", gettext_lazy("Exhaust shaft"), "boolean", synonyms=("排风井", "排烟井", "排風井"), example=True
    ),
    Column("has_gas", gettext_lazy("Gas"), "boolean", synonyms=("燃气", "燃氣", "天然气"), example=False),
    Column(
        "fire_class",
        gettext_lazy("Fire class"),
        "choice",
        choices=dict(Premises.FireClass.choices),
        synonyms=("火灾危险性", "火灾危险性类别", "火災危險性"),
        example=Premises.FireClass.C.value,
    ),
    Column(
        "vibration_class",
        gettext_lazy("Vibration class"),
        "choice",
        choices=dict(Premises.VibrationClass.choices),
        synonyms=("微振等级", "振动等级", "振動等級"),
        example=Premises.VibrationClass.VC_B.value,
    ),
    *BELONGING,
)
_PREMISES_FIELDS = tuple(c.field for c in COLUMNS if c.field not in {"code", "building_code", *SPACE_FIELDS})


def check(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Find unknown buildings, rows of the same premises that disagree, and storeys fuller than they are."""
    buildings = known_buildings(park, context)
    problems: dict[int, list[RowProblem]] = defaultdict(list)
    for row in rows:
        found = (building_problem(row, buildings), level_problem(row), belonging_problem(row), *_own_problems(row))
        problems[row.number].extend(p for p in found if p)
    for number, problem in (*_disagreements(rows), *_unmeasured(park, rows), *_overfull(park, rows, context)):
        problems[number].append(problem)
    return {number: found for number, found in problems.items() if found}


def _own_problems(row: TakenRow) -> list[RowProblem]:
    problems = []
    gross, net = row.values.get("gross_area_m2"), row.values.get("net_internal_area_m2")
    if gross is not None and net is not None and net > gross:
        message = _("The net area %(net)s m² is larger than the gross area %(gross)s m².") % {
            "net": net,
            "gross": gross,
        }
        problems.append(RowProblem("net_internal_area_m2", "net_over_gross", message, str(net)))
    starts, ends = row.values.get("lettable_from_on"), row.values.get("lettable_to_on")
    if starts and ends and ends <= starts:
        problems.append(RowProblem("lettable_to_on", "period_backwards", _("The end has to lie after the beginning.")))
    industry = row.values.get("designated_industry")
    if industry and not re.fullmatch(r"\d{2,4}", str(industry)):
        message = _("An industry code has two to four digits.")
        problems.append(RowProblem("designated_industry", "industry_code", message, str(industry)))
    return problems


def _disagreements(rows: Sequence[TakenRow]) -> list[tuple[int, RowProblem]]:
    first: dict[tuple[str, str], tuple[int, Any]] = {}
    problems = []
    for row in rows:
        for field in (*_PREMISES_FIELDS, "building_code"):
            value = row.values.get(field)
            if value is None:
                continue
            number, before = first.setdefault((row.values["code"], field), (row.number, value))
            if before != value:
                message = _("Row %(row)s says %(before)s for the same premises.") % {"row": number, "before": before}
                problems.append((row.number, RowProblem(field, "rows_disagree", message, str(value))))
    return problems


def _unmeasured(park: Park | None, rows: Sequence[TakenRow]) -> list[tuple[int, RowProblem]]:
    """Find new premises without any area."""
    known = set(park.premises.values_list("code", flat=True)) if park else set()
    measured = {
        r.values["code"]
        for r in rows
        if r.values.get("billing_area_m2") is not None or r.values.get("gross_area_m2") is not None
    }
    settled = known | measured
    return [
        (row.number, RowProblem("gross_area_m2", "area_missing", _("New premises need a gross or a billing area.")))
        for row in rows
        if row.values["code"] not in settled
    ]


def _overfull(
    park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> list[tuple[int, RowProblem]]:
    """Find the rows with which the spaces of a storey exceed its gross floor area."""
    limits: dict[tuple[str, int], float] = {}
    used: dict[tuple[str, int], float] = defaultdict(float)
    if park is not None:
        for storey in Storey.objects.filter(building__site__park=park).select_related("building"):
            if storey.gross_floor_area_m2:
                limits[storey.building.code, storey.level] = storey.gross_floor_area_m2
        # The rows of the file replace what the premises they name consist of.
        named = {r.values["code"] for r in rows}
        spaces = Space.objects.filter(storey__building__site__park=park).select_related("storey__building", "premises")
        for space in spaces:
            # What no longer belongs to the park (sold, split, merged) fills no storey.
            gone = space.premises is not None and space.premises.removed_on is not None
            if not gone and (space.premises is None or space.premises.code not in named):
                used[space.storey.building.code, space.storey.level] += space.gross_area_m2
    for row in context.get("storeys", ()):
        if row.values.get("gross_floor_area_m2") and row.values.get("building_code") and row.values.get("level"):
            limits[row.values["building_code"], row.values["level"]] = row.values["gross_floor_area_m2"]
    problems = []
    for row in rows:
        if row.values.get("removed_on"):
            continue
        key = (row.values.get("building_code", ""), row.values.get("level", 0))
        used[key] += row.values.get("gross_area_m2") or row.values.get("billing_area_m2") or 0.0
        if key in limits and used[key] > limits[key] * AREA_TOLERANCE:
            message = _("With this row the storey holds %(used)s m², more than its %(limit)s m².") % {
                "used": f"{used[key]:,.1f}",
                "limit": f"{limits[key]:,.1f}",
            }
            problems.append((row.number, RowProblem("gross_area_m2", "storey_overfull", message)))
    return problems


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the premises and the space of each row."""
    recorded = record_premises_rows(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's premises as the sheet has them, one row per space."""
    rows = []
    premises = park.premises.select_related("building").prefetch_related("spaces__storey")
    for item in premises.order_by("building__code", "code"):
        shared = {"code": item.code, "building_code": item.building.code}
        shared |= {field: getattr(item, field) for field in _PREMISES_FIELDS}
        for space in sorted(item.spaces.all(), key=lambda s: (s.storey.level, s.code)):
            own = {
                "level": space.storey.level,
                "space_code": space.code if space.code != item.code else "",
                "gross_area_m2": space.gross_area_m2,
                "net_internal_area_m2": space.net_internal_area_m2,
            }
            rows.append({**shared, **own})
    return rows


PREMISES = Taker(
    key="premises",
    label=gettext_lazy("Premises"),
    order=40,
    columns=COLUMNS,
    identity=("code", "level", "space_code"),
    named_by=("code",),
    check=check,
    apply=apply,
    note=gettext_lazy("One row per space of premises. Premises named here consist of exactly the rows given."),
    synonyms=("房源", "单元", "房源台账", "單元", "units"),
    export=export,
)
