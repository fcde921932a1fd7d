"""Every page at the sizes of a laptop, of a very large screen and of a phone: nothing beside the window, nothing cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import System
from .test_pages import PAGES, opened

pytestmark = pytest.mark.browser

LAPTOP, LARGE, PHONE = (1440, 900), (3840, 2160), (390, 844)
#: What a park does from day to day.
WORK = (
    ("operator", "/parks/{park}/site-plan/"),
    ("operator", "/parks/{park}/energy/"),
    ("operator", "/parks/{park}/energy/heat/"),
    ("operator", "/parks/{park}/energy/flows/"),
    ("operator", "/parks/{park}/energy/performance/"),
    ("operator", "/parks/{park}/carbon/"),
    ("operator", "/parks/{park}/efficiency/"),
    ("operator", "/leases/"),
    ("operator", "/parks/{park}/lettings/"),
    ("operator", "/leasing/rent-roll/"),
    ("operator", "/leasing/space/"),
    ("operator", "/leads/"),
    ("operator", "/parks/{park}/billing/"),
    ("operator", "/parks/{park}/billing/arrears/"),
    ("operator", "/bills/"),
    ("operator", "/parks/{park}/life/"),
    ("operator", "/duties/"),
    ("operator", "/exits/"),
    ("operator", "/parks/{park}/exchange/"),
    ("operator", "/equipment/"),
    ("operator", "/meters/"),
)
SCREENS = (
    ("bureau", "/wall/?screens=city"),
    *(("operator", f"/wall/parks/{{park}}/?screens={screen}") for screen in ("park", "space", "stars", "energy")),
)
#: Texts of which one part is seen and the other is not, and texts squeezed to a syllable a line. What a person can scroll
#: to, and what ends in an ellipsis, is not cut.
CUT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest(".visually-hidden, script, style, option")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()];
    if (rects.length > 5 && Math.max(...rects.map((rect) => rect.width)) < 40)
      found.push(`${node.data.trim().slice(0, 40)} in ${rects.length} lines`);
    for (const rect of rects) {
      for (let box = parent; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (/auto|scroll/.test(style.overflowX + style.overflowY)) break;
        if (style.textOverflow === "ellipsis") break;
        if (!/hidden|clip/.test(style.overflowX + style.overflowY)) continue;
        const edge = box.getBoundingClientRect();
        const [across, down] = [
          Math.min(rect.right, edge.right) - Math.max(rect.left, edge.left),
          Math.min(rect.bottom, edge.bottom) - Math.max(rect.top, edge.top),
        ];
        if (across <= 0 || down <= 0) break;
        // A line's box is higher than its letters.
        if (across < rect.width - 2 || down < rect.height * 0.75) {
          found.push(`${node.data.trim().slice(0, 40)} in ${box.tagName}.${box.getAttribute("class") ?? ""}`);
          break;
        }
      }
    }
  }
  return [...new Set(found)];
}"""
#: How much of the window the tables, maps, drawings and panels of a page take in its width; null where there are none.
SHARE = """() => {
  const wide = "main :is(table, park-map, .map, .section-drawing, .plan-drawing, park-chart)";
  if (!document.querySelector(wide)) return null;
  const boxes = [...document.querySelectorAll(`${wide}, main :is(.panel, .table-region, .screen-grid)`)]
    .map((one) => one.getBoundingClientRect()).filter((box) => box.width);
  return (Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left))) / window.innerWidth;
}"""
#: A page of tables, maps or drawings takes as much of the width of a very large screen.
LEAST_SHARE = 0.8


def take_size(page: Page, size: tuple[int, int]) -> None:
    """Give the page a window; the very large one is painted coarsely, for what is measured are places, not pixels."""
    width, height = size
    if size != LARGE:
        page.set_viewport_size({"width": width, "height": height})
        return
    metrics = {"width": width, "height": height, "deviceScaleFactor": 0.25, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", metrics)


def flaws_of(page: Page, size: tuple[int, int]) -> list[Any]:
    """Return what is wrong with a page at a size."""
    take_size(page, size)
    # Not by a function in the page: the policy forbids scripts from texts.
    expect(page.locator("park-chart:not(:has(svg))")).to_have_count(0)
    # Charts and maps take their new size a frame or two after the window has.
    page.wait_for_timeout(400)
    flaws: list[Any] = page.evaluate(CUT)
    if (across := page.evaluate("document.documentElement.scrollWidth")) > size[0]:
        flaws.append(f"{across} px wide")
    share = page.evaluate(SHARE) if size == LARGE else None
    if share is not None and share < LEAST_SHARE:
        flaws.append(f"only {share:.0%} of the width")
    return flaws


@pytest.mark.parametrize(("who", "address"), [*PAGES, *WORK, *SCREENS])
def test_page_fits_every_size(open_as: Callable[..., Page], system: System, who: str, address: str) -> None:
    # English words are the longest; what people wrote is Chinese.
    page = opened(open_as, system, who, address, language="en", size=LAPTOP)
    found = {size: flaws_of(page, size) for size in (LAPTOP, LARGE, PHONE)}
    assert {size: flaws for size, flaws in found.items() if flaws} == {}
