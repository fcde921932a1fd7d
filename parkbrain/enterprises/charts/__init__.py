"""Drawings of the module: sections of buildings, plans of sites and storeys, each with its table twin."""

from .plans import SITE_COLOURS, floor_plan, floor_twin, site_colour_labels, site_plan, site_twin
from .sections import COLOURS, building_section, colour_labels, section_twin, tooltip, vacancy_text

__all__ = [
    "COLOURS",
    "SITE_COLOURS",
    "building_section",
    "colour_labels",
    "floor_plan",
    "floor_twin",
    "section_twin",
    "site_colour_labels",
    "site_plan",
    "site_twin",
    "tooltip",
    "vacancy_text",
]
