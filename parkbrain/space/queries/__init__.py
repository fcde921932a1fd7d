"""What is so about parks, buildings, storeys and premises."""

from .fit import FittedPremises, check_fit, list_fitted_premises, profile_name, spec_of
from .origins import FieldSource, list_field_sources
from .parks import (
    ParkFilter,
    ParkTotals,
    find_park_hits,
    get_park_totals,
    list_branches,
    list_districts,
    list_parks,
    list_sites,
    list_spaces,
    list_storeys,
    lowest_level,
    premises_levels,
)

__all__ = [
    "FieldSource",
    "FittedPremises",
    "ParkFilter",
    "ParkTotals",
    "check_fit",
    "find_park_hits",
    "get_park_totals",
    "list_branches",
    "list_districts",
    "list_field_sources",
    "list_fitted_premises",
    "list_parks",
    "list_sites",
    "list_spaces",
    "list_storeys",
    "lowest_level",
    "premises_levels",
    "profile_name",
    "spec_of",
]
