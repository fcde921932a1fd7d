"""Where a park can be: what the footprints of a drawing are held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min

from parkbrain.calc.drawings import LocalPlane
from parkbrain.calc.drawings.plane import middle_of
from parkbrain.kernel.models import Park

#: A park is no wider than this; further away its buildings are those of another one [m].
PARK_REACH_M = 5_000.0
#: Parks on the edge of the city lie within this of the others [m].
CITY_REACH_M = 40_000.0


@dataclass(frozen=True)
class Surroundings:
    """The extent (west, south, east, north) [degrees] in which footprints may lie, give or take `reach_m`."""

    extent: tuple[float, float, float, float] | None
    reach_m: float

    @property
    def is_point(self) -> bool:
        """Whether the park's own place is known; otherwise the extent is that of all parks."""
        return self.extent is not None and self.extent[:2] == self.extent[2:]

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
        return Surroundings((park.longitude, park.latitude, park.longitude, park.latitude), PARK_REACH_M)
    found = Park.objects.filter(longitude__isnull=False, latitude__isnull=False).aggregate(
        west=Min("longitude"), south=Min("latitude"), east=Max("longitude"), north=Max("latitude")
    )
    if found["west"] is None:
        return Surroundings(None, CITY_REACH_M)
    return Surroundings((found["west"], found["south"], found["east"], found["north"]), CITY_REACH_M)
