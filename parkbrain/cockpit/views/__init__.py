"""The home pages, the search over everything, and the wall."""

from .home import home, search
from .wall import wall, wall_park

__all__ = ["home", "search", "wall", "wall_park"]
