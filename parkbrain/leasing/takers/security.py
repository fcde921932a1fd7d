"""The sheets of what secures a lease, deposits and guarantees, and of the papers that there are of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import DepositTerm, Guarantee, LeaseDocument
from ..services import record_deposit_terms, record_guarantees, record_papers
from .common import (
    LEASE_NUMBER,
    VERSION,
    Context,
    backwards,
    frozen_problems,
    known_numbers,
    lease_problem,
    open_versions,
    version_of,
    version_problem,
)


def _number(label: Any, synonyms: tuple[str, ...]) -> Column:
    return Column(
        "number",
        label,
        "integer",
        required=True,
        minimum=1,
        maximum=999,
        note=gettext_lazy("1, 2, 3 … within the lease."),
        synonyms=synonyms,
        example=1,
    )


DEPOSIT_COLUMNS = (
    LEASE_NUMBER,
    _number(gettext_lazy("Deposit no."), ("押金序号", "保证金序号", "押金序號")),
    Column(
        "months_of_rent",
        gettext_lazy("Deposit in months of rent"),
        "money",
        minimum=0.01,
        maximum=120,
        note=gettext_lazy("Of the first month's rent; either this or the amount."),
        synonyms=("押金月数", "保证金月数", "押金月數"),
        example=2,
    ),
    Column(
        "amount_yuan",
        gettext_lazy("Amount of the deposit"),
        "money",
        unit="yuan",
        minimum=0.01,
        maximum=1e11,
        synonyms=("约定押金金额", "约定保证金金额", "約定押金金額"),
        example="",
    ),
    Column(
        "due_on",
        gettext_lazy("Deposit due on"),
        "date",
        note=gettext_lazy("Empty: the first day of the lease."),
        synonyms=("押金应缴日期", "保证金应缴日期", "押金應繳日期"),
        example="2026-01-01",
    ),
    Column(
        "remark", gettext_lazy("Remark on the deposit"), max_length=300, synonyms=("押金备注", "押金備註"), example=""
    ),
)
GUARANTEE_COLUMNS = (
    LEASE_NUMBER,
    _number(gettext_lazy("Guarantee no."), ("担保序号", "保函序号", "擔保序號")),
    Column(
        "kind",
        gettext_lazy("Kind of guarantee"),
        "choice",
        required=True,
        choices=dict(Guarantee.Kind.choices),
        synonyms=("担保方式", "担保类型", "擔保方式"),
        example=Guarantee.Kind.BANK.value,
    ),
    Column(
        "guarantor",
        gettext_lazy("Guarantor"),
        required=True,
        max_length=160,
        synonyms=("担保人", "担保方", "擔保人", "保证人"),
        example="中国银行深圳分行",
    ),
    Column(
        "amount_yuan",
        gettext_lazy("Guaranteed amount"),
        "money",
        unit="yuan",
        minimum=0.01,
        maximum=1e11,
        synonyms=("担保金额", "保函金额", "擔保金額"),
        example=150000,
    ),
    Column(
        "valid_from_on",
        gettext_lazy("Guarantee valid from"),
        "date",
        synonyms=("担保起始日", "保函生效日", "擔保起始日"),
        example="2026-01-01",
    ),
    Column(
        "valid_to_on",
        gettext_lazy("Guarantee valid to"),
        "date",
        synonyms=("担保到期日", "保函到期日", "擔保到期日"),
        example="2029-01-01",
    ),
)
PAPER_COLUMNS = (
    LEASE_NUMBER,
    _number(gettext_lazy("Paper no."), ("文件序号", "文件序號", "附件序号")),
    Column(
        "kind",
        gettext_lazy("Kind of paper"),
        "choice",
        required=True,
        choices=dict(LeaseDocument.Kind.choices),
        synonyms=("文件类型", "文件類型", "附件类型"),
        example=LeaseDocument.Kind.SIGNED.value,
    ),
    Column(
        "name",
        gettext_lazy("Name of the paper"),
        note=gettext_lazy("The file itself does not come in a workbook: file it on the page of the lease."),
        synonyms=("文件名称", "文件名稱", "附件名称"),
        example="房屋租赁合同",
    ),
    Column(
        "dated_on",
        gettext_lazy("Date of the paper"),
        "date",
        synonyms=("文件日期", "签署日期", "簽署日期"),
        example="2025-12-15",
    ),
    Column(
        "reference",
        gettext_lazy("Number on the paper"),
        max_length=120,
        synonyms=("文件编号", "档案号", "檔案號"),
        example="深房租（宝安）2025-0318",
    ),
    VERSION,
)


def check_deposits(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown leases, terms with both or neither of months and amount, and changes of what holds."""
    numbers, versions = known_numbers(park=park, context=context), open_versions(park=park)
    known = _by_key(export_deposits(park=park)) if park is not None else {}
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        number = str(row.values.get("lease_number"))
        current = known.get((number, row.values.get("number")))
        found = [lease_problem(row, numbers), _months_or_amount(row, current)]
        # Terms are added to a lease in force as on its page; what it agreed already is not changed.
        if current is not None:
            found += frozen_problems(row=row, known=current, is_open=versions.get((number, 1)))
        if any(found):
            problems[row.number] = [p for p in found if p]
    return problems


