"""The switcher in the head of a page names the park that the page shows, whatever was opened before."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from parkbrain.config import context
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_park, make_user

CHOSEN = re.compile(r'<option value="(\d+)" selected>')


def names_of_park_pages() -> list[str]:
    """Return the names of the pages whose address has a park and nothing else."""

    def walk(resolver: URLResolver) -> Iterator[URLPattern]:
        for one in resolver.url_patterns:
            yield from walk(one) if isinstance(one, URLResolver) else [one]

    found = [one for one in walk(get_resolver()) if one.name and set(one.pattern.converters) == {"park_id"}]
    return sorted({one.name for one in found if not one.name.startswith("api-")})


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR, Role.ASSESSOR])
def test_every_page_of_a_park_names_that_park(role: Role) -> None:
    branch = make_branch()
    first, second = make_park(operator=branch), make_park(operator=branch)
    user = make_user(role, branch)
    wrong, seen = [], 0
    for name in names_of_park_pages():
        client = Client()
        client.force_login(user)
        session = client.session
        session["park_id"] = first.pk
        session.save()
        answer = client.get(reverse(name, args=[second.pk]))
        html = "" if answer.status_code != 200 or answer.streaming else answer.content.decode(errors="ignore")
        if 'id="park-choice"' in html:
            seen += 1
            chosen = CHOSEN.findall(html.split('id="park-choice"')[1].split("</select>")[0])
            wrong += [] if chosen == [str(second.pk)] else [f"{name}: {chosen}"]
    assert seen > 10 and not wrong, wrong


@pytest.mark.django_db
def test_a_park_far_down_the_list_is_among_the_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "SWITCHER_LIMIT", 2)
    branch = make_branch()
    parks = [make_park(operator=branch) for _n in range(4)]
    request = RequestFactory().get("/")
    request.user, request.session, request.park = make_user(Role.BUREAU, branch), SessionStore(), parks[3]  # type: ignore[attr-defined]
    shown = context.frame(request)
    assert shown["current_park"] == parks[3]
    assert [park.pk for park in shown["park_choices"]] == [parks[3].pk, parks[0].pk]
    request.park = parks[1]  # type: ignore[attr-defined]
    assert [park.pk for park in context.frame(request)["park_choices"]] == [parks[0].pk, parks[1].pk]
