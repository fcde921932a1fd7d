"""Plans from above: the site of a park, the storeys of its buildings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from parkbrain.kernel.models import Park
from parkbrain.space.queries import find_storey, list_field_sources, list_footprints, list_space_outlines
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from ..charts import (
    COLOURS,
    SITE_COLOURS,
    building_section,
    colour_labels,
    floor_plan,
    floor_twin,
    section_twin,
    site_colour_labels,
    site_plan,
    site_twin,
)
from ..queries import StoreyState, Viewer, get_park_state, get_viewer, list_building_states, only_storey
from .common import day_of, park_crumbs


def site_plan_page(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the buildings of a park from above, coloured as asked, with the table of the same."""
    user = request.user
    park = get_object_or_404(Park.objects.visible_to(user).select_related("branch__parent"), pk=park_id)  # type: ignore[arg-type]
    request.park = park  # type: ignore[attr-defined]
    on = day_of(request)
    state = get_park_state(park=park, user=user, on=on)  # type: ignore[arg-type]
    offered = [c for c in SITE_COLOURS if state.viewer.sees_firms or c != "tenants"]
    colour = _chosen(request, offered, "tenants" if state.viewer.sees_firms else "vacancy")
    footprints = list_footprints(buildings=[b.building for b in state.buildings])
    context = {
        "park": park,
        "as_of": on,
        "viewer": state.viewer,
        "drawn_count": len(footprints),
        "building_count": len(state.buildings),
        "plan": site_plan(state.buildings, footprints=footprints, on=on, colour=colour),
        "twin": site_twin(state.buildings, on=on, sees_firms=state.viewer.sees_firms),
        "colours": _choices(site_colour_labels(), offered, colour),
        "crumbs": park_crumbs(park),
    }
    return page(request, "enterprises/site_plan.html", context, parts=frozenset({"plan"}))


def storey_detail(request: HttpRequest, storey_id: int) -> HttpResponse:
    """Show a storey from above where a drawing shows its spaces, and as a strip of its premises otherwise."""
    storey = find_storey(user=request.user, storey_id=storey_id)  # type: ignore[arg-type]
    if storey is None:
        raise Http404
    building, park = storey.building, storey.building.site.park
    request.park = park  # type: ignore[attr-defined]
    on = day_of(request)
    viewer = get_viewer(user=request.user, park=park)  # type: ignore[arg-type]
    offered = _colours_for(viewer)
    colour = _chosen(request, offered, "tenant" if viewer.sees_firms else "vacancy")
    state = only_storey(
        state=list_building_states(park=park, on=on, viewer=viewer, building=building)[0], storey_id=storey.pk
    )
    outlines = list_space_outlines(storey=storey)
    sees_firms = viewer.sees_firms or bool(viewer.own_codes)
    is_drawn = any(o.polygons for o in outlines)
    own: StoreyState = state.storeys[0]
    context = {
        "storey": storey,
        "building": building,
        "as_of": on,
        "viewer": viewer,
        "is_drawn": is_drawn,
        "space_count": len(outlines),
        "area_m2": sum(o.area_m2 for o in outlines),
        "let_m2": sum(area_m2 for part, area_m2 in own.parts if part.is_let),
        "plan": floor_plan(state, outlines, storey=storey, on=on, colour=colour) if is_drawn else None,
        "section": None if is_drawn else building_section(state, on=on, colour=colour),
        "twin": floor_twin(state, outlines, on=on, sees_firms=sees_firms)
        if is_drawn
        else section_twin(state, on=on, sees_firms=sees_firms),
        "colours": _choices(colour_labels(), offered, colour),
        "sources": list_field_sources(target=storey) if viewer.edits else [],
        "crumbs": park_crumbs(
            park, Link(building.name or building.code, reverse("building_detail", args=[building.pk]))
        ),
    }
    return page(request, "enterprises/storey_detail.html", context, parts=frozenset({"plan"}))


def _colours_for(viewer: Viewer) -> list[str]:
    return [c for c in COLOURS if viewer.sees_firms or c in {"use", "vacancy"}]


def _chosen(request: HttpRequest, offered: Sequence[str], default: str) -> str:
    asked = request.GET.get("colour", "")
    return asked if asked in offered else default


def _choices(labels: Mapping[str, str], offered: Sequence[str], colour: str) -> list[tuple[str, str, bool]]:
    return [(c, label, c == colour) for c, label in labels.items() if c in offered]
