"""Pages of the city and of its data rounds."""

from .city import (
    city,
    city_certainty,
    city_plans,
    city_points,
    city_shapes,
    draw_parks,
    plan_parks,
    stop_drawing,
    stop_planning,
)
from .peers import park_peers

__all__ = [
    "city",
    "city_certainty",
    "city_plans",
    "city_points",
    "city_shapes",
    "draw_parks",
    "park_peers",
    "plan_parks",
    "stop_drawing",
    "stop_planning",
]
