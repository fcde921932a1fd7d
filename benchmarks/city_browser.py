"""Time a city at full size in a real browser: `python -m benchmarks.city_browser`.

The installation that `benchmarks.portfolio` filled (PARKBRAIN_HOME, `var/bench` unless given) is served by the
installation's own web server; Chromium signs in as the bureau's person, opens the page of the city, and the clock stops
when the list, the stars and the map with every park as a dot are drawn. A second clock stops when WebGL has taken
the map over, with clusters, zoom and the outline tool. The first visit fills the browser's cache and the server's; the
others are what a person meets through the day.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

if __name__ == "__main__":
    os.environ.setdefault("PARKBRAIN_HOME", "var/bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")

LIMIT_MS = 1000.0
RUNS = 7
#: Without a graphics card Chromium paints the page on the processor, as it does by itself, and here WebGL too, which it
#: would refuse otherwise. To draw the page itself through an emulated card as well is slower and what no reader has.
ARGUMENTS = ["--no-sandbox", "--enable-unsafe-swiftshader"]
PAGES = {
    "city: all parks": ("/city/", True),
    "city: by an indicator": ("/city/?by=value.F1.1", True),
    "city: three stars and more": ("/city/?stars=3&stars=4&stars=5", True),
    "operator groups": ("/operators/", False),
}
#: Milliseconds since the address was asked for: once everything is in view, and once the map is drawn in WebGL.
IN_VIEW = """async (hasMap) => {
  const until = async (holds) => {
    while (!holds()) {
      if (performance.now() > 30000) throw new Error("not in view after 30 s");
      await new Promise((go) => setTimeout(go, 5));
    }
  };
  await until(() => document.querySelector("#list tbody tr"));
  if (hasMap) {
    await until(() => document.querySelector("park-map[data-shown]"));
    await until(() => document.querySelector(".star-lines tr:last-child .bar"));
  }
  // What was handed to the drawing surface stands on the screen a frame later.
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const inView = performance.now();
  if (hasMap) await until(() => document.querySelector("park-map.drawn"));
  return [inView, performance.now()];
}"""


@contextmanager
def serve() -> Iterator[str]:
    """Serve the filled installation on a free port and yield its address."""
    from parkbrain.config import processes

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        [
            *command,
            "--workers",
            "1",
            "--blocking-threads",
            "1",
            "--no-ws",
            "--log-level",
            "warning",
            "parkbrain.config.wsgi:application",
        ]
    )
    try:
        address = f"http://127.0.0.1:{port}"
        is_up = processes.wait_until_ready(url=f"{address}/healthz", timeout_s=120, alive=lambda: server.poll() is None)
        if not is_up:
            raise SystemExit("the server did not start")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def sign_in(username: str) -> str:
    """Return the key of a new session of a person."""
    from django.test import Client

    from parkbrain.kernel.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=username))
    return str(client.session.session_key)


@dataclass(frozen=True)
class Seen:
    """How long a page took until all was in view: the first visit, the later ones, and the map in WebGL [ms]."""

    title: str
    first_ms: float
    median_ms: float
    slowest_ms: float
    drawn_ms: float


def time_pages(page: Any) -> list[Seen]:
    """Return how long every page took."""
    found = []
    for title, (path, has_map) in PAGES.items():
        times = []
        for _visit in range(RUNS + 1):
            page.goto(path, wait_until="commit")
            times.append(page.evaluate(IN_VIEW, has_map))
        later = [in_view for in_view, _drawn in times[1:]]
        drawn = statistics.median(drawn for _in_view, drawn in times[1:])
        seen = Seen(title, times[0][0], statistics.median(later), max(later), drawn)
        print(f"{seen.first_ms:7.0f} {seen.median_ms:7.0f} {seen.slowest_ms:7.0f} {seen.drawn_ms:7.0f}  {title}")
        found.append(seen)
    return found


def main() -> int:
    """Time, print and write the section; exit 1 when a page takes longer than the limit."""
    import django

    django.setup()
    from django.conf import settings
    from playwright.sync_api import sync_playwright

    from benchmarks.big_city import PEOPLE
    from benchmarks.report import machine, markdown_table, write_section
    from parkbrain.kernel.models import Park

    person = next(name for name, role in PEOPLE.items() if role == "BUREAU")
    key, park_count = sign_in(person), Park.objects.count()
    with serve() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])
        found = time_pages(context.new_page())
        browser.close()
    rows = [
        (one.title, *(f"{ms:.0f}" for ms in (one.first_ms, one.median_ms, one.slowest_ms, one.drawn_ms)))
        for one in found
    ]
    write_section(
        "city_browser",
        f"## A city at full size in the browser\n\n`python -m benchmarks.city_browser`: {park_count:,} parks, Chromium"
        f" without a graphics card (page and WebGL painted by the processor), 1440 × 900, {machine()}. From the address to list,"
        f" stars and map with every park in view; the bar is {LIMIT_MS:.0f} ms. The map is drawn as dots at once; the last"
        " column is when WebGL has taken it over.\n\n"
        + markdown_table(("page", "first visit ms", f"median of {RUNS} ms", "slowest ms", "map in WebGL ms"), rows),
    )
    return 1 if any(one.median_ms > LIMIT_MS for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
