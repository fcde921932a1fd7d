"""Files: a statement of the bank becomes payments, and the accounting's file gives invoice numbers back."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.calc.billing import Matcher, OpenBill
from parkbrain.calc.cells import CellError, CellType, parse_cell, plain_text
from parkbrain.enterprises.models import Enterprise
from parkbrain.intake.queries import get_sentence
from parkbrain.intake.services import CannotReadFile, read_workbook
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User

from ..models import BankFile, BankLine, Bill, Payment
from ..queries import firms_of
from .closing import record_invoices
from .common import CannotBill, CannotBook, check_may, lock_park
from .payments import Incoming, receive_payment, receive_payments

#: Headings by what they name, as banks and accounting systems write them.
BANK_HEADS: Mapping[str, Sequence[str]] = {
    "received_on": ("交易日期", "记账日期", "入账日期", "日期", "交易时间", "date", "value date", "booking date"),
    "amount_yuan": ("收入金额", "贷方发生额", "贷方金额", "收入", "贷方", "到账金额", "金额", "credit", "amount"),
    "payer": ("对方户名", "付款人名称", "付款人", "对方名称", "付款方", "payer", "counterparty"),
    "reference": ("摘要", "用途", "附言", "备注", "purpose", "reference", "remittance information"),
    "bank_number": ("交易流水号", "流水号", "凭证号", "transaction id", "bank reference"),
}
INVOICE_HEADS: Mapping[str, Sequence[str]] = {
    "bill": ("账单号", "账单编号", "bill", "bill number"),
    "number": ("发票号码", "发票号", "invoice", "invoice number"),
    "issued_on": ("开票日期", "发票日期", "invoice date", "invoiced on"),
}
_TYPES = {
    "received_on": CellType("date"),
    "issued_on": CellType("date"),
    "amount_yuan": CellType("money"),
}
_TEXT = CellType("text", max_length=300)
#: Rows above the headings: banks write the account and the period there.
_HEAD_ROWS = 20


def _read_file(
    content: bytes, name: str, heads: Mapping[str, Sequence[str]], needed: Sequence[str], refusal: type[Exception]
) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows below the headings, by what the headings name; every wrong cell is refused with its row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            sheets = read_workbook(path=path, name=name).sheets
        except CannotReadFile as reason:
            raise refusal(str(reason)) from reason
    for sheet in sheets:
        for at, row in enumerate(sheet.rows[:_HEAD_ROWS]):
            columns = _columns_of(row, heads)
            if all(field in columns for field in needed):
                return list(_typed_rows(sheet.rows[at + 1 :], at + 2, columns, needed, refusal))
    named = ", ".join(heads[field][0] for field in needed)
    raise refusal(_("No row of the file has the headings %(names)s.") % {"names": named})


def _columns_of(row: Sequence[Any], heads: Mapping[str, Sequence[str]]) -> dict[str, int]:
    texts = [plain_text(str(cell)).partition("(")[0].partition("（")[0] if cell is not None else "" for cell in row]
    columns = {}
    for field, names in heads.items():
        found = next((texts.index(plain_text(n)) for n in names if plain_text(n) in texts), None)
        if found is not None:
            columns[field] = found
    return columns


def _typed_rows(
    rows: Sequence[Sequence[Any]],
    first: int,
    columns: Mapping[str, int],
    needed: Sequence[str],
    refusal: type[Exception],
) -> Iterable[tuple[int, dict[str, Any]]]:
    for number, row in enumerate(rows, start=first):
        raw = {field: row[at] if at < len(row) else None for field, at in columns.items()}
        blank = {field for field, value in raw.items() if value is None or str(value).strip() == ""}
        # A row without an amount is money that went out, or a sum the bank writes below.
        if "amount_yuan" in blank or blank.issuperset(needed):
            continue
        values = {}
        for field, value in raw.items():
            try:
                values[field] = None if field in blank else parse_cell(value, _TYPES.get(field, _TEXT))
            except CellError as error:
                why = get_sentence(code=error.code, params=error.params)
                raise refusal(_("Row %(row)s: %(why)s") % {"row": number, "why": why}) from error
        missing = next((field for field in needed if values[field] is None), None)
        if missing is not None:
            raise refusal(_("Row %(row)s: the cell %(name)s is empty.") % {"row": number, "name": _heading(missing)})
        yield number, values


def _heading(field: str) -> str:
    return {**BANK_HEADS, **INVOICE_HEADS}[field][0]


@transaction.atomic
def take_bank_file(
    *, park: Park, name: str, content: bytes, actor: User | None, at: datetime
) -> tuple[BankFile, int, int]:
    """Take a statement of the bank in and match its lines; nothing is booked yet.

    Returns the file, how many lines are new, and how many were in a file before. The same file changes nothing.

    :raises CannotBook: it cannot be read, a row is wrong, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBook)
    lock_park(park=park)
    digest = hashlib.sha256(content).hexdigest()
    known = BankFile.objects.filter(park=park, sha256=digest).first()
    if known is not None:
        return known, 0, known.lines.count()
    rows = _read_file(content, name, BANK_HEADS, ("received_on", "amount_yuan"), CannotBook)
    incoming = [(number, row) for number, row in rows if row["amount_yuan"] > 0]
    if not incoming:
        raise CannotBook(_("No line of the file is money that came in."))
    file = BankFile.objects.create(park=park, name=name[:200], sha256=digest, taken_by=actor, taken_at=at)
    lines = [_line_of(file, number, row, prints) for number, row, prints in _with_fingerprints(incoming)]
    seen = set(
        BankLine.objects.filter(park=park, fingerprint__in=[x.fingerprint for x in lines]).values_list(
            "fingerprint", flat=True
        )
    )
    new = [line for line in lines if line.fingerprint not in seen]
    matcher = _matcher(park)
    for line in new:
        found = matcher.match(line.payer, line.reference, line.amount_yuan)
        line.state, line.enterprise_id, line.bill_id = found.outcome, found.firm, found.bill
        line.verdict = [list(reason) for reason in found.reasons]
    BankLine.objects.bulk_create(new)
    audit.record("billing.bank_file.taken", target=file, actor=actor, at=at, park=park, new=len(new), known=len(seen))
    return file, len(new), len(seen)


