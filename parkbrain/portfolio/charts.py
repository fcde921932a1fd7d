"""Drawings of the city: distributions and the map of districts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.carbon.queries import ExchangeMatch
from parkbrain.ui import chart
from parkbrain.ui.formats import compact, number, percent

from .queries import DistrictLine, Lifting, Measure, ParkPoint, Rings, Shape, Spread

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
    """The map: size, districts, and the steps of its colour.

    `frame` says where a place lies on it: longitude and latitude of its corner in the north-west, units for a degree of each.
    """

    width: float
    height: float
    frame: str
    districts: Sequence[DrawnDistrict]
    legend: Sequence[tuple[int, str]]
    label: str


@dataclass(frozen=True)
class StarLine:
    """How many parks have a number of stars, which share of all that is, and the list of them."""

    rank: int
    label: str
    park_count: int
    share: float
    url: str

    @property
    def share_percent(self) -> float:
        """Return how far its bar reaches of the whole [%]."""
        return 100 * self.share


def _star_label(rank: int) -> str:
    return _("no star") if rank == 0 else ngettext("%(n)s star", "%(n)s stars", rank) % {"n": rank}


def star_lines(*, counts: Mapping[int, int], link: Callable[..., str]) -> list[StarLine]:
    """Return the numbers of stars, the most first, each with its parks as a link."""
    total = sum(counts.values()) or 1
    return [
        StarLine(rank, _star_label(rank), count, count / total, link(stars=str(rank)))
        for rank, count in sorted(counts.items(), reverse=True)
    ]


def star_distribution(*, counts: Mapping[int, int], link: Callable[..., str]) -> chart.ChartView:
    """Draw how many parks have each number of stars."""
    labels = [_star_label(rank) for rank in counts]
    urls = [link(stars=str(rank)) for rank in counts]
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


def distribution(*, measure: Measure, spread: Spread, link: Callable[..., str]) -> chart.ChartView:
    """Draw how a measure lies over the parks that are kept; `link` returns the list with the parks of a bar."""
    if not measure.is_number:
        labels, counts = [name for _key, name, _count in spread.kinds], [count for _key, _name, count in spread.kinds]
        urls = [link(kind=key) for key, _name, _count in spread.kinds]
        summary = _("Parks by kind.")
    else:
        edges, counts = spread.bars.edges, list(spread.bars.counts)
        labels = [f"{number(low)}–{number(top)}" for low, top in itertools.pairwise(edges)]
        # A bar holds its lower edge and not its upper one; the list's filter counts both.
        ends = [top - (top - low) * 1e-6 for low, top in itertools.pairwise(edges)]
        urls = [link(value_min=f"{low:.10g}", value_max=f"{end:.10g}") for low, end in zip(edges, ends, strict=False)]
        if urls:
            urls[-1] = link(value_min=f"{edges[-2]:.10g}", value_max=f"{edges[-1]:.10g}")
        summary = _quartile_words(measure, spread)
    if spread.bars.unknown_count:
        summary += " " + _("Of %(count)s parks it is unknown.") % {"count": number(spread.bars.unknown_count)}
    return chart.view(
        chart.bar(labels, counts, unit=_("parks"), urls=urls),
        label=_("Parks by: %(measure)s") % {"measure": measure.name},
        summary=summary,
        heads=[(measure.unit_name or measure.name, False), (_("Parks"), True)],
        rows=list(zip(labels, counts, strict=True)),
    )


def _quartile_words(measure: Measure, spread: Spread) -> str:
    now = spread.now
    if now.median is None:
        return _("It is known of no park.")
    return _("The middle is %(median)s; half of the parks lie between %(lower)s and %(upper)s.") % {
        "median": measure.text(now.median),
        "lower": measure.text(now.lower),
        "upper": measure.text(now.upper),
    }


def course(*, measure: Measure, spread: Spread) -> chart.ChartView | None:
    """Draw the middle of the parks and the half around it over the cut-offs that are kept; None where one is known."""
    known = [(day, one) for day, one in spread.course if one.median is not None]
    if len(known) < 2:
        return None
    labels = [day.isoformat() for day, _one in known]
    first, last = known[0][1], known[-1][1]
    scale = 100.0 if measure.unit == "share" else 1.0
    medians = [None if one.median is None else one.median * scale for _day, one in known]
    lows = [None if one.lower is None else one.lower * scale for _day, one in known]
    highs = [None if one.upper is None else one.upper * scale for _day, one in known]
    return chart.view(
        chart.line(
            labels,
            [(_("Middle of the parks"), medians)],
            unit="%" if measure.unit == "share" else measure.unit_name,
            zero=False,
            band=(lows, highs),
        ),
        label=_("Over time: %(measure)s") % {"measure": measure.name},
        summary=_(
            "From %(first)s on %(start)s to %(last)s on %(end)s in the middle of the parks; the band holds half of them."
        )
        % {
            "first": measure.text(first.median),
            "start": labels[0],
            "last": measure.text(last.median),
            "end": labels[-1],
        },
        heads=[
            (_("Cut-off"), False),
            (_("Lower quartile"), True),
            (_("Median"), True),
            (_("Upper quartile"), True),
            (_("Parks"), True),
        ],
        rows=[
            (label, measure.text(one.lower), measure.text(one.median), measure.text(one.upper), one.known_count)
            for label, (_day, one) in zip(labels, known, strict=True)
        ],
    )


@dataclass(frozen=True)
class DrawnStars:
    """The parks of one number of stars on the map, as one path of dots."""

    stars: int
    path: str
    count: int


@dataclass(frozen=True)
class _Frame:
    """Where places lie on the drawing: its corner in the north-west, its southern edge [degrees], units for a degree north."""

    west: float
    north: float
    south: float
    scale: float

    @property
    def height(self) -> float:
        """How high the drawing is [units]."""
        return (self.north - self.south) * self.scale

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a place lies [units]."""
        return (longitude - self.west) * ASPECT * self.scale, (self.north - latitude) * self.scale

    def __str__(self) -> str:
        return f"{self.west:.5f} {self.north:.5f} {ASPECT * self.scale:.3f} {self.scale:.3f}"


