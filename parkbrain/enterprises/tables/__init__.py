"""Columns and declarations of the lists of enterprises, premises and occupancies."""

from .columns import FitRow, fit_rows, lease_badge, products_of, return_columns, specification
from .lists import ENTERPRISES, LISTS, OCCUPANCIES, PREMISES

__all__ = [
    "ENTERPRISES",
    "LISTS",
    "OCCUPANCIES",
    "PREMISES",
    "FitRow",
    "fit_rows",
    "lease_badge",
    "products_of",
    "return_columns",
    "specification",
]
