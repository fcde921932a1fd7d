"""The sheet about the park itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..services import record_parks

NAMES = (
    Column(
        "name_zh_hans",
        gettext_lazy("Name (Chinese)"),
        required=True,
        max_length=160,
        synonyms=("名称", "名稱", "中文名称", "name", "chinese name"),
    ),
    Column(
        "name_en",
        gettext_lazy("Name (English)"),
        max_length=200,
        synonyms=("英文名称", "英文名稱", "英文名", "english name"),
    ),
)

COLUMNS = (
    Column(
        "code",
        gettext_lazy("Park code"),
        required=True,
        max_length=40,
        note=gettext_lazy("Your own short code of the park; it never changes."),
        synonyms=("园区编码", "园区代码", "園區編碼", "park id"),
        example="XH-01",
    ),
    *(Column(**{**c.__dict__, "example": e}) for c, e in zip(NAMES, ("星河智造园", "Xinghe Smart Park"), strict=True)),
    Column(
        "district_code",
        gettext_lazy("District code"),
        max_length=12,
        note=gettext_lazy("Six digits of GB/T 2260, for example 440306."),
        synonyms=("行政区划代码", "区划代码", "行政區劃代碼"),
        example="440306",
    ),
    Column("street", gettext_lazy("Street"), max_length=60, synonyms=("街道",), example="新安街道"),
    Column("address", gettext_lazy("Address"), synonyms=("地址", "详细地址", "location"), example="创业一路 1 号"),
    Column(
        "kind",
        gettext_lazy("Kind of park"),
        "choice",
        choices=dict(Park.Kind.choices),
        synonyms=("园区类型", "園區類型", "类型", "type"),
        example=Park.Kind.UPSTAIRS.value,
    ),
    Column(
        "opened_on",
        gettext_lazy("Opened on"),
        "date",
        synonyms=("开园日期", "開園日期", "投用日期", "opening date"),
        example="2019-06-18",
    ),
    Column(
        "land_area_m2",
        gettext_lazy("Land area"),
        "number",
        unit="m²",
        minimum=1,
        maximum=1e9,
        synonyms=("用地面积", "占地面积", "用地面積", "site area"),
        example=26800,
    ),
    Column(
        "gross_floor_area_m2",
        gettext_lazy("Gross floor area"),
        "number",
        unit="m²",
        minimum=1,
        maximum=1e9,
        synonyms=("总建筑面积", "建筑面积", "總建築面積", "gfa"),
        example=98000,
    ),
    Column(
        "longitude",
        gettext_lazy("Longitude"),
        "number",
        unit="°",
        minimum=-180,
        maximum=180,
        synonyms=("经度", "經度", "lon", "lng"),
        example=113.9012,
    ),
    Column(
        "latitude",
        gettext_lazy("Latitude"),
        "number",
        unit="°",
        minimum=-90,
        maximum=90,
        synonyms=("纬度", "緯度", "lat"),
        example=22.5633,
    ),
    Column(
        "leading_industries",
        gettext_lazy("Leading industries"),
        "codes",
        note=gettext_lazy("Codes of GB/T 4754-2017, separated by commas; a shorter code stands for all below it."),
        synonyms=("主导产业", "主導產業", "主导产业代码", "leading industry codes"),
        example="34, 35, 39",
    ),
)


def check(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Find rows about another park, half positions and codes that are no industry codes."""
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        found = problems.setdefault(row.number, [])
        code = str(row.values.get("code", ""))
        if park is not None and code != park.code:
            message = _("This import is about the park %(code)s.") % {"code": park.code}
            found.append(RowProblem("code", "other_park", message, code))
        if (row.values.get("longitude") is None) != (row.values.get("latitude") is None):
            found.append(RowProblem("latitude", "half_position", _("A position needs longitude and latitude.")))
        for industry in row.values.get("leading_industries") or ():
            if not re.fullmatch(r"\d{2,4}", str(industry)):
                message = _("An industry code has two to four digits.")
                found.append(RowProblem("leading_industries", "industry_code", message, str(industry)))
    return {number: found for number, found in problems.items() if found}


def apply(*, park: Park | None, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the park of each row; a code that is new makes a new park below the actor's operator."""
    recorded = record_parks(rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park as the sheet has it."""
    return [{column.field: getattr(park, column.field) for column in COLUMNS}]


PARK = Taker(
    key="park",
    label=gettext_lazy("Park"),
    order=10,
    columns=COLUMNS,
    identity=("code",),
    check=check,
    apply=apply,
    note=gettext_lazy("One row about the park itself."),
    synonyms=("园区", "園區", "园区信息", "园区基本信息"),
    describes_park=True,
    export=export,
)
