"""Every link of every page opens for whoever is shown it: a walk through all kinds of pages, a few of each, as each person."""

from __future__ import annotations

from collections import Counter, deque
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from parkbrain.kernel.models import Park, User
from tests.contracts.anchors import AnchorReader, client_of
from tests.demo_fixtures import demo_park, loaded_demo

__all__ = ["demo_park", "loaded_demo"]

#: How many lists of a kind are taken as files.
AS_FILES = 1
#: What ends the walk is no page: where a person goes away.
LEFT_ALONE = {"logout"}


def kind_of(url: str) -> str:
    """Return the name of what answers an address, and whether it asks for a list as a file."""
    parts = urlsplit(url)
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        return "nothing"
    return f"{name} as a file" if "format=" in parts.query else name


def closed_links(client: Client, start: str, of_a_kind: int) -> tuple[list[str], set[str]]:
    """Return the links that do not open, each with the page that shows it, and the kinds of pages that were opened.

    Of a kind so many are opened, the nearest to the start first.
    """
    waiting, known, seen, closed = deque([(start, "")]), {start}, Counter[str](), []
    while waiting:
        url, shown_on = waiting.popleft()
        kind = kind_of(url)
        if kind in LEFT_ALONE or seen[kind] >= (AS_FILES if kind.endswith("as a file") else of_a_kind):
            continue
        seen[kind] += 1
        answer = client.get(url, follow=True)
        if answer.status_code != 200:
            closed.append(f"{answer.status_code} {url} on {shown_on}")
        if answer.streaming or "html" not in answer.headers["Content-Type"]:
            continue
        for anchor in AnchorReader(answer.content.decode()).anchors:
            target = urljoin(url, anchor.url).partition("#")[0]
            if target.startswith("/") and not target.startswith("/static/") and target not in known:
                known.add(target)
                waiting.append((target, url))
    return closed, set(seen)


@pytest.mark.parametrize(
    ("name", "of_a_kind", "kinds"),
    [("operator", 2, 120), ("bureau", 2, 70), ("assessor", 2, 70), ("tenant", 30, 20), ("provider", 30, 10)],
)
def test_every_link_opens_for_whoever_is_shown_it(demo_park: Park, name: str, of_a_kind: int, kinds: int) -> None:
    client = client_of(User.objects.get(username=name))
    closed, seen = closed_links(client, "/", of_a_kind)
    assert closed == []
    assert len(seen) > kinds, "the walk came far"


def test_a_link_that_does_not_open_is_found_out(demo_park: Park) -> None:
    client = client_of(User.objects.get(username="tenant"))
    closed, _seen = closed_links(client, "/city/", 1)
    assert closed == ["403 /city/ on "]
