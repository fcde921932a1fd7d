"""What is so about parks, buildings, storeys and premises."""

from .drawings import (
    SpaceOutline,
    Surroundings,
    find_storey,
    get_surroundings,
    list_drawn_storeys,
    list_footprints,
    list_space_outlines,
)
from .finding import find_building_hits
from .fit import FittedPremises, check_fit, list_fitted_premises, profile_name, spec_of
from .origins import FieldSource, list_field_sources
from .parks import (
    ParkFilter,
    ParkRow,
    find_park_hits,
    list_branches,
    list_districts,
    list_parks,
    list_sites,
    list_spaces,
    list_storeys,
    lowest_level,
    name_districts,
    park_rows,
    parks_holding,
    premises_levels,
    sum_lettable_area,
)

__all__ = [
    "FieldSource",
    "FittedPremises",
    "ParkFilter",
    "ParkRow",
    "SpaceOutline",
    "Surroundings",
    "check_fit",
    "find_building_hits",
    "find_park_hits",
    "find_storey",
    "get_surroundings",
    "list_branches",
    "list_districts",
    "list_drawn_storeys",
    "list_field_sources",
    "list_fitted_premises",
    "list_footprints",
    "list_parks",
    "list_sites",
    "list_space_outlines",
    "list_spaces",
    "list_storeys",
    "lowest_level",
    "name_districts",
    "park_rows",
    "parks_holding",
    "premises_levels",
    "profile_name",
    "spec_of",
    "sum_lettable_area",
]
