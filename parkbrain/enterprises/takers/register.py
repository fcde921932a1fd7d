"""The sheets of enterprises and of their addresses."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc import uscc as credit_code
from parkbrain.calc.matching import Entity
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, Known, Matching, RowProblem, TakenRow, Taker

from ..models import Enterprise, EnterpriseAddress
from ..queries import firms_of_park, get_industry
from ..services import record_addresses, record_enterprises

Context = Mapping[str, Sequence[TakenRow]]

USCC = Column(
    "uscc",
    gettext_lazy("Unified social credit code"),
    "uscc",
    required=True,
    max_length=18,
    note=gettext_lazy("18 characters of GB 32100; the last one is checked."),
    synonyms=("统一社会信用代码", "信用代码", "統一社會信用代碼", "uscc", "credit code"),
    example="91440300MA5DEM0006",
)

ENTERPRISE_COLUMNS = (
    USCC,
    Column(
        "name_zh_hans",
        gettext_lazy("Name (Chinese)"),
        required=True,
        max_length=160,
        synonyms=("企业名称", "公司名称", "企業名稱", "名称", "单位名称", "company", "name"),
        example="深圳星河机器人有限公司",
    ),
    Column(
        "name_en",
        gettext_lazy("Name (English)"),
        max_length=200,
        synonyms=("英文名称", "英文名稱", "english name"),
        example="Shenzhen Xinghe Robotics Co., Ltd.",
    ),
    Column(
        "industry_code",
        gettext_lazy("Industry code"),
        max_length=6,
        note=gettext_lazy("Code of GB/T 4754-2017, two to four digits."),
        synonyms=("行业代码", "行业类别", "行業代碼", "国民经济行业代码", "industry"),
        example="3491",
    ),
    Column(
        "founded_on",
        gettext_lazy("Founded on"),
        "date",
        synonyms=("成立日期", "注册日期", "成立時間", "founding date"),
        example="2018-04-12",
    ),
    Column(
        "products",
        gettext_lazy("Main products"),
        max_length=300,
        synonyms=("主要产品", "主营产品", "主要產品", "products"),
        example="协作机器人, 关节模组",
    ),
    Column(
        "products_en",
        gettext_lazy("Main products (English)"),
        max_length=300,
        synonyms=("主要产品英文", "主要產品英文"),
        example="Cobots, joint modules",
    ),
    Column("is_listed", gettext_lazy("Listed"), "boolean", synonyms=("是否上市", "上市企业"), example=False),
    Column(
        "is_headquarters",
        gettext_lazy("Headquarters"),
        "boolean",
        synonyms=("是否总部", "总部企业", "總部企業"),
        example=True,
    ),
)

ADDRESS_COLUMNS = (
    USCC,
    Column(
        "kind",
        gettext_lazy("Which address"),
        "choice",
        required=True,
        choices=dict(EnterpriseAddress.Kind.choices),
        synonyms=("地址类型", "地址類型", "address kind"),
        example=EnterpriseAddress.Kind.REGISTERED.value,
    ),
    Column("text", gettext_lazy("Address"), synonyms=("地址", "详细地址", "詳細地址"), example="创业一路 1 号 A-0301"),
    Column(
        "in_this_park",
        gettext_lazy("In this park"),
        "boolean",
        note=gettext_lazy("Whether the address lies in the park; empty where it is not known."),
        synonyms=("是否在园", "在本园区", "是否在園"),
        example=True,
    ),
    Column(
        "starts_on",
        gettext_lazy("From"),
        "date",
        required=True,
        synonyms=("起始日期", "开始日期", "from"),
        example="2021-05-01",
    ),
    Column("ends_on", gettext_lazy("To"), "date", synonyms=("截止日期", "结束日期", "to"), example="2026-05-01"),
    Column(
        "source",
        gettext_lazy("Source"),
        "choice",
        choices=dict(EnterpriseAddress.Source.choices),
        synonyms=("来源", "依据", "來源"),
        example=EnterpriseAddress.Source.LICENCE.value,
    ),
)


def code_problem(row: TakenRow) -> RowProblem | None:
    """Return what is wrong with the credit code of a row; a wrong check character names the right one."""
    code = str(row.values.get("uscc") or "")
    wrong = credit_code.problem_of(code)
    if wrong is None:
        return None
    kind, detail = wrong
    sentences = {
        "length": _("A credit code has 18 characters, not %(detail)s."),
        "character": _("%(detail)s does not occur in credit codes."),
        "area": _("%(detail)s is not an area code of six digits."),
        "check": _("The last character should be %(detail)s."),
    }
    return RowProblem("uscc", f"uscc_{kind}", sentences[kind] % {"detail": detail}, code)


def known_codes(rows: Sequence[TakenRow], context: Context) -> set[str]:
    """Return which of the rows' firms are in the register or come with the file."""
    wanted = {str(r.values.get("uscc") or "") for r in rows}
    codes = {str(r.values.get("uscc") or "") for r in context.get("enterprises", ())}
    return codes | set(Enterprise.objects.filter(uscc__in=wanted).values_list("uscc", flat=True))


