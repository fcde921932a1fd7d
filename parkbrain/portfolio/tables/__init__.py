"""The lists of the city."""

from .city import CITY, city_columns
from .rounds import SUBMISSIONS

__all__ = ["CITY", "SUBMISSIONS", "city_columns"]
