"""Signing in, the language and the theme, one's own password."""

from __future__ import annotations

import pytest
from django.test import Client

from parkbrain.config.selfcheck import OPEN_PAGES, open_pages, permission_holes
from parkbrain.kernel.models import Membership, User
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "korrekt-pferd-batterie"


@pytest.fixture
def person() -> User:
    user = make_user(Role.OPERATOR, make_branch())
    user.set_password(PASSWORD)
    user.save()
    return user


def client() -> Client:
    return Client(headers={"host": "localhost", "accept-language": "en"})


def test_right_password_signs_in_and_leads_where_one_wanted_to_go(person: User) -> None:
    answer = client().post("/sign-in/", {"username": person.username, "password": PASSWORD, "next": "/premises/"})
    assert (answer.status_code, answer.url) == (302, "/premises/")


def test_next_address_of_another_site_is_ignored(person: User) -> None:
    data = {"username": person.username, "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client().post("/sign-in/", data).url == "/"


def test_wrong_password_and_unknown_name_read_the_same(person: User) -> None:
    wrong = client().post("/sign-in/", {"username": person.username, "password": "wrong"})
    unknown = client().post("/sign-in/", {"username": "nobody", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_inactive_person_cannot_sign_in(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client().post("/sign-in/", {"username": person.username, "password": PASSWORD}).status_code == 422


def test_every_page_but_the_open_ones_asks_for_a_sign_in() -> None:
    assert open_pages() == OPEN_PAGES
    for address in ("/", "/parks/", "/city/", "/imports/", "/search/", "/audit/", "/ui/"):
        answer = client().get(address)
        assert answer.status_code == 302
        assert answer.url.startswith("/sign-in/")


def test_health_answers_without_a_sign_in() -> None:
    assert client().get("/healthz").json() == {"status": "ok"}


def test_every_answer_carries_the_strict_policy() -> None:
    policy = client().get("/sign-in/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_language_and_theme_are_remembered_and_nonsense_is_not() -> None:
    visitor = client()
    assert visitor.post("/language/", {"language": "zh-hant"}).cookies["django_language"].value == "zh-hant"
    assert "django_language" not in visitor.post("/language/", {"language": "xx"}).cookies
    assert visitor.post("/theme/", {"theme": "dark"}).cookies["theme"].value == "dark"
    assert "theme" not in visitor.post("/theme/", {"theme": "<script>"}).cookies
    assert 'lang="zh-hant"' in visitor.get("/sign-in/").content.decode()


def test_new_password_needs_the_present_one_and_some_strength(person: User) -> None:
    visitor = client()
    visitor.force_login(person)
    for old, new, status in (
        (PASSWORD, "short", 422),
        ("wrong", "lang-genug-und-gut", 422),
        (PASSWORD, "lang-genug-und-gut", 302),
    ):
        data = {"old_password": old, "new_password1": new, "new_password2": new}
        assert visitor.post("/profile/", data).status_code == status
    person.refresh_from_db()
    assert person.check_password("lang-genug-und-gut")
    assert visitor.get("/profile/").status_code == 200  # still signed in


def test_self_check_names_people_without_role_and_assessors_who_declare(person: User) -> None:
    assert permission_holes() == []
    User.objects.create(username="without-role")
    membership = Membership.objects.get(user=person)
    Membership.objects.create(user=person, branch=membership.branch, role=Role.ASSESSOR)
    assert len(permission_holes()) == 2
