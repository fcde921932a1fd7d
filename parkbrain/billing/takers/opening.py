"""The sheet of entries of deposits: what came, what was given back or kept, from the books that a park used before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc import uscc as credit_code
from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.queries import firms_of_park
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import DepositEntry
from ..queries import entry_texts, find_standing_entries
from ..services import check_deposit_rows, record_deposit_entries

Context = Mapping[str, Sequence[TakenRow]]
COLUMNS = (
    Column(
        "uscc",
        gettext_lazy("Credit code of the depositor"),
        "uscc",
        required=True,
        max_length=18,
        synonyms=("缴纳方信用代码", "交款单位信用代码", "繳納方信用代碼"),
        example="91440300MA5DEM0006",
    ),
    Column(
        "booked_on",
        gettext_lazy("Day of the entry"),
        "date",
        required=True,
        synonyms=("押金记账日期", "收付日期", "押金記賬日期"),
        example="2026-01-05",
    ),
    Column(
        "kind",
        gettext_lazy("What happened to the deposit"),
        "choice",
        required=True,
        choices=dict(DepositEntry.Kind.choices),
        note=gettext_lazy("Due only where no lease says it: what a lease asks comes with the lease."),
        synonyms=("押金业务类型", "押金收付类型", "押金業務類型"),
        example=DepositEntry.Kind.RECEIVED.value,
    ),
    Column(
        "number",
        gettext_lazy("Which of the day"),
        "integer",
        minimum=1,
        maximum=999,
        note=gettext_lazy("Empty: the only one of this firm, day and kind; otherwise 1, 2, 3 …"),
        synonyms=("当日序号", "當日序號"),
        example=1,
    ),
    Column(
        "amount_yuan",
        gettext_lazy("Amount of the entry"),
        "money",
        required=True,
        unit="yuan",
        minimum=0.01,
        maximum=1e11,
        note=gettext_lazy("More than zero, whether it came or went."),
        synonyms=("押金收付金额", "押金发生额", "押金收付金額"),
        example=70000,
    ),
    Column(
        "reference",
        gettext_lazy("Reference of the entry"),
        max_length=120,
        note=gettext_lazy("A voucher or receipt; of what was set off, the bill in the other books."),
        synonyms=("押金凭证号", "收据号", "押金憑證號"),
        example="收 2026-0105",
    ),
    Column(
        "reason",
        gettext_lazy("Reason of the entry"),
        max_length=300,
        note=gettext_lazy("Has to be given for what was refunded or forfeited."),
        synonyms=("押金收付原因", "押金扣款原因", "押金收付事由"),
        example="",
    ),
)
_FIELDS = ("uscc", "booked_on", "kind", "amount_yuan")


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown firms and those that have nothing to do with the park, and what an entry of its kind cannot be."""
    wanted = {str(r.values.get("uscc") or "") for r in rows}
    known = set(Enterprise.objects.filter(uscc__in=wanted).values_list("uscc", flat=True))
    known |= {str(r.values.get("uscc")) for r in context.get("enterprises", ())}
    here = set(firms_of_park(park=park).values_list("uscc", flat=True)) if park is not None else set()
    # Whatever ties a firm to the park from a day on, such as a stay, may come with the file.
    others = [r for key, found in context.items() if key != TAKER.key for r in found]
    here |= {str(r.values.get("uscc")) for r in others if r.values.get("uscc") and r.values.get("starts_on")}
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        if wrong := _firm(str(row.values.get("uscc") or ""), known, here):
            problems[row.number] = [wrong]
    whole = [r for r in rows if all(r.values.get(f) is not None for f in _FIELDS)]
    faults = check_deposit_rows(park=park, rows=[r.values for r in whole], today=timezone.localdate())
    for place, fault in faults.items():
        row = whole[place]
        problem = RowProblem(fault.field, fault.code, fault.said, _shown(row.values.get(fault.field)))
        problems.setdefault(row.number, []).append(problem)
    return problems


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def _firm(code: str, known: set[str], here: set[str]) -> RowProblem | None:
    if credit_code.problem_of(code) is not None or code not in known:
        return RowProblem("uscc", "unknown_enterprise", _("There is no enterprise %(code)s.") % {"code": code}, code)
    if code not in here:
        said = _("%(firm)s was never in this park.") % {"firm": code}
        return RowProblem("uscc", "not_in_park", said, code)
    return None


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the entry of each row."""
    recorded = record_deposit_entries(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return what happened to the park's deposits as the sheet has it; what was undone did not happen."""
    return [
        {
            "uscc": uscc,
            "booked_on": on,
            "kind": kind,
            "number": number,
            "amount_yuan": entry.amount_yuan,
            **{name: text or None for name, text in entry_texts(entry=entry).items()},
        }
        for (uscc, on, kind, number), entry in find_standing_entries(park=park).items()
    ]


TAKER = Taker(
    key="deposit_entries",
    label=gettext_lazy("Entries of deposits"),
    order=139,
    columns=COLUMNS,
    identity=("uscc", "booked_on", "kind", "number"),
    check=check,
    apply=apply,
    note=gettext_lazy(
        "What came of deposits, was topped up, given back, kept or set off before: each firm's deposit is then what the "
        "entries come to."
    ),
    synonyms=("押金台账", "押金收付明细", "押金臺賬", "保证金台账"),
    export=export,
)
