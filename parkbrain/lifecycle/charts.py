"""Drawing of the life cycle: the leading industries over time."""

from __future__ import annotations

from django.utils.translation import gettext as _

from parkbrain.ui import chart, formats

from .queries import AREA, FIRMS, OUTPUT, Positioning


def share_words() -> dict[str, str]:
    """Return what the share is measured by in words."""
    return {AREA: _("By area"), OUTPUT: _("By output"), FIRMS: _("By firms")}


def trend_chart(*, positioning: Positioning) -> chart.ChartView:
    """Return the share of the leading industries at the ends of years, by area, output and firms [%]."""
    words = share_words()
    days = [formats.day(day) for day, _share in positioning.shares[0].trend]
    series = [
        (words[one.measure], [None if share is None else round(100 * share, 1) for _day, share in one.trend])
        for one in positioning.shares
    ]
    rows = list(zip(days, *(values for _name, values in series), strict=True))
    now = {
        one.measure: formats.percent(one.share) if one.share is not None else _("unknown") for one in positioning.shares
    }
    summary = _(
        "Leading industries hold %(area)s of the let area, %(output)s of the output and %(firms)s of the firms."
    )
    return chart.view(
        chart.line(days, series, unit="%"),
        label=_("Share of the leading industries"),
        summary=summary % now,
        heads=[(_("Day"), False), *((name, True) for name, _values in series)],
        rows=rows,
    )
