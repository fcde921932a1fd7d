"""What can be imported about space: the park, its buildings, storeys and premises, from tables and from drawings."""

from .buildings import BUILDINGS, STOREYS
from .drawings import DRAWN_BUILDINGS, DRAWN_SPACES, DRAWN_STOREYS, FOOTPRINTS
from .park import PARK
from .premises import PREMISES

TAKERS = (PARK, BUILDINGS, STOREYS, PREMISES, DRAWN_BUILDINGS, FOOTPRINTS, DRAWN_STOREYS, DRAWN_SPACES)

__all__ = ["TAKERS"]
