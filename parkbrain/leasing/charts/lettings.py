"""Drawings of leads and lettings: funnel, forecast, expiries, the what-if with its band, the board's section."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.enterprises.queries import BuildingState, PremisesState
from parkbrain.space.models import Premises
from parkbrain.ui import chart, formats, section
from parkbrain.ui.table import TableView, simple

from ..models import Lead
from ..queries import (
    ENDING,
    LET,
    NOTICE,
    QUOTED,
    RESERVED,
    SOON_DAYS,
    VACANT,
    Board,
    Funnel,
    WhatIfResult,
    premises_url,
    segment_name,
)

#: The fill of each state, the same on every page.
STANDING_FILL = {LET: "end-5", ENDING: "end-2", NOTICE: "end-0", RESERVED: "4", QUOTED: "2", VACANT: "vacant"}
OUT_OF_STOCK = "none"
TEN_THOUSAND = 10_000


def standing_labels() -> dict[str, str]:
    """Return the states of premises on the board in words."""
    return {
        LET: _("let"),
        ENDING: _("ends within %(days)s days") % {"days": SOON_DAYS},
        NOTICE: _("under notice"),
        RESERVED: _("reserved by an accepted quote"),
        QUOTED: _("in an open quote"),
        VACANT: _("vacant"),
    }


@dataclass(frozen=True)
class Paint:
    """How the cells of a building are painted: fill, one line of words, and where a cell leads."""

    fill: Callable[[PremisesState], str]
    said: Callable[[PremisesState, float], str]
    url: Callable[[PremisesState], str]


def _draw(
    state: BuildingState, paint: Paint, *, legend: Sequence[tuple[str, str]] = (), label: str = ""
) -> section.SectionView:
    """Draw a building with storeys as bands and premises as cells to scale; small where there is no legend."""
    bands = [
        section.Band(
            key=str(one.storey.level),
            label=one.storey.short_label,
            height_m=one.storey.height_m,
            area_m2=one.storey.gross_floor_area_m2,
            below_ground=one.storey.level < 0,
            cells=[
                section.Cell(
                    key=part.code,
                    label=part.enterprise or part.code,
                    area_m2=area_m2,
                    fill=paint.fill(part),
                    tooltip=paint.said(part, area_m2),
                    url=paint.url(part),
                )
                for part, area_m2 in one.parts
            ],
        )
        for one in state.storeys
    ]
    return section.layout(bands=bands, legend=legend, label=label, compact=not legend)


def board_section(board: Board, state: BuildingState, *, dated: Callable[[str], str]) -> section.SectionView:
    """Draw a building by the state of its lettings; cells open the lead that has an offer, else the premises."""
    words = standing_labels()

    def fill(part: PremisesState) -> str:
        row = board.rows.get(part.premises_id)
        return STANDING_FILL[row.standing] if row else OUT_OF_STOCK

    def said(part: PremisesState, area_m2: float) -> str:
        row = board.rows.get(part.premises_id)
        parts = [part.code, f"{formats.number(area_m2, 0)} m²", str(Premises.Use(part.use).label), part.enterprise]
        parts.append(words[row.standing] if row else _("not to let"))
        if row and row.ends_on:
            parts.append(_("lease ends %(day)s") % {"day": row.ends_on.isoformat()})
        return " · ".join(text for text in parts if text)

    def url(part: PremisesState) -> str:
        row = board.rows.get(part.premises_id)
        return premises_url(row=row, dated=dated) if row and part.may_open else ""

    label = _("Lettings of %(building)s: %(let)s of %(all)s m² let") % {
        "building": state.building.name or state.building.code,
        "let": formats.number(state.let_area_m2, 0),
        "all": formats.number(state.lettable_area_m2, 0),
    }
    legend = [(STANDING_FILL[key], text) for key, text in words.items()]
    return _draw(state, Paint(fill, said, url), legend=[*legend, (OUT_OF_STOCK, _("not to let"))], label=label)


def offer_section(state: BuildingState, *, chosen: Collection[int], label: str) -> section.SectionView:
    """Draw a building small, with the premises that are offered standing out."""
    paint = Paint(
        fill=lambda part: "4" if part.premises_id in chosen else OUT_OF_STOCK if part.is_let else STANDING_FILL[VACANT],
        said=lambda part, area_m2: f"{part.code} · {formats.number(area_m2, 0)} m²",
        url=lambda part: "",
    )
    return _draw(state, paint, label=label)


def board_twin(board: Board) -> TableView:
    """Return the board as a table: every lettable premises with its state."""
    words = standing_labels()
    heads = [
        (_("Premises"), False),
        (_("Use"), False),
        (_("Area (m²)"), True),
        (_("State"), False),
        (_("Enterprise"), False),
        (_("Rent (yuan/m²·month)"), True),
        (_("Lease ends"), False),
    ]
    rows = [
        [
            row.state.code,
            str(Premises.Use(row.state.use).label),
            row.area_m2,
            words[row.standing],
            row.state.enterprise,
            ("" if not row.state.is_let else None)
            if row.rent_yuan_per_m2_month is None
            else row.rent_yuan_per_m2_month,
            formats.day(row.ends_on),
        ]
        for row in board.rows.values()
    ]
    return simple(heads=heads, rows=rows, label=_("Lettings by premises"))


def expiry_chart(board: Board) -> chart.ChartView:
    """Draw the area whose lease ends by year; a bar opens the rent roll of that year."""
    known = [e for e in board.expiries if e.year is not None]
    base = reverse("rent_roll")
    urls = [
        f"{base}?{urlencode({'park': board.park.pk, 'ends_min': f'{e.year}-01-02', 'ends_max': f'{(e.year or 0) + 1}-01-01'})}"
        for e in known
    ]
    largest = max(known, key=lambda e: e.area_m2, default=None)
    if largest is None:
        summary = _("No lease end is known.")
    else:
        total = sum(e.area_m2 for e in board.expiries) or 1.0
        summary = _("Most ends in %(year)s: %(area)s m², %(share)s of what is let.") % {
            "year": largest.year,
            "area": formats.number(largest.area_m2, 0),
            "share": formats.percent(largest.area_m2 / total),
        }
    heads = [(_("Year"), False), (_("Premises"), True), (_("Area (m²)"), True), (_("Rent of a month (yuan)"), True)]
    rows = [
        [str(e.year) if e.year else _("end not known"), len(e.keys), e.area_m2, e.rent_yuan_per_month]
        for e in board.expiries
    ]
    option = chart.bar([str(e.year) for e in known], [round(e.area_m2) for e in known], unit="m²", urls=urls)
    return chart.view(option, label=_("Lease ends by year"), summary=summary, heads=heads, rows=rows)


def funnel_chart(funnel: Funnel) -> chart.ChartView:
    """Draw how many leads reached each stage."""
    labels = [str(Lead.Stage(s.stage).label) for s in funnel.stages]
    counts = [len(s.reached) for s in funnel.stages]
    summary = _("Of %(all)s leads, %(qualified)s were qualified and %(signed)s signed.") % {
        "all": counts[0],
        "qualified": counts[1],
        "signed": counts[-1],
    }
    heads = [
        (_("Stage"), False),
        (_("Reached"), True),
        (_("There now"), True),
        (_("Lost from here"), True),
        (_("Goes on"), True),
        (_("Median days to the next"), True),
        (_("Signs from here"), True),
    ]
    rows = []
    for label, stage in zip(labels, funnel.stages, strict=True):
        chance = funnel.probabilities.get(stage.stage)
        rows.append(
            [
                label,
                len(stage.reached),
                len(stage.now),
                len(stage.lost),
                "" if stage.conversion is None else formats.percent(stage.conversion),
                "" if stage.median_days is None else stage.median_days,
                formats.percent(chance.value) if chance else "",
            ]
        )
    option = chart.bar(labels, counts, unit=_("leads"), horizontal=True)
    return chart.view(option, label=_("Leads by the stage they reached"), summary=summary, heads=heads, rows=rows)


def forecast_chart(funnel: Funnel) -> chart.ChartView:
    """Draw the weighted area of the open leads by month of moving in; the table tells the segments."""
    months: dict[date | None, float] = {}
    for one in funnel.expected:
        months[one.month_on] = months.get(one.month_on, 0.0) + one.area_m2
    undated = _("no date")
    labels = [f"{month:%Y-%m}" if month else undated for month in months]
    summary = _("Weighted by how often leads sign, %(area)s m² and %(rent)s yuan a month are to be expected.") % {
        "area": formats.number(funnel.area_m2, 0),
        "rent": formats.number(funnel.rent_yuan_per_month, 0),
    }
    heads = [
        (_("Month"), False),
        (_("Industry"), False),
        (_("Leads"), True),
        (_("Weighted area (m²)"), True),
        (_("Weighted rent (yuan a month)"), True),
        (_("Area unknown"), True),
    ]
    rows = [
        [
            f"{one.month_on:%Y-%m}" if one.month_on else undated,
            segment_name(segment=one.segment) or _("industry not known"),
            len(one.keys),
            round(one.area_m2),
            round(one.rent_yuan_per_month),
            one.unknown,
        ]
        for one in funnel.expected
    ]
    option = chart.bar(labels, [round(area) for area in months.values()], unit="m²", color="@cat-2")
    return chart.view(option, label=_("Expected area by month"), summary=summary, heads=heads, rows=rows)


def segment_chart(funnel: Funnel) -> chart.ChartView:
    """Draw the weighted area of the open leads by industry segment."""
    segments: dict[str, tuple[float, float, int]] = {}
    for one in funnel.expected:
        area, rent, count = segments.get(one.segment, (0.0, 0.0, 0))
        segments[one.segment] = (area + one.area_m2, rent + one.rent_yuan_per_month, count + len(one.keys))
    order = sorted(segments, key=lambda s: -segments[s][0])
    labels = [segment_name(segment=s) or _("industry not known") for s in order]
    summary = _("No open lead.")
    if order:
        summary = _("%(segment)s leads with %(area)s m².") % {
            "segment": labels[0],
            "area": formats.number(segments[order[0]][0], 0),
        }
    heads = [
        (_("Industry"), False),
        (_("Leads"), True),
        (_("Weighted area (m²)"), True),
        (_("Weighted rent (yuan a month)"), True),
    ]
    rows = [
        [label, segments[s][2], round(segments[s][0]), round(segments[s][1])]
        for s, label in zip(order, labels, strict=True)
    ]
    option = chart.bar(labels, [round(segments[s][0]) for s in order], unit="m²", horizontal=True)
    return chart.view(option, label=_("Expected area by industry"), summary=summary, heads=heads, rows=rows)


def what_if_chart(result: WhatIfResult) -> chart.ChartView:
    """Draw the rents to come by month: the middle of the draws, the band that holds nine of ten, and what is contracted."""
    flow = result.flow
    low, middle, high, sure = (
        _wan(values) for values in (flow.low_yuan, flow.middle_yuan, flow.high_yuan, flow.contracted_yuan)
    )
    values = [formats.number(v / TEN_THOUSAND, 0) for v in flow.present_value_yuan]
    summary = _(
        "Rents of the next %(months)s months are worth %(middle)s 10k yuan today; in nine of ten draws between %(low)s "
        "and %(high)s."
    ) % {"months": len(result.months), "low": values[0], "middle": values[1], "high": values[2]}
    heads = [
        (_("Month"), False),
        (_("Low (5 %)"), True),
        (_("Middle"), True),
        (_("High (95 %)"), True),
        (_("Contracted"), True),
    ]
    rows = [list(row) for row in zip(result.months, low, middle, high, sure, strict=True)]
    option = chart.line(
        result.months, [(_("middle"), middle), (_("contracted"), sure)], unit=_("10k yuan"), band=(low, high)
    )
    return chart.view(option, label=_("Rents to come by month"), summary=summary, heads=heads, rows=rows)


def _wan(values: Iterable[float]) -> list[float]:
    return [round(float(v) / TEN_THOUSAND, 2) for v in values]
