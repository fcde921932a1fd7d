"""Drawings of the city: distributions and the map of districts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.ui import chart
from parkbrain.ui.formats import compact, number, percent

from .queries import DistrictLine, Lifting, ParkPoint, Shape

#: About the width it is shown at, so that names are as large as other words.
MAP_WIDTH = 400.0
#: At Shenzhen's latitude a degree of longitude is shorter than one of latitude by this factor.
ASPECT = 0.924


@dataclass(frozen=True)
class DrawnDistrict:
    """A district on the map."""

    path: str
    label: str
    label_x: float
    label_y: float
    step: int
    title: str
    url: str


@dataclass(frozen=True)
class MapView:
    """The map: size, districts, and the steps of its colour."""

    width: float
    height: float
    districts: Sequence[DrawnDistrict]
    legend: Sequence[tuple[int, str]]
    label: str


def star_distribution(*, counts: Mapping[int, int]) -> chart.ChartView:
    """Draw how many parks have each number of stars."""
    labels = [
        _("no star") if rank == 0 else ngettext("%(n)s star", "%(n)s stars", rank) % {"n": rank} for rank in counts
    ]
    urls = [f"{reverse('city')}?stars={rank}" for rank in counts]
    total = sum(counts.values()) or 1
    modern = sum(n for rank, n in counts.items() if rank >= 3)
    return chart.view(
        chart.bar(labels, list(counts.values()), unit=_("parks"), urls=urls, color="@star"),
        label=_("Parks by proven stars"),
        summary=_("%(count)s parks (%(share)s) have three stars or more.")
        % {"count": number(modern), "share": percent(modern / total)},
        heads=[(_("Stars"), False), (_("Parks"), True)],
        rows=list(zip(labels, counts.values(), strict=True)),
    )


def total_distribution(*, totals: Sequence[float]) -> chart.ChartView:
    """Draw the distribution of the proven totals in steps of ten points."""
    # Ten bars: each has room for its own number, so that no axis has to be read.
    bins = [0] * 10
    for value in totals:
        bins[min(int(value // 10), 9)] += 1
    labels = [f"{10 * i}–{10 * i + 10}" for i in range(10)]
    ordered = sorted(totals)
    middle = ordered[len(ordered) // 2] if ordered else None
    return chart.view(
        chart.bar(labels, bins, unit=_("parks")),
        label=_("Parks by proven total"),
        summary=_("Half of the parks have more than %(middle)s points.") % {"middle": number(middle, 1)},
        heads=[(_("Points"), False), (_("Parks"), True)],
        rows=list(zip(labels, bins, strict=True)),
    )


@dataclass(frozen=True)
class DrawnStars:
    """The parks of one number of stars on the map, as one path of dots."""

    stars: int
    path: str
    count: int


def _frame(shapes: Sequence[Shape]) -> tuple[float, float, float, float]:
    """Return west, north, south and the drawing's units for each degree."""
    points = [p for shape in shapes for ring in shape.rings for p in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    return west, north, south, MAP_WIDTH / ((east - west) * ASPECT)


def map_stars(*, shapes: Sequence[Shape], points: Sequence[ParkPoint]) -> list[DrawnStars]:
    """Draw parks as dots over the map of districts, a path for each number of stars, the fewest first."""
    west, north, _south, scale = _frame(shapes)
    dots: dict[int, list[str]] = {}
    for point in points:
        x, y = (point.longitude - west) * ASPECT * scale, (north - point.latitude) * scale
        dots.setdefault(point.stars, []).append(f"M{x:.1f} {y:.1f}h0")
    return [DrawnStars(stars, "".join(path), len(path)) for stars, path in sorted(dots.items())]


def district_map(*, shapes: Sequence[Shape], lines: Sequence[DistrictLine]) -> MapView:
    """Draw the districts, coloured by the share of their parks with three stars or more."""
    by_code = {line.code: line for line in lines}
    west, north, south, scale = _frame(shapes)
    shares = {shape.name: _share(shape, by_code) for shape in shapes}
    top = max(shares.values(), default=0.0) or 0.01
    drawn = []
    for shape in shapes:
        rings = [[((x - west) * ASPECT * scale, (north - y) * scale) for x, y in ring] for ring in shape.rings]
        largest = max(rings, key=len)
        x, y = _middle(largest)
        found = [by_code[c] for c in shape.codes if c in by_code]
        count = sum(line.park_count for line in found)
        title = _("%(name)s: %(count)s parks, %(share)s with three stars or more") % {
            "name": shape.name,
            "count": number(count),
            "share": percent(shares[shape.name]),
        }
        step = min(5, 1 + int(5 * shares[shape.name] / top)) if count else 1
        url = f"{reverse('city')}?district={shape.codes[0]}"
        drawn.append(DrawnDistrict(_path(rings), shape.name, round(x, 1), round(y, 1), step, title, url))
    legend = [(i + 1, f"{percent(top * i / 5)} – {percent(top * (i + 1) / 5)}") for i in range(5)]
    height = (north - south) * scale
    return MapView(
        MAP_WIDTH, round(height, 1), drawn, legend, _("Share of parks with three stars or more, by district")
    )


def _share(shape: Shape, by_code: Mapping[str, DistrictLine]) -> float:
    found = [by_code[code] for code in shape.codes if code in by_code]
    parks = sum(line.park_count for line in found)
    return sum(line.modern_count for line in found) / parks if parks else 0.0


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _path(rings: Sequence[Sequence[tuple[float, float]]]) -> str:
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings)


def lift_frontier(*, lifting: Lifting) -> chart.ChartView:
    """Draw how much money lifts how many parks; the line gets steeper, as the cheap ones come first."""
    # Some forty points are a smooth line; the last one is always among them.
    step = max(1, len(lifting.curve) // 40)
    counts = sorted({*range(step, len(lifting.curve) + 1, step), len(lifting.curve)} - {0})
    money = [lifting.curve[count - 1] for count in counts]
    labels = [number(count) for count in counts]
    return chart.view(
        chart.line(labels, [(_("Money"), [value / 1e6 for value in money])], unit=_("million yuan")),
        label=_("Money against parks lifted"),
        summary=_("%(spent)s yuan lift %(count)s parks; all %(all)s that have a way would take %(whole)s yuan.")
        % {
            "spent": compact(lifting.spent_yuan),
            "count": number(lifting.lifted_count),
            "all": number(len(lifting.curve)),
            "whole": compact(lifting.whole_yuan),
        },
        heads=[(_("Parks"), True), (_("Money (yuan)"), True)],
        rows=list(zip(counts, money, strict=True)),
    )
