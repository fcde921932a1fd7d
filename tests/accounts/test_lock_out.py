"""Guessing is slow: a sign-in name and an address are locked after failures, alike in every server process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parkbrain.accounts import queries, services
from parkbrain.accounts.models import SignInLock
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from tests.accounts.helpers import add_app, app_code, is_signed_in, make_person, sign_in, visitor
from tests.factories import make_branch, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)


def fail(times: int, *, account: str = "ada", address: str = "10.0.0.1", at: datetime = NOON) -> list[bool]:
    """Count attempts that are not taken back, and return which were refused."""
    return [services.count_attempt(account=account, address=address, at=at) is not None for _ in range(times)]


def test_five_failures_lock_the_name_even_for_the_right_password_and_the_page_says_for_how_long() -> None:
    person = make_person()
    client = visitor()
    for _ in range(5):
        assert sign_in(client, person, "wrong").status_code == 422
    answer = sign_in(client, person)
    assert answer.status_code == 429
    assert "Try again in 15 minutes" in answer.content.decode()
    assert not is_signed_in(client)
    event = AuditEvent.objects.get(code="accounts.sign_in.locked")
    assert (event.target_name, event.details["minutes"]) == (person.username, 15)


def test_an_unknown_name_is_locked_like_a_known_one() -> None:
    client = visitor()
    answers = [sign_in(client, "nobody", "wrong").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_spelling_a_name_differently_is_no_further_guess() -> None:
    assert fail(3) + fail(2, account=" ADA ") + fail(1) == [False] * 5 + [True]


def test_a_success_in_between_forgets_the_failures_of_the_name() -> None:
    person = make_person()
    for _ in range(3):
        client = visitor()
        for _ in range(4):
            sign_in(client, person, "wrong")
        assert sign_in(client, person).status_code == 302
    assert not SignInLock.objects.filter(kind="ACCOUNT").exists()


def test_one_address_that_tries_many_names_is_locked_for_all_of_them_and_others_are_not() -> None:
    for number in range(30):
        assert fail(1, account=f"name-{number}") == [False]
    assert fail(1, account="one-more") == [True]
    assert fail(1, account="one-more", address="10.0.0.2") == [False]


def test_a_lock_ends_after_its_time_and_old_failures_do_not_count() -> None:
    assert fail(6)[-1]
    assert fail(1, at=NOON + timedelta(minutes=14)) == [True]
    assert fail(1, at=NOON + timedelta(minutes=15)) == [False]
    assert fail(4, account="bob") + fail(4, account="bob", at=NOON + timedelta(minutes=16)) == [False] * 8


def test_a_lock_is_in_the_database_so_that_every_process_sees_it() -> None:
    fail(6)
    lock = SignInLock.objects.get(kind="ACCOUNT")
    assert lock.locked_until == NOON + timedelta(minutes=15)


def test_codes_of_the_second_factor_cannot_be_guessed_either() -> None:
    person = make_person()
    add_app(person)
    client = visitor()
    sign_in(client, person)
    assert [client.post("/sign-in/code/", {"code": "000000"}).status_code for _ in range(5)] == [422] * 5
    answer = client.post("/sign-in/code/", {"code": app_code()})
    assert (answer.status_code, answer.url) == (302, "/sign-in/")
    assert sign_in(client, person).status_code == 429
    assert not is_signed_in(client)


def test_typing_the_password_again_buys_no_new_guesses_of_the_code() -> None:
    person = make_person()
    add_app(person)
    answers = []
    for _ in range(3):
        client = visitor()
        answers.append(sign_in(client, person).status_code)
        answers += [client.post("/sign-in/code/", {"code": "000000"}).status_code for _ in range(2)]
    # The sixth wrong code is the lock, which leads back to the sign-in page.
    assert answers == [302, 422, 422, 302, 422, 422, 302, 422, 302]
    assert sign_in(visitor(), person).status_code == 429


def test_an_operator_unlocks_a_person_of_theirs_and_the_trail_says_so() -> None:
    branch = make_branch()
    person, operator = make_person(branch=branch), make_user(Role.OPERATOR, branch)
    for _ in range(6):
        sign_in(visitor(), person, "wrong")
    client = visitor()
    client.force_login(operator)
    lock = SignInLock.objects.get(kind="ACCOUNT")
    assert f"/people/locks/{lock.pk}/open/" in client.get("/people/").content.decode()
    assert client.get(f"/people/locks/{lock.pk}/open/").status_code == 405
    assert client.post(f"/people/locks/{lock.pk}/open/").status_code == 302
    assert sign_in(visitor(), person).status_code == 302
    assert AuditEvent.objects.filter(code="accounts.sign_in.unlocked", actor=operator).count() == 1


def test_nobody_else_unlocks_a_person_or_sees_the_lock() -> None:
    admin = make_person(Role.ADMINISTRATOR)
    fail(6, account=admin.username)
    lock = SignInLock.objects.get(kind="ACCOUNT")
    for role, branch in ((Role.OPERATOR, admin.memberships.get().branch), (Role.OPERATOR, make_branch())):
        other = make_user(role, branch)
        assert queries.list_locks(user=other, at=NOON) == []
        with pytest.raises(services.CannotUnlockSignIn):
            services.unlock_sign_in(lock=lock, actor=other, at=NOON)
    bureau = visitor()
    bureau.force_login(make_user(Role.BUREAU, admin.memberships.get().branch))
    assert bureau.post(f"/people/locks/{lock.pk}/open/").status_code == 403
    assert queries.list_locks(user=admin, at=NOON) == [lock]


def test_only_an_administrator_of_the_top_unlocks_an_address() -> None:
    for number in range(31):
        fail(1, account=f"name-{number}")
    lock = SignInLock.objects.get(kind="ADDRESS")
    top = make_branch()
    below = make_branch(parent=top)
    assert queries.may_unlock(user=make_user(Role.ADMINISTRATOR, top), lock=lock)
    assert not queries.may_unlock(user=make_user(Role.ADMINISTRATOR, below), lock=lock)
    assert not queries.may_unlock(user=make_user(Role.OPERATOR, top), lock=lock)
