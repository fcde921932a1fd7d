"""The two-person rule: who asks does not decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from parkbrain.accounts import queries, services
from parkbrain.config.selfcheck import permission_holes
from parkbrain.kernel import approvals
from parkbrain.kernel.models import Approval, AuditEvent, Branch, Membership, User
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_park, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)


@pytest.fixture
def top() -> Branch:
    return make_branch()


@pytest.fixture
def asker(top: Branch) -> User:
    return make_user(Role.ADMINISTRATOR, top, username="asker")


@pytest.fixture
def second(top: Branch) -> User:
    return make_user(Role.ADMINISTRATOR, top, username="second")


def ask(asker: User, top: Branch, *, role: str = Role.ADMINISTRATOR) -> Approval:
    person = make_user(Role.OPERATOR, top)
    given = services.grant_role(user=person, role=role, branch=top, actor=asker, at=NOON, reason="deputy")
    assert isinstance(given, Approval)
    return given


def roles(approval: Approval) -> set[str]:
    return set(Membership.objects.filter(user__username=approval.params["username"]).values_list("role", flat=True))


def browser(user: User) -> Client:
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.BUREAU])
def test_a_role_that_reaches_far_is_given_only_once_a_second_person_approves(
    top: Branch, asker: User, second: User, role: str
) -> None:
    approval = ask(asker, top, role=role)
    assert roles(approval) == {Role.OPERATOR}
    done = approvals.decide_approval(approval=approval, approve=True, actor=second, at=NOON)
    assert (done.state, done.decided_by) == (Approval.State.APPROVED, second)
    assert roles(approval) == {Role.OPERATOR, role}
    codes = set(AuditEvent.objects.values_list("code", flat=True))
    assert {"kernel.approval.asked", "kernel.approval.approved", "accounts.role.granted"} <= codes


def test_other_roles_are_given_at_once(top: Branch, asker: User, second: User) -> None:
    given = services.grant_role(
        user=make_user(Role.OPERATOR, top), role=Role.ASSESSOR, branch=top, actor=asker, at=NOON
    )
    assert isinstance(given, Membership)


def test_a_first_administrator_alone_is_not_locked_in(top: Branch, asker: User) -> None:
    services.add_person(username="b", full_name="B", role=Role.ADMINISTRATOR, branch=top, actor=asker, at=NOON)
    assert Membership.objects.filter(user__username="b", role=Role.ADMINISTRATOR).exists()
    services.add_person(username="c", full_name="C", role=Role.ADMINISTRATOR, branch=top, actor=asker, at=NOON)
    assert not Membership.objects.filter(user__username="c").exists()


def test_a_new_person_waits_without_a_role_and_is_no_hole(top: Branch, asker: User, second: User) -> None:
    user, _password = services.add_person(
        username="new", full_name="New", role=Role.BUREAU, branch=top, actor=asker, at=NOON
    )
    assert not user.memberships.exists()
    assert permission_holes() == []
    approvals.decide_approval(approval=Approval.objects.get(), approve=True, actor=second, at=NOON)
    assert user.memberships.get().role == Role.BUREAU


def test_taking_an_administrators_role_away_needs_two_as_well(top: Branch, asker: User, second: User) -> None:
    member = make_user(Role.ADMINISTRATOR, top).memberships.get()
    approval = services.remove_membership(membership=member, actor=asker, at=NOON)
    assert approval is not None
    assert Membership.objects.filter(pk=member.pk).exists()
    approvals.decide_approval(approval=approval, approve=True, actor=second, at=NOON)
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_an_operator_does_not_take_away_a_role_they_may_not_give(top: Branch, asker: User) -> None:
    with pytest.raises(services.CannotRemoveMembership):
        services.remove_membership(membership=asker.memberships.get(), actor=make_user(Role.OPERATOR, top), at=NOON)


def test_the_asker_cannot_decide_not_even_in_the_database(top: Branch, asker: User, second: User) -> None:
    approval = ask(asker, top)
    with translation.override("en"), pytest.raises(approvals.CannotDecideApproval, match="second person"):
        approvals.decide_approval(approval=approval, approve=True, actor=asker, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(decided_by=asker, state=Approval.State.APPROVED)
    assert roles(approval) == {Role.OPERATOR}


def test_nobody_approves_a_role_for_themselves(top: Branch, asker: User, second: User) -> None:
    other = make_user(Role.ADMINISTRATOR, top)
    given = services.grant_role(user=other, role=Role.BUREAU, branch=top, actor=asker, at=NOON)
    assert isinstance(given, Approval)
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=given, approve=True, actor=other, at=NOON)


@pytest.mark.parametrize("role", [r for r in Role if r not in {Role.ADMINISTRATOR, Role.TENANT}])
def test_other_roles_do_not_decide(top: Branch, asker: User, second: User, role: str) -> None:
    approval = ask(asker, top)
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=approval, approve=True, actor=make_user(role, top), at=NOON)


def test_the_permission_counts_when_it_is_decided_and_where(top: Branch, asker: User, second: User) -> None:
    approval = ask(asker, top)
    elsewhere = make_user(Role.ADMINISTRATOR, make_branch())
    Membership.objects.filter(user=second).delete()
    for actor in (elsewhere, User.objects.get(pk=second.pk)):
        with pytest.raises(approvals.CannotDecideApproval):
            approvals.decide_approval(approval=approval, approve=True, actor=actor, at=NOON)


def test_a_request_is_decided_once(top: Branch, asker: User, second: User) -> None:
    approval = ask(asker, top)
    approvals.decide_approval(approval=approval, approve=False, actor=second, at=NOON, reason="not now")
    assert roles(approval) == {Role.OPERATOR}
    for approve in (True, False):
        with pytest.raises(approvals.CannotDecideApproval):
            approvals.decide_approval(approval=approval, approve=approve, actor=second, at=NOON)
    assert AuditEvent.objects.get(code="kernel.approval.refused").details["reason"] == "not now"


def test_a_request_expires(top: Branch, asker: User, second: User) -> None:
    approval = ask(asker, top)
    later = NOON + timedelta(days=14)
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=approval, approve=True, actor=second, at=later)
    assert approvals.list_approvals(user=second, at=later, waiting=True) == []
    assert approvals.list_approvals(user=second, at=later, waiting=False) == [approval]


def test_the_same_request_waits_only_once_and_can_be_withdrawn_by_its_asker(
    top: Branch, asker: User, second: User
) -> None:
    approval = ask(asker, top)
    person = User.objects.get(username=approval.params["username"])
    with pytest.raises(services.CannotAddPerson):
        services.grant_role(user=person, role=Role.ADMINISTRATOR, branch=top, actor=asker, at=NOON)
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.withdraw_approval(approval=approval, actor=second, at=NOON)
    approvals.withdraw_approval(approval=approval, actor=asker, at=NOON)
    assert isinstance(
        services.grant_role(user=person, role=Role.ADMINISTRATOR, branch=top, actor=asker, at=NOON), Approval
    )


def test_what_can_no_longer_be_done_leaves_the_request_waiting(top: Branch, asker: User, second: User) -> None:
    approval = ask(asker, top)
    User.objects.filter(username=approval.params["username"]).update(username="renamed")
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=approval, approve=True, actor=second, at=NOON)
    approval.refresh_from_db()
    assert approval.state == Approval.State.WAITING


def test_the_page_shows_and_decides_and_the_home_of_the_second_person_says_that_it_waits(
    top: Branch, asker: User, second: User
) -> None:
    park = make_park(operator=top)
    person = make_user(Role.OPERATOR, top)
    form = {"grant-username": person.username, "grant-role": "BUREAU", "grant-branch": top.pk, "grant-reason": "x"}
    assert browser(asker).post("/people/grant/", form).status_code == 302
    approval = Approval.objects.get()
    assert "Withdraw" in browser(asker).get("/approvals/").content.decode()
    assert "Give person" in browser(second).get("/approvals/").content.decode()
    today = NOON.date()
    assert len(queries.list_attention(user=second, park=park, on=today)) == 1
    assert queries.list_attention(user=asker, park=park, on=today) == []
    address = f"/approvals/{approval.pk}/decide/"
    assert browser(second).get(address).status_code == 405
    assert browser(make_user(Role.ADMINISTRATOR, make_branch())).post(address).status_code == 404
    assert browser(make_user(Role.BUREAU, top)).post(address).status_code == 404
    browser(asker).post(address, {"decision": "approve"})
    assert roles(approval) == {Role.OPERATOR}
    browser(second).post(address, {"decision": "approve"})
    assert roles(approval) == {Role.OPERATOR, Role.BUREAU}
    assert "Approved" in browser(second).get("/approvals/").content.decode()
