"""The sheets of figures that clauses wait for: turnover that tenants declared, and index values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import IndexValue, ReportedTurnover
from ..services import record_index_values, report_turnover
from .common import LEASE_NUMBER, Context, backwards, known_numbers, lease_problem

TURNOVER_COLUMNS = (
    LEASE_NUMBER,
    Column(
        "starts_on",
        gettext_lazy("Turnover from"),
        "date",
        required=True,
        synonyms=("营业额起始日期", "營業額起始日期"),
        example="2026-01-01",
    ),
    Column(
        "ends_on",
        gettext_lazy("Turnover until"),
        "date",
        required=True,
        note=gettext_lazy("The first day that is not counted."),
        synonyms=("营业额截止日期", "營業額截止日期"),
        example="2026-04-01",
    ),
    Column(
        "turnover_yuan",
        gettext_lazy("Declared turnover"),
        "money",
        required=True,
        unit="yuan",
        minimum=0,
        maximum=1e13,
        synonyms=("申报营业额", "申報營業額", "营业额"),
        example=2600000,
    ),
    Column(
        "source",
        gettext_lazy("Source of the turnover"),
        max_length=120,
        synonyms=("营业额来源", "營業額來源"),
        example="销售系统月报",
    ),
)
INDEX_COLUMNS = (
    Column(
        "series",
        gettext_lazy("Index series"),
        required=True,
        max_length=40,
        synonyms=("指数名称", "指數名稱"),
        example="CPI-SZ",
    ),
    Column(
        "month_on",
        gettext_lazy("Month of the index"),
        "date",
        required=True,
        note=gettext_lazy("Any day of the month."),
        synonyms=("指数月份", "指數月份"),
        example="2026-01-01",
    ),
    Column(
        "value",
        gettext_lazy("Index value"),
        "money",
        required=True,
        minimum=0.0001,
        maximum=1e7,
        synonyms=("指数值", "指數值"),
        example=101.2,
    ),
    Column(
        "source",
        gettext_lazy("Source of the index"),
        max_length=120,
        synonyms=("指数来源", "指數來源"),
        example="统计公报",
    ),
)


def check_turnover(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find turnover of unknown leases and periods that run backwards."""
    numbers = known_numbers(park=park, context=context)
    problems = {r.number: [lease_problem(r, numbers), backwards(r, "starts_on", "ends_on")] for r in rows}
    return {number: [p for p in found if p] for number, found in problems.items() if any(found)}


def apply_turnover(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the turnover of each row."""
    wanted = [
        {"number": r.values["lease_number"], **{n: v for n, v in r.values.items() if n != "lease_number"}} for r in rows
    ]
    recorded = report_turnover(park=park, rows=wanted, actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_turnover(*, park: Park) -> list[dict[str, Any]]:
    """Return the turnover of the park's tenants as the sheet has it."""
    found = ReportedTurnover.objects.filter(lease__park=park).select_related("lease")
    fields = ("starts_on", "ends_on", "turnover_yuan", "source")
    ordered = found.order_by("lease__number", "starts_on")
    return [{"lease_number": t.lease.number, **{f: getattr(t, f) for f in fields}} for t in ordered]


def check_index(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find nothing more than the cells show."""
    return {}


def apply_index(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the index value of each row."""
    recorded = record_index_values(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_index(*, park: Park) -> list[dict[str, Any]]:
    """Return the index values that the park's leases follow as the sheet has them."""
    found = IndexValue.objects.filter(park=park).order_by("series", "month_on")
    return [{c.field: getattr(v, c.field) for c in INDEX_COLUMNS} for v in found]


TURNOVER = Taker(
    key="lease_turnover",
    label=gettext_lazy("Declared turnover of tenants"),
    order=134,
    columns=TURNOVER_COLUMNS,
    identity=("lease_number", "starts_on"),
    check=check_turnover,
    apply=apply_turnover,
    note=gettext_lazy("What tenants declared, for leases with turnover rent."),
    synonyms=("营业额申报", "營業額申報"),
    export=export_turnover,
)
INDEX_VALUES = Taker(
    key="index_values",
    label=gettext_lazy("Index values"),
    order=135,
    columns=INDEX_COLUMNS,
    identity=("series", "month_on"),
    check=check_index,
    apply=apply_index,
    note=gettext_lazy("Published values of the indices that rents follow."),
    synonyms=("指数数据", "指數數據"),
    export=export_index,
)
