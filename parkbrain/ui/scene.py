"""A park in three dimensions, made of tables alone: buildings stacked storey by storey, premises as slabs to scale.

The result is plain data for the `park-building3d` island; nothing here knows a browser. Lengths are metres, x to the east,
y to the north, z up from the ground. A courtyard is filled in: areas are right on average, not its walls.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: What a storey is high where nothing is recorded [m].
USUAL_HEIGHT_M = 4.0
#: Between two storeys and between two slabs there is air, so that both can be told apart [m].
GAP_M = 0.35
#: A storey smaller than the largest one keeps at least this share of its width.
LEAST_SCALE = 0.35
BOX_RATIO = 1.6
UNKNOWN_M2 = 400.0
#: Halvings of the place of a cut: a ten-thousandth of a building of 200 m.
HALVINGS = 22

Point = tuple[float, float]
Ring = tuple[Point, ...]


@dataclass(frozen=True)
class Slab:
    """Premises on a storey: area, colour, what is said of them and where they lead."""

    key: str
    area_m2: float
    fill: str
    tooltip: str
    url: str = ""


@dataclass(frozen=True)
class Level:
    """A storey with its slabs, in the order they stand along the building."""

    key: str
    label: str
    height_m: float | None
    area_m2: float | None
    slabs: Sequence[Slab]
    below_ground: bool = False


@dataclass(frozen=True)
class House:
    """A building: its outline on the ground (polygons of rings in metres) where a drawing gave one, else its area."""

    key: str
    label: str
    url: str
    levels: Sequence[Level]
    outline: Sequence[Sequence[Sequence[Sequence[float]]]] = ()
    area_m2: float | None = None


@dataclass(frozen=True)
class Arc:
    """Something that goes from the slab or building of one key to that of another."""

    source: str
    target: str
    tooltip: str
    url: str = ""


@dataclass(frozen=True)
class SceneView:
    """The scene as data, the legend of its colours, its label, and whose place on the site is not known."""

    data: Mapping[str, Any]
    legend: Sequence[tuple[str, str]]
    label: str
    unplaced: Sequence[str]


def area_of(ring: Ring) -> float:
    """Return the area of a ring [m²]."""
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, (*ring[1:], *ring[:1]), strict=True))) / 2


def middle_of(ring: Ring) -> Point:
    """Return the middle of the corners of a ring."""
    return sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring)


def layout(
    *, houses: Sequence[House], legend: Sequence[tuple[str, str]] = (), label: str, arcs: Sequence[Arc] = ()
) -> SceneView:
    """Return the scene of a park.

    Buildings with an outline stand where they stand; the others stand in a row south of them, as boxes of their ground
    area. Every storey has the building's outline, smaller where its area is; premises share it along its longest side.
    """
    rings, unplaced = _place(houses)
    drawn, slabs = [], []
    ends: dict[str, tuple[float, float, float]] = {}
    for house, ring in zip(houses, rings, strict=True):
        levels, own = _stack(house, ring)
        top = max((one["z"] + one["h"] for one in levels), default=USUAL_HEIGHT_M)
        x, y = middle_of(ring)
        drawn.append(
            {
                "id": house.key, "name": house.label, "url": house.url, "x": round(x, 1), "y": round(y, 1),
                "top": round(top, 1), "levels": levels,
            }
        )  # fmt: skip
        ends[house.key] = (x, y, top)
        for key, slab in own:
            slabs.append(slab)
            points = list(zip(slab["ring"][::2], slab["ring"][1::2], strict=True))
            ends.setdefault(key, (*middle_of(tuple(points)), slab["z"] + slab["h"] / 2))
    joined = [
        {"a": _rounded(ends[a.source]), "b": _rounded(ends[a.target]), "text": a.tooltip, "url": a.url}
        for a in arcs
        if a.source in ends and a.target in ends and ends[a.source] != ends[a.target]
    ]
    return SceneView({"houses": drawn, "slabs": slabs, "arcs": joined}, list(legend), label, unplaced)


def _rounded(point: Sequence[float]) -> list[float]:
    return [round(value, 1) for value in point]


def _flat(ring: Sequence[Point]) -> list[float]:
    return [round(value, 1) for point in ring for value in point]


def _place(houses: Sequence[House]) -> tuple[list[Ring], list[str]]:
    """Return the ground ring of each building, and the names of those whose place is not known."""
    known = {house.key: ring for house in houses if (ring := _outer(house)) is not None}
    south = min((y for ring in known.values() for _x, y in ring), default=0.0)
    west = min((x for ring in known.values() for x, _y in ring), default=0.0)
    sizes = {h.key: math.sqrt((h.area_m2 or UNKNOWN_M2) / BOX_RATIO) for h in houses if h.key not in known}
    gap = max(sizes.values(), default=0.0) * 0.5 + 6.0
    x, y = west, south - (gap if known else 0.0)
    rings: list[Ring] = []
    for house in houses:
        if house.key in known:
            rings.append(known[house.key])
            continue
        depth = sizes[house.key]
        width = depth * BOX_RATIO
        rings.append(((x, y - depth), (x + width, y - depth), (x + width, y), (x, y)))
        x += width + gap
    return rings, [h.label for h in houses if h.key not in known]


def _outer(house: House) -> Ring | None:
    """Return the largest outer ring of a building's outline, without the repeated last corner."""
    found = []
    for polygon in house.outline:
        if polygon and len(polygon[0]) >= 3:
            ring = tuple((float(p[0]), float(p[1])) for p in polygon[0])
            found.append(ring[:-1] if ring[0] == ring[-1] else ring)
    return max(found, key=area_of, default=None)


