"""What may change in space: parks and their branches, sites, buildings, storeys, premises."""

from .boundary import CannotChangeBoundary, check_may_change_boundary, end_belonging, succeed_premises
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
from .drawings import (
    CannotRecordDrawing,
    Matched,
    record_drawn_buildings,
    record_drawn_spaces,
    record_drawn_storeys,
    record_footprints,
)
from .parks import CannotRecordPark, record_branches, record_park, record_parks
from .premises import CannotRecordPremises, record_premises, record_premises_rows
from .upsert import Recorded, upsert

__all__ = [
    "CannotChangeBoundary",
    "CannotRecordBuilding",
    "CannotRecordDrawing",
    "CannotRecordPark",
    "CannotRecordPremises",
    "Matched",
    "Recorded",
    "change_premises",
    "check_may_change_boundary",
    "end_belonging",
    "record_branches",
    "record_building",
    "record_buildings",
    "record_drawn_buildings",
    "record_drawn_spaces",
    "record_drawn_storeys",
    "record_footprints",
    "record_park",
    "record_parks",
    "record_premises",
    "record_premises_rows",
    "record_site",
    "record_sites",
    "record_storey",
    "record_storeys",
    "succeed_premises",
    "upsert",
]
