"""A rating on paper and as a workbook that recalculates."""

from .pdf import render_pdf
from .sent import make_file, make_rating_report
from .workbook import render_xlsx

__all__ = ["make_file", "make_rating_report", "render_pdf", "render_xlsx"]
