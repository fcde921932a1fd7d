"""Charts of readings and of what comes from a source."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from parkbrain.ui import chart, formats

from .models import Point, SourceMinute
from .queries import ReadingRow, unit_symbol

#: More points than a screen has columns say nothing more.
MOST_DRAWN = 800


def readings_chart(*, point: Point, rows: Sequence[ReadingRow]) -> chart.ChartView:
    """Draw the readings of a period; of very many every so-manieth."""
    unit = unit_symbol(unit=point.unit)
    step = max(1, -(-len(rows) // MOST_DRAWN))
    drawn = list(rows[::step])
    values = [None if r.quality == 2 else r.value for r in drawn]
    label = _("Readings of %(point)s") % {"point": point.code}
    first, last = rows[0], rows[-1]
    summary = _("%(count)s readings from %(first)s to %(last)s; the last is %(value)s %(unit)s.") % {
        "count": formats.number(len(rows), 0),
        "first": formats.moment(first.at),
        "last": formats.moment(last.at),
        "value": formats.number(last.value, 2),
        "unit": unit,
    }
    option = chart.line([formats.moment(r.at) for r in drawn], [(point.code, values)], unit=unit, zero=False)
    table = [(formats.moment(r.at), formats.number(r.value, 2)) for r in drawn[-200:]]
    return chart.view(option, label=label, summary=summary, heads=((_("Time"), False), (unit or "—", True)), rows=table)


def minutes_chart(*, minutes: Sequence[SourceMinute]) -> chart.ChartView:
    """Draw how many readings came in each of the last minutes."""
    labels = [formats.moment(m.minute_at) for m in minutes]
    values = [m.taken for m in minutes]
    total = sum(values)
    return chart.view(
        chart.line(labels, [(_("Readings"), values)], unit=_("readings")),
        label=_("Readings per minute"),
        summary=_("%(count)s readings came in the last two hours.") % {"count": formats.number(total, 0)},
        heads=((_("Minute"), False), (_("Readings"), True), (_("Set aside"), True)),
        rows=[
            (formats.moment(m.minute_at), formats.number(m.taken, 0), formats.number(m.set_aside, 0)) for m in minutes
        ],
    )
