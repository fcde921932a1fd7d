"""A month's run: preview, second person, lock; what is billed once stays, corrections come as lines of their own."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from parkbrain.billing import queries, services
from parkbrain.billing.models import Bill, BillRun, Charge, Payment
from parkbrain.kernel import approvals
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from tests.billing.conftest import JULY, JUNE
from tests.factories import AT, make_park, make_user

LATER = AT.replace(month=7)


def test_a_run_bills_what_was_previewed_once_a_second_person_approves(money):
    money.rent(amount="1000.00")
    money.rent(money.other, "500.00")
    run = money.preview()
    assert run.state == "PREVIEWED" and not Bill.objects.exists()
    asked = services.ask_to_approve_run(run=run, actor=money.clerk, at=AT)
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=asked, approve=True, actor=money.clerk, at=AT)
    approvals.decide_approval(approval=asked, approve=True, actor=money.second, at=AT)
    run.refresh_from_db()
    assert run.state == "APPROVED" and run.approved_by == money.second
    bill = money.bill_of()
    assert (bill.net_yuan, bill.tax_yuan, bill.gross_yuan, bill.open_yuan) == (
        Decimal("1000.00"), Decimal("90.00"), Decimal("1090.00"), Decimal("1090.00")
    )  # fmt: skip
    assert bill.number.startswith("202606-") and bill.state == "OPEN"
    assert AuditEvent.objects.filter(code="billing.run.approved").count() == 1


def test_the_sum_of_the_lines_is_the_bill_always(money):
    for amount in ("0.10", "0.20", "33.33", "66.67", "-12.34"):
        money.rent(amount=amount)
    money.bill()
    bill = money.bill_of()
    lines = bill.charges.aggregate(net=Sum("net_yuan"), tax=Sum("tax_yuan"), gross=Sum("gross_yuan"))
    assert (lines["net"], lines["tax"], lines["gross"]) == (bill.net_yuan, bill.tax_yuan, bill.gross_yuan)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bill.objects.filter(pk=bill.pk).update(gross_yuan=bill.gross_yuan + Decimal("0.01"))
    with pytest.raises(IntegrityError), transaction.atomic():
        bill.charges.update(tax_yuan=Decimal("0.01"))


def test_a_second_run_without_corrections_bills_nothing(money, told):
    told.propose(money.firm, "1000.00")
    money.rent(money.other)
    money.bill()
    run = money.preview()
    assert run.sequence == 2 and not run.charges.exists()
    with pytest.raises(services.CannotBill, match="nothing to bill"):
        services.ask_to_approve_run(run=run, actor=money.clerk, at=AT)


def test_previewing_twice_gives_the_same_lines(money, told):
    told.propose(money.firm, "1000.00")
    run = money.preview()
    first = list(run.charges.values_list("key", "gross_yuan"))
    services.preview_run(run=run, actor=money.clerk, at=AT)
    assert list(run.charges.values_list("key", "gross_yuan")) == first


def test_a_correction_after_the_run_is_a_line_of_its_own_and_the_first_one_stays(money, told):
    told.propose(money.firm, "1000.00")
    money.bill()
    told.propose(money.firm, "900.00")
    money.bill()
    first, second = Charge.objects.order_by("pk")
    assert (first.gross_yuan, second.gross_yuan, second.adjusts) == (Decimal("1000.00"), Decimal("-100.00"), first)
    assert "1,000.00" in queries.reason_sentences(steps=second.reasons)[0]
    told.propose(money.firm, "950.00")
    money.bill()
    assert Charge.objects.order_by("pk").last().gross_yuan == Decimal("50.00")
    assert Charge.objects.aggregate(total=Sum("gross_yuan"))["total"] == Decimal("950.00")


def test_a_charge_that_is_not_owed_any_more_is_credited(money, told):
    told.propose(money.firm, "1000.00")
    money.bill()
    told.charges.clear()
    money.bill()
    credit = money.bill_of()
    assert (credit.gross_yuan, credit.state, credit.open_yuan) == (Decimal("-1000.00"), "CREDITED", 0)
    # The credit pays the bill that was wrong.
    assert Bill.objects.get(run__sequence=1).state == "PAID"
    assert Payment.objects.get().kind == "CREDIT_NOTE"


def test_an_override_survives_every_recalculation(money, told):
    told.propose(money.firm, "88.00", kind="LATE_FEE")
    run = money.preview()
    services.override_charge(
        charge=run.charges.get(), amount_yuan=Decimal("20.00"), reason="agreed on the phone", actor=money.clerk, at=AT
    )
    for amount in ("90.00", "95.00"):
        told.propose(money.firm, amount, kind="LATE_FEE")
        services.preview_run(run=run, actor=money.clerk, at=AT)
        charge = run.charges.get()
        assert charge.gross_yuan == Decimal("20.00") and charge.is_overridden
        assert "agreed on the phone" in queries.reason_sentences(steps=charge.reasons)[0]


def test_an_override_holds_after_billing_and_when_the_rule_no_longer_owes_it(money, told):
    told.propose(money.firm, "88.00")
    money.bill()
    services.override_charge(
        charge=Charge.objects.get(), amount_yuan=Decimal("20.00"), reason="agreed", actor=money.clerk, at=AT
    )
    money.bill()
    assert Charge.objects.aggregate(total=Sum("gross_yuan"))["total"] == Decimal("20.00")
    told.charges.clear()
    assert not money.preview().charges.exists()


def test_taking_an_override_back_corrects_the_bill_even_months_later(money, told):
    told.propose(money.firm, "88.00")
    run = money.preview()
    override = services.override_charge(
        charge=run.charges.get(), amount_yuan=Decimal("20.00"), reason="agreed", actor=money.clerk, at=AT
    )
    services.preview_run(run=run, actor=money.clerk, at=AT)
    asked = services.ask_to_approve_run(run=run, actor=money.clerk, at=AT)
    approvals.decide_approval(approval=asked, approve=True, actor=money.second, at=AT)
    services.undo_override(override=override, reason="it was another firm", actor=money.clerk, at=LATER)
    correction = money.preview(JULY).charges.get()
    assert (correction.gross_yuan, correction.month_on) == (Decimal("68.00"), JUNE)
    with pytest.raises(services.CannotBill, match="already"):
        services.undo_override(override=override, reason="again", actor=money.clerk, at=LATER)


def test_zero_bills_close_by_themselves(money):
    money.rent(amount="1000.00")
    money.rent(amount="-1000.00", kind="CONCESSION", reason="first month free")
    money.bill()
    bill = money.bill_of()
    assert (bill.gross_yuan, bill.state, bill.settled_on) == (0, "CLOSED_AT_ZERO", bill.issued_on)


def test_a_charge_by_hand_that_is_taken_back_after_billing_is_credited_by_the_next_run(money):
    charge = money.rent()
    money.bill()
    services.undo_charge(charge=charge, reason="billed twice", actor=money.clerk, at=AT)
    assert money.preview(JULY).charges.get().gross_yuan == Decimal("-1090.00")


def test_a_source_that_cannot_say_what_is_owed_stops_the_approval(money, told):
    money.rent()
    told.refusal = queries.Reason("billing.not_owed", {"before": "1.00"})
    run = money.preview()
    assert run.gaps[0]["blocks"]
    with pytest.raises(services.CannotBill, match="could not say"):
        services.ask_to_approve_run(run=run, actor=money.clerk, at=AT)


def test_a_gap_of_a_source_is_shown_and_does_not_stop(money, told):
    told.propose(money.firm, "10.00")
    told.gaps = [queries.Reason("billing.not_owed", {"before": "1.00"})]
    run = money.bill()
    assert [gap["blocks"] for gap in run.gaps] == [False]


def test_an_approval_holds_only_for_the_preview_that_was_asked_about(money, told):
    told.propose(money.firm, "10.00")
    run = money.preview()
    asked = services.ask_to_approve_run(run=run, actor=money.clerk, at=AT)
    told.propose(money.firm, "12.00")
    services.preview_run(run=run, actor=money.clerk, at=AT + timedelta(hours=1))
    with pytest.raises(approvals.CannotDecideApproval, match="decided already"):
        approvals.decide_approval(approval=asked, approve=True, actor=money.second, at=AT + timedelta(hours=2))
    assert not Bill.objects.exists()
    asked.refresh_from_db()
    assert (asked.state, asked.decision_reason) == ("WITHDRAWN", "The preview was made anew.")
    again = services.ask_to_approve_run(run=run, actor=money.clerk, at=AT + timedelta(hours=3))
    approvals.decide_approval(approval=again, approve=True, actor=money.second, at=AT + timedelta(hours=4))
    assert Bill.objects.count() == 1


def test_nobody_is_asked_to_approve_a_run_that_was_discarded(money, told):
    told.propose(money.firm, "10.00")
    run = money.preview()
    services.ask_to_approve_run(run=run, actor=money.clerk, at=AT)
    services.discard_run(run=run, actor=money.clerk, at=AT + timedelta(hours=1))
    later = AT + timedelta(hours=2)
    assert approvals.list_approvals(user=money.second, at=later, waiting=True) == []


def test_the_second_person_comes_from_the_request_to_the_run(money, told):
    told.propose(money.firm, "10.00")
    run = money.preview()
    asked = services.ask_to_approve_run(run=run, actor=money.clerk, at=AT)
    assert approvals.link_of(asked) == f"/billing/runs/{run.pk}/"


def test_one_run_is_open_at_a_time_and_an_issued_one_cannot_be_discarded(money):
    money.rent()
    run = money.preview()
    with pytest.raises(services.CannotBill, match="is open"):
        services.begin_run(park=money.park, month_on=JULY, issued_on=JULY, actor=money.clerk, at=AT)
    services.discard_run(run=run, actor=money.clerk, at=AT)
    run = money.bill()
    for change in (services.discard_run, services.preview_run):
        with pytest.raises(services.CannotBill, match="were issued"):
            change(run=run, actor=money.clerk, at=AT)
    services.lock_run(run=run, actor=money.clerk, at=AT)
    with pytest.raises(services.CannotBill):
        services.lock_run(run=run, actor=money.clerk, at=AT)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR])
def test_who_only_sees_money_changes_none(money, role):
    reader = make_user(role, money.park.branch)
    stranger = make_user(Role.OPERATOR, make_park().branch)
    money.rent()
    run = money.preview()
    for person in (reader, stranger):
        for refused in (
            lambda p: services.begin_run(park=money.park, month_on=JULY, issued_on=JULY, actor=p, at=AT),
            lambda p: services.preview_run(run=run, actor=p, at=AT),
            lambda p: services.ask_to_approve_run(run=run, actor=p, at=AT),
            lambda p: services.override_charge(
                charge=run.charges.get(), amount_yuan=Decimal(1), reason="x", actor=p, at=AT
            ),
        ):
            with pytest.raises(services.CannotBill, match="may not"):
                refused(person)
    assert BillRun.objects.count() == 1 and not Bill.objects.exists()


def test_a_firm_sees_its_own_bills_and_nobody_elses(money):
    money.rent()
    money.rent(money.other)
    money.bill()
    tenant = make_user(Role.TENANT, money.park.branch, subject=money.firm.uscc)
    assert [b.enterprise for b in Bill.objects.visible_to(tenant)] == [money.firm]
    assert not Bill.objects.visible_to(make_user(Role.OPERATOR, make_park().branch)).exists()
    assert Bill.objects.visible_to(make_user(Role.BUREAU, money.park.branch)).count() == 2


def test_a_bill_gives_its_firm_the_days_that_the_park_promises(money):
    services.set_rules(park=money.park, values={"least_days_to_pay": 10}, actor=money.clerk, at=AT)
    money.rent()
    money.bill()
    assert money.bill_of().due_on == date(2026, 6, 11)
