"""What every registered tile promises: its permission, no other park's numbers, three languages, no data, doors that open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from parkbrain.cockpit import services
from parkbrain.cockpit.queries import find_tile, home_of, list_offered_tiles, list_shown_tiles
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import BUREAU_HOME, HOMES, OPERATOR_HOME, Figure
from parkbrain.kernel.roles import Role
from tests.demo_fixtures import DEMO_ON, demo_park, loaded_demo
from tests.factories import make_branch, make_park, make_user

__all__ = ["demo_park", "loaded_demo"]

KEYS = sorted(registry.tiles.keys())
#: Who has which home in the demo.
PEOPLE = {"operator": "operator", "bureau": "bureau", "assessor": "assessor", "tenant": "tenant"}
LANGUAGES = ("en", "zh-hans", "zh-hant")


def drawn(key: str, content: Mapping[str, Any] | None, language: str) -> str:
    with translation.override(language):
        return "" if content is None else render_to_string(registry.tiles.get(key).template, dict(content))


def homes() -> list[tuple[str, str]]:
    return [(key, home) for key in KEYS for home in registry.tiles.get(key).homes]


def park_on(home: str, park: Park) -> Park | None:
    return park if home == OPERATOR_HOME else None


@pytest.mark.parametrize("key", KEYS)
def test_a_tile_says_what_it_shows_in_a_sentence_and_stands_on_a_home(key: str) -> None:
    tile = registry.tiles.get(key)
    assert tile.homes and set(tile.homes) <= set(HOMES)
    assert tile.size in {"small", "tall", "wide", "large", "full"}
    for language in LANGUAGES:
        with translation.override(language):
            assert str(tile.says)[-1] in ".。" and str(tile.label)


def test_every_tile_is_drawn_from_the_demo_in_three_languages_and_its_doors_open(demo_park: Park) -> None:
    doors = {}
    for key, home in homes():
        user = User.objects.get(username=PEOPLE[home])
        for language in LANGUAGES:
            with translation.override(language):
                content = registry.tiles.get(key).ask(user=user, park=park_on(home, demo_park), on=DEMO_ON)
            drawn(key, content, language)
        figures = [one for one in (content or {}).get("figures", ()) if isinstance(one, Figure)]
        assert all(one.url.startswith("/") for one in figures), key
        doors |= {(user.username, one.url): key for one in figures}
    clients = {name: Client() for name in PEOPLE.values()}
    for name, client in clients.items():
        client.force_login(User.objects.get(username=name))
    for (name, url), key in doors.items():
        assert clients[name].get(url, follow=True).status_code == 200, (key, name, url)


@pytest.mark.django_db
def test_every_tile_is_drawn_where_nothing_is_recorded() -> None:
    park = make_park()
    people = {
        OPERATOR_HOME: make_user(Role.OPERATOR, park.branch),
        BUREAU_HOME: make_user(Role.BUREAU, make_branch()),
        "assessor": make_user(Role.ASSESSOR, make_branch()),
        "tenant": make_user(Role.SERVICE_PROVIDER, make_branch()),
    }
    for key, home in homes():
        for language in LANGUAGES:
            with translation.override(language):
                content = registry.tiles.get(key).ask(user=people[home], park=park_on(home, park), on=date(2026, 11, 1))
            drawn(key, content, language)


def test_a_person_of_another_park_is_offered_no_tile_of_this_one(demo_park: Park) -> None:
    stranger = make_user(Role.OPERATOR, make_park().branch)
    assert list_offered_tiles(user=stranger, home=OPERATOR_HOME, park=demo_park) == []
    for key in KEYS:
        assert find_tile(user=stranger, home=OPERATOR_HOME, park=demo_park, key=key, on=DEMO_ON) is None


def test_a_person_of_another_park_sees_no_name_or_number_of_the_demo_on_any_home(demo_park: Park) -> None:
    for role in (Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER):
        stranger = make_user(role, make_branch())
        home = home_of(user=stranger)
        for one in list_shown_tiles(user=stranger, home=home, park=None, on=DEMO_ON):
            assert demo_park.name not in drawn(one.key, one.content, "en"), (role, one.key)


def test_an_assessor_without_the_permission_is_not_offered_the_tile(demo_park: Park) -> None:
    reader = make_user(Role.ASSESSOR, demo_park.branch)
    offered = {one.key for one in list_offered_tiles(user=reader, home=OPERATOR_HOME, park=demo_park)}
    path = demo_park.branch.path
    assert offered == {
        key for key, tile in registry.tiles.items() if OPERATOR_HOME in tile.homes and reader.may(tile.permission, path)
    }
    assert "cockpit.needs" not in offered


def test_the_numbers_of_the_home_are_those_of_the_offices_pages(demo_park: Park) -> None:
    """A number that counts rows of a list says as many rows as the list it opens."""
    client = Client()
    client.force_login(User.objects.get(username="operator"))
    user, compared = User.objects.get(username="operator"), 0
    for key in ("lifecycle.duties", "leasing.lettings", "enterprises.moves"):
        for figure in registry.tiles.get(key).ask(user=user, park=demo_park, on=DEMO_ON)["figures"]:
            page = client.get(figure.url, follow=True)
            if "late" in figure.url or "min=" in figure.url or "stage=" in figure.url:
                assert str(page.context["list"].table.page.paginator.count) == figure.value, (key, figure.url)
                compared += 1
    assert compared >= 4


def test_a_home_is_composed_moved_and_put_back(demo_park: Park) -> None:
    user = User.objects.get(username="operator")
    client = Client()
    client.force_login(user)
    order = [one.key for one in list_offered_tiles(user=user, home=OPERATOR_HOME, park=demo_park)]
    wanted = ["billing.money", "assessment.star", "cockpit.needs"]
    everything = {"order": [*wanted, *(k for k in order if k not in wanted)], "tile": wanted}
    assert client.post("/home/tiles/", {**everything, "save": "1"}).status_code == 302
    assert [one.key for one, _body in client.get("/").context["tiles"]] == wanted
    client.post("/home/tiles/", {**everything, "down": "billing.money"})
    assert [one.key for one, _body in client.get("/").context["tiles"]][:2] == ["assessment.star", "billing.money"]
    refused = client.post("/home/tiles/", {"order": order, "save": "1"})
    assert refused.status_code == 422 and refused.context["refusal"]
    assert client.post("/home/tiles/", {"order": ["no.such"], "tile": ["no.such"], "save": "1"}).status_code == 422
    client.post("/home/tiles/", {"reset": "1"})
    assert [one.key for one, _body in client.get("/").context["tiles"]] != wanted


def test_a_choice_passes_over_a_tile_the_person_may_no_longer_see(demo_park: Park) -> None:
    user = User.objects.get(username="operator")
    services.choose_tiles(home=OPERATOR_HOME, park=demo_park, tiles=["billing.money", "assessment.star"], actor=user)
    user.memberships.update(role=Role.ASSESSOR)
    keys = {
        one.key for one in list_offered_tiles(user=User.objects.get(pk=user.pk), home=OPERATOR_HOME, park=demo_park)
    }
    assert "cockpit.needs" not in keys
