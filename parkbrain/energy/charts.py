"""Drawings of use: bars by period with the doubtful ones marked."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _

from parkbrain.calc.metering import PeriodUse
from parkbrain.ui import chart, formats

from .models import Meter
from .queries import DAY, MONTH, flag_labels, park_zone

#: A period of which less is measured is drawn as doubtful.
DOUBTFUL = 0.95


def use_chart(*, meter: Meter, use: PeriodUse, step: str) -> chart.ChartView:
    """Draw the use of a meter by hour, day or month; what is interpolated or flagged has another hue and its words."""
    labels = [_label(int(start), step) for start in use.borders_us[:-1]]
    values = [None if np.isnan(v) else round(float(v), 3) for v in use.use]
    option = chart.bar(labels, values, unit=meter.unit_label)
    doubtful = 0
    for number, bar in enumerate(option["series"][0]["data"]):
        marked = use.measured[number] < DOUBTFUL or use.flags[number] > 1
        if bar is not None and marked:
            doubtful += 1
            bar["itemStyle"] = {"color": "@warn", "opacity": 0.75}
    known = [v for v in values if v is not None]
    return chart.view(
        option,
        label=_("Use of %(meter)s") % {"meter": meter.code},
        summary=_(
            "%(total)s %(unit)s in all; %(doubtful)s of %(count)s periods are marked as doubtful, %(unknown)s unknown."
        )
        % {
            "total": formats.number(sum(known), 1),
            "unit": meter.unit_label,
            "doubtful": doubtful,
            "count": len(values),
            "unknown": values.count(None),
        },
        heads=[(_("Time"), False), (meter.unit_label, True), (_("Measured"), True), (_("Marks"), False)],
        rows=[
            (label, value, formats.percent(float(use.measured[n]), 0), ", ".join(flag_labels(int(use.flags[n]))))
            for n, (label, value) in enumerate(zip(labels, values, strict=True))
        ],
    )


def _label(at_us: int, step: str) -> str:
    local = datetime.fromtimestamp(at_us / 1e6, park_zone())
    if step == MONTH:
        return f"{local:%Y-%m}"
    return f"{local:%m-%d}" if step == DAY else f"{local:%m-%d %H:%M}"
