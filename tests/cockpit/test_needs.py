"""What a home shows a few of opens a list that holds all of it, of every kind."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.cockpit import queries
from parkbrain.cockpit.queries import home
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_park, make_user

A_ROW = re.compile(r"<tr><t[dh]")


def as_user(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def links_to(html: str, path: str) -> list[str]:
    return [unescape(url) for url in re.findall(r'href="([^"]*)"', html) if unescape(url).split("?")[0] == path]


def test_and_more_of_the_home_opens_all_of_it_and_each_kind_all_of_its_own(demo_park: Park) -> None:
    client = as_user(User.objects.get(username="operator"))
    first = client.get("/")
    tile = {one.key: one.content for one, _body in first.context["tiles"]}["cockpit.needs"]
    here = reverse("park_needs", args=[demo_park.pk])
    rail = [item.url for item in client.get(here).context["nav"] if item.active]
    assert rail == ["/"]
    urls = links_to(first.content.decode(), here)
    assert tile["hidden_count"] > 0 and urls == [here, *(f"{here}?kind={more.key}" for more in tile["hidden"])]
    listed = dict((kind.key, len(kind.items)) for kind, _view in client.get(here).context["groups"])
    assert sum(listed.values()) == len(tile["items"]) + tile["hidden_count"]
    for more in tile["hidden"]:
        of_kind = client.get(f"{here}?kind={more.key}")
        [(kind, view)] = of_kind.context["groups"]
        assert kind.label == more.label and view.count == listed[more.key] >= more.count
        assert len(A_ROW.findall(of_kind.content.decode())) == len(view)


def test_a_list_of_what_needs_somebody_has_all_pages(demo_park: Park, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkbrain.cockpit.views.needs.PER_PAGE", 2)
    client = as_user(User.objects.get(username="operator"))
    here = reverse("park_needs", args=[demo_park.pk])
    [longest] = sorted(client.get(here).context["groups"], key=lambda group: -group[1].count)[:1]
    kind, view = longest
    assert view.count > 2
    second = client.get(here + view.next_url)
    shown = {found.key: list(page) for found, page in second.context["groups"]}[kind.key]
    assert [item.url for item in shown] == [item.url for item in kind.items[2:4]]


def test_the_wall_opens_what_it_has_no_room_for(demo_park: Park) -> None:
    html = as_user(User.objects.get(username="operator")).get(f"/wall/parks/{demo_park.pk}/").content.decode()
    assert links_to(html, reverse("park_needs", args=[demo_park.pk]))


def test_an_assessors_home_opens_all_that_waits(demo_park: Park, monkeypatch: pytest.MonkeyPatch) -> None:
    assessor = User.objects.get(username="assessor")
    waiting = queries.list_to_verify(user=assessor)
    assert len(waiting) > 2
    monkeypatch.setattr(home, "ASSESSOR_LINES", 2)
    client = as_user(assessor)
    assert links_to(client.get("/").content.decode(), "/to-verify/") == ["/to-verify/"]
    page = client.get("/to-verify/")
    assert page.context["lines"].count == len(waiting)
    assert f"{len(waiting)} declared facts" in page.content.decode()


@pytest.mark.parametrize("role", [Role.BUREAU, Role.SERVICE_PROVIDER])
def test_who_does_not_run_a_park_has_no_such_list_of_it(db: None, role: Role) -> None:
    park = make_park()
    client = as_user(make_user(role, park.branch))
    assert client.get(reverse("park_needs", args=[park.pk])).status_code == 404
    assert client.get(reverse("to_verify")).status_code == 403


def test_an_unknown_kind_and_another_park_are_not_found(db: None) -> None:
    park, other = make_park(), make_park()
    client = as_user(make_user(Role.OPERATOR, park.branch))
    assert client.get(reverse("park_needs", args=[park.pk])).status_code == 200
    assert client.get(reverse("park_needs", args=[park.pk]) + "?kind=nothing").status_code == 404
    assert client.get(reverse("park_needs", args=[other.pk])).status_code == 404


def test_a_home_that_names_a_few_parks_opens_all_of_them(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "NAMED_PARKS", 2)
    branch = make_branch()
    parks = [make_park(operator=branch) for _n in range(3)]
    client = as_user(make_user(Role.ASSESSOR, branch))
    cut = client.get(reverse("home_tile", args=["cockpit.parks"]))
    assert [park for park, _row in cut.context["one"].content["parks"]] == parks[:2]
    assert '<a href="/parks/">All parks</a>' in cut.content.decode()
    monkeypatch.setattr(home, "NAMED_PARKS", 3)
    assert "All parks" not in client.get(reverse("home_tile", args=["cockpit.parks"])).content.decode()
