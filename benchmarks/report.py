"""Writes one marked section of docs/performance.md, leaving the others as they are."""

from __future__ import annotations

import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PERFORMANCE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_HEAD = """# Performance

Measured by the scripts in `benchmarks/`; each writes its own section and runs its peers in the same run.
"""


def write_section(name: str, text: str, path: Path = PERFORMANCE) -> None:
    """Replace the section `<!-- section:NAME -->…<!-- /section -->`, or add it at the end."""
    page = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    section = f"<!-- section:{name} -->\n{text.strip()}\n<!-- /section -->"
    pattern = re.compile(rf"<!-- section:{re.escape(name)} -->.*?<!-- /section -->", re.DOTALL)
    is_there = pattern.search(page) is not None
    page = pattern.sub(lambda _: section, page) if is_there else f"{page.rstrip()}\n\n{section}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def machine() -> str:
    """Return what the numbers were measured on."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def median_seconds(call: Callable[[], object], runs: int) -> float:
    """Return the median time of a call [s], after one call that is not counted."""
    return statistics.median(run_seconds(call, runs))


def run_seconds(call: Callable[[], object], runs: int) -> list[float]:
    """Return the time of every call [s], after one call that is not counted."""
    call()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return times
