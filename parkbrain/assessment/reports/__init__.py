"""A rating on paper and as a workbook that recalculates."""

from .pdf import render_pdf
from .workbook import render_xlsx

__all__ = ["render_pdf", "render_xlsx"]
