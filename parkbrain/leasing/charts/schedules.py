"""Drawings of leases: what is owed by month, and two readings of a clause side by side."""

from __future__ import annotations

from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.ui import chart, formats

from ..queries import KINDS, Schedule


def kind_name(kind: str) -> str:
    """Return what a kind of line is called."""
    return {"RENT": _("Rent"), "PROPERTY_FEE": _("Property fee"), "TURNOVER_RENT": _("Turnover rent")}[kind]


def schedule_chart(*, schedule: Schedule, name: str) -> chart.ChartView:
    """Draw what a lease owes for periods that begin in each month; months not assessed stay empty."""
    labels = [f"{m.month_on:%Y-%m}" for m in schedule.months]
    values = [None if m.gross_yuan is None else float(m.gross_yuan) for m in schedule.months]
    option = chart.bar(labels, values, unit=_("yuan"))
    for bar in option["series"][0]["data"]:
        if bar is not None:
            bar["label"] = {"show": False}
    kinds = schedule.kinds
    at = {kind: KINDS.index(kind) for kind in kinds}
    return chart.view(
        option,
        label=_("Schedule of %(name)s") % {"name": name},
        summary=_("%(total)s yuan over %(months)s months; %(unknown)s lines are not assessed.")
        % {
            "total": formats.number(schedule.totals.gross_yuan, 2),
            "months": len(schedule.months),
            "unknown": schedule.totals.unknown_count,
        },
        heads=[(_("Month"), False), *((kind_name(k), True) for k in kinds), (_("In all"), True)],
        rows=[
            (
                f"{m.month_on:%Y-%m}",
                *(None if m.by_kind[at[k]] is None else float(m.by_kind[at[k]] or 0) for k in kinds),
                None if m.gross_yuan is None else float(m.gross_yuan),
            )
            for m in schedule.months
        ],
    )


def readings_chart(*, pair: calc.Comparison, mine: str, other: str) -> chart.ChartView:
    """Draw two readings of a clause as lines over the months."""
    labels = [f"{m.month_on:%Y-%m}" for m in pair.months]
    series = [
        (mine, [None if m.mine_yuan is None else float(m.mine_yuan) for m in pair.months]),
        (other, [None if m.other_yuan is None else float(m.other_yuan) for m in pair.months]),
    ]
    return chart.view(
        chart.line(labels, series, unit=_("yuan")),
        label=_("Two readings, month by month"),
        summary=_("%(count)s months differ.") % {"count": len(pair.differing_months)},
        heads=[(_("Month"), False), (mine, True), (other, True)],
        rows=[(label, series[0][1][n], series[1][1][n]) for n, label in enumerate(labels) if pair.months[n].differs],
    )
