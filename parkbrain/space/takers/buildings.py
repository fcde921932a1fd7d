"""The sheets of buildings and storeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Building, Storey
from ..services import record_buildings, record_storeys
from .building_lists import LIST_COLUMNS, MATCHING
from .park import NAMES

BUILDING_CODE = Column(
    "building_code",
    gettext_lazy("Building code"),
    required=True,
    max_length=40,
    synonyms=("楼栋编码", "楼栋", "楼宇", "栋号", "樓棟編碼", "building", "building number"),
    example="A",
)
LEVEL = Column(
    "level",
    gettext_lazy("Storey level"),
    "integer",
    required=True,
    note=gettext_lazy("The ground storey is 1, basements are -1, -2; there is no 0."),
    minimum=-10,
    maximum=200,
    synonyms=("楼层", "层", "樓層", "floor", "storey"),
    example=3,
)

#: From when up to when something belongs to the park; shared by buildings and premises.
BELONGING = (
    Column(
        "added_on",
        gettext_lazy("In the park from"),
        "date",
        note=gettext_lazy("Only where it came to the park later than the park itself: built, bought, split off."),
        synonyms=("纳入园区日期", "纳入日期", "納入園區日期"),
        example="2024-03-01",
    ),
    Column(
        "removed_on",
        gettext_lazy("In the park up to"),
        "date",
        note=gettext_lazy("The first day on which it no longer belongs to the park: sold, demolished, split, merged."),
        synonyms=("移出园区日期", "移出日期", "移出園區日期"),
        example="2040-03-01",
    ),
)

BUILDING_COLUMNS = (
    Column(**{**BUILDING_CODE.__dict__, "field": "code"}),
    Column(**{**NAMES[0].__dict__, "example": "A 座"}),
    Column(
        **{
            **NAMES[1].__dict__,
            "example": "Tower A",
            "synonyms": (*NAMES[1].synonyms, "property name", "propertyname", "building name", "buildingname"),
        }
    ),
    Column(
        "site_code",
        gettext_lazy("Site code"),
        max_length=40,
        note=gettext_lazy("Only for parks of more than one parcel of land."),
        synonyms=("地块编码", "地块", "地塊編碼", "parcel"),
        example="1",
    ),
    Column(
        "use",
        gettext_lazy("Use"),
        "choice",
        choices=dict(Building.Use.choices),
        synonyms=("用途", "楼栋用途", "building use"),
        example=Building.Use.FACTORY.value,
    ),
    Column(
        "height_m",
        gettext_lazy("Height"),
        "number",
        unit="m",
        minimum=1,
        maximum=1000,
        synonyms=("建筑高度", "建築高度", "高度"),
        example=99.5,
    ),
    Column(
        "completed_on",
        gettext_lazy("Completed on"),
        "date",
        synonyms=("竣工日期", "建成日期", "completion date"),
        example="2019-03-31",
    ),
    *BELONGING,
    *LIST_COLUMNS,
)

STOREY_COLUMNS = (
    BUILDING_CODE,
    LEVEL,
    Column("label", gettext_lazy("Label"), max_length=20, synonyms=("楼层名称", "樓層名稱"), example="3F"),
    Column(
        "height_m",
        gettext_lazy("Storey height"),
        "number",
        unit="m",
        minimum=1.5,
        maximum=60,
        synonyms=("层高", "層高"),
        example=5.4,
    ),
    Column(
        "gross_floor_area_m2",
        gettext_lazy("Gross floor area"),
        "number",
        unit="m²",
        minimum=1,
        maximum=1e6,
        synonyms=("楼层面积", "建筑面积", "樓層面積", "gfa"),
        example=2400,
    ),
)


def belonging_problem(row: TakenRow) -> RowProblem | None:
    """Return the problem of something that leaves the park before it came."""
    added_on, removed_on = row.values.get("added_on"), row.values.get("removed_on")
    if added_on and removed_on and removed_on <= added_on:
        return RowProblem("removed_on", "period_backwards", _("The end has to lie after the beginning."))
    return None


def known_buildings(park: Park | None, context: Mapping[str, Sequence[TakenRow]]) -> set[str]:
    """Return the codes of the park's buildings and of those that the file brings."""
    codes = {str(r.values["code"]) for r in context.get("buildings", ()) if r.values.get("code")}
    if park is not None:
        codes.update(Building.objects.filter(site__park=park).values_list("code", flat=True))
    return codes


def level_problem(row: TakenRow) -> RowProblem | None:
    """Return the problem of a level 0."""
    if row.values.get("level") == 0:
        message = _("Level 0 does not exist: the ground storey is 1, the basement is -1.")
        return RowProblem("level", "level_zero", message, "0")
    return None


def building_problem(row: TakenRow, codes: set[str]) -> RowProblem | None:
    """Return the problem of a building that is neither in the record nor in the file."""
    code = row.values.get("building_code")
    if code is None or code in codes:
        return None
    return RowProblem(
        "building_code", "unknown_building", _("There is no building %(code)s.") % {"code": code}, str(code)
    )


def check_buildings(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Find buildings that leave the park before they came."""
    return {row.number: [problem] for row in rows if (problem := belonging_problem(row))}


def apply_buildings(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the building of each row."""
    recorded = record_buildings(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_buildings(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's buildings as the sheet has them."""
    buildings = Building.objects.filter(site__park=park).select_related("site").order_by("site__code", "code")
    plain = [c.field for c in BUILDING_COLUMNS if c.field != "site_code"]
    return [{**{f: getattr(b, f) for f in plain}, "site_code": b.site.code} for b in buildings]


def check_storeys(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Find storeys of unknown buildings and levels that do not exist."""
    codes = known_buildings(park, context)
    problems = {row.number: [building_problem(row, codes), level_problem(row)] for row in rows}
    return {n: [p for p in found if p] for n, found in problems.items() if any(found)}


def apply_storeys(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the storey of each row."""
    recorded = record_storeys(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_storeys(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's storeys as the sheet has them."""
    storeys = Storey.objects.filter(building__site__park=park).select_related("building")
    plain = ("level", "label", "height_m", "gross_floor_area_m2")
    ordered = sorted(storeys, key=lambda s: (s.building.code, s.level))
    return [{"building_code": s.building.code, **{f: getattr(s, f) for f in plain}} for s in ordered]


BUILDINGS = Taker(
    key="buildings",
    label=gettext_lazy("Buildings"),
    order=20,
    columns=BUILDING_COLUMNS,
    identity=("code",),
    check=check_buildings,
    apply=apply_buildings,
    note=gettext_lazy("One row per building."),
    synonyms=("楼栋", "楼宇", "樓棟", "建筑"),
    export=export_buildings,
    matching=MATCHING,
)
STOREYS = Taker(
    key="storeys",
    label=gettext_lazy("Storeys"),
    order=30,
    columns=STOREY_COLUMNS,
    identity=("building_code", "level"),
    check=check_storeys,
    apply=apply_storeys,
    note=gettext_lazy("One row per storey: its height and gross floor area."),
    synonyms=("楼层", "樓層"),
    export=export_storeys,
)
