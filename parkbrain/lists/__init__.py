"""Lists: one mechanism for every list of the product, each declared once (`ListSpec`) and registered by its module.

`respond` answers the page of a list: filters, columns, sort, totals, pages, saved views, bulk edit with preview, files.
"""

from .bulk import CannotChangeRows, FieldChange, Refusal, check_changes
from .export import CSV, PDF, XLSX, table_file
from .files import CannotMakeFile, ListFile, make_list_file, make_table_report
from .page import respond, select
from .paper import Paper, render_paper
from .reading import read_rows
from .rows import Found, find_rows
from .saved import CannotKeepView, keep_columns, keep_view, list_views, remove_view, set_default_view
from .spec import Ask, Edit, ListSpec, list_actions, lists, park_filter

__all__ = [
    "CSV",
    "PDF",
    "XLSX",
    "Ask",
    "CannotChangeRows",
    "CannotKeepView",
    "CannotMakeFile",
    "Edit",
    "FieldChange",
    "Found",
    "ListFile",
    "ListSpec",
    "Paper",
    "Refusal",
    "check_changes",
    "find_rows",
    "keep_columns",
    "keep_view",
    "list_actions",
    "list_views",
    "lists",
    "make_list_file",
    "make_table_report",
    "park_filter",
    "read_rows",
    "remove_view",
    "render_paper",
    "respond",
    "select",
    "set_default_view",
    "table_file",
]
