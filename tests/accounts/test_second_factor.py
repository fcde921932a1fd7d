"""The second factor: an app or recovery codes at sign-in, required by role, confirmed before it changes."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from parkbrain.accounts import services
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from tests.accounts.helpers import (
    PASSWORD,
    add_app,
    add_codes,
    app_code,
    is_signed_in,
    make_person,
    sign_in,
    visitor,
)
from tests.factories import AT, make_branch, make_user

pytestmark = pytest.mark.django_db


def test_the_password_alone_does_not_sign_in_where_an_app_is_set_up() -> None:
    person = make_person()
    add_app(person)
    client = visitor()
    answer = sign_in(client, person, next="/premises/")
    assert answer.url == "/sign-in/code/"
    assert not is_signed_in(client)
    assert client.post("/sign-in/code/", {"code": "123456"}).status_code == 422
    assert not is_signed_in(client)
    answer = client.post("/sign-in/code/", {"code": app_code()})
    assert (answer.status_code, answer.url) == (302, "/premises/")
    assert is_signed_in(client)


def test_a_code_works_once() -> None:
    person = make_person()
    add_app(person)
    code = app_code()
    first, second = visitor(), visitor()
    for client in (first, second):
        sign_in(client, person)
        client.post("/sign-in/code/", {"code": code})
        cache.clear()  # another server process has a memory of its own
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_a_recovery_code_signs_in_once() -> None:
    person = make_person()
    add_app(person)
    code = add_codes(person)[0]
    for works in (True, False):
        client = visitor()
        sign_in(client, person)
        assert client.post("/sign-in/code/", {"code": code}).status_code == (302 if works else 422)
        assert is_signed_in(client) is works


def test_the_page_of_the_code_opens_only_after_the_password() -> None:
    answer = visitor().get("/sign-in/code/")
    assert (answer.status_code, answer.url) == (302, "/sign-in/")


def test_an_app_is_set_up_with_a_picture_and_a_first_code_and_brings_recovery_codes() -> None:
    person = make_person()
    client = visitor()
    sign_in(client, person)
    page = client.get("/profile/security/app/")
    text = page.content.decode()
    assert 'src="data:image/svg+xml;base64,' in text
    secret = re.search(r"<p class=\"mono strong\">([A-Z2-7]{32})</p>", text)
    assert secret
    assert client.post("/profile/security/app/", {"code": "000000"}).status_code == 422
    answer = client.post("/profile/security/app/", {"code": app_code(secret[1])})
    assert answer.url == "/profile/security/codes/"
    assert len(re.findall(r"<li>\d{8}</li>", client.get(answer.url).content.decode())) == 10
    assert client.get("/profile/security/codes/file/").content.decode().split()[0].isdigit()
    assert AuditEvent.objects.filter(code="accounts.factor.added", actor=person).count() == 1
    again = visitor()
    assert sign_in(again, person).url == "/sign-in/code/"


def test_removing_the_app_is_written_down_and_takes_the_codes_along() -> None:
    person = make_person()
    add_app(person)
    add_codes(person)
    client = visitor()
    sign_in(client, person)
    client.post("/sign-in/code/", {"code": app_code()})
    assert client.get("/profile/security/app/remove/").status_code == 200
    assert client.post("/profile/security/app/remove/").status_code == 302
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.filter(code="accounts.factor.removed", actor=person).exists()


def test_what_matters_asks_for_the_password_again_once_the_sign_in_is_old(settings: object) -> None:
    person = make_person()
    client = visitor()
    sign_in(client, person)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0  # type: ignore[attr-defined]
    answer = client.get("/profile/security/app/")
    assert answer.url.startswith("/confirm/?next=")
    assert client.get(answer.url).status_code == 200
    wrong = client.post("/confirm/", {"password": "wrong", "next": "/profile/security/app/"})
    assert wrong.status_code == 422
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 60  # type: ignore[attr-defined]
    right = client.post("/confirm/", {"password": PASSWORD, "next": "/profile/security/app/"})
    assert right.url == "/profile/security/app/"
    assert client.get(right.url).status_code == 200


def test_guessing_at_the_confirmation_signs_out() -> None:
    person = make_person()
    client = visitor()
    sign_in(client, person)
    for _ in range(5):
        client.post("/confirm/", {"password": "wrong"})
    assert client.post("/confirm/", {"password": PASSWORD}).url == "/sign-in/"
    assert not is_signed_in(client)


def test_a_role_that_must_have_a_second_factor_gets_no_further_without(settings: object) -> None:
    settings.REQUIRE_SECOND_FACTOR = ["operator"]  # type: ignore[attr-defined]
    person = make_person()
    client = visitor()
    sign_in(client, person)
    for address in ("/", "/parks/", "/people/", "/profile/"):
        assert client.get(address).url == "/profile/security/"
    assert "must have a second factor" in client.get("/profile/security/").content.decode()
    assert client.get("/profile/security/app/").status_code == 200
    add_app(person)
    assert client.get("/parks/").status_code == 200
    bureau = visitor()
    sign_in(bureau, make_person(Role.BUREAU))
    assert bureau.get("/parks/").status_code == 200


def test_the_last_second_factor_of_such_a_role_stays(settings: object) -> None:
    settings.REQUIRE_SECOND_FACTOR = ["operator"]  # type: ignore[attr-defined]
    person = make_person()
    add_app(person)
    client = visitor()
    sign_in(client, person)
    client.post("/sign-in/code/", {"code": app_code()})
    assert client.post("/profile/security/app/remove/").status_code == 422
    assert Authenticator.objects.filter(type="totp").exists()


def test_an_operator_resets_the_second_factor_of_somebody_who_lost_the_phone() -> None:
    branch = make_branch()
    person, operator = make_person(branch=branch), make_user(Role.OPERATOR, branch)
    add_app(person)
    there = visitor()
    sign_in(there, person)
    there.post("/sign-in/code/", {"code": app_code()})
    client = visitor()
    client.force_login(operator)
    assert client.post(f"/people/{person.pk}/second-factor/reset/").status_code == 302
    assert not Authenticator.objects.exists()
    assert not is_signed_in(there)
    assert AuditEvent.objects.filter(code="accounts.factor.reset", actor=operator).exists()


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.BUREAU, Role.ASSESSOR])
def test_who_reaches_less_cannot_reset_or_make_links_for_who_reaches_more(role: Role) -> None:
    branch = make_branch()
    person, operator = make_person(role, branch), make_user(Role.OPERATOR, branch)
    add_app(person)
    with pytest.raises(services.CannotResetSecondFactor):
        services.reset_second_factor(user=person, actor=operator, at=AT)
    with pytest.raises(services.CannotMakeLink):
        services.make_password_link(user=person, actor=operator, at=AT)
    client = visitor()
    client.force_login(operator)
    client.post(f"/people/{person.pk}/second-factor/reset/")
    assert Authenticator.objects.exists()
    assert client.post(f"/people/{person.pk}/link/").status_code == 302


def test_no_administrator_makes_themselves_the_second_person_by_renewing_another_ones_sign_in() -> None:
    branch = make_branch()
    one, other = make_person(Role.ADMINISTRATOR, branch), make_person(Role.ADMINISTRATOR, branch)
    add_app(other)
    with pytest.raises(services.CannotMakeLink):
        services.make_password_link(user=other, actor=one, at=AT)
    with pytest.raises(services.CannotResetSecondFactor):
        services.reset_second_factor(user=other, actor=one, at=AT)
    services.reset_second_factor(user=other, actor=None, at=AT)
    assert not Authenticator.objects.exists()


def test_a_person_of_another_branch_is_not_found() -> None:
    person, operator = make_person(), make_user(Role.OPERATOR, make_branch())
    client = visitor()
    client.force_login(operator)
    assert client.post(f"/people/{person.pk}/second-factor/reset/").status_code == 404
    assert client.post(f"/people/{person.pk}/link/").status_code == 404
