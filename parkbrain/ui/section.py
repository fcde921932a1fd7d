"""The section of a building: storeys as bands, premises as cells to scale; made of tables alone, drawn as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEFT = 64.0
# About the width of the drawing on a desk screen, so that its labels stand there at their own size.
WIDTH = 800.0
MIN_BAND = 18.0
MAX_BAND = 38.0
#: Average width of a character of the label at its size, to know what fits.
CHAR_WIDE, CHAR_NARROW = 11.2, 6.2
#: Characters above this code point are as wide as high.
WIDE_FROM = 0x2E7F


@dataclass(frozen=True)
class Cell:
    """Premises on a storey: what is written on it, how large it is, what colour it takes and where it leads."""

    key: str
    label: str
    area_m2: float
    fill: str
    tooltip: str
    url: str = ""


@dataclass(frozen=True)
class Band:
    """A storey with its cells, in the order they stand."""

    key: str
    label: str
    height_m: float | None
    area_m2: float | None
    cells: Sequence[Cell]
    below_ground: bool = False


@dataclass(frozen=True)
class DrawnCell:
    """A cell with its place in the drawing."""

    cell: Cell
    x: float
    y: float
    width: float
    height: float
    label: str
    label_y: float


@dataclass(frozen=True)
class DrawnBand:
    """A band with its place in the drawing."""

    band: Band
    y: float
    height: float
    label_y: float
    width: float
    note: str
    cells: Sequence[DrawnCell]


@dataclass(frozen=True)
class SectionView:
    """The whole drawing: size, bands from the top down, the ground line, and the legend (fill, label)."""

    bands: Sequence[DrawnBand]
    width: float
    height: float
    ground_y: float | None
    legend: Sequence[tuple[str, str]]
    label: str


def text_width(text: str) -> float:
    """Return about how wide a label is in the drawing's units: Chinese characters are square, others narrow."""
    return sum(CHAR_WIDE if ord(c) > WIDE_FROM else CHAR_NARROW for c in text)


def fitting(text: str, width: float) -> str:
    """Return the text, shortened with an ellipsis to the width, or nothing where not even two characters fit."""
    if text_width(text) <= width:
        return text
    used, kept = text_width("…"), ""
    for char in text:
        used += text_width(char)
        if used > width:
            break
        kept += char
    return f"{kept.rstrip()}…" if len(kept) >= 2 else ""


def shared_beginning(labels: Sequence[str]) -> str:
    """Return the words that more than half of the labels begin with (a city's name, say), or nothing.

    Whole Latin words or Chinese characters only: codes such as T1-0101 and parts of words stay whole.
    """
    shared = ""
    while len(labels) > 2:
        longer = Counter(label[: len(shared) + 1] for label in labels if label.startswith(shared) and label != shared)
        best, count = longer.most_common(1)[0] if longer else ("", 0)
        if count * 2 <= len(labels):
            break
        shared = best
    if all(ord(c) > WIDE_FROM for c in shared):
        return shared
    return shared[: shared.rfind(" ") + 1]


def layout(
    *,
    bands: Sequence[Band],
    legend: Sequence[tuple[str, str]] | Mapping[str, str] = (),
    label: str,
    compact: bool = False,
) -> SectionView:
    """Return the drawing of a building.

    Bands come from the lowest storey up and are drawn from the top down. The widest storey fills the width, every other
    is to the same scale [m² per unit], so a cell's width is its area, and areas can be compared across storeys. The
    part of a storey that belongs to no premises stays empty. Heights are to scale between a legible least and most.
    """
    plot = WIDTH - LEFT - 8
    known = [max(band.area_m2 or 0.0, sum(c.area_m2 for c in band.cells)) for band in bands]
    scale = plot / max(known, default=1.0) if max(known, default=0.0) > 0 else 0.0
    heights = [band.height_m for band in bands if band.height_m]
    typical = sorted(heights)[len(heights) // 2] if heights else 4.0
    least, most = (7.2, 11.2) if compact else (MIN_BAND, MAX_BAND)
    base = least * 1.2
    beginning = shared_beginning([cell.label for band in bands for cell in band.cells])
    drawn: list[DrawnBand] = []
    y, ground_y = 4.0, None
    for band, area in sorted(zip(bands, known, strict=True), key=lambda pair: -bands.index(pair[0])):
        if band.below_ground and ground_y is None:
            ground_y = y
            y += 3
        height = min(most, max(least, base * (band.height_m or typical) / typical))
        drawn.append(_draw_band(band, area, y, height, scale, beginning))
        y += height + 2
    if ground_y is None and drawn:
        ground_y = y
    items = list(legend.items()) if isinstance(legend, Mapping) else list(legend)
    return SectionView(drawn, WIDTH, round(y + 4, 1), None if ground_y is None else round(ground_y, 1), items, label)


def _draw_band(band: Band, area_m2: float, y: float, height: float, scale: float, beginning: str) -> DrawnBand:
    cells: list[DrawnCell] = []
    x = LEFT
    for cell in band.cells:
        width = cell.area_m2 * scale
        cells.append(
            DrawnCell(
                cell=cell,
                x=round(x, 2),
                y=round(y, 2),
                width=round(width, 2),
                height=round(height, 2),
                label=fitting(cell.label.removeprefix(beginning), width - 8) if height >= 16 else "",
                label_y=round(y + height / 2 + 4, 2),
            )
        )
        x += width
    note = f"{band.height_m:g} m" if band.height_m else ""
    return DrawnBand(
        band=band,
        y=round(y, 2),
        height=round(height, 2),
        label_y=round(y + height / 2 + 4, 2),
        width=round(area_m2 * scale, 2),
        note=note,
        cells=cells,
    )
