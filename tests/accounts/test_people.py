"""People and roles: who may add whom, where, and what stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import translation

from parkbrain.accounts import services
from parkbrain.kernel.models import AuditEvent, Branch, Membership, User
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def browser_of(user: User, language: str = "en") -> Client:
    client = Client(headers={"host": "localhost", "accept-language": language})
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def form(branch: Branch, **changes: object) -> dict[str, object]:
    return {"username": "new.person", "full_name": "New Person", "role": "OPERATOR", "branch": branch.pk, **changes}


def test_operator_adds_a_person_and_sees_the_password_once() -> None:
    branch = make_branch()
    client = browser_of(make_user(Role.OPERATOR, branch))
    page = client.post("/people/", form(branch), follow=True)
    assert page.status_code == 200
    text = page.content.decode()
    assert "shown only once" in text
    person = User.objects.get(username="new.person")
    password = text.split("with the password ")[1].split(".")[0]
    assert person.check_password(password)
    assert password not in client.get("/people/").content.decode()
    assert AuditEvent.objects.filter(code="accounts.person.added").count() == 1


def test_taken_sign_in_name_is_refused_and_the_form_keeps_what_was_typed() -> None:
    branch = make_branch()
    make_user(Role.OPERATOR, branch)
    User.objects.create(username="new.person")
    answer = browser_of(make_user(Role.OPERATOR, branch)).post("/people/", form(branch))
    assert answer.status_code == 422
    assert "already taken" in answer.content.decode()
    assert 'value="New Person"' in answer.content.decode()


def test_operator_cannot_add_to_a_branch_that_is_not_theirs() -> None:
    own, other = make_branch(), make_branch()
    answer = browser_of(make_user(Role.OPERATOR, own)).post("/people/", form(other))
    assert answer.status_code == 422
    assert not User.objects.filter(username="new.person").exists()


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.ADMINISTRATOR])
def test_operator_gives_no_role_that_reaches_beyond_operating(role: Role) -> None:
    branch = make_branch()
    actor = make_user(Role.OPERATOR, branch)
    with pytest.raises(services.CannotAddPerson, match="may not give this role"):
        services.add_person(username="x", full_name="X", role=role, branch=branch, actor=actor, at=NOON)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_roles_without_the_permission_do_not_meet_the_page(role: Role) -> None:
    client = browser_of(make_user(role, make_branch()))
    assert client.get("/people/").status_code == 403
    assert 'href="/people/"' not in client.get("/profile/").content.decode()


def test_branch_picker_offers_only_ones_own_branches() -> None:
    own, other = make_branch(), make_branch()
    text = browser_of(make_user(Role.OPERATOR, own)).get("/people/").content.decode()
    assert f'<option value="{own.pk}"' in text
    assert f'<option value="{other.pk}"' not in text


def test_person_whose_last_role_was_taken_away_cannot_act_any_more() -> None:
    branch = make_branch()
    actor, gone = make_user(Role.OPERATOR, branch), make_user(Role.OPERATOR, branch)
    membership = Membership.objects.get(user=gone)
    assert browser_of(actor).post(f"/people/{membership.pk}/remove/").status_code == 302
    gone.refresh_from_db()
    assert not gone.is_active
    assert AuditEvent.objects.filter(code="accounts.membership.removed", actor=actor).exists()


def test_nobody_takes_away_their_own_role_or_one_elsewhere() -> None:
    own, other = make_branch(), make_branch()
    actor, stranger = make_user(Role.OPERATOR, own), make_user(Role.OPERATOR, other)
    client = browser_of(actor)
    client.post(f"/people/{Membership.objects.get(user=actor).pk}/remove/")
    assert Membership.objects.filter(user=actor).exists()
    assert client.post(f"/people/{Membership.objects.get(user=stranger).pk}/remove/").status_code == 404
    assert client.get(f"/people/{Membership.objects.get(user=stranger).pk}/remove/").status_code == 405


def rows_of(page: Any) -> dict[str, list[Any]]:
    """Return the cells of each person by sign-in name."""
    return {row[1].text: list(row) for row in page.context["list"].table.rows}


def test_each_row_offers_what_may_be_done_with_the_person_and_nothing_more() -> None:
    branch = make_branch()
    me = make_user(Role.ADMINISTRATOR, branch, username="me")
    make_user(Role.OPERATOR, branch, username="plain")
    secured = make_user(Role.OPERATOR, branch, username="secured")
    Authenticator.objects.create(user=secured, type=Authenticator.Type.TOTP, data={})
    make_user(Role.ADMINISTRATOR, branch, username="other.admin")
    page = browser_of(me).get("/people/")
    offered = {name: [action.label for action in cells[-1].actions] for name, cells in rows_of(page).items()}
    assert offered == {
        "me": [],
        "plain": ["Take the role away", "Link for a new password"],
        "secured": ["Take the role away", "Link for a new password", "Reset the second factor"],
        "other.admin": ["Take the role away"],
    }
    member = Membership.objects.get(user=secured)
    text = page.content.decode()
    assert f'action="/people/{member.pk}/remove/"' in text and f'action="/people/{secured.pk}/link/"' in text
    assert f'action="/people/{secured.pk}/second-factor/reset/"' in text
    assert text.count("csrfmiddlewaretoken") > 6, "every button carries its token"


def test_operator_is_offered_nothing_with_people_who_reach_further() -> None:
    branch = make_branch()
    client = browser_of(make_user(Role.OPERATOR, branch))
    make_user(Role.BUREAU, branch, username="bureau")
    assert rows_of(client.get("/people/"))["bureau"][-1].actions == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=liming", {"li"}),
        ("q=李明", {"li"}),
        ("q=LI@x.example", {"li"}),
        ("role=BUREAU", {"wang"}),
        ("factor=yes", {"wang"}),
        ("factor=unknown", set()),
        ("active=no", {"gone"}),
    ],
)
def test_people_are_found_by_name_role_second_factor_and_whether_they_may_sign_in(query: str, names: set[str]) -> None:
    branch = make_branch()
    client = browser_of(make_user(Role.ADMINISTRATOR, branch, username="me"))
    li = make_user(Role.OPERATOR, branch, username="li", full_name="李明")
    User.objects.filter(pk=li.pk).update(email="li@x.example")
    wang = make_user(Role.BUREAU, branch, username="wang", full_name="王伟")
    Authenticator.objects.create(user=wang, type=Authenticator.Type.TOTP, data={})
    User.objects.filter(pk=make_user(Role.OPERATOR, branch, username="gone").pk).update(is_active=False)
    assert set(rows_of(client.get(f"/people/?{query}"))) == names


def test_form_that_was_refused_is_shown_again_with_the_list_around_it() -> None:
    branch = make_branch()
    client = browser_of(make_user(Role.OPERATOR, branch, username="me"))
    answer = client.post("/people/", form(branch, username=""))
    assert answer.status_code == 422
    assert set(rows_of(answer)) == {"me"}
