"""A number of a tile or of the wall is the number of the page that it opens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import OPERATOR_HOME
from parkbrain.ui.asof import dated
from tests.demo_fixtures import DEMO_ON, demo_park, loaded_demo
from tests.figures import FigureReader, Shown, is_same, is_within, named_on, numbers, read_figures

__all__ = ["demo_park", "loaded_demo"]

PEOPLE = {"operator": "operator", "bureau": "bureau", "assessor": "assessor", "tenant": "tenant"}
#: Tiles that show no number of their own: names, days, sentences.
WITHOUT = {"cockpit.needs", "cockpit.parks", "cockpit.enterprise", "lifecycle.mine"}
TILES = sorted(registry.tiles.keys())


def client_of(username: str) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(User.objects.get(username=username))
    return client


def wrong(client: Client, shown: Iterable[Shown]) -> list[str]:
    """Return what the pages say otherwise."""
    pages: dict[str, str] = {}
    found = []
    for one in shown:
        if one.url not in pages:
            answer = client.get(one.url, follow=True)
            assert answer.status_code == 200, one
            pages[one.url] = answer.content.decode()
        on_page = named_on(pages[one.url], one.name)
        if not is_within(one) or not any(is_same(one.value, value) for value in on_page):
            found.append(f"{one.name}: {one.value} here, {on_page} on {one.url}")
    return found


def drawn(key: str, home: str, park: Park, on: date) -> str:
    user = User.objects.get(username=PEOPLE[home])
    with translation.override("en"):
        content = registry.tiles.get(key).ask(user=user, park=park if home == OPERATOR_HOME else None, on=on)
        return "" if content is None else render_to_string(registry.tiles.get(key).template, dict(content))


def shown_by(key: str, home: str, park: Park) -> FigureReader:
    """Return what a tile shows today; what is measured stands still on the demo's day, so its pages are asked for that."""
    reader = read_figures(drawn(key, home, park, timezone.localdate()))
    if not reader.found and key not in WITHOUT:
        reader = read_figures(drawn(key, home, park, DEMO_ON))
        for one in reader.found:
            one.url = dated(one.url, DEMO_ON.isoformat())
    return reader


@pytest.mark.parametrize("key", TILES)
def test_a_tile_shows_the_numbers_of_its_page(demo_park: Park, key: str) -> None:
    for home in registry.tiles.get(key).homes:
        reader = shown_by(key, home, demo_park)
        assert not reader.nameless, (key, home)
        assert reader.found or key in WITHOUT, (key, home, "the demo has no number for this tile")
        assert not wrong(client_of(PEOPLE[home]), reader.found), (key, home)


@pytest.mark.parametrize("username", ["operator", "bureau"])
@pytest.mark.parametrize("days", [0, 3])
def test_the_wall_of_a_park_shows_the_numbers_of_the_office(demo_park: Park, username: str, days: int) -> None:
    client, query = client_of(username), {"on": (DEMO_ON - timedelta(days=days)).isoformat()}
    html = client.get(reverse("wall_park", args=[demo_park.pk]), query).content.decode()
    found = read_figures(html).found
    assert {"park.occupancy", "energy.load", "carbon.location", "star.proven", "fact.value"} <= {f.name for f in found}
    assert not wrong(client, found)


def test_the_wall_of_the_city_shows_the_numbers_of_its_pages(demo_park: Park) -> None:
    client = client_of("bureau")
    found = read_figures(client.get(reverse("wall"), {"screens": "city"}).content.decode()).found
    assert {"city.parks", "city.mean", "city.share", "rows"} <= {f.name for f in found}
    assert not wrong(client, found)


def test_a_page_that_says_otherwise_is_found_out() -> None:
    html = '<p data-figures="a=1,234.50; b=7">1,234.50 of 7</p><p data-figures="c=8">9</p>'
    assert named_on(html, "a") == ["1,234.50"] and is_same("1,234.5", named_on(html, "a")[0])
    assert not is_same("1,234.6", "1,234.50") and not is_same("12", "13") and not is_same("", "")
    assert named_on(html, "c") == [], "a mark that strayed from its text is no number of the page"
    assert read_figures("<b>12</b>").nameless == ["12"] and numbers("±3 %") == ["3"]
