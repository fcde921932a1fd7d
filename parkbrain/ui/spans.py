"""Periods drawn as bars over time: one row per thing, a line for the day the page shows; made of dates alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .section import fitting

WIDTH, LEFT, RIGHT = 800.0, 150.0, 12.0
ROW, HEAD = 24.0, 20.0


@dataclass(frozen=True)
class Span:
    """A period of a row; without an end it goes on. `tone` is a fill of the section drawing."""

    starts_on: date
    ends_on: date | None
    label: str
    tooltip: str
    fill: str = "1"
    url: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the drawing."""

    label: str
    spans: Sequence[Span]
    url: str = ""


@dataclass(frozen=True)
class DrawnSpan:
    """A period with its place."""

    span: Span
    x: float
    width: float
    label: str


@dataclass(frozen=True)
class DrawnRow:
    """A line with its place."""

    row: Row
    y: float
    text_y: float
    spans: Sequence[DrawnSpan]


@dataclass(frozen=True)
class SpansView:
    """The whole drawing: rows, the years below them, and where the shown day lies."""

    rows: Sequence[DrawnRow]
    years: Sequence[tuple[float, str]]
    width: float
    height: float
    day_x: float
    day_label: str
    label: str


def layout(*, rows: Sequence[Row], on: date, label: str) -> SpansView | None:
    """Return the drawing from the first day of any period to its last or the shown day; None without a period."""
    spans = [span for row in rows for span in row.spans]
    if not spans:
        return None
    first = min(min(span.starts_on for span in spans), on)
    last = max(max(span.ends_on or span.starts_on for span in spans), on)
    # A little room after the last day, so that what goes on is seen to go on.
    total = max((last - first).days, 30) * 1.06
    scale = (WIDTH - LEFT - RIGHT) / total

    def place(day: date) -> float:
        return round(LEFT + (day - first).days * scale, 1)

    drawn = []
    for index, row in enumerate(rows):
        y = HEAD + index * ROW
        bars = []
        for span in row.spans:
            x = place(span.starts_on)
            end = WIDTH - RIGHT if span.ends_on is None else place(span.ends_on)
            width = max(2.0, round(end - x, 1))
            bars.append(DrawnSpan(span, x, width, fitting(span.label, width - 8)))
        drawn.append(DrawnRow(row, round(y, 1), round(y + 15, 1), bars))
    step = max(1, round((last.year - first.year + 1) / 12))
    years = [(place(date(y, 1, 1)), str(y)) for y in range(first.year + 1, last.year + 1, step)]
    height = HEAD + len(rows) * ROW + 6
    return SpansView(drawn, years, WIDTH, height, place(on), on.isoformat(), label)
