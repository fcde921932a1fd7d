"""The sheet of points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from .models import Point
from .queries import UNITS
from .services import FACTOR_FIELDS, changes_by_factors, record_points, set_factors

COLUMNS = (
    Column(
        "code",
        gettext_lazy("Point code"),
        required=True,
        max_length=60,
        synonyms=("测点编码", "点位编码", "測點編碼"),
        example="E-MAIN-1",
    ),
    Column(
        "name_zh_hans",
        gettext_lazy("Name (Chinese)"),
        max_length=160,
        synonyms=("测点名称", "点位名称", "測點名稱"),
        example="1号进线总表",
    ),
    Column("name_en", gettext_lazy("Name (English)"), max_length=200, example="Incoming supply 1"),
    Column(
        "kind",
        gettext_lazy("Kind of point"),
        "choice",
        required=True,
        choices=dict(Point.Kind.choices),
        note=gettext_lazy("A register counts up; an amount belongs to the interval that ends at its time."),
        synonyms=("测点类型", "數據類型"),
        example=Point.Kind.REGISTER.value,
    ),
    Column(
        "unit",
        gettext_lazy("Unit of the point"),
        "choice",
        required=True,
        choices={k: v or k for k, v in UNITS.items()},
        synonyms=("计量单位", "計量單位"),
        example="KiloW-HR",
    ),
    Column(
        "source_code",
        gettext_lazy("Source of its readings"),
        max_length=40,
        note=gettext_lazy("Empty where people read it."),
        synonyms=("数据源", "网关编码"),
        example="GW-1",
    ),
    Column(
        "address",
        gettext_lazy("Address at the source"),
        synonyms=("通信地址", "寄存器地址", "通訊地址"),
        example="E-MAIN-1",
    ),
    Column(
        "brick_class",
        gettext_lazy("Brick class"),
        max_length=80,
        synonyms=("brick",),
        example="Electrical_Energy_Usage_Sensor",
    ),
    Column(
        "register_width",
        gettext_lazy("Register starts again at"),
        "number",
        minimum=1,
        synonyms=("表底满度", "满码值"),
        example=1000000,
    ),
    Column(
        "max_rate_per_hour",
        gettext_lazy("Highest rate per hour"),
        "number",
        minimum=0.000001,
        synonyms=("每小时最大量",),
        example=800,
    ),
    Column(
        "interval_s",
        gettext_lazy("Interval of its readings"),
        "integer",
        unit="s",
        minimum=1,
        maximum=2_678_400,
        synonyms=("采集间隔", "采集周期"),
        example=900,
    ),
    Column("multiplier", gettext_lazy("Multiplier"), "number", synonyms=("倍率", "综合倍率"), example=1),
    Column(
        "ct_ratio",
        gettext_lazy("Current transformer ratio"),
        "number",
        minimum=0.000001,
        synonyms=("电流互感器变比", "ct变比", "ct"),
        example=60,
    ),
    Column(
        "pt_ratio",
        gettext_lazy("Voltage transformer ratio"),
        "number",
        minimum=0.000001,
        synonyms=("电压互感器变比", "pt变比", "pt"),
        example=100,
    ),
    Column(
        "factor_from_on",
        gettext_lazy("Factor holds from"),
        "date",
        note=gettext_lazy("The day from which multiplier and ratios hold; what held before ends on it."),
        synonyms=("倍率生效日期", "倍率生效日"),
        example="2024-01-01",
    ),
)


def check_points(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Find sources that are not there, addresses that two points share, factors without a day."""
    sources = set(park.sources.values_list("code", flat=True)) if park else set()
    seen: dict[tuple[str, str], int] = {}
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        found, source = [], row.values.get("source_code")
        if source and source not in sources:
            text = _("There is no source %(code)s.") % {"code": source}
            found.append(RowProblem("source_code", "unknown_source", text, str(source)))
        address = row.values.get("address") or row.values.get("code")
        if source and address and seen.setdefault((str(source), str(address)), row.number) != row.number:
            text = _("Two points have the address %(address)s.") % {"address": address}
            found.append(RowProblem("address", "address_twice", text, str(address)))
        if any(row.values.get(f) is not None for f in FACTOR_FIELDS) and not row.values.get("factor_from_on"):
            text = _("Say from which day the factor holds.")
            found.append(RowProblem("factor_from_on", "factor_without_day", text))
        if row.values.get("multiplier") == 0:
            found.append(RowProblem("multiplier", "factor_zero", _("A factor cannot be zero."), "0"))
        if found:
            problems[row.number] = found
    return problems


def apply_points(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the point of each row, and its factor where one is given."""
    plain = [{k: v for k, v in r.values.items() if k != "factor_from_on"} for r in rows]
    recorded = record_points(park=park, rows=plain, actor=actor, at=at)
    zone = timezone.get_default_timezone()
    factors = {}
    for row, outcome in zip(rows, recorded, strict=True):
        given = {f: float(row.values[f]) for f in FACTOR_FIELDS if row.values.get(f) is not None}
        if given:
            start_at = datetime.combine(row.values["factor_from_on"], time(0), zone)
            factors[row.number] = (outcome.row, start_at, given)
    changed = changes_by_factors(rows=list(factors.values()))
    set_factors(park=park, rows=list(factors.values()), actor=actor, at=at)
    applied = {row.number: outcome for row, outcome in zip(rows, recorded, strict=True)}
    for number, fields in zip(factors, changed, strict=True):
        if fields and applied[number].action != "create":
            applied[number] = replace(applied[number], action="update", fields={**applied[number].fields, **fields})
    return {number: outcome.applied() for number, outcome in applied.items()}


def export_points(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's points as the sheet has them, with the factor that was set last."""
    rows = []
    for point in park.points.select_related("source").prefetch_related("factors").order_by("code"):
        row = {c.field: getattr(point, c.field, None) for c in COLUMNS}
        # A source is a connection with secrets of this installation; the workbook of a park goes elsewhere too.
        row["source_code"] = None
        factor = max(point.factors.all(), key=lambda f: f.start_at, default=None)
        if factor is not None:
            row |= {f: getattr(factor, f) for f in FACTOR_FIELDS}
            row["factor_from_on"] = timezone.localdate(factor.start_at)
        rows.append(row)
    return rows


POINTS = Taker(
    key="points",
    label=gettext_lazy("Measuring points"),
    order=60,
    columns=COLUMNS,
    identity=("code",),
    check=check_points,
    apply=apply_points,
    note=gettext_lazy("One row per point that is measured: unit, kind, source, factors."),
    synonyms=("测点", "点表", "測點", "points"),
    export=export_points,
)

TAKERS = (POINTS,)
