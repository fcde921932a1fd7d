"""Drawings of the module: sections of buildings, plans of sites and storeys, each with its table twin."""

from .plans import SITE_COLOURS, floor_plan, floor_twin, site_colour_labels, site_plan, site_twin
from .scenes import park_scene
from .sections import (
    COLOURS,
    SERIES,
    building_section,
    colour_labels,
    park_series_chart,
    section_twin,
    series_labels,
    stays_timeline,
    tooltip,
    vacancy_text,
)

__all__ = [
    "COLOURS",
    "SERIES",
    "SITE_COLOURS",
    "building_section",
    "colour_labels",
    "floor_plan",
    "floor_twin",
    "park_scene",
    "park_series_chart",
    "section_twin",
    "series_labels",
    "site_colour_labels",
    "site_plan",
    "site_twin",
    "stays_timeline",
    "tooltip",
    "vacancy_text",
]
