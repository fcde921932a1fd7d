"""A year of the living park's money: runs, bills, payments early and late, corrections, arrears, deposits."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from parkbrain.billing import services
from parkbrain.billing.models import Bill, BillRun, DepositEntry, ManualCharge, Payment
from parkbrain.billing.queries import list_arrears, month_after, month_before
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import approvals
from parkbrain.kernel.models import Approval, Park, User

from .draws import data, rng
from .living import moment

#: Months with bills, this one included.
MONTHS = 13
#: On which day of the month bills are issued.
ISSUE_DAY = 2
#: Of a hundred bills, so many are paid in time, late, or in part; firms in distress pay nothing from some month on.
IN_TIME, LATE, PARTLY = 88, 8, 2
DISTRESSED = 3
#: Of the agreed deposits, every so many is not paid, or paid by half.
UNPAID_DEPOSIT_EVERY, PART_DEPOSIT_EVERY = 29, 19


@dataclass
class _Books:
    """Who works on the park's money, as of which day, and by which draws."""

    park: Park
    clerk: User
    second: User
    on: date
    draw: random.Random
    firms: Sequence[Enterprise]


def load(*, seed: int, on: date, park: Park, clerk: User, second: User) -> None:
    """Bill the living park's last year through the services, as its people would have done."""
    firms = list(Enterprise.objects.in_park(park, on).order_by("uscc"))
    books = _Books(park, clerk, second, on, rng(seed, "billing"), firms)
    texts = data("billing.yaml")
    first = on.replace(day=1)
    for _step in range(MONTHS - 1):
        first = month_before(first)
    _set_rules(books, texts, moment(first))
    _take_deposits(books)
    _enter_services(books, texts, first)
    month = first
    while month <= on and month.replace(day=ISSUE_DAY) <= on:
        _bill_month(books, month)
        _pay_month(books, month)
        _dun(books, min(on, month.replace(day=28)))
        month = month_after(month)
    _odd_cases(books, texts, month_before(month))


def _set_rules(books: _Books, texts: Mapping[str, object], at: datetime) -> None:
    values = {**texts["rules"], "ladder": texts["ladder"]}  # type: ignore[dict-item]
    services.set_billing(park=books.park, values=values, actor=books.clerk, at=at)


def _take_deposits(books: _Books) -> None:
    """Let firms pay the deposits that their leases agree, by the day they are due; some pay a part or not at all."""
    dues = DepositEntry.objects.filter(park=books.park, kind=DepositEntry.Kind.DUE, booked_on__lte=books.on)
    for number, due in enumerate(dues.select_related("enterprise").order_by("booked_on", "pk")):
        if number % UNPAID_DEPOSIT_EVERY == 1:
            continue
        part = Decimal("0.5") if number % PART_DEPOSIT_EVERY == 2 else Decimal(1)
        services.book_deposit(
            park=books.park,
            enterprise=due.enterprise,
            kind="RECEIVED",
            amount_yuan=(due.amount_yuan * part).quantize(Decimal("0.01")),
            booked_on=due.booked_on,
            actor=books.clerk,
            at=moment(due.booked_on),
        )


def _enter_services(books: _Books, texts: Mapping[str, object], first: date) -> None:
    """Enter what no lease and no meter gives: parking, repairs, a concession."""
    kinds: Sequence[Mapping[str, str]] = texts["services"]  # type: ignore[assignment]
    month = first
    while month <= books.on:
        for firm in books.draw.sample(list(books.firms), 4):
            kind = books.draw.choice(kinds)
            _enter(books, firm, kind, month, Decimal(books.draw.randrange(1, 12)))
        month = month_after(month)


def _enter(books: _Books, firm: Enterprise, kind: Mapping[str, str], month: date, quantity: Decimal) -> ManualCharge:
    price = Decimal(kind["price"])
    return services.add_charge(
        park=books.park,
        enterprise=firm,
        kind=kind["kind"],
        starts_on=month,
        ends_on=month_after(month),
        due_on=month.replace(day=10),
        net_yuan=(quantity * price).quantize(Decimal("0.01")),
        reason=kind["reason"],
        actor=books.clerk,
        at=moment(month, 1),
        tax_rate=Decimal(kind["tax"]),
        quantity=quantity,
        unit=kind["unit"],
        unit_price_yuan=price,
    )


