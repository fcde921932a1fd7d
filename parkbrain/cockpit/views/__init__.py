"""The home pages, the search over everything, the wall, the briefs and the scheduled reports."""

from .briefs import city_brief, park_brief
from .home import home, home_tile, home_tiles, search
from .needs import park_needs, to_verify
from .reports import report_act, report_add, report_file, report_list, report_now
from .wall import wall, wall_park

__all__ = [
    "city_brief",
    "home",
    "home_tile",
    "home_tiles",
    "park_brief",
    "park_needs",
    "report_act",
    "report_add",
    "report_file",
    "report_list",
    "report_now",
    "search",
    "to_verify",
    "wall",
    "wall_park",
]