def _by_key(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    return {(r["lease_number"], r["number"]): r for r in rows}


def _months_or_amount(row: TakenRow, current: Mapping[str, Any] | None) -> RowProblem | None:
    months, amount = row.values.get("months_of_rent"), row.values.get("amount_yuan")
    said = _("A deposit is so many months of rent or an amount: give one of the two.")
    if months is not None and amount is not None:
        return RowProblem("amount_yuan", "months_and_amount", said, f"{amount.normalize():f}")
    if months is None and amount is None:
        clears = "months_of_rent" in row.values or "amount_yuan" in row.values
        if current is None or clears:
            return RowProblem("months_of_rent", "missing", said, "")
    return None


def apply_deposits(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the deposit of each row."""
    recorded = record_deposit_terms(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_deposits(*, park: Park) -> list[dict[str, Any]]:
    """Return what the park's leases ask as deposit as the sheet has it."""
    found = DepositTerm.objects.filter(lease__park=park).select_related("lease")
    return [
        {
            "lease_number": t.lease.number,
            "number": t.number,
            "months_of_rent": t.months_of_rent,
            "amount_yuan": t.amount_yuan,
            "due_on": t.due_on,
            "remark": t.remark or None,
        }
        for t in found.order_by("lease__number", "number")
    ]


def check_guarantees(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find guarantees for unknown leases, and those that end before they begin."""
    numbers = known_numbers(park=park, context=context)
    known = _by_key(export_guarantees(park=park)) if park is not None else {}
    problems = {}
    for row in rows:
        current = known.get((str(row.values.get("lease_number")), row.values.get("number")), {})
        days = {n: row.values.get(n, current.get(n)) for n in ("valid_from_on", "valid_to_on")}
        found = [lease_problem(row, numbers), backwards(TakenRow(row.number, days), "valid_from_on", "valid_to_on")]
        if any(found):
            problems[row.number] = [p for p in found if p]
    return problems


def apply_guarantees(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the guarantee of each row."""
    recorded = record_guarantees(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_guarantees(*, park: Park) -> list[dict[str, Any]]:
    """Return the guarantees for the park's leases as the sheet has them."""
    found = Guarantee.objects.filter(lease__park=park).select_related("lease").order_by("lease__number", "number")
    fields = [c.field for c in GUARANTEE_COLUMNS if c is not LEASE_NUMBER]
    return [{"lease_number": g.lease.number, **{f: getattr(g, f) for f in fields}} for g in found]


def check_papers(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find papers of leases, or of versions of them, that are neither in the record nor in the file."""
    numbers, versions = known_numbers(park=park, context=context), open_versions(park=park)
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        found = [lease_problem(row, numbers)]
        if version_of(row) > 1:
            found.append(version_problem(row, versions, context))
        if any(found):
            problems[row.number] = [p for p in found if p]
    return problems


def apply_papers(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the paper of each row."""
    recorded = record_papers(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_papers(*, park: Park) -> list[dict[str, Any]]:
    """Return the papers of the park's leases as the sheet has them; files stay where they are."""
    found = LeaseDocument.objects.filter(lease__park=park).select_related("lease", "version")
    return [
        {
            "lease_number": d.lease.number,
            "number": d.number,
            "kind": d.kind,
            "name": d.name or None,
            "dated_on": d.dated_on,
            "reference": d.reference or None,
            "version": d.version.number if d.version else None,
        }
        for d in found.order_by("lease__number", "number")
    ]


LEASE_DEPOSITS = Taker(
    key="lease_deposits",
    label=gettext_lazy("Deposits that leases ask"),
    order=136,
    columns=DEPOSIT_COLUMNS,
    identity=("lease_number", "number"),
    check=check_deposits,
    apply=apply_deposits,
    note=gettext_lazy(
        "What each lease asks as deposit; of leases in force the books say at once what is due. What was paid has a sheet "
        "of its own."
    ),
    synonyms=("租约押金", "租约保证金", "租約押金"),
    export=export_deposits,
)
LEASE_GUARANTEES = Taker(
    key="lease_guarantees",
    label=gettext_lazy("Guarantees for leases"),
    order=137,
    columns=GUARANTEE_COLUMNS,
    identity=("lease_number", "number"),
    check=check_guarantees,
    apply=apply_guarantees,
    note=gettext_lazy("Who stands behind a tenant: a bank, a parent company, a person, an insurer."),
    synonyms=("租约担保", "租約擔保", "履约保函"),
    export=export_guarantees,
)
LEASE_DOCUMENTS = Taker(
    key="lease_documents",
    label=gettext_lazy("Papers of leases"),
    order=138,
    columns=PAPER_COLUMNS,
    identity=("lease_number", "number"),
    check=check_papers,
    apply=apply_papers,
    note=gettext_lazy(
        "Which papers there are of each lease. A file cannot come in a workbook: the paper is listed as missing its file "
        "until somebody files it on the page of the lease."
    ),
    synonyms=("租约文件", "租約文件", "租约附件清单"),
    export=export_papers,
)
