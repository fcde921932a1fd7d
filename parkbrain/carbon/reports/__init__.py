"""Carbon on paper: the statement of a park and the sheet of a firm, as PDF and as a workbook."""

from .between import make_between_file, make_between_report
from .pages import Paper, footprint_paper, intensity_words, method_notes, statement_paper
from .pdf import render_pdf
from .sent import find_firm, make_footprint_file, make_footprint_report, make_statement_file, make_statement_report
from .workbook import render_xlsx

__all__ = [
    "Paper",
    "find_firm",
    "footprint_paper",
    "intensity_words",
    "make_between_file",
    "make_between_report",
    "make_footprint_file",
    "make_footprint_report",
    "make_statement_file",
    "make_statement_report",
    "method_notes",
    "render_pdf",
    "render_xlsx",
    "statement_paper",
]
