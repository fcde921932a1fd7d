"""Sample data of the kit page: every component and chart once, with the difficult cases (unknown, refused, empty)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import chart, formats, section, siteplan, spans, table
from .paging import paged

YEARS = ("2021", "2022", "2023", "2024", "2025")
SPRITE = Path(__file__).parent / "static" / "ui" / "icons.svg"


@dataclass(frozen=True)
class Item:
    """An entry of tabs and timelines."""

    label: str = ""
    url: str = ""
    active: bool = False
    at: datetime | None = None
    text: str = ""
    actor: str = ""


class SampleForm(forms.Form):
    """Fields of every kind that pages use."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("Text."))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=[("a", "A"), ("b", "B")])
    on = forms.DateField(
        label=gettext_lazy("Valid to"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any] | None:
        """Refuse, so that the page shows what a refusal looks like."""
        self.add_error(None, _("That was refused."))
        return super().clean()


class SamplePicks(forms.Form):
    """A long field of check boxes."""

    parks = forms.MultipleChoiceField(
        label=gettext_lazy("Parks"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(str(n), f"P-{n:02}") for n in range(1, 19)],
        initial=["2", "3"],
    )


def _view(option: chart.Option, label: str, heads: list[tuple[str, bool]], rows: list[Any]) -> chart.ChartView:
    return chart.view(
        option, label=label, summary=_("A sentence that says what the picture shows."), heads=heads, rows=rows
    )


def charts() -> list[chart.ChartView]:
    """Return one of every kind of chart."""
    axes, proven, reachable = list("ABCDEF"), [72, 61, 80, 55, 66, 90], [80, 75, 88, 70, 66, 95]
    stars, parks = ["1", "2", "3", "4", "5"], [820, 610, 402, 38, 4]
    middle, low, high = [52.0, 55.0, None, 63.0, 68.0], [48.0, 50.0, None, 58.0, 61.0], [57.0, 61.0, None, 69.0, 76.0]
    points = [(0.0, 0.0), (20.0, 60.0), (40.0, 80.0), (60.0, 100.0)]
    cloud = [(12.0, 44.0, "A", "#"), (18.0, 52.0, "B", "#"), (31.0, 71.0, "C", "#"), (40.0, 69.0, "D", "")]
    two = [(_("Value"), True), (_("Score"), True)]
    return [
        _view(
            chart.radar(axes, [(_("Proven"), proven), (_("Reachable"), reachable)]),
            _("Radar chart"),
            [(_("Axis"), False), (_("Proven"), True), (_("Reachable"), True)],
            list(zip(axes, proven, reachable, strict=True)),
        ),
        _view(
            chart.bar(stars, parks, unit=_("parks"), urls=["#"] * 5),
            _("Bar chart"),
            [(_("Stars"), False), (_("Parks"), True)],
            list(zip(stars, parks, strict=True)),
        ),
        _view(
            chart.line(YEARS, [(_("Score"), middle)], unit=_("points"), band=(low, high)),
            _("Over time"),
            [(_("Year"), False), (_("Score"), True)],
            list(zip(YEARS, middle, strict=True)),
        ),
        _view(
            chart.bar(axes[:4], [88, 61, 40, 12], unit=_("points"), horizontal=True, high=100),
            _("Dimensions"),
            [(_("Axis"), False), (_("Score"), True)],
            list(zip(axes[:4], [88, 61, 40, 12], strict=True)),
        ),
        _view(
            chart.curve(points, x_unit="kWh/m²", y_unit=_("score"), mark=(30.0, 70.0), mark_label="70"),
            _("Score by value"),
            two,
            points,
        ),
        _view(
            chart.scatter(cloud, x_unit="kWh/m²", y_unit=_("score")),
            _("Parks"),
            [(_("Name"), False), *two],
            [(name, x, y) for x, y, name, _url in cloud],
        ),
    ]


def site() -> siteplan.PlanView:
    """Return a plan of two outlines, one with a court, and a building without an outline."""
    court = [[(0, 0), (60, 0), (60, 40), (0, 40)], [(20, 12), (40, 12), (40, 28), (20, 28)]]
    bend = [[(75, 0), (110, 0), (110, 15), (90, 15), (90, 40), (75, 40)]]
    areas = [
        siteplan.Area("A", "A", "step-4", "A · 2,080 m²", "#", [court]),
        siteplan.Area("B", "B", "vacant", "B · 900 m²", "#", [bend]),
        siteplan.Area("C", "C", "step-2", "C", "#"),
    ]
    return siteplan.layout(areas=areas, label=_("Site plan"), legend=[("step-4", _("Let")), ("vacant", _("Vacant"))])


def building() -> section.SectionView:
    """Return a small building with let, vacant and unrecorded area above and below the ground."""
    bands = [
        section.Band(
            key=str(level),
            label=f"{level}F" if level > 0 else f"B{-level}",
            height_m=6.0 if level == 1 else 4.5,
            area_m2=1600.0,
            below_ground=level < 0,
            cells=[
                section.Cell(f"{level}01", f"{level}01", 700, str(1 + level % 6), f"{level}01 · 700 m²", "#"),
                section.Cell(f"{level}02", f"{level}02", 520, "vacant", f"{level}02 · 520 m²", "#"),
            ],
        )
        for level in (-1, 1, 2, 3, 4)
    ]
    return section.layout(bands=bands, legend=[("1", _("Let")), ("vacant", _("Vacant"))], label=_("Section"))


def periods() -> spans.SpansView | None:
    """Return periods of two rows: one that ended, one that goes on."""
    rows = [
        spans.Row("A1", [spans.Span(date(2023, 4, 1), date(2025, 3, 1), _("First"), "2023-04-01 … 2025-03-01", "12")]),
        spans.Row("A2", [spans.Span(date(2024, 8, 15), None, _("Second"), "2024-08-15 …", "1", "#")], "#"),
    ]
    return spans.layout(rows=rows, on=date(2026, 6, 30), label=_("Periods"))


def listing(params: QueryDict) -> table.TableView:
    """Return a list with every kind of cell, sortable, with totals and pages."""
    rows = [
        {
            "name": name,
            "area": area,
            "rent": rent,
            "share": share,
            "on": datetime(2026, 11, n + 1, tzinfo=UTC).date(),
            "stars": (n % 4, 4),
            "trend": formats.spark([4.0, 6.0, None, 9.0 + n]),
        }
        for n, (name, area, rent, share) in enumerate(
            [
                ("A1", 1280.5, 96_000, 0.942),
                ("A2", 640.0, None, 0.5),
                ("B1", None, 71_250.5, None),
                ("B2", 90.25, 5_400, 1.0),
            ]
        )
    ]
    column = table.Column
    return table.build(
        columns=[
            column("name", _("Name"), lambda r: (r["name"], "#"), "link", order_by=("name",)),
            column(
                "state", _("State"), lambda r: (_("vacant"), "warn") if r["rent"] is None else (_("let"), "ok"), "badge"
            ),
            column("area", _("Area (m²)"), lambda r: r["area"], "area", order_by=("area",)),
            column("rent", _("Rent"), lambda r: r["rent"], "money"),
            column("share", _("Occupancy"), lambda r: r["share"], "percent"),
            column("on", _("Lease end"), lambda r: r["on"], "date"),
            column("stars", _("Stars"), lambda r: r["stars"], "stars"),
            column("trend", _("Trend"), lambda r: r["trend"], "spark"),
        ],
        rows=rows,
        params=params,
        label=_("Sample table"),
        totals={"area": 2010.75, "rent": 172_650.5},
        page_size=3,
    )


def context(params: QueryDict) -> dict[str, Any]:
    """Return everything the kit page shows."""
    at = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
    return {
        "crumbs": [Item(label=_("Parks"), url="#"), Item(label=_("Component kit"))],
        "charts": charts(),
        "section": building(),
        "spans": periods(),
        "day": date(2026, 6, 30),
        "plan": site(),
        "spark": formats.spark([4, 6, None, 9, 12]),
        "table": listing(params),
        "paged": paged([_("First"), _("Second"), _("Third")], params, key="sample", per=2),
        "picks": SamplePicks(),
        "form": SampleForm({"name": "", "kind": "b", "on": "2026-02-30"}),
        "tabs": [Item(_("First"), "#", True), Item(_("Second"), "#")],
        "events": [Item(at=at, text=_("Something happened"), actor="Ada")],
        "icons": re.findall(r'symbol id="([a-z]+)"', SPRITE.read_text()),
    }
