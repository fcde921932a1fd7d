"""The kit page: every component with sample data, for people who build pages and for the tests that look at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from . import chart, formats, section
from . import table as tables
from .htmx import page


@dataclass(frozen=True)
class _Item:
    label: str = ""
    url: str = ""
    active: bool = False
    at: datetime | None = None
    text: str = ""
    actor: str = ""


def _radar() -> chart.ChartView:
    labels, proven, reachable = ["A", "B", "C", "D", "E", "F"], [72, 61, 80, 55, 66, 90], [80, 75, 88, 70, 66, 95]
    option = chart.radar(labels, [(_("Proven"), proven), (_("Reachable"), reachable)])
    return chart.view(
        option,
        label=_("Radar chart"),
        summary=_("A sentence that says what the picture shows."),
        heads=[(_("Axis"), False), (_("Proven"), True), (_("Reachable"), True)],
        rows=list(zip(labels, proven, reachable, strict=True)),
    )


def _bars() -> chart.ChartView:
    labels, values = ["1", "2", "3", "4", "5"], [820, 610, 402, 38, 4]
    return chart.view(
        chart.bar(labels, values, unit=_("parks")),
        label=_("Bar chart"),
        summary=_("A sentence that says what the picture shows."),
        heads=[(_("Stars"), False), (_("Parks"), True)],
        rows=list(zip(labels, values, strict=True)),
    )


def _section() -> section.SectionView:
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


def kit(request: HttpRequest) -> HttpResponse:
    """Show every component."""
    at = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
    context = {
        "radar": _radar(),
        "bars": _bars(),
        "section": _section(),
        "spark": formats.spark([4, 6, None, 9, 12]),
        "table": tables.simple(
            heads=[(_("Name"), False), (_("Value"), True)], rows=[("A", 12_345.6), ("B", None)], label=_("Sample table")
        ),
        "tabs": [_Item(_("First"), "#", True), _Item(_("Second"), "#")],
        "events": [_Item(at=at, text=_("Something happened"), actor="Ada")],
        "icons": ["today", "space", "firms", "star", "city", "import", "people", "audit", "search", "globe", "scheme"],
    }
    return page(request, "ui/kit.html", context)
