"""Drawings of the life cycle: firms by what they yield per area, the section coloured by it, leading industries in time."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.enterprises.queries import BuildingState, PremisesState
from parkbrain.ui import chart, formats, section

from .models import EfficiencyResult
from .queries import AREA, FIRMS, OUTPUT, Positioning

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


Fill = Callable[[int], str]
Legend = list[tuple[str, str]]
#: Fills of what is not assessed, empty, and not to let.
UNKNOWN, VACANT, OUT_OF_STOCK = "12", "vacant", "none"


def efficiency_section(
    state: BuildingState,
    results: Mapping[int, EfficiencyResult],
    *,
    shade: str,
    values: Mapping[int, float] | None = None,
) -> section.SectionView:
    """Draw the section of a building coloured by the class of its firms, or by a measure in fifths of the firms.

    `values` by firm are shown in the place of the run's own.
    """
    if values is None:
        values = {pk: v for pk, r in results.items() if (v := r.measures.get(shade)) is not None}
    fill, legend = _by_class(results) if shade == "klass" else _by_fifths(values, shade)
    bands = [
        section.Band(
            key=str(storey.storey.level),
            label=storey.storey.short_label,
            height_m=storey.storey.height_m,
            area_m2=storey.storey.gross_floor_area_m2,
            below_ground=storey.storey.level < 0,
            cells=[
                _cell(part, area_m2, results.get(part.enterprise_id or 0), fill, (shade, values))
                for part, area_m2 in storey.parts
            ],
        )
        for storey in state.storeys
    ]
    label = _("Section of %(building)s by output per area") % {"building": state.building.name or state.building.code}
    return section.layout(
        bands=bands, legend=[*legend, (UNKNOWN, _("not assessed")), (VACANT, _("vacant"))], label=label
    )


def _cell(
    part: PremisesState,
    area_m2: float,
    result: EfficiencyResult | None,
    fill: Fill,
    shown: tuple[str, Mapping[int, float]],
) -> section.Cell:
    shade, values = shown
    firm = part.enterprise_id or 0
    words = [part.code, f"{formats.number(area_m2, 0)} m²"]
    if part.enterprise:
        words.append(part.enterprise)
    if result is not None and result.klass:
        words.append(_("class %(klass)s") % {"klass": result.klass})
    if firm in values:
        name, unit = shade_labels()[shade]
        words.append(f"{name}: {formats.number(values[firm], SHADES[shade])} {unit}")
    empty = VACANT if part.lettable else OUT_OF_STOCK
    return section.Cell(
        key=part.code,
        label=part.enterprise or part.code,
        area_m2=area_m2,
        fill=fill(firm) if part.is_let else empty,
        tooltip=" · ".join(words),
        url=reverse("firm_efficiency", args=[result.pk])
        if result
        else reverse("premises_detail", args=[part.premises_id]),
    )


def _by_class(results: Mapping[int, EfficiencyResult]) -> tuple[Fill, Legend]:
    legend = [(fill, _("class %(klass)s") % {"klass": klass}) for klass, fill in CLASS_FILL.items()]
    return (lambda firm: CLASS_FILL.get(results[firm].klass, UNKNOWN) if firm in results else UNKNOWN), legend


def _by_fifths(by_firm: Mapping[int, float], shade: str) -> tuple[Fill, Legend]:
    values = sorted(by_firm.values())
    # Where many firms share a value, two limits are one.
    limits = sorted({values[min(len(values) - 1, len(values) * n // 5)] for n in range(1, 5)}) if values else []

    def fill(firm: int) -> str:
        value = by_firm.get(firm)
        return UNKNOWN if value is None else SHADE_FILLS[sum(value >= limit for limit in limits)]

    if not limits:
        return fill, []
    words = [formats.number(limit, SHADES[shade]) for limit in limits]
    ranges = [f"< {words[0]}", *(f"{a} – {b}" for a, b in itertools.pairwise(words)), f"≥ {words[-1]}"]
    return fill, list(zip(SHADE_FILLS, ranges, strict=False))


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
