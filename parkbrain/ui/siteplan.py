"""Plans from above: buildings on their site, or spaces on a storey; drawn to scale as SVG with scale bar and north arrow.

Where no outlines are known, boxes of the known areas stand in a tidy grid, and the drawing says that it is schematic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .section import fitting, shared_beginning, text_width

WIDTH, LEAST_WIDTH, MOST_HEIGHT, LEAST_HEIGHT = 800.0, 320.0, 460.0, 150.0
#: A drawing wider than this keeps a legible size on a phone and scrolls; narrower ones shrink to it.
WIDE = 420.0
MARGIN = 22.0
#: Below the drawing, for the scale bar.
FOOT = 34.0
#: Boxes of a schematic plan are this much wider than deep; what has no area at all is drawn this large [m²].
BOX_RATIO = 1.6
UNKNOWN_M2 = 400.0
LINE = 13.0
#: Fills on which a label needs a rim of the surface to be legible in both themes.
_PALE = frozenset({"vacant", "none", "step-1", "step-2", "step-3", "step-4"})

Point = Sequence[float]
Ring = Sequence[Point]
Polygon = Sequence[Ring]


@dataclass(frozen=True)
class Area:
    """A building or a space: its outline (polygons of rings in metres, y to the north), or its area alone."""

    key: str
    label: str
    fill: str
    tooltip: str
    url: str = ""
    outline: Sequence[Polygon] = ()
    area_m2: float | None = None


@dataclass(frozen=True)
class DrawnArea:
    """An area with its path in the drawing and the place of its label; `tone` says what colour the label lies on."""

    area: Area
    path: str
    label: str
    label_x: float
    label_y: float
    tone: str = ""


@dataclass(frozen=True)
class PlanView:
    """The whole drawing; `bar` is the length of the scale bar, `missing` names what has no outline."""

    areas: Sequence[DrawnArea]
    width: float
    height: float
    bar: float
    bar_label: str
    north: bool
    schematic: bool
    missing: Sequence[str]
    legend: Sequence[tuple[str, str]]
    label: str

    @property
    def is_wide(self) -> bool:
        """Whether the drawing would be illegible at the width of a phone."""
        return self.width > WIDE

    @property
    def foot_y(self) -> float:
        """Where the scale bar stands."""
        return round(self.height - FOOT / 2, 1)


def layout(
    *,
    areas: Sequence[Area],
    label: str,
    legend: Sequence[tuple[str, str]] = (),
    has_north: bool = True,
    most_height: float = MOST_HEIGHT,
) -> PlanView:
    """Return the drawing of areas from above.

    With at least one outline the outlined areas are drawn where they lie and the others are named in `missing`;
    without any the boxes stand in a grid from the largest down. Both are to one scale [m per unit].
    """
    outlined = [a for a in areas if a.outline]
    schematic = not outlined
    shown = _boxes(areas) if schematic else outlined
    missing = [] if schematic else [a.label for a in areas if not a.outline]
    if not shown:
        return PlanView([], WIDTH, FOOT, 0.0, "", False, True, [], list(legend), label)
    left, bottom, right, top = _extent(shown)
    span_x, span_y = max(right - left, 1e-6), max(top - bottom, 1e-6)
    scale = min((WIDTH - 2 * MARGIN) / span_x, (most_height - 2 * MARGIN - FOOT) / span_y)
    height = max(LEAST_HEIGHT, span_y * scale + 2 * MARGIN + FOOT)
    width = max(LEAST_WIDTH, span_x * scale + 2 * MARGIN)
    # A lonely shape stands in the middle of the drawing.
    shift_x = (width - span_x * scale) / 2
    shift_y = (height - FOOT - span_y * scale) / 2

    def place(point: Point) -> tuple[float, float]:
        return shift_x + (point[0] - left) * scale, shift_y + (top - point[1]) * scale

    beginning = shared_beginning([a.label for a in shown])
    drawn = [_draw(a, beginning, [[[place(p) for p in ring] for ring in rings] for rings in a.outline]) for a in shown]
    metres, bar = _scale_bar(width, scale)
    return PlanView(
        areas=_without_collisions(drawn),
        width=round(width, 1),
        height=round(height, 1),
        bar=bar,
        bar_label=f"{metres:g} m",
        north=has_north and not schematic,
        schematic=schematic,
        missing=missing,
        legend=list(legend),
        label=label,
    )


def _points(areas: Sequence[Area]) -> Iterator[Point]:
    for area in areas:
        for rings in area.outline:
            yield from rings[0]


def _extent(areas: Sequence[Area]) -> tuple[float, float, float, float]:
    xs = [p[0] for p in _points(areas)]
    ys = [p[1] for p in _points(areas)]
    return min(xs), min(ys), max(xs), max(ys)


def _boxes(areas: Sequence[Area]) -> list[Area]:
    """Return the areas as boxes in rows of about the drawing's proportions, the largest first."""
    if not areas:
        return []
    ordered = sorted(areas, key=lambda a: (a.area_m2 is None, -(a.area_m2 or 0.0), a.key))
    sizes = [math.sqrt((a.area_m2 or UNKNOWN_M2) / BOX_RATIO) for a in ordered]
    gap = max(sizes) * 0.35
    total = sum(s * s * BOX_RATIO for s in sizes)
    row_width = max(sizes[0] * BOX_RATIO, math.sqrt(total * 3.2))
    placed: list[Area] = []
    x = y = depth = 0.0
    for area, size in zip(ordered, sizes, strict=True):
        width = size * BOX_RATIO
        if x > 0 and x + width > row_width:
            x, y, depth = 0.0, y - depth - gap, 0.0
        # Boxes of a row stand on one line, as houses on a street.
        box = [(x, y - size), (x + width, y - size), (x + width, y), (x, y)]
        placed.append(replace(area, outline=[[box]]))
        x, depth = x + width + gap, max(depth, size)
    return placed


