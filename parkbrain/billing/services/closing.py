"""What of a bill is given up by two people, and the invoices it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import approvals, audit
from parkbrain.kernel.models import Approval, Park, User
from parkbrain.ui import formats

from ..models import Bill, Invoice, WriteOff
from .common import CannotBill, CannotBook, check_may, checked_reason, lock_park
from .payments import settle

WRITE_OFF = "billing.write_off"


@transaction.atomic
def ask_write_off(*, bill: Bill, amount_yuan: Decimal, reason: str, actor: User, at: datetime) -> Approval:
    """Ask a second person to give up what a bill still has open; nobody does it alone.

    :raises CannotBook: more than is open, nothing, no reason, nobody else could agree, it was asked, or the actor may not.
    """
    check_may(park=bill.park, actor=actor, refusal=CannotBook)
    bill = Bill.objects.select_related("park__branch", "enterprise").get(pk=bill.pk)
    if not 0 < amount_yuan <= bill.open_yuan:
        raise CannotBook(_("Between 0.01 and %(open)s yuan of the bill can be given up.") % {"open": bill.open_yuan})
    params = {"bill": bill.pk, "number": bill.number, "firm": bill.enterprise.name, "amount": str(amount_yuan)}
    reason = checked_reason(reason=reason, refusal=CannotBook)
    params["reason"] = reason
    if not approvals.has_second_person(WRITE_OFF, params=params, path=bill.park.branch.path, actor=actor):
        raise CannotBook(_("A second person has to agree, and nobody else may: add somebody first."))
    try:
        return approvals.ask_approval(
            WRITE_OFF, params=params, branch=bill.park.branch, actor=actor, at=at, reason=reason
        )
    except approvals.CannotAskApproval as waits:
        raise CannotBook(str(waits)) from waits


def describe_write_off(*, params: Mapping[str, Any]) -> str:
    """Return what is asked for as a sentence."""
    return _("Write off %(amount)s yuan of the bill %(number)s of %(firm)s") % {
        **params,
        "amount": formats.number(Decimal(params["amount"]), 2),
    }


def carry_out_write_off(*, params: Mapping[str, Any], asked_by: User, decided_by: User, at: datetime) -> None:
    """Give up what two people agreed on.

    :raises CannotDecideApproval: less than that is open by now.
    """
    bill = Bill.objects.select_for_update().select_related("park").get(pk=params["bill"])
    amount = Decimal(params["amount"])
    if amount > bill.open_yuan:
        raise approvals.CannotDecideApproval(_("Less than this is open by now; ask again."))
    WriteOff.objects.create(
        park_id=bill.park_id,
        enterprise_id=bill.enterprise_id,
        bill=bill,
        amount_yuan=amount,
        written_off_on=timezone.localdate(at),
        reason=params["reason"],
        asked_by=asked_by,
        agreed_by=decided_by,
        agreed_at=at,
    )
    settle(bill=bill, written_off=amount, on=timezone.localdate(at))
    audit.record("billing.bill.written_off", target=bill, actor=decided_by, at=at, park=bill.park, amount=str(amount))


@transaction.atomic
def record_invoices(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> tuple[int, int]:
    """Note invoice numbers for bills (`bill`, `number`, `issued_on`); return how many are new and how many were known.

    :raises CannotBill: there is no such bill, the number is another bill's, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBill)
    lock_park(park=park)
    bills = {b.number: b for b in Bill.objects.filter(park=park, number__in=[r["bill"] for r in rows])}
    known = {i.number: i for i in Invoice.objects.filter(park=park, number__in=[r["number"] for r in rows])}
    made = 0
    for row in rows:
        bill = bills.get(row["bill"])
        if bill is None:
            raise CannotBill(_("There is no bill %(number)s.") % {"number": row["bill"]})
        same = known.get(row["number"])
        if same is not None:
            if same.bill_id != bill.pk:
                raise CannotBill(_("The invoice %(number)s belongs to another bill.") % {"number": row["number"]})
            continue
        known[row["number"]] = Invoice.objects.create(
            park=park,
            enterprise_id=bill.enterprise_id,
            bill=bill,
            number=row["number"],
            issued_on=row["issued_on"],
            recorded_by=actor,
            recorded_at=at,
        )
        made += 1
        audit.record("billing.bill.invoiced", target=bill, actor=actor, at=at, park=park, invoice=row["number"])
    return made, len(rows) - made
