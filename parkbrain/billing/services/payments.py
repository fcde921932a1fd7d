"""Payments: received, allotted to bills, voided by red entries, given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from parkbrain.calc.billing import pay_oldest_first
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User

from ..models import Allocation, Bill, Payment
from .common import CannotBook, check_firm, check_may, checked_reason, lock_park

ZERO = Decimal(0)


@transaction.atomic
def receive_payment(
    *,
    park: Park,
    enterprise: Enterprise,
    amount_yuan: Decimal,
    received_on: date,
    actor: User | None,
    at: datetime,
    method: str = Payment.Method.BANK,
    reference: str = "",
    payer: str = "",
    bills: Sequence[Bill] = (),
) -> Payment:
    """Book money that a firm paid: it pays the named bills first, then the oldest; the rest stays as the firm's credit.

    :raises CannotBook: nothing was paid, the day lies ahead, a bill is another firm's, or the actor may not.
    """
    check_may(park, actor, CannotBook)
    _check_amount(amount_yuan)
    if received_on > at.date():
        raise CannotBook(_("The day of the payment lies ahead."))
    check_firm(park, enterprise, CannotBook)
    if any(b.park_id != park.pk or b.enterprise_id != enterprise.pk for b in bills):
        raise CannotBook(_("A bill of another firm or park cannot be paid with this."))
    lock_park(park)
    payment = Payment.objects.create(
        park=park,
        enterprise=enterprise,
        received_on=received_on,
        amount_yuan=amount_yuan,
        unused_yuan=amount_yuan,
        method=method,
        reference=reference.strip()[:120],
        payer=payer.strip()[:160],
        recorded_by=actor,
        recorded_at=at,
    )
    spend(payment=payment, at=at, first=[bill.pk for bill in bills])
    audit.record(
        "billing.payment.received",
        target=payment,
        actor=actor,
        at=at,
        park=park,
        amount=str(amount_yuan),
        firm=enterprise.name_zh_hans or enterprise.name,
        unused=str(payment.unused_yuan),
    )
    return payment


def _check_amount(amount_yuan: Decimal) -> None:
    if amount_yuan <= 0:
        raise CannotBook(_("The amount has to be more than zero; money back is a refund, a mistake a red entry."))
    if amount_yuan != amount_yuan.quantize(Decimal("0.01")):
        raise CannotBook(_("Money has two places after the point."))


def spend(*, payment: Payment, at: datetime, first: Sequence[int] = ()) -> None:
    """Let a payment's unused rest pay open bills of its firm; call it inside the transaction of the change."""
    rows = Bill.objects.select_for_update().filter(park=payment.park_id, enterprise=payment.enterprise_id)
    bills = {b.pk: b for b in rows.awaiting().order_by("due_on", "number")}
    debts = [(b.pk, b.due_on, b.open_yuan) for b in bills.values()]
    shares, left = pay_oldest_first(payment.unused_yuan, debts, first=first)
    for share in shares:
        bill = bills[share.key]
        Allocation.objects.create(payment=payment, bill=bill, amount_yuan=share.amount, allocated_at=at)
        settle(bill=bill, paid=share.amount)
    payment.unused_yuan = left
    payment.save(update_fields=["unused_yuan"])


def settle(*, bill: Bill, paid: Decimal = ZERO, written_off: Decimal = ZERO, on: date | None = None) -> None:
    """Add what was paid or given up to a bill (or take it off) and say how far it is; part of another change."""
    bill.paid_yuan += paid
    bill.written_off_yuan += written_off
    bill.open_yuan = bill.gross_yuan - bill.paid_yuan - bill.written_off_yuan
    if bill.open_yuan > 0:
        touched = bill.paid_yuan or bill.written_off_yuan
        bill.state, bill.settled_on = (Bill.State.PARTLY_PAID if touched else Bill.State.OPEN), None
    else:
        bill.state = Bill.State.WRITTEN_OFF if bill.written_off_yuan else Bill.State.PAID
        # A credit from before the bill was made settles it on the day of the bill.
        last = bill.allocations.filter(amount_yuan__gt=0, payment__voided_by__isnull=True)
        paid_on = last.aggregate(day=Max("payment__received_on"))["day"]
        bill.settled_on = max(filter(None, [paid_on, on, bill.issued_on if paid_on else None]), default=bill.issued_on)
    bill.save(update_fields=["paid_yuan", "written_off_yuan", "open_yuan", "state", "settled_on"])


def use_credit(*, park: Park, enterprise_id: int, at: datetime) -> None:
    """Let what a firm paid too much pay its open bills, the oldest payment first; part of another change."""
    held = Payment.objects.select_for_update().filter(park=park, enterprise=enterprise_id, unused_yuan__gt=0)
    for payment in held.order_by("received_on", "pk"):
        spend(payment=payment, at=at)


@transaction.atomic
def void_payment(*, payment: Payment, reason: str, on: date, actor: User | None, at: datetime) -> Payment:
    """Undo a wrong payment or refund by a red entry; both stay to be seen.

    :raises CannotBook: it is undone or follows from something else, a part of it was given back, or the actor may not.
    """
    park = payment.park
    check_may(park, actor, CannotBook)
    lock_park(park)
    payment = Payment.objects.select_for_update().select_related("park__branch", "enterprise").get(pk=payment.pk)
    if payment.kind not in {Payment.Kind.PAYMENT, Payment.Kind.REFUND}:
        raise CannotBook(_("This entry follows from another one, which is to be undone."))
    red = book_red_entry(payment=payment, reason=checked_reason(reason, CannotBook), on=on, actor=actor, at=at)
    if payment.kind == Payment.Kind.REFUND and payment.gives_back is not None:
        first = payment.gives_back
        first.unused_yuan -= payment.amount_yuan
        first.save(update_fields=["unused_yuan"])
    use_credit(park=park, enterprise_id=payment.enterprise_id, at=at)
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
    if on < payment.received_on or on > at.date():
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
    check_may(park, actor, CannotBook)
    lock_park(park)
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    _check_amount(amount_yuan)
    if amount_yuan > payment.unused_yuan:
        raise CannotBook(_("Only %(left)s yuan of it are not used.") % {"left": payment.unused_yuan})
    if on < payment.received_on or on > at.date():
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
        reason=checked_reason(reason, CannotBook),
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
