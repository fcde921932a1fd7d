"""Plans from above: the buildings of a park on their site, the spaces of a storey; each with its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.space.models import Building, Storey
from parkbrain.space.queries import SpaceOutline
from parkbrain.ui import formats, siteplan
from parkbrain.ui.table import TableView, simple

from ..queries import BuildingState
from .sections import COLOURINGS, OUT_OF_STOCK, Legend, fill_of, tooltip, vacancy_text

#: What the buildings of a site may be coloured by; only the first needs to know firms.
SITE_COLOURS = ("tenants", "vacancy", "use", "age")
#: Upper ends of the steps a number is coloured by.
_TENANT_STEPS, _AGE_STEPS, _LET_STEPS = (0, 5, 20, 60), (5, 10, 20, 30), (0.5, 0.75, 0.9, 0.99)
UNKNOWN = "vacant"


def site_colour_labels() -> dict[str, str]:
    """Return the ways to colour a site plan with their names."""
    return {"tenants": _("Firms"), "vacancy": _("Let share"), "use": _("Use"), "age": _("Age")}


def site_plan(
    states: Sequence[BuildingState], *, footprints: Mapping[int, Any], on: date, colour: str, compact: bool = False
) -> siteplan.PlanView:
    """Draw the buildings of a park from above: from footprints, or as boxes of the area of their largest storey."""
    fill, legend = _SITE_COLOURINGS[colour](states, on)
    areas = [
        siteplan.Area(
            key=state.building.code,
            label=state.building.name or state.building.code,
            fill=fill(state),
            tooltip=site_tooltip(state, on),
            url=reverse("building_detail", args=[state.building.pk]),
            outline=footprints.get(state.building.pk, ()),
            area_m2=ground_area_m2(state),
        )
        for state in states
    ]
    label = _("Site plan: %(count)s buildings, %(drawn)s with a footprint") % {
        "count": len(states),
        "drawn": len(footprints),
    }
    return siteplan.layout(areas=areas, label=label, legend=legend, most_height=340.0 if compact else 460.0)


def ground_area_m2(state: BuildingState) -> float | None:
    """Return about how much ground a building covers: its footprint, or its largest storey above ground."""
    if state.building.footprint_area_m2:
        return state.building.footprint_area_m2
    return max((s.storey.gross_floor_area_m2 or 0.0 for s in state.storeys if s.storey.level > 0), default=0.0) or None


def site_tooltip(state: BuildingState, on: date) -> str:
    """Return what is known of a building in one line."""
    parts = [state.building.name or state.building.code, str(Building.Use(state.building.use).label)]
    if state.storeys:
        parts.append(_("%(count)s storeys") % {"count": len(state.storeys)})
    if (area_m2 := ground_area_m2(state)) is not None:
        parts.append(f"{formats.number(area_m2, 0)} m²")
    if state.occupancy is not None:
        parts.append(_("%(share)s let") % {"share": formats.percent(state.occupancy)})
    return " · ".join(parts)


def tenant_count(state: BuildingState) -> int:
    """Return how many firms are in a building, as far as the viewer may know them."""
    return len({s.enterprise_id for s in state.states if s.enterprise_id})


def age_years(building: Building, on: date) -> int | None:
    """Return the full years since completion."""
    if building.completed_on is None or building.completed_on > on:
        return None
    done = building.completed_on
    return on.year - done.year - ((on.month, on.day) < (done.month, done.day))


SiteFill = Callable[[BuildingState], str]


def _stepped(
    states: Sequence[BuildingState],
    value: Callable[[BuildingState], float | None],
    ends: Sequence[float],
    names: Sequence[str],
) -> tuple[SiteFill, Legend]:
    def fill(state: BuildingState) -> str:
        number = value(state)
        if number is None:
            return UNKNOWN
        return f"step-{1 + sum(number > end for end in ends)}"

    legend = [(f"step-{i}", name) for i, name in enumerate(names, start=1)]
    if any(value(s) is None for s in states):
        legend.append((UNKNOWN, _("not known")))
    return fill, legend


def _site_by_tenants(states: Sequence[BuildingState], on: date) -> tuple[SiteFill, Legend]:
    names = [_("no firm"), "1–5", "6–20", "21–60", "61+"]
    return _stepped(states, lambda s: tenant_count(s) if s.states else None, _TENANT_STEPS, names)


def _site_by_vacancy(states: Sequence[BuildingState], on: date) -> tuple[SiteFill, Legend]:
    return _stepped(states, lambda s: s.occupancy, _LET_STEPS, ["≤ 50 %", "≤ 75 %", "≤ 90 %", "≤ 99 %", "100 %"])


def _site_by_age(states: Sequence[BuildingState], on: date) -> tuple[SiteFill, Legend]:
    names = [_("up to %(years)s years") % {"years": y} for y in _AGE_STEPS] + [_("older")]
    return _stepped(states, lambda s: age_years(s.building, on), _AGE_STEPS, names)


def _site_by_use(states: Sequence[BuildingState], on: date) -> tuple[SiteFill, Legend]:
    fills = {use: str(i + 1) for i, use in enumerate(Building.Use.values)}
    present = [use for use in fills if any(s.building.use == use for s in states)]
    return (lambda s: fills[s.building.use]), [(fills[u], str(Building.Use(u).label)) for u in present]


_SITE_COLOURINGS: dict[str, Callable[[Sequence[BuildingState], date], tuple[SiteFill, Legend]]] = {
    "tenants": _site_by_tenants,
    "vacancy": _site_by_vacancy,
    "use": _site_by_use,
    "age": _site_by_age,
}


def site_twin(states: Sequence[BuildingState], *, on: date, sees_firms: bool) -> TableView:
    """Return the site plan as a table."""
    heads = [
        (_("Building"), False),
        (_("Use"), False),
        (_("Storeys"), True),
        (_("Footprint (m²)"), True),
        (_("Let share"), True),
        (_("Age (years)"), True),
    ]
    if sees_firms:
        heads.append((_("Firms"), True))
    rows = []
    for state in states:
        building = state.building
        row = [
            building.name or building.code,
            str(Building.Use(building.use).label),
            len(state.storeys) or None,
            building.footprint_area_m2,
            None if state.occupancy is None else formats.percent(state.occupancy),
            age_years(building, on),
        ]
        rows.append([*row, tenant_count(state)] if sees_firms else row)
    return simple(heads=heads, rows=rows, label=_("Buildings of the site"))


def floor_plan(
    state: BuildingState, outlines: Sequence[SpaceOutline], *, storey: Storey, on: date, colour: str
) -> siteplan.PlanView:
    """Draw a storey from above: its spaces as they were drawn, coloured by what their premises are."""
    fill, legend = COLOURINGS[colour](state.states, on)
    by_id = {s.premises_id: s for s in state.states}
    areas = []
    for outline in outlines:
        part = by_id.get(outline.premises_id or 0)
        shown = [outline.code, outline.name, f"{formats.number(outline.area_m2, 1)} m²"]
        if outline.zone:
            shown.append(_("zone %(zone)s") % {"zone": outline.zone})
        areas.append(
            siteplan.Area(
                key=outline.code,
                label=(part.enterprise if part else "") or outline.name or outline.code,
                fill=fill_of(part, fill) if part else OUT_OF_STOCK,
                tooltip=tooltip(part, outline.area_m2, on) if part else " · ".join(t for t in shown if t),
                url=reverse("premises_detail", args=[part.premises_id]) if part and part.may_open else "",
                outline=outline.polygons,
                area_m2=outline.area_m2,
            )
        )
    if any(o.premises_id is None for o in outlines):
        legend = [item for item in legend if item[0] != OUT_OF_STOCK] + [(OUT_OF_STOCK, _("no premises"))]
    words = {"storey": storey.short_label, "building": state.building.name or state.building.code}
    label = _("Plan of %(storey)s, %(building)s") % words
    # The axes of a drawing seldom point north: no arrow is better than a wrong one.
    return siteplan.layout(areas=areas, label=label, legend=legend, has_north=False)


def floor_twin(state: BuildingState, outlines: Sequence[SpaceOutline], *, on: date, sees_firms: bool) -> TableView:
    """Return the spaces of a storey as a table."""
    heads = [
        (_("Space"), False),
        (_("Name"), False),
        (_("Zone"), False),
        (_("Area (m²)"), True),
        (_("Clear height (m)"), True),
        (_("Premises"), False),
        (_("State"), False),
    ]
    if sees_firms:
        heads.append((_("Enterprise"), False))
    by_id = {s.premises_id: s for s in state.states}
    rows = []
    for o in outlines:
        part = by_id.get(o.premises_id or 0)
        let = "" if part is None else _("let") if part.is_let else vacancy_text(part, on) if part.lettable else ""
        row = [o.code, o.name, o.zone, o.area_m2, o.clear_height_m, o.premises_code, let or _("not to let")]
        rows.append([*row, part.enterprise if part else ""] if sees_firms else row)
    return simple(heads=heads, rows=rows, label=_("Spaces of the storey"))
