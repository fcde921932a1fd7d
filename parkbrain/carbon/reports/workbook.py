"""A report as a workbook: every table on a sheet of its own, numbers as numbers."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from .pages import Cell, Paper, Sheet

INK, FAINT, BRAND, LINE = "#182124", "#626e74", "#0b5a5e", "#d7dad5"


def render_xlsx(*, make: Callable[[], Paper], language: str) -> bytes:
    """Return a report as a workbook in a language; `make` is called while that language is active."""
    target = io.BytesIO()
    with translation.override(language):
        paper = make()
        # A name never becomes a formula or a link, whatever it begins with.
        plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        workbook = xlsxwriter.Workbook(target, plain)
        base = {"font_size": 10, "font_color": INK, "valign": "top"}
        variants: dict[str, dict[str, Any]] = {
            "text": {"text_wrap": True},
            "number": {"num_format": "#,##0.0###"},
            "title": {"bold": True, "font_size": 15, "font_color": BRAND},
            "head": {"bold": True, "font_color": FAINT, "bottom": 1, "border_color": LINE, "text_wrap": True},
            "label": {"font_color": FAINT},
        }
        formats = {name: workbook.add_format({**base, **more}) for name, more in variants.items()}
        _write_summary(workbook, formats, paper)
        used = {_("Summary")}
        for sheet in paper.sheets:
            _write_sheet(workbook, formats, sheet, used)
        workbook.set_properties({"title": f"{paper.title} · {paper.subtitle}"})
        workbook.close()
    return target.getvalue()


def _write_summary(workbook: Any, formats: dict[str, Any], paper: Paper) -> None:
    page = workbook.add_worksheet(_("Summary"))
    page.hide_gridlines(2)
    page.set_column(0, 0, 40)
    page.set_column(1, 1, 60)
    page.write(0, 0, paper.title, formats["title"])
    page.write(1, 0, paper.subtitle, formats["label"])
    row = 3
    if paper.demo_notice:
        page.write(2, 0, paper.demo_notice, formats["label"])
    for label, value in paper.facts:
        page.write(row, 0, label, formats["label"])
        page.write_string(row, 1, value, formats["text"])
        row += 1
    for note in paper.notes:
        row += 1
        page.merge_range(row, 0, row, 1, note, formats["text"])
        page.set_row(row, 30)


def _write_sheet(workbook: Any, formats: dict[str, Any], sheet: Sheet, used: set[str]) -> None:
    name = sheet.title.translate(str.maketrans("", "", "[]:*?/\\"))[:31]
    while name in used:
        name = f"{name[:28]} {len(used)}"
    used.add(name)
    page = workbook.add_worksheet(name)
    page.hide_gridlines(2)
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    page.write_row(0, 0, sheet.heads, formats["head"])
    for number, cells in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(cells):
            _write_cell(page, number, column, cell, formats)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _write_cell(page: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None:
        page.write_blank(row, column, None, formats["text"])
    elif isinstance(cell, str):
        page.write_string(row, column, cell, formats["text"])
    else:
        page.write_number(row, column, cell, formats["number"])
