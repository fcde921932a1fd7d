"""What drawings brought: footprints and outlines, and where the footprints of a park can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min

from parkbrain.calc.drawings import LocalPlane
from parkbrain.calc.drawings.plane import middle_of, polygons_of
from parkbrain.kernel.models import Park, User

from ..models import Building, Space, Storey

#: A park is no wider than this; further away its buildings are those of another one [m].
PARK_REACH_M = 5_000.0
#: Parks on the edge of the city lie within this of the others [m].
CITY_REACH_M = 40_000.0


@dataclass(frozen=True)
class Surroundings:
    """The extent (west, south, east, north) [degrees] in which footprints may lie, give or take `reach_m`."""

    extent: tuple[float, float, float, float] | None
    reach_m: float
    # Around the park's own place; otherwise around all parks.
    is_own: bool = False

    def distance_m(self, geometry: Mapping[str, Any]) -> float | None:
        """Return how far the middle of a footprint lies outside of the extent [m]; None where nothing is known."""
        if self.extent is None:
            return None
        west, south, east, north = self.extent
        x, y = middle_of(geometry)
        nearest = min(max(x, west), east), min(max(y, south), north)
        dx, dy = LocalPlane(*nearest).to_metres(x, y)
        return float((dx * dx + dy * dy) ** 0.5)


def get_surroundings(*, park: Park | None) -> Surroundings:
    """Return where footprints of the park may lie: near the park, or in the city where its place is not known."""
    if park is not None and park.longitude is not None and park.latitude is not None:
        return Surroundings((park.longitude, park.latitude, park.longitude, park.latitude), PARK_REACH_M, True)
    found = Park.objects.filter(longitude__isnull=False, latitude__isnull=False).aggregate(
        west=Min("longitude"), south=Min("latitude"), east=Max("longitude"), north=Max("latitude")
    )
    if found["west"] is None:
        return Surroundings(None, CITY_REACH_M)
    return Surroundings((found["west"], found["south"], found["east"], found["north"]), CITY_REACH_M)


@dataclass(frozen=True)
class SpaceOutline:
    """A space of a storey as it was drawn: its polygons of rings [m], and the premises it belongs to."""

    code: str
    name: str
    zone: str
    area_m2: float
    clear_height_m: float | None
    premises_id: int | None
    premises_code: str
    polygons: Sequence[Any]


def find_storey(*, user: User, storey_id: int) -> Storey | None:
    """Return a storey of a building that the person may see, or None."""
    buildings = Building.objects.visible_to(user)
    found = Storey.objects.filter(building__in=buildings).select_related("building__site__park__branch")
    return found.filter(pk=storey_id).first()


def list_space_outlines(*, storey: Storey) -> list[SpaceOutline]:
    """Return every space of a storey; one that no drawing shows has no polygons."""
    spaces = Space.objects.filter(storey=storey).select_related("premises").order_by("code")
    return [
        SpaceOutline(
            code=s.code,
            name=s.name,
            zone=s.zone,
            area_m2=s.gross_area_m2,
            clear_height_m=s.clear_height_m,
            premises_id=s.premises_id,
            premises_code=s.premises.code if s.premises else "",
            polygons=list(polygons_of(s.plan)) if s.plan else [],
        )
        for s in spaces
    ]


def list_drawn_storeys(*, building: Building) -> list[tuple[Storey, bool]]:
    """Return the storeys of a building from the lowest up, and whether a drawing shows any space of each."""
    drawn = set(Space.objects.filter(storey__building=building, plan__isnull=False).values_list("storey_id", flat=True))
    return [(s, s.pk in drawn) for s in building.storeys.order_by("level")]


def list_footprints(*, buildings: Sequence[Building]) -> dict[int, list[Any]]:
    """Return the footprints of buildings as polygons of rings in metres around their common middle, by building."""
    outlined = [b for b in buildings if b.footprint]
    if not outlined:
        return {}
    middles = [middle_of(b.footprint) for b in outlined]
    plane = LocalPlane(sum(x for x, _y in middles) / len(middles), sum(y for _x, y in middles) / len(middles))
    return {
        b.pk: [[[plane.to_metres(p[0], p[1]) for p in ring] for ring in rings] for rings in polygons_of(b.footprint)]
        for b in outlined
    }
