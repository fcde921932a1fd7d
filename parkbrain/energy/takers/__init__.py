"""What can be imported of energy: meters, places to be metered, tariffs and sharing rules."""

from .meters import METERS
from .needs import NEEDS, RULES
from .tariffs import TARIFFS

TAKERS = (METERS, NEEDS, TARIFFS, RULES)

__all__ = ["METERS", "NEEDS", "RULES", "TAKERS", "TARIFFS"]
