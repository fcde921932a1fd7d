"""Chart options: pure functions from values to a plain dictionary that ECharts draws, in the browser and for PDF.

Colours are tokens ("@cat-1", "@ink-3") that the drawing side resolves for its theme. Every chart carries a label, a
sentence and its table twin (`ChartView`).
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import formats
from .table import TableView, simple

Option = dict[str, Any]
Number = float | int | None


@dataclass(frozen=True)
class ChartView:
    """A chart with the words and the table that say the same."""

    option: Option
    label: str
    summary: str
    table: TableView


def view(
    option: Option, *, label: str, summary: str, heads: Sequence[tuple[str, bool]], rows: Sequence[Sequence[Any]]
) -> ChartView:
    """Join an option with its label, sentence and table twin."""
    return ChartView(option, label, summary, simple(heads=heads, rows=rows, label=label))


def _text(size: int = 12, color: str = "@ink-2") -> Option:
    return {
        "color": color,
        "fontSize": size,
        "fontFamily": "Inter Variable, Noto Sans SC Variable, Noto Sans SC, sans-serif",
    }


def _base() -> Option:
    return {
        "animation": False,
        "textStyle": _text(),
        # Rich text, not HTML: the policy forbids styles inside injected markup.
        "tooltip": {
            "renderMode": "richText",
            "confine": True,
            "backgroundColor": "@surface",
            "borderColor": "@line-strong",
            "textStyle": _text(12, "@ink"),
        },
    }


def _category_axis(labels: Sequence[str]) -> Option:
    return {
        "type": "category",
        "data": list(labels),
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": "@line-strong"}},
        "axisLabel": _text(12),
    }


def _value_axis(unit: str, *, zero: bool, low: Number = None, high: Number = None) -> Option:
    axis: Option = {
        "type": "value",
        "name": unit,
        # A long unit in the middle above its axis would begin beside the drawing.
        "nameTextStyle": {**_text(11, "@ink-3"), **({"align": "left"} if len(unit) > 8 else {})},
        "scale": not zero,
        "axisLabel": _text(11, "@ink-3"),
        "splitLine": {"lineStyle": {"color": "@line"}},
    }
    if low is not None:
        axis["min"] = low
    if high is not None:
        axis["max"] = high
    return axis


#: Names end in an ellipsis, so that there is room for the bars and a few figures under them.
_NARROW_BARS: Option = {
    "yAxis": {"axisLabel": {"width": 120, "overflow": "truncate"}},
    "xAxis": {"splitNumber": 2, "axisLabel": {"hideOverlap": True}},
}


def _on_phone(changed: Option) -> Option:
    """Return what is drawn otherwise where a drawing has the width of a phone; the table twin has every word."""
    return {"media": [{"query": {"maxWidth": 450}, "option": changed}]}


def bar(
    labels: Sequence[str],
    values: Sequence[Number],
    *,
    unit: str = "",
    urls: Sequence[str] = (),
    color: str = "@cat-1",
    horizontal: bool = False,
    high: Number = None,
) -> Option:
    """Draw bars from zero, each with its value written on it; a bar with a url is a link."""
    data: list[Any] = [
        {"value": v, "label": {"formatter": formats.number(v)}, **({"url": urls[i]} if urls else {})}
        if v is not None
        else None
        for i, v in enumerate(values)
    ]
    category, value = _category_axis(labels), _value_axis(unit, zero=True, low=0, high=high)
    top, bottom = 28, 8
    if horizontal:
        # Behind the end of its axis a unit would stand beside the drawing.
        top, bottom = 8, 26 if unit else 8
        category["inverse"] = True
        value |= {"nameLocation": "middle", "nameGap": 24}
    return {
        **_base(),
        **(_on_phone(_NARROW_BARS) if horizontal else {}),
        "grid": {"left": 8, "right": 40, "top": top, "bottom": bottom, "containLabel": True},
        "xAxis": value if horizontal else category,
        "yAxis": category if horizontal else value,
        "series": [
            {
                "type": "bar",
                "data": data,
                "itemStyle": {"color": color},
                "barMaxWidth": 36,
                "label": {"show": len(values) <= 12, "position": "right" if horizontal else "top", **_text(11)},
            }
        ],
    }


def waterfall(steps: Sequence[tuple[str, float, float, bool]], *, unit: str = "") -> Option:
    """Draw steps (name, where it starts, by how much it goes up, whether it is a total) that add up from zero."""
    hidden = {"type": "bar", "stack": "steps", "silent": True, "itemStyle": {"opacity": 0}, "barMaxWidth": 56}
    category = _category_axis([name for name, *_rest in steps])
    # Every step is named, in lines of its own; on a phone the small print is in the table twin.
    category["axisLabel"] = {**_text(11), "interval": 0, "width": 76, "overflow": "break", "hideOverlap": True}
    return {
        **_base(),
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": category,
        "yAxis": _value_axis(unit, zero=True, low=0),
        "series": [
            {**hidden, "data": [start for _name, start, _change, _total in steps], "tooltip": {"show": False}},
            {
                "type": "bar",
                "stack": "steps",
                "barMaxWidth": 56,
                "data": [
                    {
                        "value": change,
                        "label": {"formatter": formats.number(change)},
                        "itemStyle": {"color": "@cat-1" if total else "@cat-2"},
                    }
                    for _name, _start, change, total in steps
                ],
                "label": {"show": True, "position": "top", **_text(11)},
            },
        ],
    }


def _ends_apart(series: Sequence[Sequence[Number]]) -> bool:
    """Tell whether the last values lie far enough from each other for a name beside each."""
    known = [float(v) for values in series for v in values if v is not None]
    ends = sorted(float(values[-1]) for values in series if values and values[-1] is not None)
    span = max(known, default=0.0) - min(known, default=0.0)
    return all(later - earlier > 0.08 * span for earlier, later in itertools.pairwise(ends))


def bands(
    rows: Sequence[tuple[str, Sequence[float]]],
    *,
    marks: Sequence[tuple[str, float]],
    low: float,
    high: float,
    unit: str = "",
) -> Option:
    """Draw for each row its 5, 25, 50, 75 and 95 % as a light band, a strong one within, and the middle as a point.

    `marks` are named lines across all rows.
    """
    value = _value_axis("", zero=False, low=low, high=high)
    middles = [[five[2], place] for place, (_name, five) in enumerate(rows)]
    point = {"color": "@star", "borderColor": "@surface", "borderWidth": 2}
    return {
        **_base(),
        "grid": {"left": 8, "right": 24, "top": 28, "bottom": 26, "containLabel": True},
        "xAxis": {**value, "name": unit, "nameLocation": "middle", "nameGap": 24},
        "yAxis": {**_category_axis([name for name, _five in rows]), "inverse": True},
        "series": [
            *_band_series(rows, marks),
            {"type": "scatter", "symbolSize": 11, "data": middles, "itemStyle": point, "label": {"show": False}},
        ],
    }


def _band_series(rows: Sequence[tuple[str, Sequence[float]]], marks: Sequence[tuple[str, float]]) -> list[Option]:
    """Return bars stacked from the first quantile on, the first one unseen and carrying the named lines.

    The rows run from the top, so that a line starts there: its name stands above, clear of the axis.
    """
    base: Option = {"type": "bar", "stack": "band", "silent": True, "barWidth": 26}
    lines = [{"xAxis": at, "label": {"formatter": name, "position": "start", **_text(11)}} for name, at in marks]
    mark = {"symbol": "none", "silent": True, "lineStyle": {"color": "@line-strong", "type": "dashed"}, "data": lines}
    firsts = [five[0] for _name, five in rows]
    drawn = [{**base, "itemStyle": {"opacity": 0}, "data": firsts, "markLine": mark}]
    for place, opacity in ((1, 0.3), (2, 0.85), (3, 0.85), (4, 0.3)):
        steps = [five[place] - five[place - 1] for _name, five in rows]
        drawn.append({**base, "data": steps, "itemStyle": {"color": "@cat-1", "opacity": opacity}})
    return drawn


def line(
    x: Sequence[str],
    series: Sequence[tuple[str, Sequence[Number]]],
    *,
    unit: str = "",
    zero: bool = True,
    band: tuple[Sequence[Number], Sequence[Number]] | None = None,
) -> Option:
    """Draw lines with their names at their ends, or in a legend where they end close together.

    `band` is an uncertainty between low and high.
    """
    apart = _ends_apart([values for _name, values in series])
    drawn: list[Option] = [
        {
            "type": "line",
            "name": name,
            "data": list(values),
            "showSymbol": len(values) < 20,
            "symbolSize": 5,
            "lineStyle": {"width": 2, "color": f"@cat-{i + 1}"},
            "itemStyle": {"color": f"@cat-{i + 1}"},
            "endLabel": {"show": len(series) > 1 and apart, "formatter": "{a}", **_text(11)},
        }
        for i, (name, values) in enumerate(series)
    ]
    if band:
        low, high = band
        height = [None if a is None or b is None else b - a for a, b in zip(low, high, strict=True)]
        hidden = {"type": "line", "stack": "band", "symbol": "none", "lineStyle": {"opacity": 0}, "silent": True}
        drawn += [
            {**hidden, "data": list(low)},
            {**hidden, "data": height, "areaStyle": {"color": "@cat-1", "opacity": 0.18}},
        ]
    names = [name for name, _values in series]
    legend: Option = {"top": 0, "right": 8, "itemWidth": 14, "itemHeight": 8, "textStyle": _text(12), "data": names}
    return {
        **_base(),
        **({} if apart or len(series) < 2 else {"legend": legend}),
        "grid": {
            "left": 8,
            "right": 72 if len(series) > 1 and apart else 36,
            "top": 28,
            "bottom": 8,
            "containLabel": True,
        },
        "xAxis": {**_category_axis(x), "boundaryGap": False},
        "yAxis": _value_axis(unit, zero=zero),
        "series": drawn,
    }


def _lines(name: str) -> list[str]:
    """Return a name in short lines, broken after a colon; a Chinese letter is as wide as two others."""
    lines: list[str] = []
    for part, colon in re.findall(r"([^：:]+)([：:]?)\s*", name):
        *before, last = textwrap.wrap(part, 14 if part.isascii() else 5)
        lines += [*before, last + colon]
    return lines


def radar(labels: Sequence[str], series: Sequence[tuple[str, Sequence[Number]]], *, high: float = 100.0) -> Option:
    """Draw shapes over axes of equal scale; the first is filled, the second outlined (proven, reachable)."""
    styles: tuple[Option, ...] = (
        {"areaStyle": {"color": "@cat-1", "opacity": 0.3}, "lineStyle": {"color": "@cat-1", "width": 2}},
        {"areaStyle": {"opacity": 0}, "lineStyle": {"color": "@cat-2", "width": 1.5, "type": "dashed"}},
    )
    return {
        **_base(),
        **_on_phone({"radar": {"radius": "38%", "axisName": {"fontSize": 10.5, "lineHeight": 13}}}),
        "legend": {
            "bottom": 0,
            "itemWidth": 14,
            "itemHeight": 8,
            "textStyle": _text(12),
            "data": [n for n, _v in series],
        },
        "radar": {
            # In lines of their own: on a phone the names of the axes have a quarter of the width each.
            "indicator": [{"name": "\n".join(_lines(name)), "max": high} for name in labels],
            "radius": "50%",
            "center": ["50%", "48%"],
            "axisName": {**_text(12), "lineHeight": 15},
            "splitNumber": 4,
            "splitArea": {"show": False},
            "axisLine": {"lineStyle": {"color": "@line"}},
            "splitLine": {"lineStyle": {"color": "@line"}},
        },
        "series": [
            {
                "type": "radar",
                "symbolSize": 4,
                "data": [
                    {"name": name, "value": list(values), "itemStyle": {"color": f"@cat-{i + 1}"}, **styles[min(i, 1)]}
                    for i, (name, values) in enumerate(series)
                ],
            }
        ],
    }


def curve(
    points: Sequence[tuple[float, float]],
    *,
    x_unit: str,
    y_unit: str,
    mark: tuple[float, float] | None = None,
    mark_label: str = "",
) -> Option:
    """Draw a function through its breakpoints and mark where a value lies on it."""
    option: Option = {
        **_base(),
        "grid": {"left": 8, "right": 28, "top": 28, "bottom": 22, "containLabel": True},
        "xAxis": {**_value_axis("", zero=False), "name": x_unit, "nameLocation": "middle", "nameGap": 24},
        "yAxis": _value_axis(y_unit, zero=True, low=0, high=100),
        "series": [
            {
                "type": "line",
                "data": [list(p) for p in points],
                "symbolSize": 6,
                "lineStyle": {"color": "@cat-1", "width": 2},
                "itemStyle": {"color": "@cat-1"},
            }
        ],
    }
    if mark is not None:
        option["series"].append(
            {
                "type": "scatter",
                "data": [list(mark)],
                "symbolSize": 13,
                "itemStyle": {"color": "@star", "borderColor": "@surface", "borderWidth": 2},
                "label": {"show": True, "position": "top", "formatter": mark_label, **_text(12, "@ink")},
            }
        )
    return option


def scatter(
    points: Sequence[tuple[float, float, str, str]], *, x_unit: str, y_unit: str, color: str = "@cat-1"
) -> Option:
    """Draw points of (x, y, name, url)."""
    return {
        **_base(),
        "grid": {"left": 8, "right": 28, "top": 28, "bottom": 22, "containLabel": True},
        "xAxis": {**_value_axis("", zero=False), "name": x_unit, "nameLocation": "middle", "nameGap": 24},
        "yAxis": _value_axis(y_unit, zero=False),
        "series": [
            {
                "type": "scatter",
                "symbolSize": 7,
                "itemStyle": {"color": color, "opacity": 0.7},
                "data": [{"value": [x, y], "name": name, "url": url} for x, y, name, url in points],
            }
        ],
    }
