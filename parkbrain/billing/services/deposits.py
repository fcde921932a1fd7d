"""Deposits: what is due, what came, what was set off, given back or forfeited; they carry no tax until forfeited."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import upsert

from ..models import Bill, Deposit, DepositEntry, Payment
from ..queries.deposits import get_deposit
from .common import CannotBook, check_firm, check_may, checked_reason, lock_park
from .payments import book_red_entry, spend

KIND = DepositEntry.Kind
CENT = Decimal("0.01")


@transaction.atomic
def ask_deposit(
    *,
    park: Park,
    enterprise: Enterprise,
    amount_yuan: Decimal,
    due_on: date,
    reference: str,
    actor: User | None,
    at: datetime,
) -> DepositEntry | None:
    """Note what a firm has to deposit; the same reference is due once, and a changed amount is a further entry.

    Returns None where exactly this is due already.

    :raises CannotBook: the amount is not positive, the firm was never in the park, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBook)
    check_firm(park=park, enterprise=enterprise, refusal=CannotBook)
    lock_park(park=park)
    if amount_yuan <= 0:
        raise CannotBook(_("The amount of a deposit is more than zero."))
    same = DepositEntry.objects.filter(park=park, enterprise=enterprise, reference=reference, kind=KIND.DUE)
    for entry in same.filter(undoes__isnull=True, undone_by__isnull=True) if reference else ():
        if entry.amount_yuan == amount_yuan:
            return None
        _undo(entry, _("the agreed amount changed"), actor, at)
    entry = _book(park, enterprise.pk, KIND.DUE, amount_yuan, due_on, reference, "", None, actor, at)
    _told(entry, actor, at)
    return entry


@transaction.atomic
def book_deposit(
    *,
    park: Park,
    enterprise: Enterprise,
    kind: str,
    amount_yuan: Decimal,
    booked_on: date,
    actor: User | None,
    at: datetime,
    reference: str = "",
    reason: str = "",
    bill: Bill | None = None,
) -> DepositEntry:
    """Book what happened to a deposit: received, topped up, set off against a bill, given back or forfeited.

    :raises CannotBook: more than is held, no bill to set off against or a wrong one, no reason where one is needed, or
        the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBook)
    check_firm(park=park, enterprise=enterprise, refusal=CannotBook)
    lock_park(park=park)
    if amount_yuan <= 0 or amount_yuan != amount_yuan.quantize(CENT):
        raise CannotBook(_("The amount has to be more than zero, in yuan with at most two places."))
    if booked_on > timezone.localdate(at):
        raise CannotBook(_("The day lies ahead."))
    if kind == KIND.DUE:
        raise CannotBook(_("What is due follows from what was agreed; it is not booked here."))
    held = get_deposit(park=park, enterprise_id=enterprise.pk).held_yuan
    if kind in DepositEntry.TAKES and amount_yuan > held:
        raise CannotBook(_("Only %(held)s yuan of the firm's deposit are held.") % {"held": held})
    if kind in {KIND.REFUNDED, KIND.FORFEITED}:
        reason = checked_reason(reason=reason, refusal=CannotBook)
    payment = None
    if kind == KIND.SET_OFF:
        payment = _set_off(park, enterprise, bill, amount_yuan, booked_on, actor, at)
    entry = _book(park, enterprise.pk, kind, amount_yuan, booked_on, reference, reason, bill, actor, at, payment)
    _told(entry, actor, at)
    return entry


def _set_off(
    park: Park, enterprise: Enterprise, bill: Bill | None, amount: Decimal, on: date, actor: User | None, at: datetime
) -> Payment:
    if bill is None or bill.park_id != park.pk or bill.enterprise_id != enterprise.pk:
        raise CannotBook(_("Name a bill of this firm to set the deposit off against."))
    bill = Bill.objects.select_for_update().get(pk=bill.pk)
    if amount > bill.open_yuan:
        raise CannotBook(_("Only %(open)s yuan of the bill are open.") % {"open": bill.open_yuan})
    payment = Payment.objects.create(
        park=park,
        enterprise=enterprise,
        kind=Payment.Kind.FROM_DEPOSIT,
        received_on=on,
        amount_yuan=amount,
        unused_yuan=amount,
        method=Payment.Method.INTERNAL,
        reference=bill.number,
        recorded_by=actor,
        recorded_at=at,
    )
    spend(payments=[payment], at=at, first=[[bill.pk]])
    return payment


def _book(
    park: Park,
    enterprise_id: int,
    kind: str,
    amount: Decimal,
    on: date,
    reference: str,
    reason: str,
    bill: Bill | None,
    actor: User | None,
    at: datetime,
    payment: Payment | None = None,
    undoes: DepositEntry | None = None,
) -> DepositEntry:
    entry = DepositEntry(
        park=park,
        enterprise_id=enterprise_id,
        kind=kind,
        amount_yuan=amount,
        booked_on=on,
        reference=reference[:120],
        reason=reason[:300],
        bill=bill,
        payment=payment,
        undoes=undoes,
        recorded_by=actor,
        recorded_at=at,
    )
    bulk.insert_rows(model=DepositEntry, rows=[entry])
    keep_sums(park=park, enterprise_id=enterprise_id)
    return entry


#: Where the entries of each kind are summed up.
_SUM_OF = {
    KIND.DUE: "due_yuan",
    KIND.RECEIVED: "received_yuan",
    KIND.TOPPED_UP: "received_yuan",
    KIND.SET_OFF: "set_off_yuan",
    KIND.REFUNDED: "refunded_yuan",
    KIND.FORFEITED: "forfeited_yuan",
}


def keep_sums(*, park: Park, enterprise_id: int) -> Deposit:
    """Let a firm's deposit say what its entries come to."""
    values = sums_of_entries(park=park, enterprise_id=enterprise_id)
    found = {d.enterprise_id: d for d in Deposit.objects.filter(park=park, enterprise=enterprise_id)}
    keys = {"park_id": park.pk, "enterprise_id": enterprise_id}
    [kept] = upsert(model=Deposit, found=found, rows=[(enterprise_id, {**values, **keys})])
    deposit: Deposit = kept.row
    return deposit


