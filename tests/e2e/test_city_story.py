"""The bureau looks at its city: by an indicator, within an outline, down to one park and its peers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import needs_webgl
from .test_sizes import LARGE, take_size

pytestmark = pytest.mark.browser


def violations(page: Page) -> list[tuple[str, str]]:
    return [(v["id"], v["nodes"][0]["html"][:160]) for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bureau_finds_parks_on_the_map_and_a_park_among_its_peers(open_as: Callable[..., Page], theme: str) -> None:
    page = open_as("bureau", theme=theme)
    page.goto("/city/")
    page.select_option("#by", "value.F1.1")
    expect(page).to_have_url(re.compile("by=value.F1.1"))
    expect(page.locator("#figures")).to_contain_text("F1.1")
    all_count = int(page.get_by_text(re.compile(r"^[\d,]+ parks? shown")).inner_text().split()[0].replace(",", ""))
    outline = "lasso=113.7,22.4;114.0,22.4;114.0,22.9;113.7,22.9"
    if page.evaluate("Boolean(document.createElement('canvas').getContext('webgl2'))"):
        page.locator("park-map[data-shown]").wait_for()
        page.get_by_role("button", name="Choose an area").click()
        box = page.locator(".map-stage").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 10, box["y"] + 10)
        page.mouse.down()
        for x, y in ((0.5, 0.02), (0.5, 0.98), (0.02, 0.98)):
            page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
        page.mouse.up()
        page.wait_for_url("**lasso=**")
    else:
        page.goto(f"/city/?by=value.F1.1&{outline}")
    expect(page.locator("#list .chips")).to_contain_text("drawn on the map")
    kept = int(page.get_by_text(re.compile(r"^[\d,]+ parks? shown")).inner_text().split()[0].replace(",", ""))
    assert 0 < kept < all_count
    assert violations(page) == []
    page.locator("#list tbody a").first.click()
    expect(page).to_have_url(re.compile(r"/parks/\d+/"))
    number = re.search(r"/parks/(\d+)/", page.url)
    assert number is not None
    page.goto(f"/parks/{number.group(1)}/stars/")
    page.get_by_role("link", name="Among like parks").click()
    expect(page.get_by_role("heading", name="Compared with")).to_be_visible()
    assert violations(page) == []


def test_an_outline_is_where_it_was_drawn_on_an_enlarged_page_too(open_as: Callable[..., Page]) -> None:
    page = open_as("bureau")
    page.goto("/city/")
    take_size(page, LARGE)
    needs_webgl(page)
    page.locator("park-map.drawn").wait_for()
    page.get_by_role("button", name="Choose an area").click()
    # The western half of the canvas; the city reaches from 113.7 to 114.7 degrees and stands in its middle.
    box = page.locator(".map-stage canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    for x, y in ((0.5, 0.02), (0.5, 0.98), (0.02, 0.98)):
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
    page.mouse.up()
    page.wait_for_url("**lasso=**")
    corners = re.search(r"lasso=([^&]+)", page.url)
    assert corners is not None
    easternmost = max(float(one.split(",")[0]) for one in corners.group(1).split(";"))
    assert easternmost == pytest.approx(114.19, abs=0.03)


def test_the_bar_under_the_pointer_is_opened_on_an_enlarged_page_too(open_as: Callable[..., Page]) -> None:
    page = open_as("bureau")
    page.goto("/city/")
    take_size(page, LARGE)
    chart = page.locator("#figures park-chart").first
    chart.locator("svg").wait_for()
    data = json.loads(chart.locator("script").text_content() or "")
    bars = data["series"][0]["data"]
    highest = max((bar for bar in bars if bar), key=lambda bar: bar["value"])
    # The map takes the browser's time once the dots have stood; the chart listens again after it.
    page.locator("park-map.drawn, park-map[data-shown]").first.wait_for()
    page.wait_for_timeout(2000)
    boxes = [box for path in chart.locator("svg path").all() if (box := path.bounding_box()) and box["width"] > 20]
    drawn = max((box for box in boxes if box["width"] < 120), key=lambda box: box["height"])
    page.mouse.click(drawn["x"] + drawn["width"] / 2, drawn["y"] + drawn["height"] / 2)
    expect(page).to_have_url(re.compile(re.escape(highest["url"]) + "$"))


def test_every_park_is_a_dot_where_the_browser_draws_no_webgl(open_as: Callable[..., Page]) -> None:
    page = open_as("bureau")
    page.add_init_script(
        "const whole = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        "  return kind.startsWith('webgl') ? null : whole.call(this, kind, ...rest); };"
    )
    page.goto("/city/")
    page.locator("park-map[data-shown]").wait_for()
    dots = "[...document.querySelectorAll('.park-dots path')].map(p => p.getAttribute('d').split('h0').length - 1)"
    drawn = page.evaluate(f"{dots}.reduce((a, b) => a + b, 0)")
    listed = int(page.get_by_text(re.compile(r"^[\d,]+ parks? shown")).inner_text().split()[0].replace(",", ""))
    assert drawn == listed > 0
    legend = page.locator("park-map .flat .legend")
    expect(legend).to_be_visible()
    counts = [int(text.replace(",", "")) for text in re.findall(r"\(([\d,]+)\)", legend.inner_text())]
    assert sum(counts) == listed
    assert page.locator("park-map.drawn").count() == 0
    assert violations(page) == []
