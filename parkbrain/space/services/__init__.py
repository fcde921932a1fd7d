"""What may change in space: parks and their branches, sites, buildings, storeys, premises."""

from .buildings import (
    CannotRecordBuilding,
    record_building,
    record_buildings,
    record_site,
    record_sites,
    record_storey,
    record_storeys,
)
from .bulk import change_premises
from .parks import CannotRecordPark, record_branches, record_park, record_parks
from .premises import CannotRecordPremises, record_premises, record_premises_rows
from .upsert import Recorded, upsert

__all__ = [
    "CannotRecordBuilding",
    "CannotRecordPark",
    "CannotRecordPremises",
    "Recorded",
    "change_premises",
    "record_branches",
    "record_building",
    "record_buildings",
    "record_park",
    "record_parks",
    "record_premises",
    "record_premises_rows",
    "record_site",
    "record_sites",
    "record_storey",
    "record_storeys",
    "upsert",
]
