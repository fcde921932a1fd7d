"""Chart options beyond bars and lines: a year in a heat map, flows from source to use, a load against its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import formats
from .chart import Number, Option, _base, _text, _value_axis

#: Below this share of the widest flow a ribbon is too thin for a name beside it.
NAMED_FLOW_SHARE = 0.02


@dataclass(frozen=True)
class Flow:
    """So much goes from one node to another; nodes are named by their keys."""

    source: str
    target: str
    amount: float
    url: str = ""
    is_loss: bool = False


def heat(columns: Sequence[str], rows: Sequence[str], values: Sequence[Sequence[Number]], *, unit: str = "") -> Option:
    """Draw a grid of cells, darker for more; a cell without a value stays the color of the page.

    `values[row][column]`; the first row is drawn at the top.
    """
    known = [float(v) for line in values for v in line if v is not None]
    cells = [[x, y, v] for y, line in enumerate(values) for x, v in enumerate(line) if v is not None]
    axis: Option = {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False}}
    return {
        **_base(),
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 44, "containLabel": True},
        "xAxis": {**axis, "data": list(columns), "axisLabel": _text(11, "@ink-3")},
        "yAxis": {**axis, "data": list(rows), "inverse": True, "axisLabel": _text(11, "@ink-3")},
        "visualMap": {
            "type": "continuous",
            "min": min(known, default=0.0),
            "max": max(known, default=1.0),
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "itemHeight": 140,
            "itemWidth": 10,
            "text": [f"{formats.number(max(known, default=None))} {unit}", formats.number(min(known, default=None))],
            "textStyle": _text(11, "@ink-3"),
            "inRange": {"color": ["@seq-low", "@seq-mid", "@seq-high"]},
        },
        "series": [{"type": "heatmap", "data": cells, "itemStyle": {"borderWidth": 1, "borderColor": "@surface"}}],
    }


def sankey(names: dict[str, str], flows: Sequence[Flow]) -> Option:
    """Draw flows as ribbons from left to right, losses in the hue of a warning; a node is a link where a flow has one.

    `names` gives each node's key its name as shown; flows without an amount above zero are not drawn.
    """
    drawn = [flow for flow in flows if flow.amount > 0]
    widest = max((flow.amount for flow in drawn), default=0.0)
    used = list(dict.fromkeys(key for flow in drawn for key in (flow.source, flow.target)))
    urls = {flow.target: flow.url for flow in drawn if flow.url}
    lost = {flow.target for flow in drawn if flow.is_loss}
    inward = {key: sum(flow.amount for flow in drawn if flow.target == key) for key in used}
    outward = {key: sum(flow.amount for flow in drawn if flow.source == key) for key in used}
    through = {key: max(inward[key], outward[key]) for key in used}
    nodes = [
        {
            "name": key,
            **({"url": urls[key]} if key in urls else {}),
            "itemStyle": {"color": "@warn" if key in lost else "@cat-1", "borderWidth": 0},
            "label": {
                "show": through[key] >= NAMED_FLOW_SHARE * widest,
                "formatter": f"{names[key]}  {formats.number(through[key])}",
                **_text(11),
            },
        }
        for key in used
    ]
    return {**_base(), "series": [_ribbons(nodes, drawn)]}


def _ribbons(nodes: list[Option], flows: Sequence[Flow]) -> Option:
    return {
        "type": "sankey",
        "left": 8,
        "right": 150,
        "top": 8,
        "bottom": 8,
        "nodeWidth": 10,
        "nodeGap": 6,
        "draggable": False,
        "emphasis": {"focus": "adjacency"},
        "lineStyle": {"color": "source", "opacity": 0.3, "curveness": 0.5},
        "data": nodes,
        "links": [
            {
                "source": flow.source,
                "target": flow.target,
                "value": flow.amount,
                **({"lineStyle": {"color": "@warn", "opacity": 0.45}} if flow.is_loss else {}),
            }
            for flow in flows
        ],
    }


def over_time(
    series: Sequence[tuple[str, Sequence[tuple[int, Number]]]],
    *,
    unit: str = "",
    zero: bool = True,
    band: Sequence[tuple[int, float, float]] = (),
    marked: Sequence[tuple[int, int, str]] = (),
    steps: bool = False,
) -> Option:
    """Draw values over real time: lines of (milliseconds since 1970 as the clock on the wall shows them, value).

    `band` is (at, low, high) behind the lines; `marked` are spans (from, to, why) that are shaded: a gap, a reset, what
    was interpolated. A missing value breaks the line. The instants are shifted to local time by the caller, because the
    drawing side runs in the zone of whoever looks.
    """
    drawn: list[Option] = [
        _thin_line(name, points, color=f"@cat-{i + 1}", steps=steps) for i, (name, points) in enumerate(series)
    ]
    if marked and drawn:
        drawn[0]["markArea"] = {
            "silent": True,
            "itemStyle": {"color": "@warn", "opacity": 0.14},
            "label": {"show": len(marked) <= 6, "position": "insideTop", **_text(10, "@ink-3")},
            "data": [[{"xAxis": start, "name": why}, {"xAxis": end}] for start, end, why in marked],
        }
    drawn += _band(band)
    names = [name for name, _points in series]
    base = _base()
    return {
        **base,
        "useUTC": True,
        "tooltip": {**base["tooltip"], "trigger": "axis"},
        **(
            {"legend": {"top": 0, "right": 8, "itemWidth": 14, "itemHeight": 8, "textStyle": _text(12), "data": names}}
            if len(names) > 1
            else {}
        ),
        "grid": {"left": 8, "right": 16, "top": 30, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "time",
            "axisLine": {"lineStyle": {"color": "@line-strong"}},
            "axisLabel": {**_text(11, "@ink-3"), "hideOverlap": True},
        },
        "yAxis": _value_axis(unit, zero=zero),
        "series": drawn,
    }


def _thin_line(name: str, points: Sequence[tuple[int, Number]], *, color: str, steps: bool) -> Option:
    return {
        "type": "line",
        "name": name,
        "data": [[at, value] for at, value in points],
        "showSymbol": False,
        "connectNulls": False,
        **({"step": "end"} if steps else {}),
        "lineStyle": {"width": 1.6, "color": color},
        "itemStyle": {"color": color},
    }


def _band(band: Sequence[tuple[int, float, float]]) -> list[Option]:
    if not band:
        return []
    hidden: Option = {
        "type": "line",
        "stack": "band",
        "symbol": "none",
        "lineStyle": {"opacity": 0},
        "silent": True,
        "tooltip": {"show": False},
    }
    area: Option = {"color": "@cat-1", "opacity": 0.16}
    return [
        {**hidden, "data": [[at, low] for at, low, _high in band]},
        {**hidden, "data": [[at, high - low] for at, low, high in band], "areaStyle": area},
    ]
