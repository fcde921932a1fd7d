"""Charts for PDF: the same option, drawn by the same library, in an embedded engine without a browser."""

from __future__ import annotations

import json
import threading
from typing import Any

from .assets import DIST, check_built
from .chart import Option

#: The light theme's colours of the style sheet, for paper; a test holds them to it.
PAPER: dict[str, str] = {
    "ink": "#182124",
    "ink-2": "#4d5a60",
    "ink-3": "#626e74",
    "surface": "#ffffff",
    "line": "#e1e3df",
    "line-strong": "#c4c9c6",
    "brand": "#0b5a5e",
    "star": "#d18b00",
    "cat-1": "#2a7f86",
    "cat-2": "#e0a83a",
    "cat-3": "#5b7fc0",
    "cat-4": "#c9693f",
    "cat-5": "#7ab59d",
    "cat-6": "#9a6fa8",
    "warn": "#855400",
    "seq-low": "#e9f3f2",
    "seq-mid": "#6fb0b0",
    "seq-high": "#08494d",
}

_engine: Any = None
# The engine runs one script at a time.
_lock = threading.Lock()


def render_svg(option: Option, *, width: int, height: int, font: str = "Noto Sans SC") -> str:
    """Return the chart as SVG with its text kept as text.

    :raises NotBuilt: the front end was not built.
    """
    global _engine
    text = json.dumps(option, ensure_ascii=False)
    with _lock:
        if _engine is None:
            check_built()
            from py_mini_racer import MiniRacer

            engine = MiniRacer()
            engine.eval((DIST / "echarts-ssr.js").read_text(encoding="utf-8"))
            # Only an engine that has its script is kept.
            _engine = engine
        svg: str = _engine.call("parkbrainCharts.renderChart", text, width, height, json.dumps(PAPER))
    # The report embeds one font; the browser's list of fonts means nothing there.
    return svg.replace("Inter Variable, Noto Sans SC Variable, Noto Sans SC, sans-serif", font)
