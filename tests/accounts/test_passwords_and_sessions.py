"""Links for a new password, the list of sessions, signing out elsewhere."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from parkbrain.accounts.models import OpenSession
from parkbrain.config.selfcheck import check_audit_chain, check_sign_in
from parkbrain.kernel.models import AuditEvent, User
from parkbrain.kernel.roles import Role
from tests.accounts.helpers import PASSWORD, is_signed_in, make_person, sign_in, visitor
from tests.factories import make_branch, make_user

pytestmark = pytest.mark.django_db
NEW = "ganz-neues-geheimnis"
BOTH = {"new_password1": NEW, "new_password2": NEW}


def test_the_e_mail_address_signs_in_as_well_as_the_name() -> None:
    make_person(email="ada@example.org")
    for spelling in ("ada@example.org", "ADA@example.org"):
        assert sign_in(visitor(), spelling).status_code == 302


def test_an_administrators_link_sets_a_password_once() -> None:
    branch = make_branch()
    person, operator = make_person(branch=branch), make_user(Role.OPERATOR, branch)
    there, client = visitor(), visitor()
    sign_in(there, person)
    client.force_login(operator)
    text = client.post(f"/people/{person.pk}/link/").content.decode()
    link = re.search(r"http://localhost(/password/[^<\s]+)", text)
    assert link
    guest = visitor()
    assert guest.get(link[1]).status_code == 200
    assert guest.post(link[1], {"new_password1": "short", "new_password2": "short"}).status_code == 422
    assert guest.post(link[1], BOTH).url == "/sign-in/"
    assert sign_in(visitor(), person, PASSWORD).status_code == 422
    assert sign_in(visitor(), person, NEW).status_code == 302
    assert guest.get(link[1]).status_code == 404
    assert guest.post(link[1], BOTH).status_code == 404
    assert not is_signed_in(there)
    assert AuditEvent.objects.filter(code="accounts.password_link.made", actor=operator).count() == 1


@pytest.mark.parametrize("address", ["/password/MQ/abc-def/", "/password/xyz/abc/", "/password/LTE/abc/"])
def test_a_made_up_link_says_that_it_does_not_work(address: str) -> None:
    assert visitor().get(address).status_code == 404


def test_without_a_mail_server_nothing_is_sent_and_the_page_points_to_the_administrator() -> None:
    assert visitor().get("/password/forgotten/").status_code == 404
    assert "An administrator makes you a link" in visitor().get("/sign-in/").content.decode()


def test_with_a_mail_server_a_link_goes_to_the_address_and_the_page_says_the_same_for_an_unknown_one(
    settings: object,
) -> None:
    settings.EMAIL_HOST = "mail.example.org"  # type: ignore[attr-defined]
    person = make_person(email="ada@example.org")
    known = visitor().post("/password/forgotten/", {"email": "Ada@example.org"})
    unknown = visitor().post("/password/forgotten/", {"email": "bob@example.org"})
    assert re.sub(r'value="\w+"', "", known.content.decode()) == re.sub(r'value="\w+"', "", unknown.content.decode())
    assert [m.to for m in mail.outbox] == [["ada@example.org"]]
    link = re.search(r"http://localhost(/password/\S+)", str(mail.outbox[0].body))
    assert link
    assert visitor().post(link[1], BOTH).status_code == 302
    person.refresh_from_db()
    assert person.check_password(NEW)
    codes = [visitor().post("/password/forgotten/", {"email": "ada@example.org"}).status_code for _ in range(6)]
    assert codes[-1] == 429


def test_each_sign_in_stands_in_the_list_and_can_be_ended_from_elsewhere() -> None:
    person = make_person()
    here, there, third = visitor("10.0.0.1"), visitor("10.0.0.2"), visitor("10.0.0.3")
    for client in (here, there, third):
        sign_in(client, person)
    text = here.get("/profile/security/").content.decode()
    assert all(address in text for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"))
    session = OpenSession.objects.get(address="10.0.0.2")
    assert here.post(f"/profile/security/sessions/{session.pk}/end/").status_code == 302
    assert [is_signed_in(c) for c in (here, there, third)] == [True, False, True]
    assert here.post("/profile/security/sessions/others/end/").status_code == 302
    assert [is_signed_in(c) for c in (here, third)] == [True, False]
    assert AuditEvent.objects.filter(code="accounts.session.closed", actor=person).count() == 2


def test_nobody_ends_the_session_of_somebody_else() -> None:
    person, other = make_person(), make_person()
    theirs, mine = visitor(), visitor()
    sign_in(theirs, person)
    sign_in(mine, other)
    session = OpenSession.objects.get(user=person)
    assert mine.post(f"/profile/security/sessions/{session.pk}/end/").status_code == 404
    assert is_signed_in(theirs)


def test_a_new_password_signs_out_everywhere_else_and_keeps_the_place_in_the_list() -> None:
    person = make_person()
    here, there = visitor("10.0.0.1"), visitor("10.0.0.2")
    sign_in(here, person)
    sign_in(there, person)
    here.post("/profile/", {"old_password": PASSWORD, **BOTH})
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert "here" in here.get("/profile/security/").content.decode()
    assert OpenSession.objects.filter(address="10.0.0.1", session_key=here.session.session_key).exists()


def test_an_inactive_person_does_not_come_in() -> None:
    person = make_person()
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert sign_in(visitor(), person).status_code == 422


def test_the_self_check_finds_known_passwords_and_people_who_cannot_sign_in() -> None:
    admin = make_person(Role.ADMINISTRATOR)
    assert check_sign_in().level == "ok"
    admin.set_password("admin")
    admin.save()
    assert check_sign_in().level == "error"
    assert admin.username in check_sign_in().detail
    admin.set_password(NEW)
    admin.save()
    stuck = make_user(Role.OPERATOR, make_branch())
    assert stuck.username in check_sign_in().detail


def test_the_self_check_walks_the_newest_events() -> None:
    sign_in(visitor(), make_person())
    assert check_audit_chain().level == "ok"
    AuditEvent.objects.update(target_name="Another")
    assert check_audit_chain().level == "error"
