"""Drawings: the section of a building by tenant, industry, use, lease end or vacancy; who was where; the park over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.boundary import Point
from parkbrain.space.models import Premises, Storey
from parkbrain.ui import chart, formats, section, spans
from parkbrain.ui.asof import dated
from parkbrain.ui.table import TableView, simple

from ..models import Occupancy
from ..queries import BuildingState, ParkSeries, PremisesState, industry_name

VACANT, OUT_OF_STOCK = "vacant", "none"
#: Largest groups get a hue of their own, all others share the last one.
HUES = 11
OTHER = "12"
LONG_VACANT_DAYS = 180
DAYS_PER_MONTH = 30.436875
#: A use keeps its hue on every page.
USE_FILL = {use: str(i + 1) for i, use in enumerate(Premises.Use.values)}

#: What the cells may be coloured by; the first two need no names of firms.
COLOURS = ("use", "vacancy", "tenant", "industry", "lease_end")


def colour_labels() -> dict[str, str]:
    """Return the ways to colour a section with their names."""
    return {
        "tenant": _("Tenant"),
        "industry": _("Industry"),
        "use": _("Use"),
        "lease_end": _("Lease end"),
        "vacancy": _("Vacancy"),
    }


Fill = Callable[[PremisesState], str]
Legend = list[tuple[str, str]]


def building_section(
    state: BuildingState, *, on: date, colour: str, compact: bool = False, kept: str = ""
) -> section.SectionView:
    """Draw the section of a building: storeys as bands, premises as cells to scale; links keep the day `kept`."""
    fill, legend = COLOURINGS[colour](state.states, on)
    following = {a.storey.pk: b.storey for a, b in zip(state.storeys, state.storeys[1:], strict=False)}
    bands = [
        section.Band(
            key=str(storey.storey.level),
            label=storey.storey.short_label,
            height_m=storey_height_m(storey.storey, following.get(storey.storey.pk)),
            area_m2=storey.storey.gross_floor_area_m2,
            below_ground=storey.storey.level < 0,
            cells=[
                section.Cell(
                    key=part.code,
                    label=part.enterprise or part.code,
                    area_m2=area_m2,
                    fill=fill_of(part, fill, colour),
                    tooltip=tooltip(part, area_m2, on),
                    url=dated(reverse("premises_detail", args=[part.premises_id]), kept) if part.may_open else "",
                )
                for part, area_m2 in storey.parts
            ],
        )
        for storey in state.storeys
    ]
    label = _("Section of %(building)s: %(let)s of %(all)s m² let") % {
        "building": state.building.name or state.building.code,
        "let": formats.number(state.let_area_m2, 0),
        "all": formats.number(state.lettable_area_m2, 0),
    }
    return section.layout(bands=bands, legend=[] if compact else legend, label=label, compact=compact)


def storey_height_m(storey: Storey, above: Storey | None) -> float | None:
    """Return a storey's height: as recorded, or from its floor to the next one where a drawing gave elevations."""
    if storey.height_m or above is None or storey.elevation_m is None or above.elevation_m is None:
        return storey.height_m
    return round(above.elevation_m - storey.elevation_m, 2) or None


def fill_of(state: PremisesState, fill: Fill, colour: str = "") -> str:
    """Return the fill of premises: what is empty or not to let looks so whatever the colours mean."""
    if not state.is_let and (not state.lettable or colour != "vacancy"):
        return VACANT if state.lettable else OUT_OF_STOCK
    return fill(state)


def tooltip(state: PremisesState, area_m2: float, on: date) -> str:
    """Return what is known of premises in one line; nothing the viewer may not know is in the state."""
    parts = [state.code, f"{formats.number(area_m2, 0)} m²", str(Premises.Use(state.use).label)]
    if state.enterprise:
        parts.append(state.enterprise)
    elif state.is_let:
        parts.append(_("let"))
    elif state.lettable:
        parts.append(vacancy_text(state, on))
    else:
        parts.append(_("not to let"))
    if state.lease_ends_on:
        parts.append(_("lease ends %(day)s") % {"day": state.lease_ends_on.isoformat()})
    return " · ".join(parts)


