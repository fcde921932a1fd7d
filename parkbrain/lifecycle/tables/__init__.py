"""Lists of the life cycle."""

from .home import home_panel
from .lists import ASSIGNMENTS, DUTIES, LISTS, PROJECTS, standing_badge, standing_words

__all__ = ["ASSIGNMENTS", "DUTIES", "LISTS", "PROJECTS", "home_panel", "standing_badge", "standing_words"]
