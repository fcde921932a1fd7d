"""Pages of places and firms."""

from .firms import enterprise_detail, enterprise_list, occupancy_list
from .places import building_detail, park_detail, premises_detail, premises_list
from .plans import site_plan_page, storey_detail

__all__ = [
    "building_detail",
    "enterprise_detail",
    "enterprise_list",
    "occupancy_list",
    "park_detail",
    "premises_detail",
    "premises_list",
    "site_plan_page",
    "storey_detail",
]
