"""Parks, buildings and premises with who is in them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from parkbrain import lists
from parkbrain.kernel.models import Park
from parkbrain.space.models import Building
from parkbrain.space.queries import (
    check_fit,
    list_drawn_storeys,
    list_field_sources,
    list_footprints,
    list_sites,
    lowest_level,
    premises_levels,
    profile_name,
)
from parkbrain.ui.asof import kept_day
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from ..charts import (
    COLOURS,
    SERIES,
    building_section,
    colour_labels,
    park_series_chart,
    section_twin,
    series_labels,
    site_plan,
    stays_timeline,
    vacancy_text,
)
from ..queries import (
    get_park_series,
    get_park_state,
    get_viewer,
    industry_name,
    list_building_states,
    list_lineage,
    list_premises_states,
    list_stays,
    visible_premises,
)
from ..tables import PREMISES, fit_rows, lease_badge, specification
from .common import day_of, panels, park_crumbs


def park_detail(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show a park: its state in a sentence, its buildings, and what other modules know of it."""
    user = request.user
    park = get_object_or_404(Park.objects.visible_to(user).select_related("branch__parent"), pk=park_id)  # type: ignore[arg-type]
    request.park = park  # type: ignore[attr-defined]
    on = day_of(request)
    state = get_park_state(park=park, user=user, on=on)  # type: ignore[arg-type]
    kept = kept_day(request)
    buildings = [(b, building_section(b, on=on, colour="vacancy", compact=True, kept=kept)) for b in state.buildings]
    series = get_park_series(park=park, on=on)
    offered = [f for f in SERIES if f != "output" or state.viewer.sees_firms]
    figure = request.GET.get("figure", "")
    figure = figure if figure in offered else offered[0]
    labels = series_labels()
    footprints = list_footprints(buildings=[b.building for b in state.buildings])
    colour = "tenants" if state.viewer.sees_firms else "vacancy"
    context = {
        "park": park,
        "site_plan": site_plan(state.buildings, footprints=footprints, on=on, colour=colour, compact=True),
        "state": state,
        "as_of": on,
        "buildings": buildings,
        "sites": list_sites(park=park, on=on),
        "series": series,
        "series_chart": park_series_chart(series, figure=figure) if series else None,
        "figures": [(f, labels[f][0], f == figure) for f in offered],
        "leading": [(code, industry_name(code=str(code))) for code in park.leading_industries],
        "panels": panels(request, "space.park", park),
        "sources": list_field_sources(target=park) if state.viewer.edits else [],
        "crumbs": park_crumbs(park)[:1],
    }
    return page(request, "enterprises/park_detail.html", context, parts=frozenset({"series"}))


def building_detail(request: HttpRequest, building_id: int) -> HttpResponse:
    """Show the section of a building, coloured as asked, with its table twin."""
    buildings = Building.objects.visible_to(request.user)  # type: ignore[arg-type]
    building = get_object_or_404(buildings.select_related("site__park__branch"), pk=building_id)
    park = building.site.park
    request.park = park  # type: ignore[attr-defined]
    on = day_of(request)
    viewer = get_viewer(user=request.user, park=park)  # type: ignore[arg-type]
    offered = [c for c in COLOURS if viewer.sees_firms or c in {"use", "vacancy"}]
    asked = request.GET.get("colour", "")
    default = "tenant" if viewer.sees_firms else "vacancy"
    colour = asked if asked in offered else default
    state = list_building_states(park=park, on=on, viewer=viewer, building=building)[0]
    labels = colour_labels()
    context = {
        "building": building,
        "state": state,
        "as_of": on,
        "viewer": viewer,
        "belongs": building.belongs_on(on),
        "section": building_section(state, on=on, colour=colour, kept=kept_day(request)),
        "other_ids": building.list_other_ids(),
        "twin": section_twin(state, on=on, sees_firms=viewer.sees_firms or bool(viewer.own_codes)),
        "vacant": [(item, vacancy_text(item, on)) for item in state.vacant],
        "colours": [(c, labels[c], c == colour) for c in labels if c in offered],
        "storeys": list_drawn_storeys(building=building),
        "sources": list_field_sources(target=building) if viewer.edits else [],
        "panels": panels(request, "space.building", building),
        "crumbs": park_crumbs(park),
    }
    return page(request, "enterprises/building_detail.html", context, parts=frozenset({"section"}))


def premises_list(request: HttpRequest) -> HttpResponseBase:
    """Show premises with their technical properties and their state on a day."""
    return lists.respond(request, PREMISES)


def premises_detail(request: HttpRequest, premises_id: int) -> HttpResponse:
    """Show premises: properties, fit for their industry, who was there when."""
    user = request.user
    found = visible_premises(user=user).select_related("park__branch", "building__site")  # type: ignore[arg-type]
    premises = get_object_or_404(found, pk=premises_id)
    park = premises.park
    request.park = park  # type: ignore[attr-defined]
    on = day_of(request)
    viewer = get_viewer(user=user, park=park)  # type: ignore[arg-type]
    state = list_premises_states(premises=[premises], on=on, viewer=viewer)[0]
    industry = premises.designated_industry or state.industry_code
    fit = check_fit(premises=premises, lowest_level=lowest_level(premises=premises), industry_code=industry)
    building = premises.building
    stays = list_stays(premises=premises, user=user)  # type: ignore[arg-type]
    made_of, became = list_lineage(premises=premises, user=user)  # type: ignore[arg-type]
    context = {
        "premises": premises,
        "state": state,
        "as_of": on,
        "viewer": viewer,
        "levels": premises_levels(premises=premises),
        "specification": specification(premises),
        "industry": (industry, industry_name(code=industry)) if industry else None,
        "fit": fit,
        "fit_rows": fit_rows(fit) if fit else [],
        "profile_name": profile_name(profile=fit.profile) if fit else "",
        "stays": [(stay, *lease_badge(occupancy=stay, on=on)) for stay in stays],
        "timeline": stays_timeline(stays=stays, on=on, kept=kept_day(request), by_firm=True),
        "belongs": premises.belongs_on(on) and building.belongs_on(on),
        "made_of": made_of,
        "became": became,
        "vacant_days": (on - state.vacant_since_on).days if state.vacant_since_on else None,
        "panels": panels(request, "space.premises", premises),
        "sources": list_field_sources(target=premises) if viewer.edits else [],
        "crumbs": park_crumbs(
            park, Link(building.name or building.code, reverse("building_detail", args=[building.pk]))
        ),
    }
    return page(request, "enterprises/premises_detail.html", context)
