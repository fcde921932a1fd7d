"""Pages of places and firms."""

from . import boundary, papers
from .firms import enterprise_detail, enterprise_list, occupancy_list
from .places import building_detail, park_detail, premises_detail, premises_list
from .plans import site_plan_page, storey_detail
from .times import enterprise_history, qualification_calendar

__all__ = [
    "boundary",
    "building_detail",
    "enterprise_detail",
    "enterprise_history",
    "enterprise_list",
    "occupancy_list",
    "papers",
    "park_detail",
    "premises_detail",
    "premises_list",
    "qualification_calendar",
    "site_plan_page",
    "storey_detail",
]
