"""Lists: columns, filters, sort links, totals and pages prepared in Python, so that the template only prints.

The state of a list lives in its address: `?q=…&use=OFFICE&area_min=200&sort=-area,code&cols=code,area&per=100&page=2`.
"""

from .build import PAGE_SIZE, TableView, build, simple
from .columns import NUMERIC, Action, Cell, Column, Head, Text, address_of, cell, numeric_text, words_of
from .filters import UNTYPED, Chip, Field, Filter, Read, Span, fields_of, read_filters
from .state import PAGE_SIZES, State, read_state

__all__ = [
    "NUMERIC",
    "PAGE_SIZE",
    "PAGE_SIZES",
    "UNTYPED",
    "Action",
    "Cell",
    "Chip",
    "Column",
    "Field",
    "Filter",
    "Head",
    "Read",
    "Span",
    "State",
    "TableView",
    "Text",
    "address_of",
    "build",
    "cell",
    "fields_of",
    "numeric_text",
    "read_filters",
    "read_state",
    "simple",
    "words_of",
]
