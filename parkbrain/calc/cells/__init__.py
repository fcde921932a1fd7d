"""What people type into cells → typed values, or the reason why not; and back.

A value is never blanked and never guessed: what cannot be read without doubt is refused with a machine code and the
parameters of a sentence, which the pages write in the reader's language.
"""

from .dates import find_date_order
from .types import CLEAR, CLEAR_ZH, MERGED, UNCALCULATED, CellError, CellType, plain_text
from .values import is_clear, parse_cell, write_cell

__all__ = [
    "CLEAR",
    "CLEAR_ZH",
    "MERGED",
    "UNCALCULATED",
    "CellError",
    "CellType",
    "find_date_order",
    "is_clear",
    "parse_cell",
    "plain_text",
    "write_cell",
]