def _with_fingerprints(rows: Sequence[tuple[int, dict[str, Any]]]) -> Iterable[tuple[int, dict[str, Any], str]]:
    """Give each line its own mark: two equal lines of one day are two, the same line in two files is one."""
    seen: Counter[tuple[str, ...]] = Counter()
    for number, row in rows:
        content = (
            row["received_on"].isoformat(),
            f"{row['amount_yuan']:.2f}",
            plain_text(row.get("payer") or ""),
            plain_text(row.get("reference") or ""),
            plain_text(row.get("bank_number") or ""),
        )
        seen[content] += 1
        yield number, row, hashlib.sha256("\n".join([*content, str(seen[content])]).encode()).hexdigest()


def _line_of(file: BankFile, number: int, row: Mapping[str, Any], fingerprint: str) -> BankLine:
    return BankLine(
        file=file,
        park_id=file.park_id,
        row_number=number,
        fingerprint=fingerprint,
        received_on=row["received_on"],
        amount_yuan=row["amount_yuan"].quantize(Decimal("0.01")),
        payer=(row.get("payer") or "")[:160],
        reference=(row.get("reference") or "")[:300],
        bank_number=(row.get("bank_number") or "")[:60],
    )


def _matcher(park: Park) -> Matcher:
    firms = {
        pk: [zh, en] for pk, zh, en in firms_of(park=park).values_list("pk", "name_zh_hans", "name_en")
    }  # fmt: skip
    bills = Bill.objects.filter(park=park, gross_yuan__gt=0).order_by("due_on")
    open_bills = [OpenBill(*row) for row in bills.values_list("pk", "number", "enterprise_id", "open_yuan")]
    booked = BankLine.objects.filter(park=park, state=BankLine.State.BOOKED, payment__voided_by__isnull=True)
    payers = dict(booked.exclude(payer="").order_by("pk").values_list("payer", "payment__enterprise"))
    return Matcher(firms, open_bills, payers)


@transaction.atomic
def book_lines(*, file: BankFile, actor: User | None, at: datetime) -> list[Payment]:
    """Book every line of a file whose match is sure.

    :raises CannotBook: there is none, a day lies ahead, or the actor may not.
    """
    check_may(park=file.park, actor=actor, refusal=CannotBook)
    sure = file.lines.filter(state=BankLine.State.SURE, enterprise__isnull=False)
    lines = list(sure.select_related("enterprise", "bill").order_by("row_number"))
    if not lines:
        raise CannotBook(_("No line of this file is matched and waits."))
    incoming = [_incoming(line, line.enterprise) for line in lines if line.enterprise is not None]
    payments = receive_payments(park=file.park, incoming=incoming, actor=actor, at=at)
    for line, payment in zip(lines, payments, strict=True):
        line.payment, line.state = payment, BankLine.State.BOOKED
    BankLine.objects.bulk_update(lines, ["payment", "state"])
    return payments


def _incoming(line: BankLine, enterprise: Enterprise) -> Incoming:
    named = line.bill if line.bill is not None and line.bill.enterprise_id == enterprise.pk else None
    return Incoming(
        enterprise,
        line.amount_yuan,
        line.received_on,
        reference=line.bank_number or line.reference,
        payer=line.payer,
        bills=[named] if named is not None else [],
    )


@transaction.atomic
def decide_line(
    *, line: BankLine, enterprise: Enterprise | None, note: str, actor: User | None, at: datetime
) -> BankLine:
    """Say whose money a line is, which books it; without a firm it is left out, with a note why.

    :raises CannotBook: it was decided, it is left out without a note, the firm was never in the park, or the actor may not.
    """
    check_may(park=line.park, actor=actor, refusal=CannotBook)
    line = (
        BankLine.objects.select_for_update(of=("self",)).select_related("park__branch", "file", "bill").get(pk=line.pk)
    )
    if line.state not in BankLine.WAITING:
        raise CannotBook(_("This line was decided already."))
    if enterprise is not None:
        payment = receive_payment(park=line.park, incoming=_incoming(line, enterprise), actor=actor, at=at)
        line.payment, line.state, line.enterprise = payment, BankLine.State.BOOKED, enterprise
        line.note = note.strip()[:300]
        line.save(update_fields=["payment", "state", "enterprise", "note"])
        return line
    if not note.strip():
        raise CannotBook(_("Name a firm, or write why the line is left out."))
    line.state, line.note = BankLine.State.LEFT_OUT, note.strip()[:300]
    line.save(update_fields=["state", "note"])
    audit.record("billing.bank_line.left_out", target=line, actor=actor, at=at, park=line.park, reason=line.note)
    return line


def take_invoice_file(*, park: Park, name: str, content: bytes, actor: User | None, at: datetime) -> tuple[int, int]:
    """Take the numbers of invoices that the accounting gives back; return how many are new and how many were known.

    :raises CannotBill: it cannot be read, a row is wrong, a bill is not there, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBill)
    rows = _read_file(content, name, INVOICE_HEADS, ("bill", "number", "issued_on"), CannotBill)
    if not rows:
        raise CannotBill(_("There is no invoice in the file."))
    values = [row for _number, row in rows]
    return record_invoices(park=park, rows=values, actor=actor, at=at)
