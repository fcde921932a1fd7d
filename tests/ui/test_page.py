"""`page()` answers with the page, or with the slice of it that htmx asked for and the view offers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from parkbrain.ui.htmx import page

PART = "{% partialdef list inline %}<ul><li>{{ title }}</li></ul>{% endpartialdef %}"
TEMPLATE = "<h1>{{ title }}</h1>{% load partials %}" + PART


@pytest.fixture
def template(tmp_path: Path, settings) -> str:
    (tmp_path / "sample.html").write_text(TEMPLATE)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    return "sample.html"


def asked(target: str | None = None, *, boosted: bool = False):
    request = RequestFactory().get("/sample/")
    if target is not None:
        request.htmx = SimpleNamespace(target=target, boosted=boosted)
    return request


def answer(template: str, request, **options) -> str:
    return page(request, template, {"title": "T"}, parts=frozenset({"list"}), **options).content.decode()


def test_a_browser_gets_the_whole_page(template: str) -> None:
    assert answer(template, asked()) == "<h1>T</h1><ul><li>T</li></ul>"


def test_htmx_gets_the_part_it_asked_for(template: str) -> None:
    assert answer(template, asked("list")) == "<ul><li>T</li></ul>"


def test_a_part_is_a_slice_of_the_page(template: str) -> None:
    assert answer(template, asked("list")) in answer(template, asked())


def test_a_part_the_view_does_not_offer_is_the_whole_page(template: str) -> None:
    assert answer(template, asked("secret")) == answer(template, asked())


def test_boosted_links_get_the_whole_page(template: str) -> None:
    assert answer(template, asked("list", boosted=True)) == answer(template, asked())


def test_caches_keep_parts_and_pages_apart(template: str) -> None:
    response = page(asked("list"), template, {}, parts=frozenset({"list"}), status=422)
    assert response.status_code == 422
    assert {"HX-Request", "HX-Target"} <= {h.strip() for h in response.headers["Vary"].split(",")}
