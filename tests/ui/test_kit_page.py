"""The kit page shows every component, in three languages and for those without scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from parkbrain.ui.assets import DIST, entry_urls, han_font_urls
from parkbrain.ui.templatetags.ui import star_paths
from tests.factories import make_user

UI = Path(__file__).resolve().parents[2] / "parkbrain" / "ui"
COMPONENTS = sorted(p.stem for p in (UI / "templates" / "cotton").glob("*.html"))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (DIST / "manifest.json").exists(), reason="the front end is not built"),
]


@pytest.fixture
def kit(client: Client) -> Client:
    client.force_login(make_user(None))
    return client


def test_there_are_at_most_24_components() -> None:
    assert len(COMPONENTS) <= 24


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_is_documented_and_shown(name: str) -> None:
    tag = f"<c-{name.replace('_', '-')}"
    assert tag in (UI / "__init__.py").read_text()
    pages = [UI / "templates" / "ui" / "kit.html", *(UI / "templates" / "cotton").glob("*.html")]
    assert any(tag in page.read_text() for page in pages if page.stem != name)


@pytest.mark.parametrize(("language", "word"), [("en", "Component kit"), ("zh-hans", "组件库"), ("zh-hant", "組件庫")])
def test_the_page_speaks_the_readers_language(kit: Client, language: str, word: str) -> None:
    kit.cookies["django_language"] = language
    text = kit.get("/ui/").content.decode()
    assert f'<html lang="{language}"' in text
    assert word in text


def test_the_theme_of_the_cookie_is_on_the_page_before_any_script_runs(kit: Client) -> None:
    kit.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in kit.get("/ui/").content.decode()


def test_htmx_gets_the_list_as_a_slice_of_the_page(kit: Client) -> None:
    whole = kit.get("/ui/?page=2").content.decode()
    part = kit.get("/ui/?page=2", headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert part.startswith('<div id="list">') and part in whole


class Policy(HTMLParser):
    """Collects what the content-security policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocked: list[str] = []
        self.ids: list[str] = []
        self.described: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.blocked += [name for name in named if name == "style" or name.startswith(("on", "hx-on"))]
        if tag == "style" or (tag == "script" and "src" not in named and named.get("type") != "application/json"):
            self.blocked.append(tag)
        self.ids += [i for i in (named.get("id"),) if i]
        self.described |= set((named.get("aria-describedby") or "").split())


def test_nothing_on_the_page_is_against_its_policy(kit: Client) -> None:
    response = kit.get("/ui/")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "script-src 'self'" in policy and "style-src 'self'" in policy
    page = Policy()
    page.feed(response.content.decode())
    assert page.blocked == []


def test_hints_and_errors_are_tied_to_their_fields(kit: Client) -> None:
    page = Policy()
    page.feed(kit.get("/ui/").content.decode())
    assert {"id_name_helptext", "id_name_error", "id_on_error"} <= page.described <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_numbers_in_drawings_have_no_separators(kit: Client) -> None:
    for value in re.findall(r'<rect class="fill-[^>]* width="([^"]*)"', kit.get("/ui/").content.decode()):
        assert float(value) >= 0


def test_scripts_and_styles_come_from_the_manifest() -> None:
    scripts, styles = entry_urls()
    for url in [*scripts, *styles, *han_font_urls(language="zh-hant")]:
        assert (DIST / url.split("/dist/")[1]).is_file()


@pytest.mark.parametrize(
    ("language", "in_head", "at_end"),
    [("en", [], ["noto-sc"]), ("zh-hans", ["noto-sc"], []), ("zh-hant", ["noto-tc", "noto-sc"], [])],
)
def test_a_page_waits_for_the_sheet_of_its_own_characters_alone(
    kit: Client, language: str, in_head: list[str], at_end: list[str]
) -> None:
    kit.cookies["django_language"] = language
    head, _, body = kit.get("/ui/").content.decode().partition("</head>")
    assert re.findall(r"assets/(noto-\w\w)-[^.]+\.css", head) == in_head
    assert re.findall(r"assets/(noto-\w\w)-[^.]+\.css", body) == at_end


@pytest.mark.parametrize(
    ("proven", "reachable", "drawn"),
    [
        (3, 5, {"on": 3, "maybe": 2}),
        (0, 0, {"off": 5}),
        (None, None, {"off": 5}),
        (2, 1, {"on": 2, "off": 3}),
        (5, 5, {"on": 5}),
    ],
)
def test_five_stars_are_drawn_by_what_they_are(
    proven: int | None, reachable: int | None, drawn: dict[str, int]
) -> None:
    paths = dict(re.findall(r'<path class="(\w+)" d="([^"]+)"/>', star_paths(proven, reachable)))
    assert {name: path.count("M") for name, path in paths.items()} == drawn
