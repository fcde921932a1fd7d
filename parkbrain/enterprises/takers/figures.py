"""The sheets of yearly returns and of certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import EnterpriseReturn, Qualification
from ..services import record_qualifications, record_returns
from .register import USCC, Context, backwards, firm_problem, firms_of, known_codes


def _money(field: str, label: Promise, example: float, *synonyms: str) -> Column:
    return Column(
        field,
        label,
        "money",
        unit="10k yuan",
        # Tax may be refunded and value added may be negative; output and revenue are not.
        minimum=-1e9 if field in {"tax_wan", "value_added_wan"} else 0,
        maximum=1e9,
        synonyms=synonyms,
        example=example,
    )


RETURN_COLUMNS = (
    USCC,
    Column(
        "year",
        gettext_lazy("Year"),
        "integer",
        required=True,
        minimum=1980,
        maximum=2100,
        synonyms=("年份", "年度", "year"),
        example=2025,
    ),
    Column(
        "source",
        gettext_lazy("Source"),
        "choice",
        choices=dict(EnterpriseReturn.Source.choices),
        synonyms=("数据来源", "數據來源", "来源"),
        example=EnterpriseReturn.Source.STATISTICS.value,
    ),
    Column(
        "staff_count",
        gettext_lazy("Staff"),
        "integer",
        minimum=0,
        maximum=1_000_000,
        synonyms=("从业人数", "员工人数", "從業人數", "headcount", "employees"),
        example=86,
    ),
    _money("revenue_wan", gettext_lazy("Revenue"), 5200, "营业收入", "营收", "營業收入", "revenue"),
    _money("assets_wan", gettext_lazy("Total assets"), 6100, "资产总额", "總資產", "资产总计"),
    _money("output_wan", gettext_lazy("Output"), 4900, "产值", "总产值", "產值", "工业总产值"),
    _money("value_added_wan", gettext_lazy("Value added"), 1450, "增加值", "工业增加值"),
    _money("tax_wan", gettext_lazy("Tax"), 310, "税收", "纳税额", "稅收", "纳税总额"),
    _money("rd_spend_wan", gettext_lazy("R&D spend"), 420, "研发费用", "研发投入", "研發費用"),
)
QUALIFICATION_COLUMNS = (
    USCC,
    Column(
        "kind",
        gettext_lazy("Kind"),
        "choice",
        required=True,
        choices=dict(Qualification.Kind.choices),
        synonyms=("资质类型", "资质", "資質類型", "certificate"),
        example=Qualification.Kind.HNTE.value,
    ),
    Column(
        "number",
        gettext_lazy("Certificate number"),
        max_length=60,
        synonyms=("证书编号", "證書編號", "证号"),
        example="GR202344000001",
    ),
    Column(
        "valid_from_on",
        gettext_lazy("Valid from"),
        "date",
        required=True,
        synonyms=("发证日期", "有效期起", "發證日期", "issued"),
        example="2023-12-12",
    ),
    Column(
        "valid_to_on",
        gettext_lazy("Valid to"),
        "date",
        note=gettext_lazy("The first day on which it no longer holds."),
        synonyms=("有效期至", "到期日", "有效期止", "expires"),
        example="2026-12-12",
    ),
)


def check_returns(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find returns of unknown firms."""
    codes = known_codes(rows, context)
    problems = {row.number: firm_problem(row, codes) for row in rows}
    return {number: [problem] for number, problem in problems.items() if problem}


def apply_returns(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the return of each row."""
    recorded = record_returns(rows=[dict(r.values) for r in rows], actor=actor, at=at, park=park)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_returns(*, park: Park) -> list[dict[str, Any]]:
    """Return the returns of the park's enterprises as the sheet has them."""
    returns = EnterpriseReturn.objects.filter(enterprise__in=firms_of(park)).select_related("enterprise")
    fields = [c.field for c in RETURN_COLUMNS if c.field != "uscc"]
    ordered = returns.order_by("enterprise__uscc", "year")
    return [{"uscc": r.enterprise.uscc, **{f: getattr(r, f) for f in fields}} for r in ordered]


def check_qualifications(
    *, park: Park | None, rows: Sequence[TakenRow], context: Context
) -> dict[int, list[RowProblem]]:
    """Find certificates of unknown firms and validities that run backwards."""
    codes = known_codes(rows, context)
    problems = {r.number: [firm_problem(r, codes), backwards(r, "valid_from_on", "valid_to_on")] for r in rows}
    return {number: [p for p in found if p] for number, found in problems.items() if any(found)}


def apply_qualifications(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the certificate of each row."""
    recorded = record_qualifications(rows=[dict(r.values) for r in rows], actor=actor, at=at, park=park)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_qualifications(*, park: Park) -> list[dict[str, Any]]:
    """Return the certificates of the park's enterprises as the sheet has them."""
    found = Qualification.objects.filter(enterprise__in=firms_of(park)).select_related("enterprise")
    fields = [c.field for c in QUALIFICATION_COLUMNS if c.field != "uscc"]
    ordered = found.order_by("enterprise__uscc", "kind", "valid_from_on")
    return [{"uscc": q.enterprise.uscc, **{f: getattr(q, f) for f in fields}} for q in ordered]


RETURNS = Taker(
    key="returns",
    label=gettext_lazy("Yearly returns"),
    order=60,
    columns=RETURN_COLUMNS,
    identity=("uscc", "year"),
    check=check_returns,
    apply=apply_returns,
    note=gettext_lazy("One row per firm and year; leave empty what is not known."),
    synonyms=("年报", "经营数据", "年報", "企业年度数据", "returns"),
    export=export_returns,
)
QUALIFICATIONS = Taker(
    key="qualifications",
    label=gettext_lazy("Qualifications"),
    order=70,
    columns=QUALIFICATION_COLUMNS,
    identity=("uscc", "kind", "valid_from_on"),
    check=check_qualifications,
    apply=apply_qualifications,
    note=gettext_lazy("One row per certificate."),
    synonyms=("资质", "资质证书", "資質", "certificates"),
    export=export_qualifications,
)
