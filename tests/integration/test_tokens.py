"""Personal tokens: shown once, stored as a hash, narrowed, limited, revoked; the pages and the door of the API."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from parkbrain.integration import services
from parkbrain.integration.models import Token
from parkbrain.integration.queries import find_token
from parkbrain.kernel.models import AuditEvent, User
from parkbrain.kernel.roles import Role
from tests.factories import make_park, make_user

from .conftest import Caller, caller_for

pytestmark = pytest.mark.django_db


def browser_of(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_token_is_shown_once_and_only_its_hash_is_stored() -> None:
    user = make_user(Role.OPERATOR)
    client = browser_of(user)
    page = client.post("/profile/tokens/", {"name": "BI", "days": "90", "area_space": "read"})
    assert page.status_code == 201
    secret = re.search(r"pbt_[0-9a-f]{8}_[\w-]+", page.content.decode())
    assert secret is not None
    token = Token.objects.get(owner=user)
    assert token.secret_sha256 == hashlib.sha256(secret[0].encode()).hexdigest()
    assert token.scopes == ["space:read"]
    assert AuditEvent.objects.filter(code="integration.token.created", actor=user).count() == 1
    again = client.get("/profile/tokens/").content.decode()
    assert token.prefix in again
    assert secret[0] not in again
    assert secret[0] not in str(list(AuditEvent.objects.values_list("details", flat=True)))


def test_token_that_opens_nothing_is_refused_with_the_form() -> None:
    page = browser_of(make_user(Role.OPERATOR)).post("/profile/tokens/", {"name": "BI", "days": "90"})
    assert page.status_code == 422
    assert "Choose at least one area" in page.content.decode()
    assert 'value="BI"' in page.content.decode()


def test_token_lasts_a_year_at_most() -> None:
    user, now = make_user(Role.OPERATOR), timezone.now()
    for days in (0, 400):
        with pytest.raises(services.CannotCreateToken, match="at most a year"):
            services.create_token(
                owner=user, name="x", scopes=["space:read"], expires_at=now + timedelta(days=days), actor=user, at=now
            )


def test_nobody_makes_or_revokes_a_token_for_somebody_else() -> None:
    user, other, now = make_user(Role.OPERATOR), make_user(Role.ADMINISTRATOR), timezone.now()
    with pytest.raises(services.CannotCreateToken, match="personal"):
        services.create_token(
            owner=user, name="x", scopes=["space:read"], expires_at=now + timedelta(days=1), actor=other, at=now
        )
    caller_for(user)
    token = Token.objects.get(owner=user)
    assert browser_of(other).post(f"/profile/tokens/{token.pk}/revoke/").status_code == 404
    assert token.prefix not in browser_of(other).get("/profile/tokens/").content.decode()


def test_revoked_token_opens_nothing_from_then_on() -> None:
    user = make_user(Role.OPERATOR)
    caller = caller_for(user)
    assert caller.get("me").json()["username"] == user.username
    token = Token.objects.get(owner=user)
    assert browser_of(user).get(f"/profile/tokens/{token.pk}/revoke/").status_code == 405
    browser_of(user).post(f"/profile/tokens/{token.pk}/revoke/")
    assert caller.get("me").status_code == 401
    assert AuditEvent.objects.filter(code="integration.token.revoked", actor=user).count() == 1


def test_expired_token_and_that_of_an_inactive_person_open_nothing() -> None:
    user = make_user(Role.OPERATOR)
    secret = caller_for(user).secret
    assert find_token(secret=secret, at=timezone.now()) is not None
    assert find_token(secret=secret, at=timezone.now() + timedelta(days=31)) is None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert find_token(secret=secret, at=timezone.now()) is None


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer pbt_00000000_x", "Basic abc", "Bearer 令牌", "pbt_x"]
)
def test_without_a_valid_token_the_answer_is_a_problem(header: str) -> None:
    answer = Client(headers={"authorization": header}).get("/api/v1/parks")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("#problem-no-token")


def test_session_of_the_pages_does_not_open_the_api() -> None:
    assert browser_of(make_user(Role.OPERATOR)).get("/api/v1/parks").status_code == 401


def test_scope_for_reading_does_not_change_and_other_areas_stay_shut() -> None:
    park = make_park()
    caller = caller_for(make_user(Role.OPERATOR, park.branch), ["space:read"])
    assert caller.get("parks").json()["total"] == 1
    refused = caller.patch(f"parks/{park.pk}", {"street": "x"})
    assert refused.status_code == 403
    assert "space:write" in refused.json()["detail"]
    assert caller.get("enterprises").status_code == 403
    assert caller_for(make_user(Role.OPERATOR, park.branch), ["space:write"]).get("parks").status_code == 200


def test_last_use_is_stored_but_not_with_every_request(django_assert_num_queries: Any) -> None:
    caller = caller_for(make_user(Role.OPERATOR))
    caller.get("me")
    first = Token.objects.get().last_used_at
    assert first is not None
    caller.get("me")
    assert Token.objects.get().last_used_at == first


def test_too_many_requests_are_told_when_to_come_again(settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    caller, other = (caller_for(make_user(Role.OPERATOR)) for _n in range(2))
    statuses = [caller.get("me").status_code for _n in range(8)]
    # A new minute may begin in between: then the count starts again once.
    assert statuses[:3] == [200, 200, 200]
    assert 429 in statuses
    answer: Any = next(a for a in (caller.get("me") for _n in range(9)) if a.status_code == 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.json()["type"].endswith("#problem-too-many-requests")
    assert other.get("me").status_code == 200


def test_answer_speaks_the_language_asked_for_or_the_owners() -> None:
    park = make_park()
    secret = caller_for(make_user(Role.OPERATOR, park.branch, language="zh-hans")).secret
    url, bearer = f"/api/v1/parks/{park.pk}", f"Bearer {secret}"
    names = [
        Client(headers={"authorization": bearer, **more}).get(url).json()["name"]
        for more in ({}, {"accept-language": "en"}, {"accept-language": "zh-hant"})
    ]
    assert names == [park.name_zh_hans, park.name_en, park.name_zh_hans]


def test_parts_of_a_list_follow_each_other_without_gap_or_overlap() -> None:
    branch = make_park().branch.parent
    assert branch is not None
    for _n in range(4):
        make_park(operator=branch)
    caller = caller_for(make_user(Role.OPERATOR, branch))
    url, codes = "parks?limit=2&ordering=-code", []
    while url:
        part = caller.get(url.replace("http://testserver", "")).json()
        assert part["total"] == 5
        codes += [row["code"] for row in part["items"]]
        url = part["next"]
    assert len(codes) == len(set(codes)) == 5
    assert codes == sorted(codes, reverse=True)


def test_head_is_get_without_a_body_and_a_wrong_method_says_which_are_right() -> None:
    caller: Caller = caller_for(make_user(Role.OPERATOR))
    head = caller.ask("HEAD", "me")
    assert (head.status_code, head.content) == (200, b"")
    wrong = caller.ask("PUT", "me")
    assert wrong.status_code == 405
    assert wrong.headers["Allow"] == "GET"


def test_unexpected_failure_is_a_problem_with_the_id_of_its_log_line(monkeypatch: Any, caplog: Any) -> None:
    from parkbrain.integration.api import auth

    caller = caller_for(make_user(Role.OPERATOR))
    monkeypatch.setattr(auth.queries, "find_token", lambda **_more: 1 / 0)
    answer = caller.get("me")
    assert answer.status_code == 500
    assert answer.json()["error_id"] in caplog.text
    assert "division" not in answer.content.decode()


def test_document_and_its_page_are_open_and_name_every_operation() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    names = [said["operationId"] for ops in document["paths"].values() for said in ops.values()]
    assert len(names) == len(set(names))
    page = Client(headers={"accept-language": "en"}).get("/api/v1/").content.decode()
    assert all(f'id="{name}"' in page for name in names)
    assert all(
        said["summary"] and said.get("description") for ops in document["paths"].values() for said in ops.values()
    )


def test_names_of_shapes_are_unique_so_that_none_hides_another() -> None:
    from parkbrain.integration.api import get_api
    from parkbrain.ui.rest import In, Out

    get_api()

    def below(kind: type) -> list[type]:
        return [k for sub in kind.__subclasses__() for k in (sub, *below(sub))]

    names = [k.__name__ for base in (In, Out) for k in below(base) if "[" not in k.__name__]
    assert len(names) == len(set(names))
