"""What is known of a firm is added, changed and ended by those who keep the record, and stays in the past."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkbrain.enterprises.models import EnterpriseAddress, EnterpriseContact, EnterpriseDocument, Occupancy
from parkbrain.enterprises.services import CannotRecordEnterprise, move_address, record_addresses, record_contacts
from parkbrain.kernel.models import AuditEvent, User
from parkbrain.kernel.roles import Role
from tests.factories import (
    AT,
    ON,
    make_address,
    make_contact,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_qualification,
    make_tenant_user,
    make_user,
)

pytestmark = pytest.mark.django_db
Kind = EnterpriseAddress.Kind


@pytest.fixture
def stay() -> Occupancy:
    return make_occupancy(premises=make_premises(code="A-101"), starts_on=date(2024, 1, 1))


def operator(stay: Occupancy) -> User:
    return make_user(Role.OPERATOR, stay.premises.park.branch)


def open_as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def detail(client: Client, stay: Occupancy, **params: str) -> str:
    return client.get(reverse("enterprise_detail", args=[stay.enterprise_id]), params).content.decode()


ENTRIES = {
    "qualifications": {"kind": "HNTE", "number": "GR-77", "valid_from_on": "2025-01-01", "valid_to_on": "2028-01-01"},
    "addresses": {"kind": "TAXED", "text": "云川路 88 号", "starts_on": "2025-01-01"},
    "contacts": {"name": "王敏", "phone": "0755-2601 2345", "starts_on": "2025-01-01", "is_main": "on"},
}
WRONG = {
    "qualifications": {"kind": "HNTE", "valid_from_on": "2025-01-01", "valid_to_on": "2024-01-01"},
    "addresses": {"kind": "TAXED", "text": "", "starts_on": "2025-13-01"},
    "contacts": {"name": "王敏", "phone": "call me", "starts_on": "2025-01-01"},
    "documents": {"kind": "FIRE"},
}


@pytest.mark.parametrize("thing", ENTRIES)
def test_entry_is_added_changed_and_ended_with_its_events(stay: Occupancy, thing: str) -> None:
    client, firm = open_as(operator(stay)), stay.enterprise
    url = reverse("enterprise_add", args=[firm.pk, thing])
    assert client.get(url).status_code == 200
    assert client.post(url, ENTRIES[thing]).status_code == 302
    row = getattr(firm, thing).get()
    edit = reverse("enterprise_edit", args=[firm.pk, thing, row.pk])
    assert client.get(edit).status_code == 200
    changed = {**ENTRIES[thing], **({"position": "经理"} if thing == "contacts" else {})}
    changed |= {"number": "GR-78"} if thing == "qualifications" else {}
    changed |= {"source": "TAX"} if thing == "addresses" else {}
    assert client.post(edit, changed).status_code == 302
    end = reverse("enterprise_end", args=[firm.pk, thing, row.pk])
    assert client.post(end, {"ends_on": "2026-01-01"}).status_code == 302
    row.refresh_from_db()
    assert date(2026, 1, 1) in {getattr(row, "ends_on", None), getattr(row, "valid_to_on", None)}
    kind = {"addresses": "address"}.get(thing, thing[:-1])
    codes = list(AuditEvent.objects.filter(code__startswith=f"enterprises.{kind}.").values_list("code", flat=True))
    assert sorted(c.rsplit(".", 1)[1] for c in codes) == ["added", "changed", "changed"]


@pytest.mark.parametrize("thing", WRONG)
def test_wrong_input_gives_the_form_back_with_422_and_writes_nothing(stay: Occupancy, thing: str) -> None:
    client = open_as(operator(stay))
    answer = client.post(reverse("enterprise_add", args=[stay.enterprise_id, thing]), WRONG[thing])
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not getattr(stay.enterprise, thing).exists()
    assert not AuditEvent.objects.filter(code__startswith="enterprises.").exists()


@pytest.mark.parametrize("thing", [*ENTRIES, "documents"])
def test_readers_and_strangers_change_nothing(stay: Occupancy, thing: str) -> None:
    firm, park = stay.enterprise, stay.premises.park
    url = reverse("enterprise_add", args=[firm.pk, thing])
    for user, status in (
        (make_user(Role.BUREAU, park.branch), 403),
        (make_user(Role.ASSESSOR, park.branch), 403),
        (make_tenant_user(firm, park), 403),
        (make_user(Role.SERVICE_PROVIDER, park.branch), 404),
        (make_user(Role.OPERATOR), 404),
    ):
        assert open_as(user).post(url, ENTRIES.get(thing, {})).status_code == status, user
    assert not getattr(firm, thing).exists()
    assert open_as(operator(stay)).put(url).status_code == 405
    assert open_as(operator(stay)).get(reverse("enterprise_add", args=[firm.pk, "secrets"])).status_code == 404


def test_reader_is_offered_no_change(stay: Occupancy) -> None:
    make_qualification(enterprise=stay.enterprise)
    address = reverse("enterprise_add", args=[stay.enterprise_id, "contacts"])
    assert address in detail(open_as(operator(stay)), stay)
    assert address not in detail(open_as(make_user(Role.BUREAU, stay.premises.park.branch)), stay)


def test_document_is_filed_listed_and_handed_out_within_the_scope(stay: Occupancy, document_store: None) -> None:
    client, firm = open_as(operator(stay)), stay.enterprise
    sent = {
        "file": SimpleUploadedFile("fire.pdf", b"%PDF acceptance"),
        "kind": "FIRE",
        "valid_from_on": "2025-01-01",
        "valid_to_on": str(timezone.localdate() + timedelta(days=10)),
    }
    assert client.post(reverse("enterprise_add", args=[firm.pk, "documents"]), sent).status_code == 302
    attached = EnterpriseDocument.objects.get(enterprise=firm)
    shown = detail(client, stay)
    assert "fire.pdf" in shown and "Fire acceptance" in shown and "expires in 10 days" in shown
    url = reverse("enterprise_document", args=[firm.pk, attached.pk])
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == b"%PDF acceptance"
    assert answer["Content-Type"] == "application/octet-stream" and "attachment" in answer["Content-Disposition"]
    assert open_as(make_tenant_user(firm, stay.premises.park)).get(url).status_code == 200
    # The firm is also in another operator's park: its papers of this park are not theirs.
    other = make_occupancy(enterprise=firm, premises=make_premises(park=make_park()))
    stranger = open_as(make_user(Role.OPERATOR, other.premises.park.branch))
    assert stranger.get(url).status_code == 404
    assert "fire.pdf" not in detail(stranger, stay)


def test_empty_and_oversized_files_are_refused(stay: Occupancy, document_store: None, monkeypatch) -> None:
    client = open_as(operator(stay))
    url = reverse("enterprise_add", args=[stay.enterprise_id, "documents"])
    assert client.post(url, {"file": SimpleUploadedFile("a.pdf", b""), "kind": "FIRE"}).status_code == 422
    monkeypatch.setattr("parkbrain.enterprises.services.papers.MAX_BYTES", 3)
    assert client.post(url, {"file": SimpleUploadedFile("a.pdf", b"1234"), "kind": "FIRE"}).status_code == 422
    assert not EnterpriseDocument.objects.exists()


def test_numbers_are_masked_for_those_who_may_not_see_them(stay: Occupancy) -> None:
    firm, park = stay.enterprise, stay.premises.park
    make_contact(enterprise=firm, park=park, phone="0755-2601 2345", email="wang@example.com", is_main=True)
    client = open_as(operator(stay))
    details = {
        "legal_representative": "王敏",
        "representative_id_number": "440300199001011234",
        "bank_account": "62220000000099",
    }
    assert client.post(reverse("enterprise_confidence", args=[firm.pk]), details).status_code == 302
    secrets = ("0755-2601 2345", "wang@example.com", "440300199001011234", "62220000000099")
    assert all(secret in detail(client, stay) for secret in secrets)
    assert all(secret in detail(open_as(make_tenant_user(firm, park)), stay) for secret in secrets)
    for role in (Role.BUREAU, Role.ASSESSOR):
        shown = detail(open_as(make_user(role, park.branch)), stay)
        assert not any(secret in shown for secret in secrets)
        assert "•••• 2345" in shown and "•••• 1234" in shown
    trail = [str(event.details) for event in AuditEvent.objects.all()]
    assert not any(secret in text for text in trail for secret in secrets)


def test_changed_telephone_leaves_no_number_in_the_trail(stay: Occupancy) -> None:
    park, firm = stay.premises.park, stay.enterprise
    row = {"uscc": firm.uscc, "name": "李明", "starts_on": date(2024, 1, 1)}
    for phone in ("0755-2601 2345", "0755-2601 9999"):
        record_contacts(park=park, rows=[{**row, "phone": phone}], actor=None, at=AT)
    event = AuditEvent.objects.get(code="enterprises.contact.changed")
    assert "phone" in event.details["fields"] and "2601" not in str(event.details)


def test_another_parks_contacts_of_the_same_firm_stay_there(stay: Occupancy) -> None:
    make_contact(enterprise=stay.enterprise, park=stay.premises.park, name="欧阳明")
    other = make_occupancy(enterprise=stay.enterprise, premises=make_premises(park=make_park()))
    assert "欧阳明" not in detail(open_as(make_user(Role.OPERATOR, other.premises.park.branch)), stay)


def test_firm_has_one_main_contact_at_a_time(stay: Occupancy) -> None:
    make_contact(enterprise=stay.enterprise, park=stay.premises.park, is_main=True)
    answer = open_as(operator(stay)).post(
        reverse("enterprise_add", args=[stay.enterprise_id, "contacts"]), ENTRIES["contacts"]
    )
    assert answer.status_code == 422
    assert EnterpriseContact.objects.count() == 1


# --- One address of a kind at a time ----------------------------------------------------------------------------------


@pytest.mark.parametrize("starts_on", [date(2024, 6, 1), date(2023, 1, 1), date(2025, 12, 31)])
def test_database_refuses_a_second_address_of_the_kind_by_itself(starts_on: date) -> None:
    firm = make_enterprise()
    make_address(enterprise=firm, starts_on=date(2024, 1, 1), ends_on=date(2026, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        make_address(enterprise=firm, starts_on=starts_on)
    make_address(enterprise=firm, starts_on=date(2026, 1, 1))
    make_address(enterprise=firm, starts_on=starts_on, kind=Kind.TAXED)
    with pytest.raises(DatabaseError), transaction.atomic():
        EnterpriseAddress.objects.filter(starts_on=date(2024, 1, 1), kind=Kind.REGISTERED).update(ends_on=None)


def test_address_rule_lives_in_the_database_after_all_migrations() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT contype FROM pg_constraint WHERE conname = 'address_one_of_a_kind'")
            assert cursor.fetchone() == ("x",)
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            names = {row[0] for row in cursor.fetchall()}
            assert {"address_one_of_a_kind_insert", "address_one_of_a_kind_update"} <= names


def test_service_names_the_days_on_which_two_addresses_would_hold() -> None:
    firm = make_enterprise()
    rows = [
        {"uscc": firm.uscc, "kind": Kind.TAXED, "text": t, "starts_on": d}
        for t, d in (("a", date(2024, 1, 1)), ("b", date(2025, 1, 1)))
    ]
    with pytest.raises(CannotRecordEnterprise, match=r"2024-01-01.*2025-01-01"):
        record_addresses(rows=rows, actor=None, at=AT)


def test_new_address_ends_the_one_before_it_on_its_first_day(stay: Occupancy) -> None:
    old = make_address(enterprise=stay.enterprise, starts_on=date(2024, 1, 1), text="旧")
    values = {"kind": Kind.REGISTERED, "text": "新", "starts_on": date(2026, 3, 1)}
    move_address(enterprise=stay.enterprise, values=values, actor=None, at=AT, park=stay.premises.park)
    old.refresh_from_db()
    assert old.ends_on == date(2026, 3, 1)


def test_page_says_since_when_an_address_lies_elsewhere_as_of_the_day(stay: Occupancy) -> None:
    firm, park = stay.enterprise, stay.premises.park
    make_address(enterprise=firm, text="园内 1 号", park=park, starts_on=date(2024, 1, 1), ends_on=date(2025, 5, 1))
    make_address(enterprise=firm, text="外面 2 号", starts_on=date(2025, 5, 1))
    client = open_as(operator(stay))
    assert "elsewhere since 2025-05-01" in detail(client, stay, on="2026-01-01")
    before = detail(client, stay, on="2025-04-30")
    assert "elsewhere since" not in before and "园内 1 号" in before


# --- What expires, what happened --------------------------------------------------------------------------------------


def test_calendar_shows_what_expires_in_its_month_and_what_was_not_renewed(stay: Occupancy) -> None:
    firm, park = stay.enterprise, stay.premises.park
    soon, old = ON + timedelta(days=40), ON - timedelta(days=40)
    make_qualification(enterprise=firm, number="Q-1", valid_to_on=soon)
    make_qualification(enterprise=firm, kind="SRDI", number="Q-2", valid_from_on=date(2020, 1, 1), valid_to_on=old)
    make_qualification(enterprise=firm, kind="ISO9001", number="Q-3", valid_from_on=date(2020, 1, 1), valid_to_on=old)
    make_qualification(enterprise=firm, kind="ISO9001", number="Q-4", valid_from_on=old, valid_to_on=None)
    client = open_as(operator(stay))
    for params in ({"park": park.pk}, {"enterprise": firm.pk}, {}):
        shown = client.get(reverse("qualification_calendar"), {"on": ON.isoformat(), **params}).content.decode()
        assert "Q-1" in shown and "Q-2" in shown and "Q-3" not in shown and "Q-4" not in shown
        assert f'id="month-{soon:%Y-%m}"' in shown
    file = client.get(reverse("qualification_calendar"), {"on": ON.isoformat(), "format": "ics"})
    assert file["Content-Type"].startswith("text/calendar")
    assert f"DTSTART;VALUE=DATE:{soon:%Y%m%d}" in file.content.decode()
    stranger = open_as(make_user(Role.OPERATOR))
    assert stranger.get(reverse("qualification_calendar"), {"park": park.pk}).status_code == 404
    assert stranger.get(reverse("qualification_calendar"), {"enterprise": firm.pk}).status_code == 404
    assert "Q-1" not in stranger.get(reverse("qualification_calendar"), {"on": ON.isoformat()}).content.decode()


def test_history_lists_every_row_of_the_firm_by_kind_and_page(stay: Occupancy) -> None:
    firm = stay.enterprise
    client = open_as(operator(stay))
    for thing, values in ENTRIES.items():
        client.post(reverse("enterprise_add", args=[firm.pk, thing]), values)
    url = reverse("enterprise_history", args=[firm.pk])
    shown = client.get(url).content.decode()
    assert "王敏 was recorded as a contact" in shown and "The address 云川路 88 号 was recorded" in shown
    narrowed = client.get(url, {"kind": "contact"}).content.decode()
    assert "王敏" in narrowed and "云川路" not in narrowed
    for number in range(45):
        client.post(
            reverse("enterprise_add", args=[firm.pk, "contacts"]), {"name": f"P{number}", "starts_on": "2025-01-01"}
        )
    assert "P44 was" in client.get(url).content.decode()
    assert "王敏" in client.get(url, {"page": 2}).content.decode()
    other = make_occupancy(enterprise=firm, premises=make_premises(park=make_park()))
    stranger = open_as(make_user(Role.OPERATOR, other.premises.park.branch))
    assert "王敏" not in stranger.get(url).content.decode()
    assert open_as(make_user(Role.OPERATOR)).get(url).status_code == 404
