"""Payments: received, allotted to bills, voided by red entries, given back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc.billing import pay_oldest_first
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Park, User

from ..models import Allocation, Bill, Payment
from ..queries import firms_of
from .common import CannotBook, check_may, checked_reason, lock_park

ZERO = Decimal(0)


@dataclass(frozen=True)
class Incoming:
    """Money that a firm paid: `bills` are those it is to pay first."""

    enterprise: Enterprise
    amount_yuan: Decimal
    received_on: date
    method: str = Payment.Method.BANK
    reference: str = ""
    payer: str = ""
    bills: Sequence[Bill] = ()


def receive_payment(*, park: Park, incoming: Incoming, actor: User | None, at: datetime) -> Payment:
    """Book money that a firm paid; see `receive_payments`."""
    return receive_payments(park=park, incoming=[incoming], actor=actor, at=at)[0]


@transaction.atomic
def receive_payments(*, park: Park, incoming: Sequence[Incoming], actor: User | None, at: datetime) -> list[Payment]:
    """Book money of firms, in this order: it pays the named bills first, then the oldest; the rest stays as credit.

    :raises CannotBook: nothing was paid, a day lies ahead, a bill is another firm's, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBook)
    lock_park(park=park)
    _check_incoming(park, incoming, at)
    payments = [
        Payment(
            park=park,
            enterprise=one.enterprise,
            received_on=one.received_on,
            amount_yuan=one.amount_yuan,
            unused_yuan=one.amount_yuan,
            method=one.method,
            reference=one.reference.strip()[:120],
            payer=one.payer.strip()[:160],
            recorded_by=actor,
            recorded_at=at,
        )
        for one in incoming
    ]
    first = [[bill.pk for bill in one.bills] for one in incoming]
    bulk.insert_rows(model=Payment, rows=payments)
    spend(payments=payments, at=at, first=first)
    told = [
        (
            payment,
            {
                "amount": str(payment.amount_yuan),
                "firm": one.enterprise.name_zh_hans or one.enterprise.name_en,
                "unused": str(payment.unused_yuan),
            },
        )
        for payment, one in zip(payments, incoming, strict=True)
    ]
    audit.record_many("billing.payment.received", targets=told, actor=actor, at=at, park=park)
    return payments


def _check_incoming(park: Park, incoming: Sequence[Incoming], at: datetime) -> None:
    firms = {one.enterprise.pk for one in incoming}
    known = set(firms_of(park=park).filter(pk__in=firms).order_by().values_list("pk", flat=True))
    for one in incoming:
        _check_amount(one.amount_yuan)
        if one.received_on > timezone.localdate(at):
            raise CannotBook(_("The day of the payment lies ahead."))
        if one.enterprise.pk not in known:
            raise CannotBook(_("%(firm)s was never in this park.") % {"firm": one.enterprise.name})
        if any(b.park_id != park.pk or b.enterprise_id != one.enterprise.pk for b in one.bills):
            raise CannotBook(_("A bill of another firm or park cannot be paid with this."))


def _check_amount(amount_yuan: Decimal) -> None:
    if amount_yuan <= 0:
        raise CannotBook(_("The amount has to be more than zero; money back is a refund, a mistake a red entry."))
    if amount_yuan != amount_yuan.quantize(Decimal("0.01")):
        raise CannotBook(_("Money has two places after the point."))


def spend(*, payments: Sequence[Payment], at: datetime, first: Sequence[Sequence[int]] = ()) -> None:
    """Let the unused rest of stored payments of a park pay open bills of their firms; part of another change."""
    if not payments:
        return
    rows = Bill.objects.select_for_update().filter(
        park=payments[0].park_id, enterprise__in={p.enterprise_id for p in payments}
    )
    by_firm: dict[int, dict[int, Bill]] = defaultdict(dict)
    for bill in rows.awaiting().order_by("due_on", "number"):
        by_firm[bill.enterprise_id][bill.pk] = bill
    allocations: list[Allocation] = []
    touched: dict[int, tuple[Bill, dict[str, Any]]] = {}
    changed: list[tuple[Payment, dict[str, Any]]] = []
    for number, payment in enumerate(payments):
        bills = by_firm[payment.enterprise_id]
        debts = [(b.pk, b.due_on, b.open_yuan) for b in bills.values()]
        shares, left = pay_oldest_first(payment.unused_yuan, debts, first=first[number] if first else ())
        for share in shares:
            bill = bills[share.key]
            touched.setdefault(bill.pk, (bill, {name: getattr(bill, name) for name in _SETTLED}))
            allocations.append(Allocation(payment=payment, bill=bill, amount_yuan=share.amount, allocated_at=at))
            bill.paid_yuan += share.amount
            bill.open_yuan -= share.amount
        if left != payment.unused_yuan:
            changed.append((payment, {"unused_yuan": payment.unused_yuan}))
            payment.unused_yuan = left
    bulk.insert_rows(model=Allocation, rows=allocations)
    bulk.update_rows(model=Payment, changes=changed)
    say_state(bills=[bill for bill, _old in touched.values()])
    bulk.update_rows(model=Bill, changes=list(touched.values()))


#: What follows from the money of a bill.
_SETTLED = ("paid_yuan", "written_off_yuan", "open_yuan", "state", "settled_on")


def say_state(*, bills: Sequence[Bill], on: date | None = None) -> None:
    """Say of bills whose sums changed how far they are, and the day on which they were settled; part of another change."""
    done = [bill.pk for bill in bills if not bill.open_yuan]
    paid = Allocation.objects.filter(bill__in=done, amount_yuan__gt=0, payment__voided_by__isnull=True).order_by()
    last = dict(paid.values_list("bill").annotate(day=Max("payment__received_on")))
    for bill in bills:
        if bill.open_yuan:
            touched = bill.paid_yuan or bill.written_off_yuan
            bill.state, bill.settled_on = (Bill.State.PARTLY_PAID if touched else Bill.State.OPEN), None
        else:
            bill.state = Bill.State.WRITTEN_OFF if bill.written_off_yuan else Bill.State.PAID
            # A credit from before the bill was made settles it on the day of the bill.
            bill.settled_on = max(day for day in (last.get(bill.pk), on, bill.issued_on) if day is not None)


