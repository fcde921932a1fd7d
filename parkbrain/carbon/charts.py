"""Drawings of carbon: query results become chart options."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from parkbrain.calc.carbon import SCOPE_2_MARKET
from parkbrain.calc.inventory import waterfall
from parkbrain.ui import chart
from parkbrain.ui.formats import number

from .queries import Footprint, Statement, get_category_name, get_kind_name

#: Lines of a waterfall before the small ones are drawn together.
MOST_STEPS = 6


def statement_waterfall(*, statement: Statement) -> chart.ChartView | None:
    """Draw how categories add up to the total of scopes 1 to 3 (location-based); None where nothing is known."""
    sums: dict[str, float] = {}
    for line in statement.lines:
        if line.scope != SCOPE_2_MARKET and line.tco2e:
            sums[line.category] = sums.get(line.category, 0.0) + line.tco2e
    return _waterfall(
        [(get_category_name(key=k, numbered=False), v) for k, v in sums.items()],
        _("How the emissions of the period add up"),
    )


def footprint_waterfall(*, footprint: Footprint) -> chart.ChartView | None:
    """Draw how a firm's own use and its share of public use add up; None where nothing is known."""
    parts: list[tuple[str, float]] = []
    for lines, text in ((footprint.own, "%(name)s"), (footprint.public, _("%(name)s, shared"))):
        for line in lines:
            if line.scope != SCOPE_2_MARKET and line.tco2e:
                parts.append((text % {"name": get_kind_name(key=line.kind)}, line.tco2e))
    return _waterfall(parts, _("How the footprint adds up"))


def _waterfall(parts: Sequence[tuple[str, float]], label: str) -> chart.ChartView | None:
    if not parts:
        return None
    ordered = sorted(parts, key=lambda p: -p[1])
    if len(ordered) > MOST_STEPS:
        rest = sum(v for _k, v in ordered[MOST_STEPS - 1 :])
        ordered = [*ordered[: MOST_STEPS - 1], (_("Others"), rest)]
    steps = waterfall(ordered, total_key=_("In all"))
    largest, total = ordered[0], steps[-1].change
    return chart.view(
        chart.waterfall([(s.key, s.starts_at, s.change, s.is_total) for s in steps], unit="tCO₂e"),
        label=label,
        summary=_("%(total)s tCO₂e in all; the largest part is %(name)s with %(value)s tCO₂e (%(share)s%%).")
        % {
            "total": number(total, 1),
            "name": largest[0],
            "value": number(largest[1], 1),
            "share": number(100 * largest[1] / total if total else 0.0, 0),
        },
        heads=[(_("Part"), False), ("tCO₂e", True)],
        rows=[(s.key, round(s.change, 3)) for s in steps],
    )