def vacancy_text(state: PremisesState, on: date) -> str:
    """Return since when premises are vacant."""
    if state.vacant_since_on is None:
        return _("vacant since an unknown day")
    days = max(0, (on - state.vacant_since_on).days)
    return _("vacant for %(days)s days") % {"days": days}


def _by_largest(
    states: Sequence[PremisesState], key: Callable[[PremisesState], str], name: Callable[[str], str]
) -> tuple[Fill, Legend]:
    areas: Counter[str] = Counter()
    for state in states:
        if state.is_let:
            areas[key(state)] += state.area_m2  # type: ignore[assignment]
    named = [group for group, _area in areas.most_common() if group][:HUES]
    fills = {group: str(i + 1) for i, group in enumerate(named)}
    legend = [(fill, name(group)) for group, fill in fills.items()]
    if len([g for g in areas if g]) > len(named) or "" in areas:
        legend.append((OTHER, _("others")))
    return (lambda state: fills.get(key(state), OTHER)), [*legend, (VACANT, _("vacant"))]


def _by_tenant(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    names = {str(s.enterprise_id): s.enterprise for s in states if s.enterprise_id}
    return _by_largest(states, lambda s: str(s.enterprise_id or ""), lambda key: names[key])


def _by_industry(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    return _by_largest(states, lambda s: s.industry_code[:2], lambda code: f"{code} {industry_name(code=code)}")


def _by_use(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    present = [use for use in Premises.Use.values if any(s.use == use for s in states)]
    legend = [(USE_FILL[use], str(Premises.Use(use).label)) for use in present]
    return (lambda state: USE_FILL[state.use]), [*legend, (VACANT, _("vacant"))]


def months_to_lease_end(state: PremisesState, on: date) -> float | None:
    """Return the months from a day to the lease end, negative where it has ended; None where no end is known."""
    return None if state.lease_ends_on is None else (state.lease_ends_on - on).days / DAYS_PER_MONTH


#: Steps of the legend: up to so many months, the fill.
LEASE_STEPS = ((0.0, "end-0"), (3.0, "end-1"), (6.0, "end-2"), (12.0, "end-3"), (24.0, "end-4"))
LATER = "end-5"


def _by_lease_end(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    def fill(state: PremisesState) -> str:
        months = months_to_lease_end(state, on)
        if months is None:
            return OTHER
        return next((step for limit, step in LEASE_STEPS if months < limit), LATER)

    legend = [
        ("end-0", _("lease has ended")),
        ("end-1", _("ends within 3 months")),
        ("end-2", _("3–6 months")),
        ("end-3", _("6–12 months")),
        ("end-4", _("12–24 months")),
        (LATER, _("24 months or later")),
        (OTHER, _("no end known")),
        (VACANT, _("vacant")),
    ]
    return fill, legend


def _by_vacancy(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    def fill(state: PremisesState) -> str:
        if state.is_let:
            return "end-5"
        if state.vacant_since_on is None:
            return VACANT
        return "end-0" if (on - state.vacant_since_on).days > LONG_VACANT_DAYS else "warn"

    return fill, [
        ("end-5", _("let")),
        ("warn", _("vacant for up to 180 days")),
        ("end-0", _("vacant for more than 180 days")),
        (VACANT, _("vacant since an unknown day")),
        (OUT_OF_STOCK, _("not to let")),
    ]


COLOURINGS: dict[str, Callable[[Sequence[PremisesState], date], tuple[Fill, Legend]]] = {
    "tenant": _by_tenant,
    "industry": _by_industry,
    "use": _by_use,
    "lease_end": _by_lease_end,
    "vacancy": _by_vacancy,
}


def section_twin(state: BuildingState, *, on: date, sees_firms: bool) -> TableView:
    """Return the section as a table, storeys from the top down."""
    heads = [
        (_("Storey"), False),
        (_("Premises"), False),
        (_("Use"), False),
        (_("Area here (m²)"), True),
        (_("State"), False),
    ]
    if sees_firms:
        heads += [(_("Enterprise"), False), (_("Lease ends"), False), (_("Months to lease end"), True)]
    rows = []
    for storey in reversed(state.storeys):
        for part, area_m2 in storey.parts:
            shown = _("let") if part.is_let else vacancy_text(part, on) if part.lettable else _("not to let")
            row = [storey.storey.short_label, part.code, str(Premises.Use(part.use).label), area_m2, shown]
            if sees_firms:
                months = months_to_lease_end(part, on)
                # Where nobody is, there is no end to know.
                left = ("" if not part.enterprise else None) if months is None else round(months, 1)
                row += [part.enterprise, formats.day(part.lease_ends_on), left]
            rows.append(row)
    return simple(heads=heads, rows=rows, label=_("Premises by storey"))


def stays_timeline(*, stays: Sequence[Occupancy], on: date, kept: str, by_firm: bool) -> spans.SpansView | None:
    """Draw who was where when: one row per premises of a firm, or per firm of premises (`by_firm`)."""
    rows: dict[int, tuple[str, str, list[spans.Span]]] = {}
    for stay in sorted(stays, key=lambda s: s.starts_on):
        if by_firm:
            key, label = stay.enterprise_id, stay.enterprise.name
            url = reverse("enterprise_detail", args=[key])
        else:
            key, label = stay.premises_id, stay.premises.code
            url = reverse("premises_detail", args=[key])
        ended = stay.ends_on is not None and stay.ends_on <= on
        here = stay.starts_on <= on and not ended
        period = f"{formats.day(stay.starts_on)} … {formats.day(stay.ends_on)}"
        text = f"{stay.premises.code} · {stay.enterprise.name} · {period}"
        fill = "1" if here else "12" if ended else "3"
        _label, _url, bars = rows.setdefault(key, (label, dated(url, kept), []))
        bars.append(spans.Span(stay.starts_on, stay.ends_on, period, text, fill))
    drawn = [spans.Row(section.fitting(label, 140), bars, url) for label, url, bars in rows.values()]
    return spans.layout(rows=drawn, on=on, label=_("Who was where when"))


#: What the park's series may show: key → share of one, number of decimals.
SERIES = ("occupancy", "let_area", "firms", "output")


def series_labels() -> dict[str, tuple[str, str]]:
    """Return the figures of the park's series with name and unit."""
    return {
        "occupancy": (_("Occupancy"), "%"),
        "let_area": (_("Let area"), "m²"),
        "firms": (_("Firms"), ""),
        "output": (_("Output of the last closed year"), _("10k yuan")),
    }


def _figure(point: Point, key: str) -> float | None:
    if key == "occupancy":
        return None if point.occupancy is None else round(point.occupancy * 100, 2)
    return {"let_area": round(point.let_area_m2, 1), "firms": point.firms, "output": point.output_wan}[key]


def park_series_chart(series: ParkSeries, *, figure: str) -> chart.ChartView:
    """Draw one figure of a park over months: as it was, and like for like where the boundary changed."""
    label, unit = series_labels()[figure]
    months = [f"{point.on:%Y-%m}" for point in series.was]
    was = [_figure(point, figure) for point in series.was]
    like = [_figure(point, figure) for point in series.like]
    lines: list[tuple[str, Sequence[chart.Number]]] = [(_("as it was"), was)]
    if series.changed:
        lines.append((_("like for like"), like))
    values = {"figure": label, "first": formats.with_unit(was[0], unit), "last": formats.with_unit(was[-1], unit)}
    summary = _("%(figure)s went from %(first)s to %(last)s in three years.") % values
    if series.changed:
        alike = {"first": formats.with_unit(like[0], unit), "last": formats.with_unit(like[-1], unit)}
        summary += " " + _("Like for like it went from %(first)s to %(last)s.") % alike
    heads = [(_("Month"), False), *((name, True) for name, _values in lines)]
    rows = [list(row) for row in zip(months, *(values for _name, values in lines), strict=True)]
    option = chart.line(months, lines, unit=unit, zero=False)
    return chart.view(option, label=label, summary=summary, heads=heads, rows=rows)
