"""What is taken in for a city: a bureau's own tables, and the product line that another park takes over."""

from .setup import SETUP
from .tables import LIST, TABLE

__all__ = ["LIST", "SETUP", "TABLE"]