def _bill_month(books: _Books, month: date) -> BillRun:
    issued_on = month.replace(day=ISSUE_DAY)
    at = moment(issued_on)
    run = services.begin_run(park=books.park, month_on=month, issued_on=issued_on, actor=books.clerk, at=at)
    services.preview_run(run=run, actor=books.clerk, at=at, looks_back=False)
    return _issue(books, run, at, lock=month_after(month_after(month)) <= books.on)


def _issue(books: _Books, run: BillRun, at: datetime, *, lock: bool) -> BillRun:
    if not run.charges.exists():
        services.discard_run(run=run, actor=books.clerk, at=at)
        return run
    asked = services.ask_to_approve_run(run=run, actor=books.clerk, at=at)
    if isinstance(asked, Approval):
        approvals.decide_approval(approval=asked, approve=True, actor=books.second, at=at + timedelta(hours=1))
    if lock:
        services.lock_run(run=run, actor=books.clerk, at=at + timedelta(days=3))
    return run


def _pay_month(books: _Books, month: date) -> None:
    """Let firms pay the month's bills, each in its own way; what lies after the day has not come yet."""
    bills = Bill.objects.filter(park=books.park, month_on=month).awaiting().select_related("enterprise")
    distressed = {firm.pk for firm in books.firms[-DISTRESSED:]}
    incoming: list[services.Incoming] = []
    since = month_before(month_before(month_before(books.on.replace(day=1))))
    for bill in bills.order_by("number"):
        chance = books.draw.randrange(100)
        days = books.draw.randrange(-3, 3) if chance < IN_TIME else books.draw.randrange(9, 30)
        received_on = max(bill.issued_on, bill.due_on + timedelta(days=days))
        if received_on > books.on or (bill.enterprise_id in distressed and month >= since):
            continue
        part = chance >= IN_TIME + LATE
        share = Decimal("0.6") if part and chance < IN_TIME + LATE + PARTLY else Decimal("1.05") if part else Decimal(1)
        if part and month < since:
            # What was paid in part long ago was paid in the end.
            share = Decimal(1)
        amount = (bill.open_yuan * share).quantize(Decimal("0.01"))
        incoming.append(
            services.Incoming(
                bill.enterprise,
                amount,
                received_on,
                reference=bill.number,
                payer=bill.enterprise.name_zh_hans,
                bills=[bill],
            )
        )
    at = moment(min(books.on, month_after(month_after(month))), 8)
    incoming.sort(key=lambda one: one.received_on)
    services.receive_payments(park=books.park, incoming=incoming, actor=books.clerk, at=at)


def _dun(books: _Books, day: date) -> None:
    services.take_due_steps(park=books.park, done_on=day, actor=books.clerk, at=moment(day, 9))


def _odd_cases(books: _Books, texts: Mapping[str, object], last: date) -> None:
    """Add what makes a year's books real: a red entry, a refund, an override, a correction, a write-off, a bank file."""
    reasons: Mapping[str, str] = texts["reasons"]  # type: ignore[assignment]
    at = moment(books.on, 3)
    by = {"actor": books.clerk, "at": at}
    payments = Payment.objects.filter(park=books.park, kind="PAYMENT").order_by("-received_on", "pk")
    wrong = payments.filter(unused_yuan=0).first()
    if wrong is not None:
        services.void_payment(payment=wrong, reason=reasons["void"], on=books.on, **by)  # type: ignore[arg-type]
    over = payments.filter(unused_yuan__gt=0).first()
    if over is not None:
        services.refund_credit(
            payment=over, amount_yuan=over.unused_yuan, reason=reasons["refund"], on=books.on, **by  # type: ignore[arg-type]
        )  # fmt: skip
    arrears = list_arrears(park=books.park, on=books.on)
    if arrears:
        oldest = arrears[0].bills[0]
        services.ask_write_off(bill=oldest, amount_yuan=oldest.open_yuan, reason=reasons["write_off"], **by)  # type: ignore[arg-type]
    if len(arrears) > 1:
        services.pause_dunning(
            park=books.park,
            enterprise=arrears[1].enterprise,
            starts_on=books.on,
            ends_on=books.on + timedelta(days=45),
            reason=reasons["pause"],
            **by,  # type: ignore[arg-type]
        )
    _set_off_deposit(books, by)
    _correct(books, reasons, last, by)
    _take_bank_file(books, by)
    bills = Bill.objects.filter(park=books.park, month_on=month_before(last)).order_by("number")[:12]
    rows = [
        {"bill": bill.number, "number": f"2644{bill.month_on:%y%m}{n:012d}", "issued_on": bill.issued_on}
        for n, bill in enumerate(bills, start=1)
    ]
    services.record_invoices(park=books.park, rows=rows, **by)  # type: ignore[arg-type]


