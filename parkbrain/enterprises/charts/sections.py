"""Drawings: the section of a building by tenant, industry, use, lease end or vacancy; the output of a firm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.space.models import Premises, Storey
from parkbrain.ui import formats, section
from parkbrain.ui.table import TableView, simple

from ..queries import BuildingState, PremisesState, industry_name

VACANT, OUT_OF_STOCK = "vacant", "none"
#: Largest groups get a hue of their own, all others share the last one.
HUES = 11
OTHER = "12"
SOON_DAYS, YEAR_DAYS, LONG_VACANT_DAYS = 90, 365, 180
#: A use keeps its hue on every page.
USE_FILL = {use: str(i + 1) for i, use in enumerate(Premises.Use.values)}

#: What the cells may be coloured by; the first two need no names of firms.
COLOURS = ("use", "vacancy", "tenant", "industry", "lease_end")


def colour_labels() -> dict[str, str]:
    """Return the ways to colour a section with their names."""
    return {
        "tenant": _("Tenant"),
        "industry": _("Industry"),
        "use": _("Use"),
        "lease_end": _("Lease end"),
        "vacancy": _("Vacancy"),
    }


Fill = Callable[[PremisesState], str]
Legend = list[tuple[str, str]]


def building_section(state: BuildingState, *, on: date, colour: str, compact: bool = False) -> section.SectionView:
    """Draw the section of a building: storeys as bands, premises as cells to scale."""
    fill, legend = COLOURINGS[colour](state.states, on)
    following = {a.storey.pk: b.storey for a, b in zip(state.storeys, state.storeys[1:], strict=False)}
    bands = [
        section.Band(
            key=str(storey.storey.level),
            label=storey.storey.short_label,
            height_m=_height_m(storey.storey, following.get(storey.storey.pk)),
            area_m2=storey.storey.gross_floor_area_m2,
            below_ground=storey.storey.level < 0,
            cells=[
                section.Cell(
                    key=part.code,
                    label=part.enterprise or part.code,
                    area_m2=area_m2,
                    fill=fill_of(part, fill),
                    tooltip=tooltip(part, area_m2, on),
                    url=reverse("premises_detail", args=[part.premises_id]) if part.may_open else "",
                )
                for part, area_m2 in storey.parts
            ],
        )
        for storey in state.storeys
    ]
    label = _("Section of %(building)s: %(let)s of %(all)s m² let") % {
        "building": state.building.name or state.building.code,
        "let": formats.number(state.let_area_m2, 0),
        "all": formats.number(state.lettable_area_m2, 0),
    }
    return section.layout(bands=bands, legend=[] if compact else legend, label=label, compact=compact)


def _height_m(storey: Storey, above: Storey | None) -> float | None:
    """Return a storey's height: as recorded, or from its floor to the next one where a drawing gave elevations."""
    if storey.height_m or above is None or storey.elevation_m is None or above.elevation_m is None:
        return storey.height_m
    return round(above.elevation_m - storey.elevation_m, 2) or None


def fill_of(state: PremisesState, fill: Fill) -> str:
    """Return the fill of premises: what is empty or not to let looks so whatever the colours mean."""
    if not state.is_let:
        return VACANT if state.lettable else OUT_OF_STOCK
    return fill(state)


def tooltip(state: PremisesState, area_m2: float, on: date) -> str:
    """Return what is known of premises in one line; nothing the viewer may not know is in the state."""
    parts = [state.code, f"{formats.number(area_m2, 0)} m²", str(Premises.Use(state.use).label)]
    if state.enterprise:
        parts.append(state.enterprise)
    elif state.is_let:
        parts.append(_("let"))
    elif state.lettable:
        parts.append(vacancy_text(state, on))
    else:
        parts.append(_("not to let"))
    if state.lease_ends_on:
        parts.append(_("lease ends %(day)s") % {"day": state.lease_ends_on.isoformat()})
    return " · ".join(parts)


def vacancy_text(state: PremisesState, on: date) -> str:
    """Return since when premises are vacant."""
    if state.vacant_since_on is None:
        return _("vacant since an unknown day")
    days = max(0, (on - state.vacant_since_on).days)
    return _("vacant for %(days)s days") % {"days": days}


def _by_largest(
    states: Sequence[PremisesState], key: Callable[[PremisesState], str], name: Callable[[str], str]
) -> tuple[Fill, Legend]:
    areas: Counter[str] = Counter()
    for state in states:
        if state.is_let:
            areas[key(state)] += state.area_m2  # type: ignore[assignment]
    named = [group for group, _area in areas.most_common() if group][:HUES]
    fills = {group: str(i + 1) for i, group in enumerate(named)}
    legend = [(fill, name(group)) for group, fill in fills.items()]
    if len([g for g in areas if g]) > len(named) or "" in areas:
        legend.append((OTHER, _("others")))
    return (lambda state: fills.get(key(state), OTHER)), [*legend, (VACANT, _("vacant"))]


def _by_tenant(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    names = {str(s.enterprise_id): s.enterprise for s in states if s.enterprise_id}
    return _by_largest(states, lambda s: str(s.enterprise_id or ""), lambda key: names[key])


def _by_industry(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    return _by_largest(states, lambda s: s.industry_code[:2], lambda code: f"{code} {industry_name(code=code)}")


def _by_use(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    present = [use for use in Premises.Use.values if any(s.use == use for s in states)]
    legend = [(USE_FILL[use], str(Premises.Use(use).label)) for use in present]
    return (lambda state: USE_FILL[state.use]), [*legend, (VACANT, _("vacant"))]


def _by_lease_end(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    def fill(state: PremisesState) -> str:
        if state.lease_ends_on is None:
            return OTHER
        days = (state.lease_ends_on - on).days
        return "bad" if days < 0 else "warn" if days <= SOON_DAYS else "3" if days <= YEAR_DAYS else "1"

    legend = [
        ("bad", _("lease has ended")),
        ("warn", _("ends within 90 days")),
        ("3", _("ends within a year")),
        ("1", _("ends later")),
        (OTHER, _("no end known")),
        (VACANT, _("vacant")),
    ]
    return fill, legend


def _by_vacancy(states: Sequence[PremisesState], on: date) -> tuple[Fill, Legend]:
    return (lambda state: "1"), [("1", _("let")), (VACANT, _("vacant")), (OUT_OF_STOCK, _("not to let"))]


COLOURINGS: dict[str, Callable[[Sequence[PremisesState], date], tuple[Fill, Legend]]] = {
    "tenant": _by_tenant,
    "industry": _by_industry,
    "use": _by_use,
    "lease_end": _by_lease_end,
    "vacancy": _by_vacancy,
}


def section_twin(state: BuildingState, *, on: date, sees_firms: bool) -> TableView:
    """Return the section as a table, storeys from the top down."""
    heads = [
        (_("Storey"), False),
        (_("Premises"), False),
        (_("Use"), False),
        (_("Area here (m²)"), True),
        (_("State"), False),
    ]
    if sees_firms:
        heads += [(_("Enterprise"), False), (_("Lease ends"), False)]
    rows = []
    for storey in reversed(state.storeys):
        for part, area_m2 in storey.parts:
            shown = _("let") if part.is_let else vacancy_text(part, on) if part.lettable else _("not to let")
            row = [storey.storey.short_label, part.code, str(Premises.Use(part.use).label), area_m2, shown]
            if sees_firms:
                row += [part.enterprise, formats.day(part.lease_ends_on)]
            rows.append(row)
    return simple(heads=heads, rows=rows, label=_("Premises by storey"))
