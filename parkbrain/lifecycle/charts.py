"""Drawings of the life cycle: firms by what they yield per area, and the section of a building coloured by it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from parkbrain.enterprises.charts import OTHER, VACANT, Colouring
from parkbrain.enterprises.queries import PremisesState
from parkbrain.ui import chart, formats

from .models import EfficiencyResult

#: The fill of each class: good to bad.
CLASS_FILL = {"A": "ok", "B": "1", "C": "warn", "D": "bad"}
#: Measures the section may be coloured by: key of the measure → number of decimals.
SHADES = {"tax_per_m2": 0, "output_per_m2": 0, "energy_per_m2": 1}
SHADE_FILLS = ("step-1", "step-2", "step-3", "step-4", "step-5")


def shade_labels() -> dict[str, tuple[str, str]]:
    """Return what the section may be coloured by: name and unit."""
    return {
        "klass": (_("Class"), ""),
        "tax_per_m2": (_("Tax per m²"), _("yuan")),
        "output_per_m2": (_("Output per m²"), _("yuan")),
        "energy_per_m2": (_("Energy per m²"), "kgce"),
    }


def efficiency_colouring(results: Mapping[int, EfficiencyResult], *, shade: str) -> Colouring:
    """Return the colouring of a section by class, or by a measure in fifths of the firms."""
    if shade == "klass":
        return _by_class(results)
    values = sorted(v for r in results.values() if (v := r.measures.get(shade)) is not None)
    limits = [values[min(len(values) - 1, len(values) * n // 5)] for n in range(1, 5)] if values else []

    def colouring(
        states: Sequence[PremisesState], on: date
    ) -> tuple[Callable[[PremisesState], str], list[tuple[str, str]]]:
        def fill(state: PremisesState) -> str:
            result = results.get(state.enterprise_id or 0)
            value = result.measures.get(shade) if result else None
            return OTHER if value is None else SHADE_FILLS[sum(value >= limit for limit in limits)]

        return fill, [*_shade_legend(limits, SHADES[shade]), (OTHER, _("not assessed")), (VACANT, _("vacant"))]

    return colouring


def _shade_legend(limits: Sequence[float], digits: int) -> list[tuple[str, str]]:
    if not limits:
        return []
    words = [formats.number(limit, digits) for limit in limits]
    ranges = [f"< {words[0]}", *(f"{a} – {b}" for a, b in itertools.pairwise(words)), f"≥ {words[-1]}"]
    return list(zip(SHADE_FILLS, ranges, strict=True))


def _by_class(results: Mapping[int, EfficiencyResult]) -> Colouring:
    def colouring(
        states: Sequence[PremisesState], on: date
    ) -> tuple[Callable[[PremisesState], str], list[tuple[str, str]]]:
        def fill(state: PremisesState) -> str:
            result = results.get(state.enterprise_id or 0)
            return CLASS_FILL.get(result.klass, OTHER) if result else OTHER

        legend = [(fill, _("class %(klass)s") % {"klass": klass}) for klass, fill in CLASS_FILL.items()]
        return fill, [*legend, (OTHER, _("not classed")), (VACANT, _("vacant"))]

    return colouring


def tax_bars(results: Sequence[EfficiencyResult], *, most: int = 20) -> chart.ChartView | None:
    """Draw the tax per mu of the firms that pay most and least; None where nobody's is known."""
    known = sorted(
        ((r, v) for r in results if (v := r.measures.get("tax_per_mu")) is not None), key=lambda pair: -pair[1]
    )
    if not known:
        return None
    shown = known if len(known) <= most else known[: most // 2] + known[-(most // 2) :]
    names = [r.enterprise.name for r, _value in shown]
    values = [round(v, 2) for _result, v in shown]
    summary = _("%(first)s pays most with %(most)s, %(last)s least with %(least)s (10k yuan per mu).") % {
        "first": names[0],
        "most": formats.number(values[0], 1),
        "last": names[-1],
        "least": formats.number(values[-1], 1),
    }
    if len(shown) < len(known):
        summary += " " + _("The first and the last %(n)s of %(all)s firms are shown.") % {
            "n": most // 2,
            "all": len(known),
        }
    heads = [(_("Enterprise"), False), (_("Class"), False), (_("Tax per mu (10k yuan)"), True)]
    rows = [[r.enterprise.name, r.klass, round(v, 2)] for r, v in shown]
    option = chart.bar(names, values, unit=_("10k yuan/mu"), horizontal=True)
    return chart.view(option, label=_("Tax per mu of land share"), summary=summary, heads=heads, rows=rows)


def class_counts(results: Sequence[EfficiencyResult]) -> list[tuple[str, int, float]]:
    """Return per class its firms and their floor [m²]; firms without a class last under an empty one."""
    counts: Counter[str] = Counter(r.klass for r in results)
    floors: dict[str, float] = {}
    for result in results:
        floors[result.klass] = floors.get(result.klass, 0.0) + result.floor_m2
    return [(klass, counts[klass], floors.get(klass, 0.0)) for klass in ("A", "B", "C", "D", "") if klass or counts[""]]