def _set_off_deposit(books: _Books, by: Mapping[str, object]) -> None:
    paid_in = DepositEntry.objects.filter(park=books.park, kind=DepositEntry.Kind.RECEIVED).values("enterprise")
    bill = Bill.objects.filter(park=books.park, enterprise__in=paid_in).awaiting().order_by("due_on", "pk").first()
    if bill is None:
        return
    amount = min(bill.open_yuan, Decimal(5000))
    services.book_deposit(
        park=books.park, enterprise=bill.enterprise, kind="SET_OFF", amount_yuan=amount, booked_on=books.on, bill=bill,
        **by,  # type: ignore[arg-type]
    )  # fmt: skip


def _correct(books: _Books, reasons: Mapping[str, str], last: date, by: Mapping[str, object]) -> None:
    """Set an amount by hand and take a charge back, bill the correction, and leave one more run to be approved."""
    run = BillRun.objects.filter(park=books.park, month_on=last, state__in=BillRun.ISSUED).first()
    charges = ManualCharge.objects.filter(park=books.park, starts_on=last, undone_at__isnull=True).order_by("pk")
    if run is None or len(charges) < 2:
        return
    services.undo_charge(charge=charges[0], reason=reasons["undo"], **by)  # type: ignore[arg-type]
    charge = run.charges.filter(source="billing.manual", key=f"manual:{charges[1].pk}").first()
    if charge is not None:
        amount = (charge.gross_yuan / 2).quantize(Decimal("0.01"))
        services.override_charge(charge=charge, amount_yuan=amount, reason=reasons["override"], **by)  # type: ignore[arg-type]
    again = services.begin_run(park=books.park, month_on=last, issued_on=books.on, **by)  # type: ignore[arg-type]
    services.preview_run(run=again, looks_back=False, **by)  # type: ignore[arg-type]
    _issue(books, again, moment(books.on, 4), lock=False)
    _enter(books, books.firms[2], {**data("billing.yaml")["services"][0]}, last, Decimal(3))
    waiting = services.begin_run(park=books.park, month_on=last, issued_on=books.on, **by)  # type: ignore[arg-type]
    services.preview_run(run=waiting, looks_back=False, **by)  # type: ignore[arg-type]
    services.ask_to_approve_run(run=waiting, actor=books.clerk, at=moment(books.on, 5))


def _take_bank_file(books: _Books, by: Mapping[str, object]) -> None:
    """Take in a statement of the bank: lines that are sure, one that pays for another firm, one that says nothing."""
    bills = list(
        Bill.objects.filter(park=books.park).awaiting().select_related("enterprise").order_by("-due_on", "number")[:5]
    )
    if len(bills) < 5:
        return
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["交易日期", "收入金额", "对方户名", "摘要", "交易流水号"])
    for number, bill in enumerate(bills[:3], start=1):
        lines.writerow([books.on, bill.open_yuan, bill.enterprise.name_zh_hans, bill.number, f"B{number:06d}"])
    lines.writerow([books.on, bills[3].open_yuan, bills[4].enterprise.name_zh_hans, bills[3].number, "B000004"])
    lines.writerow([books.on, "1234.56", "未署名付款人", "转账", "B000005"])
    services.take_bank_file(
        park=books.park, name=f"bank-{books.on}.csv", content=text.getvalue().encode("utf-8-sig"), **by  # type: ignore[arg-type]
    )  # fmt: skip
