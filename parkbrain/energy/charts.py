"""Drawings of use: bars by period with the doubtful ones marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parkbrain.calc.metering import PeriodUse
from parkbrain.ui import chart, diagrams, formats

from .queries import (
    DAY,
    MONTH,
    BaselineResult,
    DayLoad,
    Flow,
    HeatMap,
    PlannedYear,
    Sankey,
    flag_labels,
    node_name,
    park_zone,
)

#: A period of which less is measured is drawn as doubtful.
DOUBTFUL = 0.95


def use_chart(*, name: str, unit: str, use: PeriodUse, step: str) -> chart.ChartView:
    """Draw use by hour, day or month; what is interpolated or flagged has another hue and its words."""
    labels = [_label(int(start), step) for start in use.borders_us[:-1]]
    values = [None if np.isnan(v) else round(float(v), 3) for v in use.use]
    option = chart.bar(labels, values, unit=unit)
    doubtful = 0
    for number, bar in enumerate(option["series"][0]["data"]):
        marked = use.measured[number] < DOUBTFUL or use.flags[number] > 1
        if bar is not None and marked:
            doubtful += 1
            bar["itemStyle"] = {"color": "@warn", "opacity": 0.75}
    known = [v for v in values if v is not None]
    return chart.view(
        option,
        label=_("Use of %(meter)s") % {"meter": name},
        summary=_(
            "%(total)s %(unit)s in all; %(doubtful)s of %(count)s periods are marked as doubtful, %(unknown)s unknown."
        )
        % {
            "total": formats.number(sum(known), 1),
            "unit": unit,
            "doubtful": doubtful,
            "count": len(values),
            "unknown": values.count(None),
        },
        heads=[(_("Time"), False), (unit, True), (_("Measured"), True), (_("Marks"), False)],
        rows=[
            (label, value, formats.percent(float(use.measured[n]), 0), ", ".join(flag_labels(flags=int(use.flags[n]))))
            for n, (label, value) in enumerate(zip(labels, values, strict=True))
        ],
    )


def _label(at_us: int, step: str) -> str:
    local = datetime.fromtimestamp(at_us / 1e6, park_zone())
    if step == MONTH:
        return f"{local:%Y-%m}"
    return f"{local:%m-%d}" if step == DAY else f"{local:%m-%d %H:%M}"


def _wall_ms(at: datetime) -> int:
    """Return the clock on the wall as milliseconds: the drawing side runs in the zone of whoever looks."""
    local = at.astimezone(park_zone())
    return int(local.replace(tzinfo=UTC).timestamp() * 1000)


def day_chart(*, day: DayLoad) -> chart.ChartView:
    """Draw the load of the last days and of today against the band that was to be expected."""
    hours = day.hours
    loads = [(_wall_ms(h.start_at), None if h.load is None else round(h.load, 3)) for h in hours]
    middles = [(_wall_ms(h.start_at), None if h.middle is None else round(h.middle, 3)) for h in hours]
    band = [
        (_wall_ms(h.start_at), round(h.low, 3), round(h.high, 3))
        for h in hours
        if h.low is not None and h.high is not None
    ]
    outside = [h for h in hours if h.load is not None and h.low is not None and h.high is not None]
    far = sum(not h.low <= h.load <= h.high for h in outside)  # type: ignore[operator]
    option = diagrams.over_time(
        [(pgettext("energy", "Load"), loads), (_("Expected"), middles)], unit=day.flow_unit, band=band
    )
    return chart.view(
        option,
        label=_("Load against what was to be expected"),
        summary=_(
            "%(far)s of %(count)s known hours lie outside the band in which nine of ten hours were to be expected."
        )
        % {"far": far, "count": len(outside)}
        if band
        else _("What is to be expected can be said after three weeks of readings."),
        heads=[
            (_("Time"), False),
            (pgettext("energy", "Load"), True),
            (_("Least expected"), True),
            (_("Most expected"), True),
        ],
        rows=[(f"{h.start_at:%m-%d %H:%M}", _rounded(h.load), _rounded(h.low), _rounded(h.high)) for h in hours],
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def heat_chart(*, heat: HeatMap) -> chart.ChartView:
    """Draw use by day (rows) and hour of the day (columns)."""
    days = [f"{day:%m-%d}" for day in heat.days]
    known = [
        (v, d, h) for d, row in zip(heat.days, heat.values, strict=True) for h, v in enumerate(row) if v is not None
    ]
    most, day, hour = max(known)
    unknown = len(days) * 24 - len(known)
    return chart.view(
        diagrams.heat([f"{hour:02d}" for hour in range(24)], days, heat.values, unit=heat.unit),
        label=_("Use by day and hour"),
        summary=_("Most in one hour: %(most)s %(unit)s on %(day)s at %(hour)s:00; %(unknown)s hours are unknown.")
        % {
            "most": formats.number(most, 1),
            "unit": heat.unit,
            "day": day.isoformat(),
            "hour": hour,
            "unknown": unknown,
        },
        heads=[(_("Day"), False), *((f"{hour:02d}", True) for hour in range(24))],
        rows=[(name, *(_rounded(v) for v in row)) for name, row in zip(days, heat.values, strict=True)],
    )


#: From one place so many ribbons are drawn by name, from those that branch off so many; the others are one ribbon.
MOST_RIBBONS, MOST_OF_BRANCH = 7, 3


def _fewer(flows: Sequence[Flow], names: dict[str, str]) -> list[diagrams.Flow]:
    """Return what a picture can show: the widest ribbons from every place, the others as one; `names` gets their names."""
    by_source: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        by_source[flow.source].append(flow)
    targets = {flow.target for flow in flows}
    waiting = [source for source in by_source if source not in targets]
    drawn: list[diagrams.Flow] = []
    while waiting:
        source = waiting.pop(0)
        of_source = sorted(by_source[source], key=lambda f: -f.amount)
        most = MOST_RIBBONS if any(f.target in by_source for f in of_source) else MOST_OF_BRANCH
        shown = [f for n, f in enumerate(of_source) if n < most or f.kind == "loss" or f.kind == "supply"]
        for f in shown:
            url = reverse("meter_detail", args=[f.meter_id])
            drawn.append(diagrams.Flow(source, f.target, round(f.amount, 2), url, f.kind == "loss"))
            waiting += [f.target] if f.target in by_source else []
        rest = [f for f in of_source if f not in shown]
        if rest:
            key = f"{source} …"
            names[key] = _("%(count)s others") % {"count": len(rest)}
            drawn.append(diagrams.Flow(source, key, round(sum(f.amount for f in rest), 2)))
    return drawn


def flows_chart(*, sankey: Sankey) -> chart.ChartView:
    """Draw a month from the grid over meters to those who used it."""
    names = {key: node_name(key=key) for flow in sankey.flows for key in (flow.source, flow.target)}
    drawn = _fewer(sankey.flows, names)
    lost = sum(f.amount for f in sankey.flows if f.kind == "loss")
    return chart.view(
        diagrams.sankey(names, drawn),
        label=_("From grid to firm"),
        summary=_(
            "Supplied: %(supplied)s %(unit)s; lost between meters: %(lost)s %(unit)s; not wholly known: %(unknown)s."
        )
        % {
            "supplied": _("unknown") if sankey.supplied is None else formats.number(sankey.supplied, 0),
            "unit": sankey.unit,
            "lost": formats.number(lost, 0),
            "unknown": ", ".join(sankey.unknown) or _("none"),
        },
        heads=[(_("From"), False), (_("To"), False), (sankey.unit, True)],
        rows=[(names[f.source], names[f.target], round(f.amount, 1)) for f in sankey.flows],
    )


def baseline_chart(*, result: BaselineResult) -> chart.ChartView:
    """Draw what was used against what the baseline expects, from the beginning of the baseline on."""
    expected = result.expected if result.expected is not None else np.full(len(result.compared.first_days), np.nan)
    days = [f"{day:%Y-%m-%d}" for day in result.compared.first_days]
    at_ms = [_day_ms(day) for day in result.compared.first_days]
    used, wanted = ([_known(v, 1) for v in column] for column in (result.compared.use, expected))
    lines = [(_("Used"), list(zip(at_ms, used, strict=True))), (_("Expected"), list(zip(at_ms, wanted, strict=True)))]
    ends_on = result.baseline.ends_on
    marked = [(at_ms[0], _day_ms(ends_on), _("baseline"))]
    unknown = used.count(None)
    return chart.view(
        diagrams.over_time(lines, unit=result.unit, marked=marked),
        label=_("Used against expected"),
        summary=_("%(count)s periods since %(first)s, %(unknown)s of them unknown; the baseline is shaded.")
        % {"count": len(days), "first": days[0], "unknown": unknown},
        heads=[(_("From"), False), (_("Used"), True), (_("Expected"), True)],
        rows=list(zip(days, used, wanted, strict=True)),
    )


def saved_chart(*, result: BaselineResult) -> chart.ChartView:
    """Draw the running sum of what was avoided: where it bends, something changed."""
    days = [day for day, counts in zip(result.compared.first_days, result.compared.is_reported, strict=True) if counts]
    sums = [] if result.saved_so_far is None else [_known(v, 1) for v in result.saved_so_far]
    points = [(_day_ms(day), value) for day, value in zip(days, sums, strict=True)]
    return chart.view(
        diagrams.over_time([(_("Avoided so far"), points)], unit=result.unit),
        label=_("Avoided so far"),
        summary=_("%(total)s %(unit)s by %(last)s; where the line bends, something changed.")
        % {"total": formats.number(sums[-1] or 0.0, 1), "unit": result.unit, "last": f"{days[-1]:%Y-%m-%d}"},
        # The table has the last of each month: what it was day by day follows from the other table.
        heads=[(_("Month"), False), (result.unit, True)],
        rows=list({f"{day:%Y-%m}": value for day, value in zip(days, sums, strict=True)}.items()),
    )


def plan_chart(*, planned: PlannedYear) -> chart.ChartView:
    """Draw plan against actual, summed up over the months known so far."""
    labels = [f"{month:%m}" for month in planned.months]
    plan = [line.planned for line in planned.lines]
    actual = [_known(line.actual, 1) for line in planned.lines]
    known = sum(value is not None for value in actual)
    return chart.view(
        chart.line(labels, [(_("Planned"), plan), (_("Used"), actual)], unit=planned.unit),
        label=_("Plan against actual"),
        summary=_("%(known)s months are over and known.") % {"known": known},
        heads=[(_("Month"), False), (_("Planned"), True), (_("Used"), True)],
        rows=list(zip(labels, plan, actual, strict=True)),
    )


def _day_ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400_000


def _known(value: float | None, digits: int) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), digits)
