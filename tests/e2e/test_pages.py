"""Every page, as people of every role see it: no violation of WCAG, no error in the console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from .conftest import System

pytestmark = pytest.mark.browser

PAGES = (
    ("operator", "/"),
    ("operator", "/parks/{park}/"),
    ("operator", "/buildings/{building}/"),
    ("operator", "/buildings/{building}/?colour=industry"),
    ("operator", "/premises/"),
    ("operator", "/premises/{premises}/"),
    ("operator", "/enterprises/"),
    ("operator", "/enterprises/{enterprise}/"),
    ("operator", "/occupancies/"),
    ("operator", "/parks/{park}/stars/"),
    ("operator", "/parks/{park}/stars/?scheme=hj274-2015"),
    ("operator", "/parks/{park}/stars/?scheme=green-park-index"),
    ("operator", "/parks/{park}/stars/five-star-reference/C/"),
    ("operator", "/parks/{park}/stars/five-star-reference/F1.1/"),
    ("operator", "/parks/{park}/stars/five-star-reference/D1.1/"),
    ("operator", "/parks/{park}/stars/five-star-reference/D3.1/"),
    ("operator", "/parks/{park}/facts/"),
    ("operator", "/parks/{park}/facts/leased_area_m2/"),
    ("operator", "/parks/{park}/facts/green_cover_m2/"),
    ("operator", "/parks/{park}/ratings/"),
    ("operator", "/parks/{park}/ratings/compare/?before={frozen}&after={newer}"),
    ("operator", "/ratings/{frozen}/"),
    ("operator", "/imports/"),
    ("operator", "/imports/new/"),
    ("operator", "/schemes/"),
    ("operator", "/schemes/five-star-reference/"),
    ("operator", "/people/"),
    ("operator", "/profile/"),
    ("operator", "/profile/security/"),
    ("admin", "/people/"),
    ("admin", "/approvals/"),
    ("admin", "/audit/"),
    ("operator", "/profile/tokens/"),
    ("operator", "/profile/webhooks/"),
    ("operator", "/api/v1/"),
    ("operator", "/audit/"),
    ("operator", "/search/?q=301"),
    ("operator", "/ui/"),
    ("operator", "/home/tiles/"),
    ("operator", "/parks/{park}/brief/"),
    ("operator", "/parks/{park}/brief/?kind=month"),
    ("operator", "/parks/{park}/needs/"),
    ("operator", "/reports/"),
    ("operator", "/reports/add/?list=portfolio.group_parks"),
    ("operator", "/parks/{park}/peers/"),
    ("operator", "/parks/{park}/certainty/"),
    ("operator", "/parks/{park}/next-star/"),
    ("operator", "/parks/{park}/measures/"),
    ("operator", "/parks/{park}/measures/add/"),
    ("operator", "/parks/{park}/set-up/copy/"),
    ("operator", "/parks/{park}/set-up/file/"),
    ("operator", "/operators/"),
    ("operator", "/operators/parks/"),
    ("operator", "/operators/{group}/"),
    ("operator", "/operators/{group}/place/"),
    ("admin", "/operators/{group}/change/"),
    ("admin", "/operators/{group}/lines/{line}/"),
    ("bureau", "/"),
    ("bureau", "/city/"),
    ("bureau", "/city/?by=stars"),
    ("bureau", "/exchange/"),
    ("bureau", "/city/brief/"),
    ("bureau", "/city/certainty/"),
    ("bureau", "/city/plans/"),
    ("bureau", "/city/rounds/"),
    ("bureau", "/city/rounds/add/"),
    ("bureau", "/city/rounds/answers/"),
    ("bureau", "/city/rounds/{round}/"),
    ("bureau", "/city/rounds/{round}/table/"),
    ("bureau", "/city/rounds/{round}/parks/{asked}/"),
    ("bureau", "/city/table/"),
    ("bureau", "/published/"),
    ("bureau", "/published/{published}/"),
    ("bureau", "/operators/{group}/"),
    ("bureau", "/parks/{other_park}/next-star/"),
    ("bureau", "/parks/"),
    ("bureau", "/parks/{other_park}/stars/"),
    ("assessor", "/"),
    ("assessor", "/to-verify/"),
    ("assessor", "/parks/{park}/facts/green_cover_m2/"),
    ("tenant", "/"),
    ("tenant", "/parks/{park}/"),
    ("tenant", "/buildings/{building}/"),
    ("provider", "/"),
)
#: Languages and themes in turn, so that every page is seen in each of both over the suite.
LOOKS = (("zh-hans", "light"), ("en", "dark"), ("zh-hant", "dark"))


def opened(open_as: Callable[..., Page], system: System, who: str, address: str, **look: object) -> Page:
    page = open_as(who, **look)
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = page.goto(address.format(**system.places))
    assert answer is not None and answer.status == 200
    page.wait_for_load_state("networkidle")
    assert errors == []
    return page


@pytest.mark.parametrize(("who", "address"), PAGES)
def test_page_has_no_accessibility_violation_in_any_look(
    open_as: Callable[..., Page], system: System, who: str, address: str
) -> None:
    index = PAGES.index((who, address))
    for language, theme in (LOOKS[index % 3], LOOKS[(index + 1) % 3]):
        page = opened(open_as, system, who, address, language=language, theme=theme)
        assert page.get_attribute("html", "lang") == language
        results = Axe().run(page)
        found = [(v["id"], v["nodes"][0]["html"][:160]) for v in results.response["violations"]]
        assert found == [], f"{language} {theme}"


@pytest.mark.parametrize("who", ["operator", "bureau", "assessor", "tenant", "provider"])
def test_home_answers_without_scrolling(open_as: Callable[..., Page], system: System, who: str) -> None:
    page = opened(open_as, system, who, "/", language="zh-hans")
    heading = page.locator("h1").bounding_box()
    first = page.locator("main .panel, main .stats").first.bounding_box()
    assert heading is not None and first is not None
    assert first["y"] + min(first["height"], 120) < 900
    shift = page.evaluate(
        "new Promise(done => { let sum = 0; new PerformanceObserver(list => list.getEntries()"
        ".forEach(e => { if (!e.hadRecentInput) sum += e.value })).observe({type: 'layout-shift', buffered: true});"
        "setTimeout(() => done(sum), 300) })"
    )
    assert shift <= 0.05


def test_sign_in_and_error_pages_have_no_violation(browser: object, system: System) -> None:
    context = browser.new_context(base_url=system.url)  # type: ignore[attr-defined]
    page = context.new_page()
    for address, status in (("/sign-in/", 200), ("/people/", 200)):
        answer = page.goto(address)
        assert answer.status == status
        assert Axe().run(page).response["violations"] == []
    context.close()