def firm_problem(row: TakenRow, codes: set[str]) -> RowProblem | None:
    """Return the problem of a firm that is neither in the register nor in the file."""
    code = str(row.values.get("uscc") or "")
    if wrong := code_problem(row):
        return wrong
    if code in codes:
        return None
    return RowProblem("uscc", "unknown_enterprise", _("There is no enterprise %(code)s.") % {"code": code}, code)


def backwards(row: TakenRow, start: str, end: str) -> RowProblem | None:
    """Return the problem of a period that ends before it has begun."""
    starts_on, ends_on = row.values.get(start), row.values.get(end)
    if starts_on and ends_on and ends_on <= starts_on:
        return RowProblem(end, "period_backwards", _("The end has to lie after the beginning."), str(ends_on))
    return None


def check_enterprises(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find wrong credit codes and industries that GB/T 4754 does not know."""
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        found = [p for p in (code_problem(row),) if p]
        industry = row.values.get("industry_code")
        if industry and get_industry(code=str(industry)) is None:
            message = _("GB/T 4754-2017 has no code %(code)s.") % {"code": industry}
            found.append(RowProblem("industry_code", "unknown_industry", message, str(industry)))
        if found:
            problems[row.number] = found
    return problems


def apply_enterprises(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the enterprise of each row."""
    recorded = record_enterprises(rows=[dict(r.values) for r in rows], actor=actor, at=at, park=park)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def firms_of(park: Park) -> Any:
    """Return the enterprises that were ever in the park."""
    return Enterprise.objects.filter(occupancies__premises__park=park).distinct().order_by("uscc")


def export_enterprises(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's enterprises as the sheet has them, also those that only a lease to come names."""
    firms = firms_of_park(park=park).order_by("uscc")
    return [{c.field: getattr(e, c.field) for c in ENTERPRISE_COLUMNS} for e in firms]


def check_addresses(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown firms, periods that run backwards, and two addresses of a kind on the same day."""
    codes = known_codes(rows, context)
    problems = {r.number: [firm_problem(r, codes), backwards(r, "starts_on", "ends_on")] for r in rows}
    for number, problem in _address_overlaps(rows):
        problems[number].append(problem)
    return {number: [p for p in found if p] for number, found in problems.items() if any(found)}


def _address_overlaps(rows: Sequence[TakenRow]) -> list[tuple[int, RowProblem]]:
    """Find the rows whose address still holds when the next of its kind, in the file or the record, begins."""
    spells: dict[tuple[str, str], dict[date, tuple[date | None, int | None]]] = {}
    firms = {str(r.values.get("uscc") or "") for r in rows}
    for a in EnterpriseAddress.objects.filter(enterprise__uscc__in=firms).select_related("enterprise"):
        spells.setdefault((a.enterprise.uscc, a.kind), {})[a.starts_on] = (a.ends_on, None)
    for row in rows:
        get = row.values.get
        if get("uscc") and get("kind") and get("starts_on"):
            known = spells.setdefault((str(get("uscc")), str(get("kind"))), {})
            before = known.get(row.values["starts_on"], (None, None))[0]
            known[row.values["starts_on"]] = (row.values.get("ends_on", before), row.number)
    problems = []
    for periods in spells.values():
        for (_start, (ends_on, number)), (later, (_end, other)) in itertools.pairwise(sorted(periods.items())):
            blamed = number or other
            if blamed is not None and (ends_on is None or ends_on > later):
                message = _("Another address of this kind begins on %(day)s: this one has to end by then.")
                day = {"day": later.isoformat()}
                problems.append((blamed, RowProblem("ends_on", "address_overlap", message % day, str(ends_on or ""))))
    return problems


def apply_addresses(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the address of each row."""
    wanted = []
    for row in rows:
        values = dict(row.values)
        inside = values.pop("in_this_park", None)
        if inside is not None:
            values["park"] = park if inside else None
        wanted.append(values)
    recorded = record_addresses(rows=wanted, actor=actor, at=at, park=park)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_addresses(*, park: Park) -> list[dict[str, Any]]:
    """Return the addresses of the park's enterprises as the sheet has them."""
    addresses = EnterpriseAddress.objects.filter(enterprise__in=firms_of(park)).select_related("enterprise")
    plain = ("kind", "text", "starts_on", "ends_on", "source")
    return [
        {
            "uscc": a.enterprise.uscc,
            # An address without a park may lie elsewhere or be unplaced: only what is known is written.
            "in_this_park": True if a.park_id == park.pk else None,
            **{field: getattr(a, field) for field in plain},
        }
        for a in addresses.order_by("enterprise__uscc", "kind", "starts_on")
    ]


def entity_of(values: Mapping[str, Any]) -> Entity:
    """Return what a row tells of a firm, as it is compared."""
    founded = values.get("founded_on")
    return Entity(
        name=str(values.get("name_zh_hans") or values.get("name_en") or ""),
        year=founded.year if founded else None,
        keys={"uscc": str(values["uscc"])} if values.get("uscc") else {},
    )


def known_enterprises(*, park: Park | None, actor: User) -> list[Known]:
    """Return the firms of the park and those that the person may see, as rows are held against them."""
    firms = Enterprise.objects.visible_to(actor).order_by("uscc")
    fields = ("uscc", "name_zh_hans", "name_en", "founded_on")
    return [
        Known({"uscc": v["uscc"]}, v["name_zh_hans"] or v["name_en"] or v["uscc"], entity_of(v))
        for v in firms.values(*fields)
    ]


def identify_enterprise(*, values: Mapping[str, Any], taken: set[str]) -> dict[str, str] | None:
    """Return the credit code of a new firm; only the firm's own papers can give it."""
    return {"uscc": str(values["uscc"])} if values.get("uscc") else None


MATCHING = Matching(
    records=known_enterprises,
    entity=entity_of,
    relaxed=("uscc",),
    one_of=("name_zh_hans", "name_en"),
    identify=identify_enterprise,
)
ENTERPRISES = Taker(
    key="enterprises",
    label=gettext_lazy("Enterprises"),
    order=50,
    columns=ENTERPRISE_COLUMNS,
    identity=("uscc",),
    check=check_enterprises,
    apply=apply_enterprises,
    note=gettext_lazy("One row per enterprise."),
    synonyms=("企业", "企业名录", "企業", "入驻企业", "firms", "companies"),
    export=export_enterprises,
    matching=MATCHING,
)
ADDRESSES = Taker(
    key="addresses",
    label=gettext_lazy("Addresses"),
    order=80,
    columns=ADDRESS_COLUMNS,
    identity=("uscc", "kind", "starts_on"),
    check=check_addresses,
    apply=apply_addresses,
    note=gettext_lazy("Where a firm is registered, taxed, counted in statistics and in fact present."),
    synonyms=("企业地址", "企業地址", "四地址"),
    export=export_addresses,
)