@dataclass(frozen=True)
class _Outline:
    """A district's rings as they are drawn, and where its name stands [units]."""

    path: str
    label_x: float
    label_y: float


@lru_cache(maxsize=4)
def _drawn(shapes: tuple[Rings, ...]) -> tuple[_Frame, list[_Outline]]:
    """Return the frame around outlines and each as it is drawn in it; they ship with the program and stay what they are."""
    points = [p for rings in shapes for ring in rings for p in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    frame = _Frame(west, north, south, MAP_WIDTH / ((east - west) * ASPECT))
    outlines = []
    for shape in shapes:
        rings = [[frame.at(x, y) for x, y in ring] for ring in shape]
        x, y = _middle(max(rings, key=len))
        outlines.append(_Outline(_path(rings), round(x, 1), round(y, 1)))
    return frame, outlines


def map_stars(*, shapes: Sequence[Shape], points: Sequence[ParkPoint]) -> list[DrawnStars]:
    """Draw parks as dots over the map of districts, a path for each number of stars, the fewest first."""
    frame, _outlines = _drawn(tuple(shape.rings for shape in shapes))
    dots: dict[int, list[str]] = {}
    for point in points:
        x, y = frame.at(point.longitude, point.latitude)
        dots.setdefault(point.stars, []).append(f"M{x:.1f} {y:.1f}h0")
    return [DrawnStars(stars, "".join(path), len(path)) for stars, path in sorted(dots.items())]


@dataclass(frozen=True)
class DrawnFlow:
    """An arc of the map from one park to another: what goes there, and the page of the pairs it stands for."""

    path: str
    title: str
    url: str


#: So many arcs stand on a map before they hide it; the others are on the page of all pairs.
MOST_FLOWS = 60


def map_flows(*, shapes: Sequence[Shape], matches: Sequence[ExchangeMatch]) -> list[DrawnFlow]:
    """Draw what firms of one park could send to those of another as arcs, the parks with the most pairs first."""
    frame, _outlines = _drawn(tuple(shape.rings for shape in shapes))
    between: dict[tuple[int, int], list[ExchangeMatch]] = {}
    for match in matches:
        between.setdefault((match.offer.park_id, match.need.park_id), []).append(match)
    flows: list[DrawnFlow] = []
    for (source, sink), pairs in sorted(between.items(), key=lambda one: -len(one[1])):
        parks = (pairs[0].offer.park, pairs[0].need.park)
        ends = [
            frame.at(park.longitude, park.latitude)
            for park in parks
            if park.longitude is not None and park.latitude is not None
        ]
        if len(ends) < 2 or len(flows) == MOST_FLOWS:
            continue
        goods = dict.fromkeys(pair.offer.substance_name for pair in pairs)
        title = f"{parks[0].name} → {parks[1].name}: {', '.join(goods)}"
        url = f"{reverse('exchange_between')}?from={source}&to={sink}"
        flows.append(DrawnFlow(_arc(ends[0], ends[1]), title, url))
    return flows


#: Arcs end so far from the middle of their park that the heads of several stand around it, not on each other.
_HEAD_ROOM = 5.0


def _arc(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return an arc that bends to its left, so that there and back are two lines."""
    across, down = end[0] - start[0], end[1] - start[1]
    bend = (start[0] + across / 2 + down * 0.22, start[1] + down / 2 - across * 0.22)
    last = (end[0] - bend[0], end[1] - bend[1])
    length = math.hypot(*last)
    back = _HEAD_ROOM / length if length > 2 * _HEAD_ROOM else 0.0
    tip = (end[0] - last[0] * back, end[1] - last[1] * back)
    return f"M{start[0]:.1f} {start[1]:.1f}Q{bend[0]:.1f} {bend[1]:.1f} {tip[0]:.1f} {tip[1]:.1f}"


def district_map(*, shapes: Sequence[Shape], lines: Sequence[DistrictLine]) -> MapView:
    """Draw the districts, coloured by the share of their parks with three stars or more."""
    by_code = {line.code: line for line in lines}
    frame, outlines = _drawn(tuple(shape.rings for shape in shapes))
    shares = {shape.name: _share(shape, by_code) for shape in shapes}
    top = max(shares.values(), default=0.0) or 0.01
    drawn = []
    for shape, outline in zip(shapes, outlines, strict=True):
        found = [by_code[c] for c in shape.codes if c in by_code]
        count = sum(line.park_count for line in found)
        title = _("%(name)s: %(count)s parks, %(share)s with three stars or more") % {
            "name": shape.name,
            "count": number(count),
            "share": percent(shares[shape.name]),
        }
        step = min(5, 1 + int(5 * shares[shape.name] / top)) if count else 1
        url = f"{reverse('city')}?district={shape.codes[0]}"
        drawn.append(DrawnDistrict(outline.path, shape.name, outline.label_x, outline.label_y, step, title, url))
    legend = [(i + 1, f"{percent(top * i / 5)} – {percent(top * (i + 1) / 5)}") for i in range(5)]
    return MapView(
        width=MAP_WIDTH,
        height=round(frame.height, 1),
        frame=str(frame),
        districts=drawn,
        legend=legend,
        label=_("Share of parks with three stars or more, by district"),
    )


def label_place(*, shape: Shape) -> tuple[float, float]:
    """Return where a district's name stands: the middle of its largest ring [degrees]."""
    x, y = _middle(max(shape.rings, key=len))
    return round(x, 4), round(y, 4)


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
