"""Deposits of a park: their list, the page of one with its entries and its form, and the sums that are kept."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.billing import queries, services
from parkbrain.billing.models import Deposit, DepositEntry
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_deposit, make_enterprise, make_occupancy, make_park, make_premises, make_user

D = Decimal


def browser(user) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def booked(money, kind, amount, **values) -> DepositEntry:
    by = {"actor": money.clerk, "at": AT, "booked_on": AT.date()}
    return services.book_deposit(
        park=money.park, enterprise=money.firm, kind=kind, amount_yuan=D(amount), **by, **values
    )


def test_a_deposit_says_what_its_entries_come_to(money) -> None:
    ask = {"park": money.park, "enterprise": money.firm, "due_on": AT.date(), "reference": "lease:1"}
    services.ask_deposit(**ask, amount_yuan=D("3000"), actor=money.clerk, at=AT)
    first = booked(money, "RECEIVED", "3000.00")
    booked(money, "FORFEITED", "500.00", reason="damage")
    deposit = Deposit.objects.get()
    assert (deposit.held_yuan, deposit.forfeited_yuan, deposit.missing_yuan) == (D("2500"), D("500"), D(0))
    assert deposit.moved_on == AT.date()
    with pytest.raises(services.CannotBook, match="used since"):
        services.undo_deposit(entry=first, reason="wrong firm", actor=money.clerk, at=AT)
    deposit.refresh_from_db()
    assert deposit.received_yuan == D("3000")


def test_the_list_shows_twenty_five_a_page_with_the_sum_of_all(money) -> None:
    for number in range(30):
        make_deposit(park=money.park, enterprise=make_enterprise(), received_yuan=f"{100 + number}.00")
    page = browser(money.clerk).get(f"{reverse('deposit_list')}?park={money.park.pk}&per=25&cols=firm,held,missing")
    view = page.context["list"]
    assert (len(view.table.rows), view.table.count) == (25, 30)
    assert view.totals["held"][0] == sum(D(100 + n) for n in range(30))
    assert "Deposits" in [tab.label for tab in page.context["pages"] if tab.active]
    only = browser(money.clerk).get(f"{reverse('deposit_list')}?park={money.park.pk}&state=settled")
    assert only.context["list"].table.count == 0


def test_the_old_address_of_a_park_leads_to_its_rows_of_the_list(money) -> None:
    answer = browser(money.clerk).get(reverse("billing_deposits", args=[money.park.pk]))
    assert answer.url == f"/deposits/?park={money.park.pk}"


def test_the_page_of_a_deposit_books_undoes_and_keeps_what_was_typed(money) -> None:
    deposit, client = make_deposit(park=money.park, enterprise=money.firm), browser(money.clerk)
    address = reverse("deposit_detail", args=[deposit.pk])
    assert client.get(address).status_code == 200
    wrong = client.post(
        address, {"ask": "book", "kind": "REFUNDED", "amount_yuan": "70.55", "booked_on": "2026-06-30", "reason": ""}
    )
    assert wrong.status_code == 422 and "70.55" in wrong.content.decode()
    assert wrong.context["form"].errors["reason"]
    over = client.post(
        address, {"ask": "book", "kind": "REFUNDED", "amount_yuan": "9999", "booked_on": "2026-06-30", "reason": "left"}
    )
    assert over.status_code == 422 and "Only 500.00 yuan" in over.content.decode()
    done = client.post(
        address, {"ask": "book", "kind": "REFUNDED", "amount_yuan": "200", "booked_on": "2026-06-30", "reason": "left"}
    )
    assert done.url == address
    deposit.refresh_from_db()
    assert deposit.held_yuan == D("300.00")
    entry = DepositEntry.objects.get(kind="REFUNDED")
    assert client.post(address, {"ask": "undo", "entry": entry.pk, "reason": ""}).status_code == 422
    client.post(address, {"ask": "undo", "entry": entry.pk, "reason": "not paid out"})
    deposit.refresh_from_db()
    assert deposit.held_yuan == D("500.00")
    shown = {e.pk: e.is_undone for e in queries.list_deposit_entries(deposit=deposit)}
    assert shown[entry.pk] is True


def test_the_first_money_of_a_firm_opens_its_deposit(money) -> None:
    client = browser(money.clerk)
    answer = client.post(
        reverse("deposit_add", args=[money.park.pk]),
        {"enterprise": money.other.pk, "kind": "RECEIVED", "amount_yuan": "12.50", "booked_on": "2026-06-30"},
    )
    assert answer.url == reverse("deposit_detail", args=[Deposit.objects.get(enterprise=money.other).pk])


def test_a_reader_sees_the_deposit_and_no_form_and_a_stranger_nothing(money) -> None:
    deposit = make_deposit(park=money.park, enterprise=money.firm)
    address = reverse("deposit_detail", args=[deposit.pk])
    reader = browser(make_user(Role.ASSESSOR, money.park.branch))
    page = reader.get(address)
    assert page.status_code == 200 and 'name="amount_yuan"' not in page.content.decode()
    assert reader.post(address, {"ask": "book"}).status_code == 403
    park = make_park()
    make_occupancy(premises=make_premises(park=park), enterprise=make_enterprise())
    assert browser(make_user(Role.OPERATOR, park.branch)).get(address).status_code == 404
