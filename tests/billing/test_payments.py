"""Payments: oldest first, partial, over, red entries, refunds, deposits, write-offs with two people."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F

from parkbrain.billing import queries, services
from parkbrain.billing.models import Bill, DunningAct, Payment, WriteOff
from parkbrain.config.selfcheck import check_bills
from parkbrain.kernel import approvals
from parkbrain.kernel.roles import Role
from tests.billing.conftest import JULY, JUNE
from tests.factories import AT, make_enterprise, make_user

LATER = AT.replace(month=7, day=20)


@pytest.fixture
def two(money):
    """Two open bills of the firm: 1,090.00 of June and 545.00 of July."""
    money.rent()
    money.bill()
    money.rent(amount="500.00", month=JULY)
    money.bill(JULY)
    return money.bill_of(), money.bill_of(month=JULY)


def state(bill):
    bill.refresh_from_db()
    return bill.state, bill.open_yuan


def test_a_part_pays_the_oldest_bill_first(money, two):
    money.pay("1100.00")
    assert [state(b) for b in two] == [("PAID", 0), ("PARTLY_PAID", Decimal("535.00"))]
    assert two[0].settled_on == date(2026, 6, 4)


def test_money_of_this_morning_is_entered_this_morning(money, two):
    early = LATER.replace(hour=22)  # six o'clock of the next day in the park
    incoming = services.Incoming(
        enterprise=money.firm, received_on=date(2026, 7, 21), amount_yuan=Decimal("5.00"), method="TRANSFER"
    )
    paid = services.receive_payment(park=money.park, incoming=incoming, actor=money.clerk, at=early)
    assert paid.received_on == date(2026, 7, 21)


def test_the_form_of_a_payment_comes_filled_from_the_bill(money, two, client):
    client.force_login(money.clerk)
    page = client.get(f"/parks/{money.park.pk}/billing/payments/add/?bill={two[1].number}").content.decode()
    assert 'value="545.00"' in page and f'value="{two[1].number}"' in page


def test_a_named_bill_is_paid_before_older_ones(money, two):
    money.pay("545.00", bills=[two[1]])
    assert [state(b)[0] for b in two] == ["OPEN", "PAID"]


def test_what_is_paid_too_much_stays_as_credit_and_pays_the_next_bill(money):
    money.rent()
    money.bill()
    payment = money.pay("1500.00")
    assert payment.unused_yuan == Decimal("410.00")
    money.rent(amount="300.00", month=JULY, tax="0")
    money.bill(JULY)
    payment.refresh_from_db()
    assert state(money.bill_of(month=JULY)) == ("PAID", 0) and payment.unused_yuan == Decimal("110.00")


def test_a_payment_is_voided_by_a_red_entry_and_never_deleted(money, two):
    payment = money.pay("1100.00")
    red = services.void_payment(payment=payment, reason="wrong firm", on=AT.date(), actor=money.clerk, at=AT)
    assert red.amount_yuan == -payment.amount_yuan and Payment.objects.count() == 2
    assert [state(b) for b in two] == [("OPEN", Decimal("1090.00")), ("OPEN", Decimal("545.00"))]
    with pytest.raises(services.CannotBook, match="already"):
        services.void_payment(payment=payment, reason="again", on=AT.date(), actor=money.clerk, at=AT)
    with pytest.raises(services.CannotBook, match="Say why"):
        services.void_payment(payment=money.pay("1.00"), reason=" ", on=AT.date(), actor=money.clerk, at=AT)


def test_credit_is_given_back_and_a_refund_is_undone_by_a_red_entry(money):
    money.rent()
    money.bill()
    payment = money.pay("1100.00")
    refund = services.refund_credit(
        payment=payment, amount_yuan=Decimal("10.00"), reason="asked for", on=AT.date(), actor=money.clerk, at=AT
    )
    payment.refresh_from_db()
    assert payment.unused_yuan == 0
    with pytest.raises(services.CannotBook, match="undo the refund"):
        services.void_payment(payment=payment, reason="x", on=AT.date(), actor=money.clerk, at=AT)
    services.void_payment(payment=refund, reason="bank refused", on=AT.date(), actor=money.clerk, at=AT)
    payment.refresh_from_db()
    assert payment.unused_yuan == Decimal("10.00")
    with pytest.raises(services.CannotBook, match="not used"):
        services.refund_credit(
            payment=payment, amount_yuan=Decimal("10.01"), reason="x", on=AT.date(), actor=money.clerk, at=AT
        )


@pytest.mark.parametrize("amount", ["0", "-5", "1.001"])
def test_a_payment_of_nothing_or_of_parts_of_a_cent_is_refused(money, amount):
    with pytest.raises(services.CannotBook):
        money.pay(amount)
    assert not Payment.objects.exists()


def test_a_stranger_and_another_firms_bill_are_refused(money, two):
    with pytest.raises(services.CannotBook, match="another firm"):
        money.pay("5.00", money.other, bills=[two[0]])
    with pytest.raises(services.CannotBook, match="never in this park"):
        money.pay("5.00", make_enterprise())
    reader = make_user(Role.BUREAU, money.park.branch)
    with pytest.raises(services.CannotBook, match="may not"):
        services.receive_payment(
            park=money.park, incoming=services.Incoming(money.firm, Decimal(5), JUNE), actor=reader, at=AT
        )


def test_two_people_give_a_bill_up(money, two):
    asked = services.ask_write_off(
        bill=two[0], amount_yuan=Decimal("1090.00"), reason="insolvent", actor=money.clerk, at=AT
    )
    assert state(two[0])[0] == "OPEN"
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=asked, approve=True, actor=money.clerk, at=AT)
    approvals.decide_approval(approval=asked, approve=True, actor=money.second, at=AT)
    assert state(two[0]) == ("WRITTEN_OFF", 0)
    assert WriteOff.objects.get().asked_by == money.clerk


def test_nobody_writes_off_alone_or_more_than_is_open(money, two):
    with pytest.raises(services.CannotBook):
        services.ask_write_off(bill=two[1], amount_yuan=Decimal("545.01"), reason="x", actor=money.clerk, at=AT)
    money.second.memberships.all().delete()
    with pytest.raises(services.CannotBook, match="second person"):
        services.ask_write_off(bill=two[1], amount_yuan=Decimal("5.00"), reason="x", actor=money.clerk, at=AT)


def deposit(money, kind, amount, **values):
    return services.book_deposit(
        park=money.park, enterprise=money.firm, kind=kind, amount_yuan=Decimal(amount), booked_on=AT.date(),
        actor=money.clerk, at=AT, **values,
    )  # fmt: skip


def test_a_deposit_is_received_set_off_topped_up_and_given_back(money, two):
    ask = {"park": money.park, "enterprise": money.firm, "due_on": JUNE, "reference": "lease:1"}
    assert services.ask_deposit(**ask, amount_yuan=Decimal("2000.00"), actor=money.clerk, at=AT)
    assert services.ask_deposit(**ask, amount_yuan=Decimal("2000.00"), actor=money.clerk, at=AT) is None
    deposit(money, "RECEIVED", "2000.00")
    entry = deposit(money, "SET_OFF", "1090.00", bill=two[0])
    found = queries.get_deposit(park=money.park, enterprise_id=money.firm.pk)
    assert (found.held_yuan, found.missing_yuan) == (Decimal("910.00"), Decimal("1090.00"))
    assert state(two[0]) == ("PAID", 0)
    services.undo_deposit(entry=entry, reason="paid after all", actor=money.clerk, at=AT)
    assert state(two[0]) == ("OPEN", Decimal("1090.00"))
    deposit(money, "REFUNDED", "2000.00", reason="moved out")
    found = queries.get_deposit(park=money.park, enterprise_id=money.firm.pk)
    assert (found.held_yuan, found.missing_yuan) == (0, 0)
    with pytest.raises(services.CannotBook, match="are held"):
        deposit(money, "FORFEITED", "0.01", reason="x")


def test_an_overdue_bill_is_dunned_step_by_step_but_not_in_a_pause(money, two):
    steps = services.set_ladder(
        park=money.park,
        steps=[{"days_overdue": 3, "name_en": "Reminder"}, {"days_overdue": 60, "name_en": "Letter"}],
        actor=money.clerk,
        at=AT,
    )
    take = {"bill": two[0], "done_on": date(2026, 6, 20), "actor": money.clerk, "at": AT}
    with pytest.raises(services.CannotDun, match="60 days"):
        services.take_step(step=steps[1], **take)
    pause = services.pause_dunning(
        park=money.park, enterprise=money.firm, starts_on=JUNE, ends_on=JULY, reason="instalments", actor=money.clerk,
        at=AT,
    )  # fmt: skip
    with pytest.raises(services.CannotDun, match="instalments"):
        services.take_step(step=steps[0], **take)
    services.end_pause(pause=pause, reason="not kept", actor=money.clerk, at=AT)
    services.take_step(step=steps[0], **take)
    with pytest.raises(services.CannotDun, match="already"):
        services.take_step(step=steps[0], **take)
    assert DunningAct.objects.get().open_yuan == Decimal("1090.00")
    with pytest.raises(services.CannotDun, match="cannot be removed"):
        services.set_ladder(park=money.park, steps=[], actor=money.clerk, at=AT)


def test_what_a_late_fee_is_worked_out_from_tells_the_days_of_the_money(money, two):
    money.pay("90.00", on=date(2026, 6, 20))
    (june, july) = queries.list_overdue(park=money.park, starts_on=JUNE, ends_on=date(2026, 8, 1))
    assert june.open_on(date(2026, 6, 19)) == Decimal("1090.00")
    assert june.open_on(date(2026, 6, 20)) == Decimal("1000.00")
    assert [line.kind for line in june.lines] == ["RENT"] and july.late_fee_yuan == 0
    assert [b.number for b in queries.list_overdue(park=money.park, starts_on=JUNE, ends_on=JULY)] == [june.number]


def test_the_same_invoice_number_is_taken_once_and_for_one_bill(money, two):
    row = {"bill": two[0].number, "number": "2531200000001", "issued_on": JUNE}
    record = {"park": money.park, "actor": money.clerk, "at": AT}
    assert services.record_invoices(rows=[row], **record) == (1, 0)
    assert services.record_invoices(rows=[row], **record) == (0, 1)
    with pytest.raises(services.CannotBill, match="another bill"):
        services.record_invoices(rows=[{**row, "bill": two[1].number}], **record)
    with pytest.raises(services.CannotBill, match="no bill"):
        services.record_invoices(rows=[{**row, "number": "2", "bill": "nothing"}], **record)
    assert Bill.objects.filter(invoices__isnull=False).count() == 1


def test_a_bill_that_is_no_longer_the_sum_of_its_rows_is_found(money, two):
    money.pay("1100.00")
    found = queries.find_unsound_bills()
    assert (found.lines, found.payments, found.checked) == ([], [], 2)
    assert check_bills().level == "ok"
    first, second = two
    charge = first.charges.get()
    # As only a hand in the database could.
    type(charge).objects.filter(pk=charge.pk).update(net_yuan=F("net_yuan") - 1, gross_yuan=F("gross_yuan") - 1)
    second.allocations.all().delete()
    found = queries.find_unsound_bills()
    assert (found.lines, found.payments) == ([first.number], [second.number])
    assert check_bills().level == "error" and first.number in check_bills().detail