def _draw(area: Area, beginning: str, polygons: Sequence[Sequence[Sequence[tuple[float, float]]]]) -> DrawnArea:
    path = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for rings in polygons for ring in rings if ring
    )
    x, y, width = _widest_place(polygons)
    label = area.label.removeprefix(beginning)
    room = fitting(label, width - 12)
    if room == label or len(room) >= 4:
        tone = "strong" if area.fill == "step-5" else "cell" if area.fill not in _PALE else ""
        return DrawnArea(area, path, room, round(x, 1), round(y + 4, 1), tone)
    # Too narrow within: below the outline, where the whole name has room.
    low = max(p[1] for rings in polygons for p in rings[0])
    return DrawnArea(area, path, label, round(x, 1), round(low + LINE, 1))


def _widest_place(polygons: Sequence[Sequence[Sequence[tuple[float, float]]]]) -> tuple[float, float, float]:
    """Return the middle and the width of the widest level line inside: where a label has the most room.

    Lines near the middle are preferred to wider ones at the edge; holes count as outside.
    """
    best = (0.0, 0.0, 0.0)
    for rings in polygons:
        ys = [p[1] for p in rings[0]]
        low, high = min(ys), max(ys)
        for part in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
            y = low + (high - low) * part
            for x0, x1 in _inside(rings, y):
                if x1 - x0 > best[2] * (1.15 if part != 0.5 else 1.0):
                    best = ((x0 + x1) / 2, y, x1 - x0)
    return best


def _inside(rings: Sequence[Sequence[tuple[float, float]]], y: float) -> Iterator[tuple[float, float]]:
    """Yield the stretches of a level line that lie within a polygon."""
    crossings: list[float] = []
    for ring in rings:
        for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (ay > y) != (by > y):
                crossings.append(ax + (y - ay) * (bx - ax) / (by - ay))
    crossings.sort()
    yield from zip(crossings[::2], crossings[1::2], strict=False)


def _without_collisions(drawn: Sequence[DrawnArea]) -> list[DrawnArea]:
    """Leave out labels that would cover an earlier one; hover and table still name the area."""
    taken: list[tuple[float, float, float, float]] = []
    kept = []
    for item in drawn:
        half = text_width(item.label) / 2
        box = (item.label_x - half, item.label_y - LINE, item.label_x + half, item.label_y + 2)
        free = not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken)
        if item.label and free:
            taken.append(box)
            kept.append(item)
        else:
            kept.append(replace(item, label=""))
    return kept


def _scale_bar(width: float, scale: float) -> tuple[float, float]:
    """Return a round length [m] of at most a quarter of the drawing, and how long it is drawn."""
    most = width / 4 / scale
    power = 10.0 ** math.floor(math.log10(most))
    metres = max(n * power for n in (1.0, 2.0, 5.0) if n * power <= most)
    return metres, round(metres * scale, 1)
