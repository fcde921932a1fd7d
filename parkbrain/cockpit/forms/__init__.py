"""Forms of the cockpit: what a wall shows, and what is sent regularly."""

from .reports import ReportForm
from .wall import (
    CITY,
    ENERGY,
    LEAST_SECONDS,
    MOST_SECONDS,
    PARK,
    SCREEN_NAMES,
    SCREENS,
    SECONDS,
    SPACE,
    STARS,
    WallForm,
)

__all__ = [
    "CITY",
    "ENERGY",
    "LEAST_SECONDS",
    "MOST_SECONDS",
    "PARK",
    "SCREENS",
    "SCREEN_NAMES",
    "SECONDS",
    "SPACE",
    "STARS",
    "ReportForm",
    "WallForm",
]
