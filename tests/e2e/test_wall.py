"""The wall in a real browser: it turns, opens the office's pages, scrubs a day, and stands without WebGL or scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import System, needs_webgl

pytestmark = pytest.mark.browser

WALL = "/wall/parks/{park}/"
#: Slabs, lit edges, storey lines, ground, arcs: as many calls for a hundred storeys as for one.
MOST_CALLS = 6


def opened(page: Page, system: System, address: str) -> list[str]:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = page.goto(address.format(**system.places))
    assert answer is not None and answer.status == 200
    return errors


@pytest.mark.parametrize(("who", "address"), [("operator", WALL), ("bureau", "/wall/"), ("tenant", WALL)])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_wall_has_no_accessibility_violation_and_no_error(
    open_as: Callable[..., Page], system: System, who: str, address: str, language: str
) -> None:
    page = open_as(who, language=language)
    page.emulate_media(reduced_motion="reduce")
    errors = opened(page, system, address)
    page.wait_for_timeout(1500)
    found = [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]]
    assert found == [] and errors == []


@pytest.mark.parametrize("address", [WALL, "/wall/?screens=city&park={park}"])
def test_the_wall_has_no_sideways_scroll_on_a_phone(open_as: Callable[..., Page], system: System, address: str) -> None:
    page = open_as("bureau", language="zh-hans", size=(390, 844))
    page.emulate_media(reduced_motion="reduce")
    opened(page, system, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160)])
def test_a_screen_fills_every_size_without_scrolling(
    open_as: Callable[..., Page], system: System, size: tuple[int, int]
) -> None:
    page = open_as("operator", size=size)
    page.emulate_media(reduced_motion="reduce")
    opened(page, system, f"{WALL}?screens=energy&screens=stars")
    box = page.locator(".screen.current").bounding_box()
    assert box is not None and box["width"] == pytest.approx(size[0], abs=20)
    assert page.evaluate("document.documentElement.scrollHeight") <= size[1] + 1


def test_screens_turn_by_themselves_and_by_the_arrow_keys(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    opened(page, system, f"{WALL}?screens=energy&screens=stars&seconds=5")
    current = page.locator(".screen.current")
    first = current.get_attribute("id")
    expect(current).not_to_have_attribute("id", first or "", timeout=9000)
    page.emulate_media(reduced_motion="reduce")
    now = current.get_attribute("id")
    page.keyboard.press("ArrowLeft")
    expect(current).not_to_have_attribute("id", now or "")


def test_who_asks_for_less_motion_is_not_turned_around(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.emulate_media(reduced_motion="reduce")
    opened(page, system, f"{WALL}?screens=energy&screens=stars&seconds=5")
    first = page.locator(".screen.current").get_attribute("id")
    page.wait_for_timeout(6000)
    assert page.locator(".screen.current").get_attribute("id") == first


def test_a_figure_opens_the_page_of_the_office(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.emulate_media(reduced_motion="reduce")
    opened(page, system, f"{WALL}?screens=energy")
    figure = page.locator("a.stat").first
    value = figure.locator(".value").inner_text().replace("kW", "").strip()
    figure.click()
    page.wait_for_url("**/energy/**")
    assert value in page.inner_text("main")


def test_without_webgl_the_section_stands_there(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    errors = opened(page, system, f"{WALL}?screens=park")
    expect(page.locator(".flat .section-drawing").first).to_be_visible()
    assert page.locator(".stage canvas").count() == 0 and errors == []


def test_without_scripts_every_screen_stands_below_the_other(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator", scripts=False)
    opened(page, system, WALL)
    tops = [page.locator(".screen").nth(n).bounding_box()["y"] for n in range(page.locator(".screen").count())]  # type: ignore[index]
    assert len(tops) == 4 and tops == sorted(tops) and len(set(tops)) == 4
    expect(page.locator(".flat .section-drawing").first).to_be_visible()


def test_a_day_is_scrubbed_without_a_request(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.emulate_media(reduced_motion="reduce")
    opened(page, system, f"{WALL}?screens=park")
    page.wait_for_timeout(1000)
    asked: list[str] = []
    # The tab's icon is no request of the page's: Chromium fetches it when it has nothing else to do.
    page.on("request", lambda request: asked.append(request.url) if not request.url.endswith("/icon.svg") else None)
    for hour in ("0", "3"):
        page.locator('input[name="hour"]').fill(hour)
    assert page.inner_text(".replay output") == "03:00–04:00"
    assert page.inner_text("[data-clock]") == "03:00–04:00"
    assert asked == []


def test_the_scene_takes_few_calls(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.emulate_media(reduced_motion="reduce")
    opened(page, system, f"{WALL}?screens=park")
    needs_webgl(page)
    page.wait_for_selector("park-building3d[data-draw-calls]")
    assert int(page.get_attribute("park-building3d", "data-draw-calls") or 0) <= MOST_CALLS


COUNT_DRAWS = """for (const name of ["drawArrays", "drawElements"]) {
  const own = WebGL2RenderingContext.prototype[name];
  WebGL2RenderingContext.prototype[name] = function (...given) { window.drawn = (window.drawn ?? 0) + 1; own.apply(this, given); };
}"""


def drawn_within(page: Page, milliseconds: int) -> int:
    before = page.evaluate("window.drawn ?? 0")
    page.wait_for_timeout(milliseconds)
    return int(page.evaluate("window.drawn ?? 0")) - int(before)


def test_the_scene_is_drawn_only_while_it_moves_and_is_seen(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    page.add_init_script(COUNT_DRAWS)
    opened(page, system, f"{WALL}?screens=park&screens=stars&seconds=600")
    needs_webgl(page)
    page.wait_for_selector("park-building3d[data-draw-calls]")
    assert drawn_within(page, 1000) > 0
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert drawn_within(page, 1000) == 0, "drawn behind another screen"
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    assert drawn_within(page, 1000) > 0
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(500)
    assert drawn_within(page, 1000) == 0, "drawn though nothing moves"
    before = page.evaluate("window.drawn")
    page.locator('input[name="hour"]').fill("3")
    page.wait_for_timeout(1000)
    assert page.evaluate("window.drawn") > before, "another hour is another picture"
