"""Lists of the life cycle."""

from .home import get_own_tile
from .lists import ASSIGNMENTS, DUTIES, LISTS, PROJECTS, standing_badge, standing_words

__all__ = ["ASSIGNMENTS", "DUTIES", "LISTS", "PROJECTS", "get_own_tile", "standing_badge", "standing_words"]
