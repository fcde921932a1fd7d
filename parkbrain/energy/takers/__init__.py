"""What can be imported of energy: meters and tariffs."""

from .meters import METERS
from .tariffs import TARIFFS

TAKERS = (METERS, TARIFFS)

__all__ = ["METERS", "TAKERS", "TARIFFS"]
