"""What can be taken in of the life cycle."""

from .duties import DUTIES

TAKERS = (DUTIES,)

__all__ = ["DUTIES", "TAKERS"]
