"""The lists of the city."""

from .city import CITY, city_columns
from .groups import GROUP_PARKS, GROUPS
from .rounds import SUBMISSIONS

__all__ = ["CITY", "GROUPS", "GROUP_PARKS", "SUBMISSIONS", "city_columns"]
