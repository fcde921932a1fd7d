"""Pages of leasing."""

from .leads import lead_add, lead_detail, lead_do, lead_edit, lead_funnel, lead_list, quote_answer, visit_close
from .lettings import find_space, lettings_board, rent_roll, what_if

__all__ = [
    "find_space",
    "lead_add",
    "lead_detail",
    "lead_do",
    "lead_edit",
    "lead_funnel",
    "lead_list",
    "lettings_board",
    "quote_answer",
    "rent_roll",
    "visit_close",
    "what_if",
]
