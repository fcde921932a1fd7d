"""The home pages, the search over everything, and the wall."""

from .home import home, home_tile, home_tiles, search
from .wall import wall, wall_park

__all__ = ["home", "home_tile", "home_tiles", "search", "wall", "wall_park"]