def _stack(house: House, ring: Ring) -> tuple[list[dict[str, Any]], list[tuple[str, dict[str, Any]]]]:
    """Return the storeys of a building from the lowest up, and its slabs with their keys."""
    heights = sorted(one.height_m for one in house.levels if one.height_m)
    usual = heights[len(heights) // 2] if heights else USUAL_HEIGHT_M
    areas = [max(one.area_m2 or 0.0, sum(s.area_m2 for s in one.slabs)) for one in house.levels]
    largest = max(areas, default=0.0)
    z = -sum(one.height_m or usual for one in house.levels if one.below_ground)
    levels: list[dict[str, Any]] = []
    slabs: list[tuple[str, dict[str, Any]]] = []
    for one, area_m2 in zip(house.levels, areas, strict=True):
        height = one.height_m or usual
        scale = max(LEAST_SCALE, math.sqrt(area_m2 / largest)) if area_m2 and largest else 1.0
        outline = _scaled(ring, round(scale, 3))
        place = {"z": round(z, 2), "h": round(max(height - GAP_M, height / 2), 2)}
        levels.append(
            {"id": one.key, "label": one.label, **place, "ring": _flat(outline), "m2": round(area_m2, 1) or None}
        )
        if area_m2:
            shares = tuple(round(slab.area_m2 / area_m2, 6) for slab in one.slabs)
            for slab, piece in zip(one.slabs, cut(ring=outline, shares=shares), strict=True):
                if len(piece) >= 3:
                    said = {"fill": slab.fill, "text": slab.tooltip, "url": slab.url}
                    slabs.append((slab.key, {**place, "ring": _flat(piece), **said}))
        z += height
    return levels, slabs


def _scaled(ring: Ring, scale: float) -> Ring:
    if scale == 1.0:
        return ring
    x, y = middle_of(ring)
    return tuple((x + (px - x) * scale, y + (py - y) * scale) for px, py in ring)


@lru_cache(maxsize=4096)
def cut(*, ring: Ring, shares: tuple[float, ...]) -> tuple[Ring, ...]:
    """Return the pieces of a ring that have these shares of its area, side by side along its longest edge.

    What the shares leave of one stays uncut at the far end. Pieces keep a little air to their neighbours.
    """
    if not shares:
        return ()
    edges = zip(ring, (*ring[1:], *ring[:1]), strict=True)
    (ax, ay), (bx, by) = max(edges, key=lambda e: math.dist(*e))
    length = math.dist((ax, ay), (bx, by)) or 1.0
    cos, sin = (bx - ax) / length, (by - ay) / length
    turned = tuple((x * cos + y * sin, y * cos - x * sin) for x, y in ring)
    whole = area_of(turned)
    low, high = min(x for x, _y in turned), max(x for x, _y in turned)
    cuts = [low]
    for share in itertools.accumulate(shares):
        cuts.append(high if share >= 0.9999 else _cut_at(turned, share * whole, cuts[-1], high))
    pieces = []
    for left, right in itertools.pairwise(cuts):
        air = min(GAP_M / 2, (right - left) / 4)
        part = _right_of(_left_of(turned, right - air), left + air)
        pieces.append(tuple((x * cos - y * sin, x * sin + y * cos) for x, y in part))
    return tuple(pieces)


def _cut_at(ring: Ring, area_m2: float, low: float, high: float) -> float:
    for _half in range(HALVINGS):
        middle = (low + high) / 2
        part = _left_of(ring, middle)
        if len(part) >= 3 and area_of(part) > area_m2:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def _left_of(ring: Ring, at: float) -> Ring:
    kept: list[Point] = []
    for (ax, ay), (bx, by) in zip(ring, (*ring[1:], *ring[:1]), strict=True):
        if ax <= at:
            kept.append((ax, ay))
        if (ax <= at) != (bx <= at):
            kept.append((at, ay + (by - ay) * (at - ax) / (bx - ax)))
    return tuple(kept)


def _right_of(ring: Ring, at: float) -> Ring:
    return tuple((-x, y) for x, y in _left_of(tuple((-x, y) for x, y in ring), -at))
