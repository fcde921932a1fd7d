"""The sheet of leads: who looks for space, what is needed, and since when each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker
from parkbrain.space.models import Premises

from ..models import Lead, Lease
from ..services import NEED_FIELDS, STAGE_DAYS, record_leads

Context = Mapping[str, Sequence[TakenRow]]


def _number(field: str, label: Any, synonyms: tuple[str, ...], example: float) -> Column:
    return Column(field, label, "number", minimum=0.01, synonyms=synonyms, example=example)


def _day(field: str, label: Any, synonyms: tuple[str, ...], example: str, *, required: bool = False) -> Column:
    return Column(field, label, "date", required=required, synonyms=synonyms, example=example)


COLUMNS = (
    Column(
        "number",
        gettext_lazy("Lead number"),
        required=True,
        max_length=40,
        synonyms=("线索编号", "客户编号", "線索編號", "lead no"),
        example="L2026-0001",
    ),
    Column(
        "company_name",
        gettext_lazy("Company of the lead"),
        required=True,
        max_length=200,
        synonyms=("意向企业", "意向客户", "客户名称", "意向企業"),
        example="深圳市云帆智能装备有限公司",
    ),
    Column(
        "uscc",
        gettext_lazy("Credit code of the lead"),
        "uscc",
        max_length=18,
        synonyms=("意向企业信用代码", "客户信用代码"),
        example="91440300MA5DEM0006",
    ),
    Column(
        "industry_code",
        gettext_lazy("Industry of the lead (GB/T 4754)"),
        max_length=6,
        synonyms=("意向行业代码", "客户行业代码", "意向行業代碼"),
        example="3491",
    ),
    Column(
        "source",
        gettext_lazy("Source of the lead"),
        "choice",
        choices=dict(Lead.Source.choices),
        synonyms=("线索来源", "客户来源", "線索來源"),
        example=Lead.Source.AGENT.value,
    ),
    _day(
        "received_on", gettext_lazy("Lead received on"), ("线索登记日期", "首次接洽日期"), "2026-03-02", required=True
    ),
    Column(
        "contact_name",
        gettext_lazy("Contact of the lead"),
        max_length=80,
        synonyms=("意向联系人", "客户联系人"),
        example="李敏",
    ),
    Column(
        "contact_phone",
        gettext_lazy("Telephone of the lead"),
        max_length=40,
        synonyms=("意向联系电话", "客户电话"),
        example="0755-8600-0000",
    ),
    Column(
        "contact_email",
        gettext_lazy("E-mail of the lead"),
        max_length=254,
        synonyms=("意向联系邮箱", "客户邮箱"),
        example="",
    ),
    _day("qualified_on", gettext_lazy("Qualified on"), ("有效确认日期", "线索确认日期"), "2026-03-06"),
    _day("visited_on", gettext_lazy("Visited on"), ("看房日期", "到访日期"), "2026-03-14"),
    _day("quoted_on", gettext_lazy("Quoted on"), ("报价日期", "報價日期"), "2026-03-20"),
    _day("negotiating_on", gettext_lazy("Negotiating since"), ("洽谈开始日期", "谈判日期"), "2026-04-01"),
    _day("signed_on", gettext_lazy("Lead signed on"), ("线索签约日期", "签约成交日期"), ""),
    _day("lost_on", gettext_lazy("Lost on"), ("流失日期", "线索流失日期"), ""),
    Column(
        "lost_reason",
        gettext_lazy("Reason of the loss"),
        "choice",
        choices=dict(Lead.LostReason.choices),
        synonyms=("流失原因", "丢单原因"),
        example="",
    ),
    Column(
        "lease_number",
        gettext_lazy("Lease of the lead"),
        max_length=60,
        note=gettext_lazy("Of a lease in the register; a signed lead has one."),
        synonyms=("成交租约编号", "签约租约编号"),
        example="",
    ),
    _number("area_from_m2", gettext_lazy("Wanted area from (m²)"), ("需求面积下限", "需求面積下限"), 900),
    _number("area_to_m2", gettext_lazy("Wanted area to (m²)"), ("需求面积上限", "需求面積上限"), 1200),
    Column(
        "use",
        gettext_lazy("Wanted use"),
        "choice",
        choices=dict(Premises.Use.choices),
        synonyms=("需求用途", "意向用途"),
        example=Premises.Use.PRODUCTION.value,
    ),
    _number("floor_load_kn_m2", gettext_lazy("Wanted floor load (kN/m²)"), ("需求荷载", "需求樓面荷載"), 8),
    _number("clear_height_m", gettext_lazy("Wanted clear height (m)"), ("需求净高", "需求淨高"), 5),
    _number("goods_lift_load_t", gettext_lazy("Wanted goods lift (t)"), ("需求货梯载重",), 3),
    _number("power_kw", gettext_lazy("Wanted power (kW)"), ("需求用电功率", "需求电力"), 120),
    Column("needs_water", gettext_lazy("Wants process water"), "boolean", synonyms=("需要工艺用水",), example=True),
    Column("needs_exhaust", gettext_lazy("Wants an exhaust shaft"), "boolean", synonyms=("需要排风井",), example=False),
    Column(
        "fire_class",
        gettext_lazy("Fire class of the production"),
        "choice",
        choices=dict(Premises.FireClass.choices),
        synonyms=("生产火灾危险性类别", "需求火灾危险性"),
        example=Premises.FireClass.C.value,
    ),
    Column(
        "budget_yuan_per_m2_month",
        gettext_lazy("Budget of the lead (yuan/m²·month)"),
        "money",
        minimum=0.01,
        synonyms=("预算租金", "租金预算"),
        example=55,
    ),
    _day("move_in_on", gettext_lazy("Wants to move in on"), ("期望入驻日期", "計劃入駐日期"), "2026-07-01"),
    Column("next_step", gettext_lazy("Next step of the lead"), max_length=200, synonyms=("下一步跟进",), example=""),
    _day("next_step_on", gettext_lazy("Next step of the lead on"), ("下次跟进日期",), ""),
    Column("remark", gettext_lazy("Remark on the lead"), max_length=300, synonyms=("线索备注", "客户备注"), example=""),
)


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find days of stages out of order, losses without a reason, signatures without a lease of the register."""
    numbers = {str(r.values["lease_number"]) for r in rows if r.values.get("lease_number")}
    numbers |= {str(r.values.get("number")) for r in context.get("lease_register", ())}
    known = set(Lease.objects.filter(park=park, number__in=numbers).values_list("number", flat=True))
    known |= {str(r.values.get("number")) for r in context.get("lease_register", ())}
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        found = [p for p in (_order(row), _closing(row), _lease(row, known), _areas(row)) if p]
        if found:
            problems[row.number] = found
    return problems


