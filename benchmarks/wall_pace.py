"""Count the frames a second of the wall's moving scene: `python -m benchmarks.wall_pace`.

Chromium without a graphics card: the processor draws what a card draws on a laptop, beside the server and the page. What
comes in time here comes in time on any laptop; there the picture keeps all of its pixels, here as many as come in time.
The installation is that of PARKBRAIN_HOME (`var/bench` unless given) with the demo loaded.
"""

from __future__ import annotations

import os
import statistics
from typing import Any

from benchmarks.city_browser import ARGUMENTS, serve, sign_in
from benchmarks.report import machine, markdown_table, write_section
from benchmarks.wall_frames import FRAME_MS

if __name__ == "__main__":
    os.environ.setdefault("PARKBRAIN_HOME", "var/bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")

#: Windows of ordinary laptops.
SIZES = ((1366, 768), (1440, 900), (1920, 1080))
#: How long the scene finds its pace, and how long it is counted [s].
SETTLING_S, SECONDS = 12, 20
#: The times from each frame to the next of some milliseconds [ms].
GAPS = """(length) => new Promise((done) => {
  const at = [];
  const step = (now) => {
    at.push(now);
    if (now - at[0] < length) requestAnimationFrame(step);
    else done(at.slice(1).map((one, n) => one - at[n]));
  };
  requestAnimationFrame(step);
})"""
DRAWN = """() => {
  const canvas = document.querySelector(".stage canvas");
  const box = canvas.getBoundingClientRect();
  const calls = Number(document.querySelector("park-building3d").dataset.drawCalls);
  return [Math.round(box.width), Math.round(box.height), canvas.width, canvas.height, calls];
}"""


def row(size: str, gaps: list[float], drawn: list[int]) -> tuple[str, ...]:
    """Return how often a frame came and how large the picture was that it drew, as texts."""
    late = sum(gap > 1.5 * FRAME_MS for gap in gaps) / len(gaps)
    room, picture = f"{drawn[0]} × {drawn[1]}", f"{drawn[2]} × {drawn[3]}"
    a_second = f"{drawn[0] * drawn[1] * 60 / 1e6:.0f} million"
    paced = f"{1000 / statistics.mean(gaps):.1f}", f"{statistics.median(gaps):.1f}", f"{late:.1%}"
    return size, *paced, room, picture, str(drawn[4]), a_second


def count(playwright: Any, address: str, cookies: list[dict[str, str]], size: tuple[int, int]) -> tuple[str, ...]:
    """Return the row of a window's size."""
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
    )
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, base_url=address)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/wall/?screens=park&seconds=600")
    page.wait_for_selector("park-building3d[data-draw-calls]")
    page.wait_for_timeout(SETTLING_S * 1000)
    found = row(f"{size[0]} × {size[1]}", page.evaluate(GAPS, SECONDS * 1000), page.evaluate(DRAWN))
    browser.close()
    print(*found, sep="  ", flush=True)
    return found


def report(rows: list[tuple[str, ...]]) -> str:
    """Return the section of the page on performance."""
    heads = (
        "window",
        "frames a second",
        "median ms",
        "late frames",
        "room of the picture",
        "drawn",
        "calls",
        "whole, 60 times a second",
    )
    return (
        f"## The pace of the wall\n\n`python -m benchmarks.wall_pace`: the park in 3-D as it turns, {machine()}, **no"
        f" graphics card**, browser and server on the same processor; {SECONDS} s after {SETTLING_S} s in which the scene"
        " finds how many pixels come in time (`frontend/src/lib/pace.ts`). A frame is late when it misses its turn on a screen"
        " of 60 Hz. A laptop draws with its card, and what it is asked for is little: so many calls a frame, and so many"
        " pixels a second with the whole picture drawn. No machine with a card was at hand to show it.\n\n"
        + markdown_table(heads, rows)
    )


def main() -> int:
    """Count, print and write the section; exit 1 where the middle frame of a window comes later than sixty a second do."""
    import django

    django.setup()
    from django.conf import settings
    from playwright.sync_api import sync_playwright

    key = sign_in("operator")
    with serve() as address, sync_playwright() as playwright:
        session = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}
        cookies = [session, {"name": "django_language", "value": "en", "url": address}]
        rows = [count(playwright, address, cookies, size) for size in SIZES]
    write_section("wall_pace", report(rows))
    return 0 if all(float(one[2]) < 1.1 * FRAME_MS for one in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
