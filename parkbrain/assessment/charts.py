"""Drawings of ratings: query results become chart options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc import rating
from parkbrain.calc.intervals import months_before
from parkbrain.ui import chart, spans
from parkbrain.ui.formats import number, unit
from parkbrain.ui.section import fitting

from .models import Rating
from .queries import CertaintySheet, StarSheet
from .queries.plan_words import PlanShown

#: Names of the catalogue's groups.
GROUP_NAMES = {
    "space": gettext_lazy("Space"),
    "enterprises": gettext_lazy("Enterprises"),
    "leasing": gettext_lazy("Leasing and life cycle"),
    "services": gettext_lazy("Enterprise services"),
    "finance": gettext_lazy("Money and output"),
    "energy": gettext_lazy("Energy"),
    "carbon": gettext_lazy("Carbon"),
    "water_waste": gettext_lazy("Water and waste"),
    "safety": gettext_lazy("Safety"),
    "smart": gettext_lazy("Smart operation"),
    "ecosystem": gettext_lazy("Ecosystem"),
    "reference": gettext_lazy("Reference values"),
    "veto": gettext_lazy("Vetoes"),
    "environment": gettext_lazy("Environment"),
}


def dimension_radar(*, sheet: StarSheet) -> chart.ChartView:
    """Draw the dimensions' proven and reachable scores."""
    rows = sheet.dimensions
    labels = [row.name for row in rows]
    proven, reachable = [row.proven for row in rows], [row.reachable for row in rows]
    known = [row for row in rows if row.proven is not None]
    best, worst = max(known, key=lambda r: r.proven or 0), min(known, key=lambda r: r.proven or 0)
    return chart.view(
        chart.radar(labels, [(_("Proven"), proven), (_("Reachable"), reachable)]),
        label=_("Scores of the dimensions"),
        summary=_("Strongest: %(best)s with %(high)s; weakest: %(worst)s with %(low)s.")
        % {"best": best.name, "high": number(best.proven, 1), "worst": worst.name, "low": number(worst.proven, 1)},
        heads=[(_("Dimension"), False), (_("Proven"), True), (_("Reachable"), True)],
        rows=list(zip(labels, proven, reachable, strict=True)),
    )


def score_curve(*, indicator: rating.Indicator, score: rating.IndicatorScore) -> chart.ChartView | None:
    """Draw an indicator's score over its value with the park's value marked; None where there is no curve."""
    if indicator.score.method != "piecewise_linear":
        return None
    points = [(float(x), float(y)) for x, y in indicator.score.options["points"]]
    mark = None
    if score.value is not None and score.proven is not None:
        mark = (min(max(score.value, points[0][0]), points[-1][0]), score.proven)
    shown = unit(indicator.unit or "")
    value, got = number(score.value), number(score.proven, 1)
    summary = (
        _("A value of %(value)s %(unit)s scores %(score)s.") % {"value": value, "unit": shown, "score": got}
        if mark
        else _("The value is not known, so it scores nothing yet.")
    )
    return chart.view(
        chart.curve(points, x_unit=shown, y_unit=_("score"), mark=mark, mark_label=got),
        label=_("Score by value"),
        summary=summary,
        heads=[(_("Value"), True), (_("Score"), True)],
        rows=points,
    )


def rating_trend(*, rows: Sequence[Rating]) -> chart.ChartView:
    """Draw the totals of frozen ratings over their cut-off dates."""
    ordered = sorted(rows, key=lambda row: (row.cut_off_on, row.pk))
    labels = [str(row.cut_off_on) for row in ordered]
    proven, reachable = [r.total_proven for r in ordered], [r.total_reachable for r in ordered]
    return chart.view(
        chart.line(labels, [(_("Proven"), proven), (_("Reachable"), reachable)], unit=_("points")),
        label=_("Totals of the frozen ratings"),
        summary=_("From %(first)s to %(last)s points proven.")
        % {"first": number(proven[0], 1), "last": number(proven[-1], 1)},
        heads=[(_("Cut-off date"), False), (_("Proven"), True), (_("Reachable"), True)],
        rows=list(zip(labels, proven, reachable, strict=True)),
    )


def plan_timeline(*, plan: PlanShown, on: date) -> spans.SpansView | None:
    """Draw the steps of a plan as bars from today on, what ends first on top."""
    rows = []
    for step in plan.steps:
        tooltip = _("%(name)s: months %(first)s to %(last)s") % {
            "name": step.name,
            "first": step.starts_after_months,
            "last": step.ends_after_months,
        }
        bar = spans.Span(
            starts_on=months_before(on, -step.starts_after_months),
            ends_on=months_before(on, -step.ends_after_months),
            label=_("%(points)s points") % {"points": number(step.points, 2)} if step.points >= 0.005 else "",
            tooltip=tooltip,
            fill="step-3" if step.starts_after_months else "step-1",
        )
        rows.append(spans.Row(fitting(step.name, spans.LEFT - 12), [bar], f"#step-{step.id}"))
    return spans.layout(rows=rows, on=on, label=_("When each step runs"))


@dataclass(frozen=True)
class Piece:
    """A piece of a bar of one hundred: where it starts, how wide it is, and the class that fills it."""

    x: float
    width: float
    fill: str


def chance_pieces(*, chances: Sequence[float]) -> list[Piece]:
    """Return chances of the classes from 0 up as pieces side by side, darker the better the class."""
    pieces, x = [], 0.0
    for rank, chance in enumerate(chances):
        if chance > 0:
            pieces.append(Piece(round(x, 3), round(100 * chance, 3), f"fill-step-{rank}" if rank else "fill-none"))
        x += 100 * chance
    return pieces


def total_bands(*, shown: CertaintySheet) -> chart.ChartView:
    """Draw the total's 90 % and 50 % band against the totals that the stars ask for."""
    five = shown.found.quantiles
    proven, reachable = shown.found.total_proven, shown.found.total_reachable
    near = (min(five[0], proven) - 4, max(five[-1], reachable) + 4)
    marks = [(name, at) for name, at in shown.thresholds if near[0] - 6 <= at <= near[1] + 6]
    ends = [*near, *(at for _name, at in marks)]
    low, high = max(0.0, float(int(min(ends) - 1))), min(100.0, float(int(max(ends) + 2)))
    words = {
        "low": number(five[0], 1),
        "high": number(five[4], 1),
        "inner": number(five[1], 1),
        "top": number(five[3], 1),
    }
    heads = [(_("Share of draws below"), False), (_("Total"), True)]
    rows = [(f"{share:.0%}", value) for share, value in zip((0.05, 0.25, 0.5, 0.75, 0.95), five, strict=True)]
    return chart.view(
        chart.bands([("", five)], marks=marks, low=low, high=high, unit=_("points")),
        label=_("Total under the assumptions"),
        summary=_(
            "Nine of ten draws end between %(low)s and %(high)s points (light), half of them between %(inner)s and "
            "%(top)s (strong); the point is the middle. Dashed: the totals that the stars ask for."
        )
        % words,
        heads=heads,
        rows=[*rows, (_("Proven by the rating"), proven), (_("Reachable by the rating"), reachable)],
    )
