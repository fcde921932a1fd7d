"""Lists of leasing."""

from .leads import LEADS, RENT_ROLL, stage_badge

LEAD_LISTS = (LEADS, RENT_ROLL)

__all__ = ["LEADS", "LEAD_LISTS", "RENT_ROLL", "stage_badge"]
