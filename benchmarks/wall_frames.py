"""Weigh the frames of the wall: `python -m benchmarks.wall_frames`.

A machine without a graphics card cannot show sixty frames a second: Chromium draws on the processor what a card draws
otherwise. What the page itself asks of the processor for a frame can be weighed all the same. Chromium traces every task
of the page's two threads with the processor time it took; the tasks from one frame to the next are one frame's work. The
threads that stand for the card (GPU process, display compositor) are left out, and what is handed to the card is counted
by a second run: calls, vertices, uploaded bytes, samples.

The installation is that of PARKBRAIN_HOME (`var/bench` unless given) with the demo loaded: its operator's park and the
city of its bureau.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

if __name__ == "__main__":
    os.environ.setdefault("PARKBRAIN_HOME", "var/bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")

FRAME_MS = 1000 / 60
#: Chromium's tracing works on the page's threads itself while it starts [µs].
SETTLING_US = 1_500_000
#: How long a scene is weighed, and how long one in which nothing moves [s].
SECONDS, STANDING_SECONDS = 30, 5
#: A laptop's screen and the wall's.
SIZES = ((1920, 1080), (3840, 2160))
#: A card that the processor stands in for, so that the page is put together as it is on a machine with one.
EMULATED = ("--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
#: For weighing only: the stand-in for the card draws sooner without smooth edges; the page does the same work for it.
QUICK = ("--webgl-antialiasing-mode=none",)
CATEGORIES = ["toplevel", "devtools.timeline", "blink", "cc", "benchmark"]
MAIN, COMPOSITOR = "CrRendererMain", "Compositor"
TASK, FRAME = "ThreadControllerImpl::RunTask", "ProxyMain::BeginMainFrame"
#: What the main thread does in a frame, by the trace's names; an event inside another of its own kind is counted once.
KINDS = {
    "script": ("FireAnimationFrame", "EventDispatch", "TimerFire"),
    "style": ("UpdateLayoutTree", "Document::recalcStyle"),
    "layout": ("Layout",),
    "paint": ("PrePaint", "Paint", "Layerize"),
}
#: Chooses another hour in every frame, as a hand on the slider does at its fastest.
SCRUB = """() => {
  const range = document.querySelector('.screen.current input[name="hour"]');
  let hour = 0;
  const step = () => {
    range.value = String(hour = (hour + 1) % 24);
    range.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""
#: Turns to the next screen twice a second.
TURN = """() => setInterval(() =>
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })), 500)"""
#: Counts what a page hands to the card, without keeping it.
COUNT = """() => {
  const seen = (window.seen = { frames: 0, calls: 0, draws: 0, vertices: 0, bytes: 0 });
  const made = WebGL2RenderingContext.prototype;
  for (const name of Object.getOwnPropertyNames(made)) {
    const own = Object.getOwnPropertyDescriptor(made, name);
    if (typeof own.value !== "function") continue;
    made[name] = function (...given) {
      seen.calls += 1;
      if (name.startsWith("draw")) {
        seen.draws += 1;
        seen.vertices += name.startsWith("drawElements") ? given[1] : given[2];
      }
      if (/^buffer(Sub)?Data/.test(name)) seen.bytes += given.find((one) => one?.byteLength)?.byteLength ?? 0;
      return own.value.apply(this, given);
    };
  }
  const count = () => { seen.frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
}"""
SAMPLES = """() => {
  const canvas = document.querySelector(".screen.current .stage canvas");
  if (!canvas) return [0, 0, 0];
  const gl = canvas.getContext("webgl2");
  return [gl.drawingBufferWidth, gl.drawingBufferHeight, gl.getParameter(gl.SAMPLES)];
}"""


@dataclass(frozen=True)
class Scene:
    """One thing that the wall shows: who sees it, its address, what is done while it is weighed."""

    title: str
    who: str
    address: str
    moves: bool = False
    moved: str = ""


SCENES = (
    Scene("city, standing", "bureau", "/wall/?screens=city&seconds=600"),
    Scene("energy, standing", "operator", "/wall/?screens=energy&seconds=600"),
    Scene("park in 3-D, turning", "operator", "/wall/?screens=park&seconds=600", True),
    Scene("park in 3-D, another hour in each frame", "operator", "/wall/?screens=park&seconds=600", True, SCRUB),
    Scene("city and all of a park, next screen twice a second", "bureau", "/wall/?park={park}&seconds=600", True, TURN),
)


@dataclass(frozen=True)
class Weighed:
    """The processor time of the frames of a scene [ms].

    `main` is the main thread's task that makes the frame, `between` its other tasks up to the next frame, `compositor`
    all that the compositor's thread does; `kinds` splits the median of `main`.
    """

    frames: int
    main: Sequence[float]
    between: Sequence[float]
    compositor: Sequence[float]
    kinds: Mapping[str, float]


@dataclass(frozen=True)
class Handed:
    """What one frame hands to the card, and the picture it is drawn into."""

    calls: float
    draws: float
    vertices: float
    kilobytes: float
    width: int
    height: int
    samples: int


#: A scene, the size of its window, its frames' work, what they hand to the card.
Found = tuple[Scene, str, Weighed, Handed]


def weigh(events: Sequence[Mapping[str, Any]]) -> Weighed:
    """Return the work of the frames in a trace.

    A frame's work is every task that a thread began from the frame's start to the start of the next one, so work between
    frames is counted too. Times are of the processor (`tdur`): a thread that waits for the card works nothing.
    """
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
    process = _busiest_page(events, names)
    own = [e for e in events if e.get("ph") == "X" and e["pid"] == process and "tdur" in e]
    mains = [e for e in own if names.get((e["pid"], e["tid"])) == MAIN]
    begun = min((e["ts"] for e in mains), default=0) + SETTLING_US
    starts = sorted(e["ts"] for e in mains if e["name"] == FRAME and e["ts"] >= begun)
    if len(starts) < 2:
        return Weighed(len(starts), [], [], [], {})
    compositors = [e for e in own if names.get((e["pid"], e["tid"])) == COMPOSITOR]
    kinds = {kind: statistics.median(_by_frame(starts, mains, members)) for kind, members in KINDS.items()}
    making = _by_frame(starts, mains, (FRAME,))
    between = [max(0.0, all_of - one) for all_of, one in zip(_by_frame(starts, mains, (TASK,)), making, strict=True)]
    return Weighed(len(starts), making, between, _by_frame(starts, compositors, (TASK,)), kinds)


def _busiest_page(events: Iterable[Mapping[str, Any]], names: Mapping[tuple[int, int], str]) -> int:
    """Return the process of the page: the one whose main thread worked most."""
    work: dict[int, int] = {}
    for event in events:
        if event["name"] == TASK and names.get((event["pid"], event["tid"])) == MAIN:
            work[event["pid"]] = work.get(event["pid"], 0) + event.get("tdur", 0)
    if not work:
        raise SystemExit("the trace has no task of a page: another version of Chromium names them otherwise")
    return max(work, key=work.__getitem__)


def _by_frame(starts: Sequence[int], events: Iterable[Mapping[str, Any]], members: Sequence[str]) -> list[float]:
    """Return the processor time of the outermost events of these names in each frame [ms]."""
    sums = [0.0] * (len(starts) - 1)
    frame, end = 0, 0.0
    for event in sorted((e for e in events if e["name"] in members), key=lambda e: e["ts"]):
        if event["ts"] < max(starts[0], end) or event["ts"] >= starts[-1]:
            continue
        while event["ts"] >= starts[frame + 1]:
            frame += 1
        sums[frame] += event["tdur"] / 1000
        end = event["ts"] + event["dur"]
    return sums


def fits(main_ms: float, compositor_ms: float) -> bool:
    """Tell whether the work of both threads, one after the other, leaves sixty frames a second."""
    return main_ms + compositor_ms <= FRAME_MS


def percentile_99(values: Sequence[float]) -> float:
    """Return the value that ninety-nine of a hundred do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def open_scene(page: Any, scene: Scene, park: int) -> None:
    """Open a scene and wait until it moves as it will."""
    page.goto(scene.address.format(park=park))
    page.wait_for_load_state("networkidle")
    if "screens=park" in scene.address:
        page.wait_for_selector("park-building3d[data-draw-calls]")
    page.wait_for_timeout(4000)
    if scene.moved:
        page.evaluate(scene.moved)
        page.wait_for_timeout(500)


def trace(browser: Any, page: Any, seconds: float) -> Weighed:
    """Return the work of the frames of some seconds."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.wait_for_timeout(seconds * 1000)
    return weigh(json.loads(browser.stop_tracing())["traceEvents"])


def count(page: Any) -> Handed:
    """Return what a frame hands to the card, as a mean of some seconds."""
    page.evaluate(COUNT)
    page.wait_for_timeout(4000)
    seen = page.evaluate("window.seen")
    width, height, samples = page.evaluate(SAMPLES)
    frames = max(seen["frames"], 1)
    calls, draws, vertices, size = (seen[name] / frames for name in ("calls", "draws", "vertices", "bytes"))
    return Handed(calls, draws, vertices, size / 1000, width, height, samples)


@contextmanager
def opened(playwright: Any, flags: Sequence[str]) -> Iterator[Any]:
    """Yield a browser of its own, with further flags."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    browser = playwright.chromium.launch(executable_path=path, args=[*EMULATED, *flags])
    yield browser
    browser.close()


def measure(playwright: Any, address: str, keys: Mapping[str, str], park: int) -> list[Found]:
    """Return every scene at every size, each in a browser of its own: once weighed, once counted."""
    from django.conf import settings

    found = []
    for width, height in SIZES:
        for scene in SCENES:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": keys[scene.who], "url": address}
            cookies = [cookie, {"name": "django_language", "value": "en", "url": address}]
            answers: list[Any] = []
            for flags in (QUICK, ()):
                with opened(playwright, flags) as browser:
                    context = browser.new_context(viewport={"width": width, "height": height}, base_url=address)
                    context.add_cookies(cookies)
                    page = context.new_page()
                    open_scene(page, scene, park)
                    seconds = SECONDS if scene.moves else STANDING_SECONDS
                    answers.append(trace(browser, page, seconds) if flags else count(page))
            found.append((scene, f"{width} × {height}", *answers))
            print(*_work_row(*found[-1][:3]), *_card_row(scene, answers[1])[1:], sep="  ", flush=True)
    return found


def _work_row(scene: Scene, size: str, one: Weighed) -> tuple[str, ...]:
    """Return what the page's threads did in a frame, as texts."""
    if not one.main:
        return (scene.title, size, str(one.frames), *["–"] * 5)
    fit = sum(map(fits, one.main, one.compositor)) / len(one.main)
    return (
        scene.title,
        size,
        str(one.frames),
        *(f"{statistics.median(of):.1f} / {percentile_99(of):.1f}" for of in (one.main, one.between, one.compositor)),
        f"{fit:.1%}",
        " · ".join(f"{one.kinds[kind]:.1f}" for kind in KINDS),
    )


def _card_row(scene: Scene, one: Handed) -> tuple[str, ...]:
    """Return what a frame hands to the card, as texts."""
    return (
        scene.title,
        *(f"{number:.0f}" for number in (one.calls, one.draws, one.vertices)),
        f"{one.kilobytes:.1f}",
        f"{one.width} × {one.height}, {one.samples} samples" if one.width else "no WebGL",
    )


def report(found: Sequence[Found], park_count: int) -> str:
    """Return the section of the page on performance."""
    from benchmarks.report import machine, markdown_table

    kinds = " · ".join(KINDS) + " ms"
    work = ("scene", "window", "frames", "frame ms", "between ms", "compositor ms", f"in {FRAME_MS:.1f} ms", kinds)
    card = ("scene", "calls of WebGL", "draws", "vertices", "uploaded kB", "drawn into")
    rows = [_work_row(scene, size, weighed) for scene, size, weighed, _handed in found]
    return (
        f"## The frames of the wall\n\n`python -m benchmarks.wall_frames`: {park_count:,} parks in the city, {machine()}, no"
        f" graphics card, {SECONDS} s of each scene that moves. **What is measured:** the processor time that the page's main"
        " thread and its compositor thread take for a frame, from Chromium's own trace, as median / p99 (the slowest, with"
        " fewer than a hundred frames): the task that makes the frame, the main thread's other tasks up to the next one"
        " (timers, tidying up, more of them the longer the next frame is away, as it is here), and all of the compositor's."
        f" Sixty frames a second leave {FRAME_MS:.1f} ms. The two threads work side by side; the share counts the frames of"
        " which both together would fit one after the other. The last column names what the"
        " median frame is made of; the rest is handing it over. Turning to another screen is a cut, not a movement: its frame"
        " is drawn anew as a whole and may come late. A scene without"
        " frames stands still and asks nothing of the processor. Weighed without smooth edges"
        " in WebGL, which the stand-in for the card draws sooner; counted with them.\n\n"
        + markdown_table(work, rows)
        + "\n\n**What is not measured:** the time of the card's own work; no machine with a card was at hand. What a frame"
        " hands to the card instead is counted, into a picture of as many pixels as come in time here (the next section"
        " counts the frames themselves):\n\n"
        + markdown_table(card, [_card_row(scene, handed) for scene, _size, _weighed, handed in found])
    )


def main() -> int:
    """Weigh, print and write the section; exit 1 when the work of a frame exceeds what sixty a second leave."""
    import django

    django.setup()
    from playwright.sync_api import sync_playwright

    from benchmarks.city_browser import serve, sign_in
    from benchmarks.report import write_section
    from parkbrain.kernel.models import Park
    from parkbrain.space.models import Premises

    park = Premises.objects.values_list("park_id", flat=True).first()
    if park is None:
        raise SystemExit("load the demo first: parkbrain demo")
    keys, park_count = {who: sign_in(who) for who in {scene.who for scene in SCENES}}, Park.objects.count()
    with serve() as address, sync_playwright() as playwright:
        found = measure(playwright, address, keys, park)
    write_section("wall_frames", report(found, park_count))
    weighed = [one for _scene, _size, one, _handed in found if one.main]
    return 0 if all(fits(*map(statistics.median, (one.main, one.compositor))) for one in weighed) else 1


if __name__ == "__main__":
    sys.exit(main())