def _order(row: TakenRow) -> RowProblem | None:
    last: date | None = row.values.get("received_on")
    for field in STAGE_DAYS.values():
        day = row.values.get(field)
        if day is None:
            continue
        if last is not None and day < last:
            message = _("This day lies before that of the stage that comes first (%(last)s).")
            return RowProblem(field, "stage_backwards", message % {"last": last.isoformat()}, str(day))
        last = day
    return None


def _closing(row: TakenRow) -> RowProblem | None:
    values = row.values
    if values.get("signed_on") and values.get("lost_on"):
        return RowProblem("lost_on", "signed_and_lost", _("A lead is either signed or lost."), str(values["lost_on"]))
    if values.get("lost_on") and not values.get("lost_reason"):
        return RowProblem("lost_reason", "no_reason", _("A lost lead needs its reason."), "")
    if values.get("signed_on") and not values.get("lease_number"):
        return RowProblem("lease_number", "no_lease", _("A signed lead names its lease."), "")
    return None


def _lease(row: TakenRow, known: set[str]) -> RowProblem | None:
    number = row.values.get("lease_number")
    if not number or str(number) in known:
        return None
    message = _("There is no lease %(number)s.") % {"number": number}
    return RowProblem("lease_number", "unknown_lease", message, str(number))


def _areas(row: TakenRow) -> RowProblem | None:
    low, high = row.values.get("area_from_m2"), row.values.get("area_to_m2")
    if low is None or high is None or high >= low:
        return None
    return RowProblem("area_to_m2", "area_backwards", _("The largest area lies below the smallest one."), str(high))


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the lead of each row."""
    recorded = record_leads(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's leads as the sheet has them."""
    leads = Lead.objects.filter(park=park).select_related("need", "lease").prefetch_related("moves").order_by("number")
    parts = {*NEED_FIELDS, *STAGE_DAYS.values(), "lease_number"}
    plain = [c.field for c in COLUMNS if c.field not in parts]
    return [
        {
            **{field: getattr(lead, field) for field in plain},
            **{field: getattr(getattr(lead, "need", None), field, None) for field in NEED_FIELDS},
            **{field: _first_day(lead, stage) for stage, field in STAGE_DAYS.items()},
            "lease_number": lead.lease.number if lead.lease else None,
        }
        for lead in leads
    ]


def _first_day(lead: Lead, stage: str) -> date | None:
    return min((move.moved_on for move in lead.moves.all() if move.stage == stage), default=None)


LEADS = Taker(
    key="leads",
    label=gettext_lazy("Leads"),
    order=140,
    columns=COLUMNS,
    identity=("number",),
    check=check,
    apply=apply,
    note=gettext_lazy("Firms that look for space: source, need, and the day of each stage on the way to a lease."),
    synonyms=("招商线索", "客户线索", "意向客户台账", "招商線索", "crm leads"),
    export=export,
)
