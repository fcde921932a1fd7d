"""What can be imported of energy: meters, places to be metered, tariffs and sharing rules."""

from .meters import METERS
from .needs import NEEDS, RULES
from .setup import SETUP
from .tariffs import TARIFFS

TAKERS = (METERS, NEEDS, TARIFFS, RULES)

__all__ = ["METERS", "NEEDS", "RULES", "SETUP", "TAKERS", "TARIFFS"]
