"""Deposits, guarantees, papers and the money of deposits from a register: the books are right afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from parkbrain.billing.models import Deposit, DepositEntry
from parkbrain.billing.services import book_deposit
from parkbrain.enterprises.models import Enterprise
from parkbrain.intake import services as intake
from parkbrain.intake.models import Batch
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.leasing.models import DepositTerm, Guarantee, Lease, LeaseDocument
from tests.factories import AT, make_enterprise, make_lease, make_occupancy, make_park, make_premises, make_user
from tests.intake.conftest import workbook_bytes

from .test_register import FIRM, register, said

pytestmark = pytest.mark.django_db
Take = Callable[..., Any]
D = Decimal


@pytest.fixture
def park() -> Park:
    park = make_park(code="SEC-1")
    make_premises(park=park, code="A-1", area_m2=800)
    make_enterprise(uscc=FIRM)
    return park


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.OPERATOR, park.branch.parent)


@pytest.fixture
def take(park: Park, clerk: User, tmp_path: Path) -> Take:
    def run(content: Any, *, at: Any = AT, actor: User | None = None) -> Any:
        path = tmp_path / "register.xlsx"
        path.write_bytes(workbook_bytes(content))
        with override("en"):
            return intake.import_file(path=path, actor=actor or clerk, at=at, park_code=park.code)

    return run


def secured(**changed: Any) -> dict[str, list[list[Any]]]:
    sheets = {
        "lease_deposits": [
            ["租约编号", "押金序号", "押金月数", "约定押金金额", "押金应缴日期"],
            ["ZY-1", 1, 2, "", "2026-01-01"],
        ],
        "lease_guarantees": [
            ["lease_number", "number", "kind", "guarantor", "amount_yuan", "valid_from_on", "valid_to_on"],
            ["ZY-1", 1, "银行保函", "中国银行", 150000, "2026-01-01", "2029-04-01"],
        ],
        "lease_documents": [
            ["lease_number", "number", "kind", "name", "dated_on", "reference"],
            ["ZY-1", 1, "SIGNED", "房屋租赁合同", "2025-12-15", "2025-0318"],
        ],
        "deposit_entries": [
            ["uscc", "booked_on", "kind", "number", "amount_yuan", "reference", "reason"],
            [FIRM, "2026-01-05", "RECEIVED", "", 90000, "收 18", ""],
            [FIRM, "2026-03-05", "FORFEITED", "", 1500.5, "", "broken door"],
        ],
    }
    whole = {**register(), **sheets}
    whole["lease_register"][0][0] = "number"
    return {key: rows for key, rows in {**whole, **changed}.items() if rows}


def test_after_taking_over_the_books_say_what_is_due_held_and_missing(park: Park, take: Take, clerk: User) -> None:
    summary = take(secured())
    assert not summary.problems, said(summary)
    deposit = Deposit.objects.get(park=park)
    # Two months of 800 m² at 58.50 yuan, of which 90,000 came and 1,500.50 were kept.
    assert (deposit.due_yuan, deposit.held_yuan, deposit.missing_yuan) == (D("93600"), D("88499.50"), D("3600"))
    assert [e.recorded_by for e in DepositEntry.objects.all()] == [clerk] * 3
    paper, promise = LeaseDocument.objects.get(), Guarantee.objects.get()
    assert (paper.document, paper.name, paper.reference) == (None, "房屋租赁合同", "2025-0318")
    assert (promise.valid_from_on, promise.valid_to_on) == (date(2026, 1, 1), date(2029, 4, 1))
    codes = AuditEvent.objects.filter(actor=clerk).values_list("code", flat=True)
    for code in ("leasing.deposit.agreed", "leasing.guarantee.recorded", "leasing.document.listed"):
        assert list(codes).count(code) == 1
    assert list(codes).count("billing.deposit.taken_in") == 2 and list(codes).count("billing.deposit.booked") == 1


def test_the_same_file_again_changes_nothing_and_books_nothing(park: Park, take: Take) -> None:
    take(secured())
    events = AuditEvent.objects.exclude(code__startswith="intake.").count()
    again = take(secured(), at=AT + timedelta(days=1))
    assert not again.problems, said(again)
    assert (again.created, again.updated) == (0, 0)
    assert DepositEntry.objects.count() == 3
    assert AuditEvent.objects.exclude(code__startswith="intake.").count() == events


def test_a_draft_asks_nothing_of_the_books_and_may_be_changed(park: Park, take: Take) -> None:
    content = secured(deposit_entries=None)
    content["lease_register"][1][2] = ""
    take(content)
    assert not DepositEntry.objects.exists()
    content["lease_deposits"][1][2:4] = ["", 70000]
    assert not take(content, at=AT + timedelta(days=1)).problems
    term = DepositTerm.objects.get()
    assert (term.months_of_rent, term.amount_yuan) == (None, D("70000"))
    assert AuditEvent.objects.filter(code="leasing.deposit.changed").count() == 1


def test_deposits_follow_later_for_leases_that_are_here_already(park: Park, take: Take) -> None:
    firm, room = Enterprise.objects.get(uscc=FIRM), park.premises.get()
    lease = make_lease(park=park, enterprise=firm, premises=room, number="OLD-1")
    Lease.objects.update(state="ACTIVE")
    rows = [["lease_number", "number", "amount_yuan"], ["OLD-1", 1, 5000]]
    assert not take({"lease_deposits": rows}).problems
    assert DepositTerm.objects.get().due_on == lease.starts_on
    assert Deposit.objects.get(enterprise=firm).missing_yuan == D("5000")


WRONG = {
    "unknown lease": (("lease_deposits", 1, 0), "ZY-9", "lease_number", "unknown_lease"),
    "months and amount": (("lease_deposits", 1, 3), 70000, "amount_yuan", "months_and_amount"),
    "neither": (("lease_deposits", 1, 2), "", "months_of_rent", "missing"),
    "guarantee backwards": (("lease_guarantees", 1, 6), "2025-01-01", "valid_to_on", "period_backwards"),
    "guarantee unknown kind": (("lease_guarantees", 1, 2), "FRIEND", "kind", "not_a_choice"),
    "paper of an unknown lease": (("lease_documents", 1, 0), "ZY-9", "lease_number", "unknown_lease"),
    "more than held": (("deposit_entries", 2, 4), 90000.01, "amount_yuan", "more_than_held"),
    "no reason": (("deposit_entries", 2, 6), "", "reason", "missing"),
    "lies ahead": (("deposit_entries", 1, 1), "2036-01-05", "booked_on", "lies_ahead"),
    "numbers begin at one": (("deposit_entries", 1, 3), 2, "number", "out_of_turn"),
    "unknown firm": (("deposit_entries", 1, 0), "91440300MA5DEM002C", "uscc", "unknown_enterprise"),
    "set off against nothing": (("deposit_entries", 2, 2), "SET_OFF", "reference", "missing"),
    "due has no reference": (("deposit_entries", 1, 2), "DUE", "reference", "due_elsewhere"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_row_is_named_with_column_and_value_and_nothing_is_written(park: Park, take: Take, case: str) -> None:
    (sheet, row, column), value, field, code = WRONG[case]
    content = secured()
    content[sheet][row][column] = value
    summary = take(content)
    found = [p for p in summary.problems if (p.sheet, p.row, p.field, p.code) == (sheet, row + 1, field, code)]
    assert len(found) == 1, said(summary)
    assert found[0].column
    assert not any(m.objects.exists() for m in (DepositTerm, Guarantee, LeaseDocument, DepositEntry, Lease))


def test_what_is_booked_here_is_not_changed_by_a_file(park: Park, take: Take) -> None:
    take(secured())
    content = secured()
    content["deposit_entries"][1][4] = 95000
    summary = take(content, at=AT + timedelta(days=1))
    [problem] = summary.problems
    assert (problem.code, problem.row, problem.column, problem.value) == ("booked_already", 2, "E", "95000")
    assert Deposit.objects.get().received_yuan == D("90000")


def test_terms_of_a_lease_in_force_are_not_changed_by_a_file(park: Park, take: Take) -> None:
    take(secured())
    content = secured()
    content["lease_deposits"][1][2] = 3
    [problem] = take(content, at=AT + timedelta(days=1)).problems
    assert (problem.code, problem.sheet, problem.field) == ("not_a_draft", "lease_deposits", "months_of_rent")
    assert DepositTerm.objects.get().months_of_rent == D(2)


def test_two_alike_on_a_day_are_numbered_and_one_that_stands_twice_is_refused(park: Park, take: Take) -> None:
    content = secured(lease_deposits=None)
    row = content["deposit_entries"][1]
    content["deposit_entries"] = [content["deposit_entries"][0], row, [*row[:3], 1, *row[4:]]]
    assert [p.code for p in take(content).problems] == ["out_of_turn"]
    content["deposit_entries"][2][3] = 2
    assert not take(content).problems
    assert Deposit.objects.get().held_yuan == D("180000")


def test_money_of_a_firm_that_has_nothing_to_do_with_the_park_is_refused(park: Park, take: Take) -> None:
    stranger = make_enterprise()
    make_occupancy(premises=make_premises(park=make_park()), enterprise=stranger)
    rows = [["uscc", "booked_on", "kind", "amount_yuan"], [stranger.uscc, "2026-01-05", "RECEIVED", 5]]
    [problem] = take({"deposit_entries": rows}).problems
    assert (problem.code, problem.row, problem.field) == ("not_in_park", 2, "uscc")


def test_a_batch_with_money_is_taken_back_unless_more_was_booked_since(park: Park, take: Take, clerk: User) -> None:
    firm = Enterprise.objects.get(uscc=FIRM)
    batch = Batch.objects.get(pk=take(secured()).batch_id)
    money = {"park": park, "enterprise": firm, "actor": clerk, "at": AT, "booked_on": AT.date()}
    book_deposit(kind="TOPPED_UP", amount_yuan=D(5), **money)
    with override("en"), pytest.raises(intake.CannotRollBackBatch, match="received"):
        intake.roll_back_batch(batch=batch, actor=clerk, at=AT)
    DepositEntry.objects.filter(kind="TOPPED_UP").delete()
    Deposit.objects.update(received_yuan=D("90000"), held_yuan=D("88499.50"), missing_yuan=D("3600"))
    Deposit.objects.update(moved_on=date(2026, 3, 5))
    intake.roll_back_batch(batch=batch, actor=clerk, at=AT)
    assert not any(m.objects.exists() for m in (Deposit, DepositEntry, DepositTerm, Guarantee, LeaseDocument, Lease))


def test_a_strangers_file_is_refused(park: Park, take: Take) -> None:
    for stranger in (make_user(Role.OPERATOR), make_user(Role.ASSESSOR, park.branch)):
        with pytest.raises(intake.CannotTakeIn):
            take(secured(), actor=stranger)


def test_a_firm_that_only_a_draft_names_comes_with_the_export(
    park: Park, take: Take, clerk: User, tmp_path: Path
) -> None:
    content = register()
    content["lease_register"][1][2] = ""
    take(content)
    target = tmp_path / "out.xlsx"
    intake.write_export(park=park, target=target, language="en")
    Lease.objects.all().delete()
    Enterprise.objects.filter(uscc=FIRM).delete()
    summary = intake.import_file(path=target, actor=clerk, at=AT)
    assert not summary.problems, said(summary)
    assert Lease.objects.get().enterprise.uscc == FIRM


def test_the_file_of_a_listed_paper_is_filed_on_the_page_of_the_lease(park: Park, take: Take, clerk: User) -> None:
    take(secured())
    lease, paper = Lease.objects.get(), LeaseDocument.objects.get()
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(clerk)
    assert "file missing" in client.get(reverse("lease_detail", args=[lease.pk])).content.decode()
    assert client.get(reverse("lease_document", args=[lease.pk, paper.pk])).status_code == 404
    address = reverse("lease_act", args=[lease.pk, "document"])
    file = SimpleUploadedFile("scan.pdf", b"%PDF-1.4")
    answer = client.post(address, {"paper": paper.pk, "kind": "OTHER", "file": file})
    assert answer.status_code == 302
    paper.refresh_from_db()
    assert (paper.document.name, paper.kind, paper.name) == ("scan.pdf", "SIGNED", "房屋租赁合同")
    assert b"".join(client.get(reverse("lease_document", args=[lease.pk, paper.pk]))) == b"%PDF-1.4"
    client.post(address, {"kind": "ANNEX", "file": SimpleUploadedFile("plan.pdf", b"%PDF-1.5")})
    assert lease.documents.get(number=2).name == "plan.pdf"