def settle(*, bill: Bill, paid: Decimal = ZERO, written_off: Decimal = ZERO, on: date | None = None) -> None:
    """Add what was paid or given up to a bill (or take it off) and say how far it is; part of another change."""
    bill.paid_yuan += paid
    bill.written_off_yuan += written_off
    bill.open_yuan = bill.gross_yuan - bill.paid_yuan - bill.written_off_yuan
    say_state(bills=[bill], on=on)
    bill.save(update_fields=list(_SETTLED))


def use_credit(*, park: Park, enterprise_ids: Collection[int], at: datetime) -> None:
    """Let what firms paid too much pay their open bills, the oldest payment first; part of another change."""
    held = Payment.objects.select_for_update().filter(park=park, enterprise__in=enterprise_ids, unused_yuan__gt=0)
    spend(payments=list(held.order_by("received_on", "pk")), at=at)


@transaction.atomic
def void_payment(*, payment: Payment, reason: str, on: date, actor: User | None, at: datetime) -> Payment:
    """Undo a wrong payment or refund by a red entry; both stay to be seen.

    :raises CannotBook: it is undone or follows from something else, a part of it was given back, or the actor may not.
    """
    park = payment.park
    check_may(park=park, actor=actor, refusal=CannotBook)
    lock_park(park=park)
    payment = Payment.objects.select_for_update().select_related("park__branch", "enterprise").get(pk=payment.pk)
    if payment.kind not in {Payment.Kind.PAYMENT, Payment.Kind.REFUND}:
        raise CannotBook(_("This entry follows from another one, which is to be undone."))
    red = book_red_entry(
        payment=payment, reason=checked_reason(reason=reason, refusal=CannotBook), on=on, actor=actor, at=at
    )
    if payment.kind == Payment.Kind.REFUND and payment.gives_back is not None:
        first = payment.gives_back
        first.unused_yuan -= payment.amount_yuan
        first.save(update_fields=["unused_yuan"])
    use_credit(park=park, enterprise_ids=[payment.enterprise_id], at=at)
    audit.record(
        "billing.payment.voided", target=payment, actor=actor, at=at, park=park, reason=red.reason,
        amount=str(payment.amount_yuan),
    )  # fmt: skip
    return red


def book_red_entry(*, payment: Payment, reason: str, on: date, actor: User | None, at: datetime) -> Payment:
    """Book the red entry of a payment and give its bills back what it had paid; part of another change.

    :raises CannotBook: it was undone, a part of it was given back, or the day lies before it.
    """
    if Payment.objects.filter(voids=payment).exists():
        raise CannotBook(_("This was undone by a red entry already."))
    if on < payment.received_on or on > timezone.localdate(at):
        raise CannotBook(_("The red entry lies on the day of the payment or after it, and not ahead."))
    if payment.given_back.filter(voided_by__isnull=True).exists():
        raise CannotBook(_("A part of it was given back: undo the refund first."))
    red = Payment.objects.create(
        park_id=payment.park_id,
        enterprise_id=payment.enterprise_id,
        kind=Payment.Kind.RED_ENTRY,
        received_on=on,
        amount_yuan=-payment.amount_yuan,
        unused_yuan=ZERO,
        method=payment.method,
        reference=payment.reference,
        payer=payment.payer,
        voids=payment,
        reason=reason,
        recorded_by=actor,
        recorded_at=at,
    )
    for one in payment.allocations.select_related("bill"):
        Allocation.objects.create(payment=red, bill=one.bill, amount_yuan=-one.amount_yuan, allocated_at=at)
        settle(bill=one.bill, paid=-one.amount_yuan)
    payment.unused_yuan = ZERO
    payment.save(update_fields=["unused_yuan"])
    return red


@transaction.atomic
def refund_credit(
    *, payment: Payment, amount_yuan: Decimal, reason: str, on: date, actor: User | None, at: datetime
) -> Payment:
    """Give back what a payment had too much.

    :raises CannotBook: more than is left, nothing, a day ahead or before the payment, no reason, or the actor may not.
    """
    park = payment.park
    check_may(park=park, actor=actor, refusal=CannotBook)
    lock_park(park=park)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    _check_amount(amount_yuan)
    if amount_yuan > payment.unused_yuan:
        raise CannotBook(_("Only %(left)s yuan of it are not used.") % {"left": payment.unused_yuan})
    if on < payment.received_on or on > timezone.localdate(at):
        raise CannotBook(_("The refund lies on the day of the payment or after it, and not ahead."))
    refund = Payment.objects.create(
        park=park,
        enterprise_id=payment.enterprise_id,
        kind=Payment.Kind.REFUND,
        received_on=on,
        amount_yuan=-amount_yuan,
        unused_yuan=ZERO,
        method=payment.method if payment.method != Payment.Method.INTERNAL else Payment.Method.BANK,
        reference=payment.reference,
        gives_back=payment,
        reason=checked_reason(reason=reason, refusal=CannotBook),
        recorded_by=actor,
        recorded_at=at,
    )
    payment.unused_yuan -= amount_yuan
    payment.save(update_fields=["unused_yuan"])
    audit.record(
        "billing.payment.refunded", target=refund, actor=actor, at=at, park=park, amount=str(amount_yuan),
        reason=refund.reason,
    )  # fmt: skip
    return refund
