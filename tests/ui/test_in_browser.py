"""The kit page in a real browser: no violation, no blocked style, charts drawn, everything by keyboard."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from parkbrain.ui.assets import DIST
from tests.factories import make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (DIST / "manifest.json").exists(), reason="the front end is not built"),
]


def opened(
    browser: Browser, server: LiveServer, *, theme: str = "light", width: int = 1440, scripts: bool = True
) -> Page:
    client = Client()
    client.force_login(make_user(None))
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900}, base_url=server.url, java_script_enabled=scripts
    )
    cookies = {"sessionid": client.cookies["sessionid"].value, "theme": theme, "django_language": "zh-hans"}
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])
    page = context.new_page()
    page.said = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.said.append(message.text))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.said.append(str(error)))  # type: ignore[attr-defined]
    page.goto("/ui/", wait_until="networkidle")
    return page


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)])
def test_the_kit_is_accessible_and_within_the_policy(
    browser: Browser, live_server: LiveServer, theme: str, width: int
) -> None:
    page = opened(browser, live_server, theme=theme, width=width)
    page.locator("park-chart svg").nth(5).wait_for()
    found = page.said + [f"{v['id']}: {v['nodes'][0]['html']}" for v in Axe().run(page).response["violations"]]  # type: ignore[attr-defined]
    # The form's impossible date is a sample of a refusal.
    assert [text for text in found if "2026-02-30" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_charts_take_the_colours_of_the_theme(browser: Browser, live_server: LiveServer) -> None:
    seen = set()
    for theme in ("light", "dark"):
        page = opened(browser, live_server, theme=theme)
        page.locator("park-chart svg").first.wait_for()
        seen.add(
            page.locator("park-chart svg")
            .nth(1)
            .evaluate('svg => svg.outerHTML.match(/fill="(rgb[^"]*|#[^"]*)"/g).join()')
        )
        page.context.close()
    assert len(seen) == 2


def test_search_opens_and_closes_by_keyboard(browser: Browser, live_server: LiveServer) -> None:
    page = opened(browser, live_server)
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    assert page.locator("park-palette dialog[open]").count() == 0
    page.context.close()


def test_the_menu_of_a_phone_opens_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    page = opened(browser, live_server, width=390, scripts=False)
    assert not page.locator(".rail nav").is_visible()
    page.locator(".rail-toggle").click()
    assert page.locator(".rail nav").is_visible()
    assert page.locator("figure details").first.is_visible()
    page.context.close()


def test_language_and_theme_change_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    page = opened(browser, live_server, scripts=False)
    page.locator("details.menu summary").first.click()
    page.locator('button[name="theme"][value="dark"]').click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.locator("details.menu summary").first.click()
    page.locator('button[name="language"][value="en"]').click()
    assert page.locator("h1").inner_text() == "Component kit"
    page.context.close()
