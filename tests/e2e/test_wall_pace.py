"""The wall's scene in a real browser on a clock of the test: it draws as many pixels as come in time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from .conftest import System, needs_webgl

pytestmark = pytest.mark.browser

SCENE = "/wall/parks/{park}/?screens=park&seconds=600"
#: The page's frames, on a clock that passes by `window.gap(share of the pixels that are drawn)` from one to the next.
CLOCK = """let now = 0, seen = 0;
window.least = 1;
window.share = () => {
  const canvas = document.querySelector(".stage canvas");
  return canvas ? canvas.width / (canvas.getBoundingClientRect().width || 1) : 1;
};
const own = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (draw) => own((at) => {
  if (at !== seen) {
    now += window.gap(window.share());
    window.least = Math.min(window.least, window.share());
  }
  seen = at;
  draw(now);
});"""


def opened(page: Page, system: System, gap: str) -> None:
    page.add_init_script(f"window.gap = {gap};\n{CLOCK}")
    page.goto(SCENE.format(**system.places))
    needs_webgl(page)
    page.wait_for_selector("park-building3d[data-draw-calls]")


def comes_to(page: Page, fits: Callable[[], bool]) -> bool:
    return any(fits() or page.wait_for_timeout(250) for _attempt in range(120))


def share(page: Page) -> float:
    return float(page.evaluate("window.share()"))


def test_frames_that_are_late_by_their_pixels_get_fewer_and_a_picture_that_stands_has_all(
    open_as: Callable[..., Page], system: System
) -> None:
    page = open_as("operator")
    opened(page, system, "(share) => share > 0.6 ? 40 : 16.7")
    assert comes_to(page, lambda: share(page) < 0.6)
    page.wait_for_timeout(1500)
    assert 0.33 < share(page) < 0.6, "as many pixels as come in time"
    page.hover(".stage canvas")
    assert comes_to(page, lambda: share(page) > 0.98)


def test_a_screen_that_is_slow_by_itself_keeps_all_pixels(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    opened(page, system, "() => 33.3")
    assert comes_to(page, lambda: page.evaluate("window.least") < 0.4)
    assert comes_to(page, lambda: share(page) > 0.98)
    page.evaluate("window.least = 1")
    page.wait_for_timeout(4000)
    assert page.evaluate("window.least") > 0.98


def test_frames_in_time_are_drawn_whole(open_as: Callable[..., Page], system: System) -> None:
    page = open_as("operator")
    opened(page, system, "() => 16.7")
    page.wait_for_timeout(5000)
    assert page.evaluate("window.least") > 0.98
