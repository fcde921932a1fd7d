"""Lists: one mechanism for every list of the product, each declared once (`ListSpec`) and registered by its module.

`respond` answers the page of a list: filters, columns, sort, totals, pages, saved views, bulk edit with preview, files.
"""

from .bulk import CannotChangeRows, FieldChange, Refusal, check_changes
from .export import CSV, XLSX, table_file
from .page import respond, select
from .reading import read_rows
from .rows import Found, find_rows
from .saved import CannotKeepView, keep_columns, keep_view, list_views, remove_view, set_default_view
from .spec import Ask, Edit, ListSpec, lists, park_filter

__all__ = [
    "CSV",
    "XLSX",
    "Ask",
    "CannotChangeRows",
    "CannotKeepView",
    "Edit",
    "FieldChange",
    "Found",
    "ListSpec",
    "Refusal",
    "check_changes",
    "find_rows",
    "keep_columns",
    "keep_view",
    "list_views",
    "lists",
    "park_filter",
    "read_rows",
    "remove_view",
    "respond",
    "select",
    "set_default_view",
    "table_file",
]