def sums_of_entries(*, park: Park, enterprise_id: int) -> dict[str, Any]:
    """Return the columns of a deposit as its entries give them."""
    entries = DepositEntry.objects.filter(park=park, enterprise=enterprise_id).order_by()
    sums = {name: Decimal(0) for name in _SUM_OF.values()}
    for kind, amount in entries.values_list("kind").annotate(total=Sum("amount_yuan")):
        sums[_SUM_OF[KIND(kind)]] += amount.quantize(CENT)
    held = sums["received_yuan"] - sums["set_off_yuan"] - sums["refunded_yuan"] - sums["forfeited_yuan"]
    missing = max(Decimal(0), sums["due_yuan"] - held - sums["refunded_yuan"] - sums["forfeited_yuan"])
    moved_on = entries.exclude(kind=KIND.DUE).aggregate(on=Max("booked_on"))["on"]
    return {**sums, "held_yuan": held, "missing_yuan": missing, "moved_on": moved_on}


def _told(entry: DepositEntry, actor: User | None, at: datetime) -> None:
    audit.record(
        "billing.deposit.booked", target=entry, actor=actor, at=at, park=entry.park, kind=entry.kind,
        amount=str(entry.amount_yuan),
    )  # fmt: skip


@transaction.atomic
def undo_deposit(*, entry: DepositEntry, reason: str, actor: User | None, at: datetime) -> DepositEntry:
    """Undo a wrong entry by one with the other sign; a bill that it had paid is open again.

    :raises CannotBook: it was undone already, less than nothing would be held, no reason is given, or the actor may not.
    """
    check_may(park=entry.park, actor=actor, refusal=CannotBook)
    lock_park(park=entry.park)
    entry = DepositEntry.objects.select_related("park__branch", "payment").get(pk=entry.pk)
    return _undo(entry, checked_reason(reason=reason, refusal=CannotBook), actor, at)


def _undo(entry: DepositEntry, reason: str, actor: User | None, at: datetime) -> DepositEntry:
    if entry.undoes_id is not None or DepositEntry.objects.filter(undoes=entry).exists():
        raise CannotBook(_("This was undone already."))
    held = get_deposit(park=entry.park, enterprise_id=entry.enterprise_id).held_yuan
    if entry.kind in DepositEntry.ADDS and entry.amount_yuan > held:
        raise CannotBook(_("A part of it was used since; undo that first."))
    if entry.payment is not None:
        book_red_entry(
            payment=entry.payment, reason=reason, on=max(entry.booked_on, timezone.localdate(at)), actor=actor, at=at
        )
    back = _book(
        entry.park,
        entry.enterprise_id,
        entry.kind,
        -entry.amount_yuan,
        max(entry.booked_on, timezone.localdate(at)) if entry.kind != KIND.DUE else entry.booked_on,
        entry.reference,
        reason,
        entry.bill,
        actor,
        at,
        None,
        entry,
    )
    audit.record("billing.deposit.undone", target=entry, actor=actor, at=at, park=entry.park, reason=reason)
    return back
