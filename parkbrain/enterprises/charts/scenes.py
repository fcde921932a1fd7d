"""The park in three dimensions, in the colours of the section."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.ui import formats, scene
from parkbrain.ui.asof import dated

from ..queries import BuildingState, PremisesState, StoreyState
from .plans import ground_area_m2
from .sections import COLOURINGS, OUT_OF_STOCK, Legend, fill_of, storey_height_m, tooltip

Fill = Callable[[PremisesState], str]
#: Less than this is a difference between two lists, not a corridor [m²].
LEAST_REST_M2 = 1.0


def park_scene(
    states: Sequence[BuildingState],
    *,
    footprints: Mapping[int, Any],
    on: date,
    colour: str,
    arcs: Sequence[scene.Arc] = (),
    colouring: tuple[Fill, Legend] | None = None,
    kept: str = "",
) -> scene.SceneView:
    """Stack the buildings of a park storey by storey; `colouring` stands in for one that only a higher module knows."""
    every = [part for state in states for part in state.states]
    fill, legend = colouring or COLOURINGS[colour](every, on)

    def drawn(part: PremisesState) -> str:
        return fill(part) if colouring else fill_of(part, fill, colour)

    houses = [
        scene.House(
            key=str(state.building.pk),
            label=state.building.name or state.building.code,
            url=dated(reverse("building_detail", args=[state.building.pk]), kept),
            levels=_levels(state, on, drawn, kept),
            outline=footprints.get(state.building.pk, ()),
            area_m2=ground_area_m2(state),
        )
        for state in states
    ]
    let, lettable = sum(s.let_area_m2 for s in states), sum(s.lettable_area_m2 for s in states)
    label = _("The park in 3-D: %(count)s buildings, %(let)s of %(all)s m² let") % {
        "count": len(states),
        "let": formats.number(let, 0),
        "all": formats.number(lettable, 0),
    }
    return scene.layout(houses=houses, legend=legend, label=label, arcs=arcs)


def _levels(state: BuildingState, on: date, fill: Fill, kept: str) -> list[scene.Level]:
    following = {a.storey.pk: b.storey for a, b in zip(state.storeys, state.storeys[1:], strict=False)}
    return [
        scene.Level(
            key=str(storey.storey.pk),
            label=storey.storey.short_label,
            height_m=storey_height_m(storey.storey, following.get(storey.storey.pk)),
            area_m2=storey.storey.gross_floor_area_m2,
            below_ground=storey.storey.level < 0,
            slabs=_slabs(storey, on, fill, kept),
        )
        for storey in state.storeys
    ]


def _slabs(storey: StoreyState, on: date, fill: Fill, kept: str) -> list[scene.Slab]:
    """Return the premises of a storey, and what of it belongs to none."""
    slabs = [
        scene.Slab(
            key=f"p{part.premises_id}",
            area_m2=area_m2,
            fill=fill(part),
            tooltip=tooltip(part, area_m2, on),
            url=dated(reverse("premises_detail", args=[part.premises_id]), kept) if part.may_open else "",
        )
        for part, area_m2 in storey.parts
    ]
    rest = (storey.storey.gross_floor_area_m2 or 0.0) - sum(area_m2 for _part, area_m2 in storey.parts)
    if rest > LEAST_REST_M2:
        words = {"storey": storey.storey.short_label, "area": formats.number(rest, 0)}
        text = _("%(storey)s · %(area)s m² that belong to no premises") % words
        slabs.append(scene.Slab(f"s{storey.storey.pk}", rest, OUT_OF_STOCK, text))
    return slabs
