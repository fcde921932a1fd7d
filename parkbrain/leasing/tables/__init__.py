"""Lists of leasing."""

from .leads import LEADS, RENT_ROLL, stage_badge

LISTS = (LEADS, RENT_ROLL)

__all__ = ["LEADS", "LISTS", "RENT_ROLL", "stage_badge"]
