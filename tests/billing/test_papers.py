"""Papers of money: a month's bills in one PDF or as the accounting gets them, and what is overdue."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import translation
from pypdf import PdfReader

from parkbrain.billing import queries
from parkbrain.kernel import registry
from parkbrain.kernel.registry import NoReport, ReportFile
from parkbrain.kernel.roles import Role
from tests.billing.conftest import JULY, JUNE, Money, Told
from tests.factories import make_park, make_user


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def sent(money: Money, key: str, kind: str, *, since: date = JUNE, on: date = date(2026, 6, 30)) -> ReportFile:
    report = registry.page_reports.get(key)
    assert report is not None
    with translation.override("en"):
        return report.make(user=money.clerk, park=money.park, since=since, on=on, kind=kind)


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.values)


def test_all_bills_of_the_month_stand_in_one_paper_each_with_its_own_pages(money: Money) -> None:
    money.rent(amount="1000.00")
    money.rent(money.other, amount="2000.00")
    run = money.bill()
    paper = sent(money, "billing.bills", "pdf")
    text, bills = text_of(paper.content), list(run.bills.all())
    assert len(bills) == 2 and paper.name == f"bills-{money.park.code}-2026-06.pdf"
    assert all(text.count(bill.number) >= 3 and bill.enterprise.uscc in text for bill in bills)
    # A list of the bills, then a page for each, which is the first of its own.
    assert len(PdfReader(io.BytesIO(paper.content)).pages) == 3 and text.count("1 / 1") == 3
    assert "2 bills over 3,270.00 yuan, 3,270.00 open." in text


def test_corrections_billed_later_in_the_month_stand_in_the_paper_and_in_the_file(money: Money, told: Told) -> None:
    told.propose(money.firm, "1000.00")
    money.bill()
    told.propose(money.firm, "900.00")
    money.bill()
    lines = list(queries.list_export_lines(runs=queries.list_issued_runs(park=money.park, month_on=JUNE)))
    assert len({one.bill.number for one in lines}) == 2
    heads, *rows = rows_of(sent(money, "billing.bills", "xlsx").content)
    assert sum(Decimal(str(row[heads.index("Amount (yuan)")])) for row in rows) == Decimal("900.00")
    assert all(one.bill.number in text_of(sent(money, "billing.bills", "pdf").content) for one in lines)


def test_a_month_without_issued_bills_has_no_paper(money: Money) -> None:
    money.rent(amount="1000.00")
    money.preview()
    for kind in ("pdf", "xlsx"):
        with pytest.raises(NoReport, match="No bills of the month"):
            sent(money, "billing.bills", kind)


def test_the_page_of_a_run_hands_its_bills_out_to_who_sees_money_alone(money: Money) -> None:
    money.rent(amount="1000.00")
    run = money.bill()
    client, address = Client(), f"/billing/runs/{run.pk}/export.pdf"
    client.force_login(money.clerk)
    money.rent(amount="1000.00", month=JULY)
    assert client.get(f"/billing/runs/{money.preview(JULY).pk}/export.pdf").status_code == 404, "nothing is issued yet"
    answer = client.get(address)
    assert answer.content[:4] == b"%PDF" and "attachment" in answer.headers["Content-Disposition"]
    assert address in client.get(f"/billing/runs/{run.pk}/").content.decode()
    strangers = [make_user(Role.SERVICE_PROVIDER, money.park.branch), make_user(Role.OPERATOR, make_park().branch)]
    for stranger in strangers:
        client.force_login(stranger)
        assert client.get(address).status_code == 404


def test_what_is_overdue_is_said_as_its_page_says_it(money: Money) -> None:
    money.rent(amount="1000.00")
    money.bill()
    (owed,) = queries.list_arrears(park=money.park, on=JULY)
    heads, row = rows_of(sent(money, "billing.arrears", "xlsx", on=JULY).content)
    assert row[heads.index("Enterprise")] == money.firm.name
    assert Decimal(str(row[heads.index("Sum (yuan)")])) == owed.total_yuan == Decimal("1090.00")
    assert "1 firm owes 1,090.00 yuan" in text_of(sent(money, "billing.arrears", "pdf", on=JULY).content)
    assert len(rows_of(sent(money, "billing.arrears", "xlsx", on=JUNE).content)) == 1, "nothing is overdue yet"
