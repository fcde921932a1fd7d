"""Leases that came from a register: a second person confirms or refuses them, and the lease says who did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from parkbrain.intake import services as intake
from parkbrain.intake.models import Batch
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.leasing import queries, services
from parkbrain.leasing.models import Lease, LeaseVersion, TakenOver
from parkbrain.leasing.queries.tiles import get_lettings_tile
from tests.factories import AT, ON, make_enterprise, make_lease, make_park, make_premises, make_user
from tests.intake.conftest import workbook_bytes
from tests.query_counts import pinned_queries

from .test_register import FIRM, register

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
Take = Callable[..., Batch]


@pytest.fixture
def park() -> Park:
    park = make_park(code="TAKE-1")
    for code in ("A-1", "A-2", "A-3"):
        make_premises(park=park, code=code, area_m2=800)
    make_enterprise(uscc=FIRM, name_en="Robots Ltd")
    return park


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.OPERATOR, park.branch, full_name="Clerk")


@pytest.fixture
def second(park: Park) -> User:
    return make_user(Role.OPERATOR, park.branch, full_name="Second person")


@pytest.fixture
def take(park: Park, clerk: User, tmp_path: Path) -> Take:
    def run(content: Any, at: Any = AT) -> Batch:
        path = tmp_path / "leases of before.xlsx"
        path.write_bytes(workbook_bytes(content))
        with override("en"):
            summary = intake.import_file(path=path, actor=clerk, at=at, park_code=park.code)
        assert not summary.problems, summary.as_text()
        return Batch.objects.get(pk=summary.batch_id)

    return run


def three() -> dict[str, list[list[Any]]]:
    """Return a register of an active, a signed and a draft lease."""
    content = register()
    for number, state in ((2, "SIGNED"), (3, "")):
        content["lease_register"].append([f"ZY-{number}", FIRM, state, "2026-01-01", "2029-01-01"])
        content["lease_premises"].append([f"ZY-{number}", f"A-{number}", 800])
        content["lease_clauses"].append([f"ZY-{number}", 1, "RENT", 60, "", "", ""])
    return content


def browser(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def ids(*numbers: str) -> list[int]:
    return list(Lease.objects.filter(number__in=numbers).values_list("pk", flat=True))


def test_leases_in_force_wait_for_a_second_person_and_drafts_do_not(park: Park, take: Take, clerk: User) -> None:
    take(three())
    waiting = TakenOver.objects.order_by("lease__number")
    assert [(t.lease.number, t.state, t.taken_by, t.taken_at) for t in waiting] == [
        ("ZY-1", "WAITING", clerk, AT), ("ZY-2", "WAITING", clerk, AT),
    ]  # fmt: skip
    assert not LeaseVersion.objects.filter(approved_by__isnull=False).exists()
    assert LeaseVersion.objects.filter(state="APPROVED").count() == 2


def test_a_lease_that_was_approved_here_was_not_taken_over(park: Park) -> None:
    make_lease(park=park, enterprise=make_enterprise(), premises=park.premises.first())
    assert not TakenOver.objects.exists()


def test_a_second_person_confirms_and_the_versions_say_so(park: Park, take: Take, second: User) -> None:
    take(three())
    count = services.confirm_taken_over(park=park, lease_ids=ids("ZY-1", "ZY-2"), actor=second, at=LATER)
    assert count == 2
    row = TakenOver.objects.get(lease__number="ZY-1")
    assert (row.state, row.decided_by, row.decided_at, row.is_alone) == ("CONFIRMED", second, LATER, False)
    assert LeaseVersion.objects.get(lease=row.lease).approved_by == second
    assert AuditEvent.objects.filter(code="leasing.takeover.confirmed", actor=second).count() == 2
    with override("en"), pytest.raises(services.CannotConfirmLease, match="confirmed already"):
        services.confirm_taken_over(park=park, lease_ids=ids("ZY-1"), actor=second, at=LATER)


def test_who_took_a_lease_over_does_not_confirm_it_while_somebody_else_could(
    park: Park, take: Take, clerk: User, second: User
) -> None:
    take(three())
    with override("en"), pytest.raises(services.CannotConfirmLease, match="ZY-1 over yourself"):
        services.confirm_taken_over(park=park, lease_ids=ids("ZY-1"), actor=clerk, at=LATER)
    assert not TakenOver.objects.exclude(state="WAITING").exists()


def test_where_nobody_else_could_the_lone_person_counts_and_the_audit_says_so(
    park: Park, take: Take, clerk: User
) -> None:
    take(three())
    services.confirm_taken_over(park=park, lease_ids=ids("ZY-1"), actor=clerk, at=LATER)
    assert TakenOver.objects.get(lease__number="ZY-1").is_alone
    event = AuditEvent.objects.get(code="leasing.takeover.confirmed_alone")
    assert (event.actor, event.target_name) == (clerk, "ZY-1")
    assert not AuditEvent.objects.filter(code="leasing.takeover.confirmed").exists()


def test_one_that_cannot_be_confirmed_leaves_all_as_they_were(park: Park, take: Take, second: User) -> None:
    take(three())
    for wrong in (ids("ZY-1", "ZY-3"), [*ids("ZY-1"), 987654], []):
        with pytest.raises(services.CannotConfirmLease):
            services.confirm_taken_over(park=park, lease_ids=wrong, actor=second, at=LATER)
    assert TakenOver.objects.filter(state="WAITING").count() == 2


def test_a_refusal_needs_its_reason_and_can_be_followed_by_a_confirmation(park: Park, take: Take, second: User) -> None:
    take(three())
    by = {"park": park, "lease_ids": ids("ZY-1"), "actor": second, "at": LATER}
    with pytest.raises(services.CannotConfirmLease):
        services.refuse_taken_over(reason="  ", **by)
    services.refuse_taken_over(reason="free months are missing", **by)
    row = TakenOver.objects.get(lease__number="ZY-1")
    assert (row.state, row.reason, row.decided_by) == ("REFUSED", "free months are missing", second)
    assert Lease.objects.get(number="ZY-1").state == "ACTIVE"
    [event] = AuditEvent.objects.filter(code="leasing.takeover.refused")
    assert event.details["reason"] == "free months are missing"
    services.confirm_taken_over(**by)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("CONFIRMED", "")


def test_strangers_and_readers_decide_nothing(park: Park, take: Take) -> None:
    take(three())
    for person in (make_user(Role.OPERATOR), make_user(Role.ASSESSOR, park.branch)):
        by = {"park": park, "lease_ids": ids("ZY-1"), "actor": person, "at": LATER}
        with pytest.raises(services.CannotChangeLease):
            services.confirm_taken_over(**by)
        with pytest.raises(services.CannotChangeLease):
            services.refuse_taken_over(reason="wrong", **by)
    assert TakenOver.objects.filter(state="WAITING").count() == 2


def test_leases_of_another_park_are_not_decided_from_here(park: Park, take: Take, second: User) -> None:
    take(three())
    other = make_park(operator=park.branch)
    with pytest.raises(services.CannotConfirmLease):
        services.confirm_taken_over(park=other, lease_ids=ids("ZY-1"), actor=second, at=LATER)


def test_the_page_names_everything_and_confirms_what_is_chosen(park: Park, take: Take, second: User) -> None:
    batch = take(three())
    client, address = browser(second), reverse("taken_over_leases", args=[park.pk])
    shown = client.get(address).content.decode()
    for text in (
        "ZY-1",
        "Robots Ltd",
        "A-1",
        "58.50",
        "Clerk",
        "leases of before.xlsx",
        "2 leases came from a register",
    ):
        assert text in shown
    assert reverse("import_batch", args=[batch.pk]) in shown and "ZY-3" not in shown
    assert reverse("lease_detail", args=ids("ZY-1")) in shown
    answer = client.post(address, {"ask": "confirm", "pick": ids("ZY-1")})
    assert answer.url == address
    assert "ZY-1" not in client.get(address).content.decode().split("</table>")[0]
    assert "ZY-1" in client.get(f"{address}?state=confirmed").content.decode()
    client.post(address, {"ask": "confirm", "all": "on"})
    assert TakenOver.objects.filter(state="CONFIRMED").count() == 2


def test_of_all_those_are_confirmed_that_the_person_may_and_the_others_are_named(
    park: Park, take: Take, clerk: User, second: User
) -> None:
    take(three())
    TakenOver.objects.filter(lease__number="ZY-2").update(taken_by=second)
    client, address = browser(second), reverse("taken_over_leases", args=[park.pk])
    said = client.post(address, {"ask": "confirm", "all": "on"}, follow=True).content.decode()
    assert "1 lease was confirmed." in said
    assert "1 lease was left: you took it over yourself, and a second person has to confirm it: ZY-2" in said
    assert TakenOver.objects.get(lease__number="ZY-1").decided_by == second
    assert TakenOver.objects.get(lease__number="ZY-2").state == "WAITING"
    again = client.post(address, {"ask": "confirm", "all": "on"})
    assert again.status_code == 422 and "a second person has to confirm it" in again.content.decode()
    assert AuditEvent.objects.filter(code="leasing.takeover.confirmed").count() == 1
    by = {"park": park, "lease_ids": ids("ZY-1", "ZY-2"), "at": LATER}
    assert services.confirm_what_may_be(actor=clerk, **by) == services.Confirmed(1, [])
    with pytest.raises(services.CannotConfirmLease):
        services.confirm_what_may_be(actor=clerk, **by)
    with pytest.raises(services.CannotChangeLease):
        services.confirm_what_may_be(actor=make_user(Role.ASSESSOR, park.branch), **by)


def test_of_many_that_are_left_the_message_leads_to_the_list_of_all(
    park: Park, take: Take, second: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(three())
    TakenOver.objects.filter(lease__number="ZY-2").update(taken_by=second)
    monkeypatch.setattr("parkbrain.leasing.views.taking_over.MOST_NAMED", 0)
    address = reverse("taken_over_leases", args=[park.pk])
    client = browser(second)
    said = client.post(address, {"ask": "confirm", "all": "on"}, follow=True).content.decode()
    assert f'<a href="{address}?state=waiting">and 1 more</a>' in said
    assert "ZY-2" in client.get(f"{address}?state=waiting").content.decode()


def test_the_page_keeps_what_was_typed_when_it_cannot_be_done(
    park: Park, take: Take, clerk: User, second: User
) -> None:
    take(three())
    address = reverse("taken_over_leases", args=[park.pk])
    nothing = browser(second).post(address, {"ask": "refuse", "reason": "the rent is wrong"})
    assert nothing.status_code == 422
    assert "Choose at least one lease" in nothing.content.decode() and "the rent is wrong" in nothing.content.decode()
    [pk] = ids("ZY-1")
    without = browser(second).post(address, {"ask": "refuse", "pick": pk, "reason": ""})
    assert without.status_code == 422 and f'value="{pk}" checked' in without.content.decode()
    own = browser(clerk).post(address, {"ask": "confirm", "pick": pk})
    assert own.status_code == 422 and "a second person has to confirm it" in own.content.decode()


def test_who_may_see_the_page(park: Park, take: Take) -> None:
    take(three())
    address = reverse("taken_over_leases", args=[park.pk])
    reader = browser(make_user(Role.ASSESSOR, park.branch))
    page = reader.get(address)
    assert page.status_code == 200 and 'name="pick"' not in page.content.decode()
    assert reader.post(address, {"ask": "confirm", "pick": ids("ZY-1")}).status_code == 403
    assert browser(make_user(Role.OPERATOR)).get(address).status_code == 404
    assert browser(make_user(Role.OPERATOR)).post(address, {"ask": "confirm"}).status_code == 404


def test_the_lease_says_who_took_it_over_and_who_confirmed_it(park: Park, take: Take, second: User) -> None:
    take(three())
    [pk] = ids("ZY-1")
    address = reverse("lease_detail", args=[pk])
    client = browser(second)
    assert "Nobody has confirmed it" in client.get(address).content.decode()
    services.refuse_taken_over(park=park, lease_ids=[pk], reason="wrong floor", actor=second, at=LATER)
    refused = client.get(address).content.decode()
    assert "wrong floor" in refused and "roll its import back" in refused
    services.confirm_taken_over(park=park, lease_ids=[pk], actor=second, at=LATER)
    shown = client.get(address).content.decode()
    assert "Clerk took this lease over from a register" in shown and "Second person confirmed it" in shown


def test_what_waits_and_what_was_refused_asks_for_attention(park: Park, take: Take, second: User) -> None:
    def titles() -> list[str]:
        with override("en"):
            return [a.title for a in queries.list_taken_over_attention(user=second, park=park, on=ON)]

    take(three())
    assert titles() == ["2 leases taken over are not confirmed"]
    stranger = make_user(Role.ASSESSOR, park.branch)
    assert queries.list_taken_over_attention(user=stranger, park=park, on=ON) == []
    tile = get_lettings_tile(user=second, park=park, on=ON)
    assert (tile["figures"][-1].value, tile["figures"][-1].url) == ("2", reverse("taken_over_leases", args=[park.pk]))
    services.refuse_taken_over(park=park, lease_ids=ids("ZY-1"), reason="x", actor=second, at=LATER)
    assert titles() == ["1 lease taken over is not confirmed", "1 lease taken over was refused"]
    services.confirm_taken_over(park=park, lease_ids=ids("ZY-1", "ZY-2"), actor=second, at=LATER)
    assert titles() == []


def test_a_batch_can_be_taken_back_until_a_lease_of_it_is_confirmed(
    park: Park, take: Take, clerk: User, second: User
) -> None:
    batch = take(three())
    by = {"park": park, "lease_ids": ids("ZY-1"), "actor": second, "at": LATER}
    services.confirm_taken_over(**by)
    with override("en"), pytest.raises(intake.CannotRollBackBatch, match="ZY-1"):
        intake.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    services.refuse_taken_over(reason="all wrong", **by)
    intake.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert not Lease.objects.exists() and not TakenOver.objects.exists()


def test_the_count_of_queries_does_not_grow_with_the_leases(park: Park, take: Take, second: User) -> None:
    content = three()
    for number in range(4, 12):
        make_premises(park=park, code=f"A-{number}", area_m2=100)
        content["lease_register"].append([f"ZY-{number}", FIRM, "ACTIVE", "2026-01-01", "2029-01-01"])
        content["lease_premises"].append([f"ZY-{number}", f"A-{number}", 100])
        content["lease_clauses"].append([f"ZY-{number}", 1, "RENT", 60, "", "", ""])
    take(content)
    client, address = browser(second), reverse("taken_over_leases", args=[park.pk])
    client.get(address)
    with pinned_queries("leasing.taken_over"):
        assert len(client.get(address).context["lines"]) == 10
