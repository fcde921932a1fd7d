"""The lists of the city."""

from .city import CITY, city_columns

__all__ = ["CITY", "city_columns"]
