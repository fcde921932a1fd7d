"""Lines of bank files with the reasons of their match, and the lines the accounting gets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Approval, Park
from parkbrain.ui import formats

from ..models import BankFile, BankLine, Bill, BillRun, Charge


@dataclass(frozen=True)
class MatchedLine:
    """A line of the bank with why it is taken to be a firm's."""

    line: BankLine
    why: Sequence[str]


def list_bank_files(*, park: Park) -> QuerySet[BankFile]:
    """Return the park's files of the bank, newest first, with how many lines they have and how many wait."""
    waits = Count("lines", filter=Q(lines__state__in=BankLine.WAITING))
    return BankFile.objects.filter(park=park).annotate(count=Count("lines"), waiting=waits).select_related("taken_by")


def list_bank_lines(*, file: BankFile) -> list[MatchedLine]:
    """Return the lines of a file, those that need somebody first."""
    order = {state: rank for rank, state in enumerate(("DOUBTFUL", "UNKNOWN", "SURE", "BOOKED", "LEFT_OUT"))}
    rows = file.lines.select_related("enterprise", "bill", "payment")
    found = [MatchedLine(line, [_why(code, value) for code, value in line.verdict]) for line in rows]
    return sorted(found, key=lambda row: (order[row.line.state], row.line.row_number))


def _why(code: str, value: str) -> str:
    sentences = {
        "number": _("names the bill %(value)s"),
        "name": _("the payer is the firm"),
        "alike": _("the payer's name is like the firm's"),
        "other_name": _("but the payer is another firm: %(value)s"),
        "amount": _("the amount is what is open"),
        "only_amount": _("only the amount agrees with one open bill"),
        "nothing": _("neither a number, nor a name, nor the amount says whose it is"),
    }
    return sentences[code] % {"value": formats.number(Decimal(value), 2) if code == "only_amount" else value}


@dataclass(frozen=True)
class ExportLine:
    """A line of a bill as the accounting gets it."""

    bill: Bill
    charge: Charge


def list_issued_runs(*, park: Park, month_on: date) -> list[BillRun]:
    """Return the runs of a month whose bills were issued: the first one, and those that hold corrections."""
    runs = BillRun.objects.filter(park=park, month_on=month_on, state__in=BillRun.ISSUED)
    return list(runs.select_related("park").order_by("sequence"))


def list_export_lines(*, runs: Sequence[BillRun]) -> Iterator[ExportLine]:
    """Return the lines of the runs' bills in the order of their numbers."""
    charges = Charge.objects.filter(run__in=[run.pk for run in runs], bill__isnull=False).select_related(
        "bill__enterprise", "premises"
    )
    for charge in charges.order_by("bill__number", "kind", "pk").iterator(chunk_size=500):
        if charge.bill is not None:
            yield ExportLine(charge.bill, charge)


def get_run_approval(*, run: BillRun) -> Approval | None:
    """Return the request to approve a run that waits for a second person."""
    waiting = Approval.objects.filter(kind="billing.run", state=Approval.State.WAITING, params__run=run.pk)
    return waiting.select_related("asked_by").first()


def get_write_off_request(*, bill: Bill) -> Approval | None:
    """Return the request to write a bill off that waits for a second person."""
    waiting = Approval.objects.filter(kind="billing.write_off", state=Approval.State.WAITING, params__bill=bill.pk)
    return waiting.select_related("asked_by").first()
