"""What is so about parks, buildings, storeys and premises."""

from .fit import FittedPremises, check_fit, list_fitted_premises, profile_name, spec_of
from .origins import FieldSource, list_field_sources
from .parks import (
    ParkFilter,
    find_park_hits,
    list_districts,
    list_parks,
    list_sites,
    lowest_level,
    premises_levels,
)

__all__ = [
    "FieldSource",
    "FittedPremises",
    "ParkFilter",
    "check_fit",
    "find_park_hits",
    "list_districts",
    "list_field_sources",
    "list_fitted_premises",
    "list_parks",
    "list_sites",
    "lowest_level",
    "premises_levels",
    "profile_name",
    "spec_of",
]
