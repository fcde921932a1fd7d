"""What can be imported about space: the park, its buildings, storeys and premises."""

from .buildings import BUILDINGS, STOREYS
from .park import PARK
from .premises import PREMISES

TAKERS = (PARK, BUILDINGS, STOREYS, PREMISES)

__all__ = ["TAKERS"]
