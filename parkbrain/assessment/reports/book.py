"""The workbook while it is written: formats, where facts and breakpoints stand, what the engine computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from parkbrain.calc import rating
from parkbrain.ui.formats import unit as unit_name

from ..queries.schemes import get_catalogue
from ..queries.sheets import StarSheet
from .scores import Block

INK, FAINT, LINE, BRAND = "#182124", "#626e74", "#d7dad5", "#0b5a5e"
SUNKEN, GIVEN = "#f2f3ef", "#fff7e0"


@dataclass
class Book:
    """What the parts of the workbook share."""

    workbook: Any
    sheet: StarSheet
    result: rating.Result
    names: dict[str, str]
    formats: dict[str, Any] = field(default_factory=dict)
    # Fact key → its cell, indicator → its breakpoints, node → its row on the sheet of indicators.
    fact_cells: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    node_rows: dict[str, int] = field(default_factory=dict)

    def locate(self, key: str) -> str:
        """Return the cell of a fact."""
        return self.fact_cells[key]

    def node_cell(self, node_id: str, column: int) -> str:
        """Return a cell of a node on the sheet of indicators, from any sheet."""
        cell = xl_rowcol_to_cell(self.node_rows[node_id], column, row_abs=True, col_abs=True)
        return f"'{self.names['indicators']}'!{cell}"

    def open_sheet(self, name: str, widths: Sequence[float], *, title: str) -> Any:
        """Return a sheet of the workbook with its title and column widths."""
        page = self.workbook.get_worksheet_by_name(self.names[name])
        page.hide_gridlines(2)
        for column, width in enumerate(widths):
            page.set_column(column, column, width, self.formats["text"])
        page.set_row(0, 24)
        page.write(0, 0, title, self.formats["title"])
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        return page

    def number(self, column: Any, row: int = 0) -> float | str:
        """Return the engine's number as a cell holds it: empty where it is not known."""
        value = float(column[row])
        return "" if math.isnan(value) else value


def open_book(*, target: Any, sheet: StarSheet) -> Book:
    """Return a workbook for a rating with its sheets and formats, nothing written yet."""
    workbook = xlsxwriter.Workbook(target, {"in_memory": True})
    plain = {key: float(entry[0]) for key, entry in sheet.inputs.items()}
    table = rating.FactTable.from_rows({"park": {key: plain.get(key) for key in sheet.scheme.facts}})
    names = {
        "summary": _("Summary"),
        "indicators": _("Indicators"),
        "facts": _("Facts"),
        "breakpoints": _("Breakpoints"),
        "evidence": _("Evidence"),
    }
    # In the order people see them; formulas may point forward.
    for name in names.values():
        workbook.add_worksheet(name)
    book = Book(workbook, sheet, rating.rate(sheet.scheme, table), names)
    base = {"font_size": 10, "font_color": INK, "valign": "top"}
    flags = f'[=1]"{_("yes")}";[=0]"{_("no")}";"{_("unknown")}"'
    variants: dict[str, dict[str, Any]] = {
        "text": {},
        "wrap": {"text_wrap": True},
        "faint": {"font_color": FAINT, "text_wrap": True},
        "mono": {"font_name": "Consolas", "font_size": 9, "font_color": FAINT},
        "title": {"bold": True, "font_size": 15, "font_color": BRAND, "valign": "vcenter"},
        "head": {"bold": True, "font_color": FAINT, "bottom": 1, "border_color": LINE, "text_wrap": True},
        "node": {"bold": True, "bg_color": SUNKEN},
        "node_number": {"bold": True, "bg_color": SUNKEN, "num_format": "0.00"},
        "value": {"num_format": "#,##0.####"},
        "score": {"num_format": "0.0"},
        "points": {"num_format": "0.00"},
        "weight": {"num_format": "0.##"},
        "flag": {"num_format": flags, "align": "right"},
        "given": {"num_format": "#,##0.####", "bg_color": GIVEN, "border": 1, "border_color": LINE, "locked": False},
        "big": {"bold": True, "font_size": 18, "num_format": "0.00", "font_color": BRAND},
        "star": {"bold": True, "font_size": 18, "num_format": "0", "font_color": BRAND},
        "label": {"font_color": FAINT},
        "share": {"num_format": "0%"},
    }
    book.formats = {name: workbook.add_format({**base, **more}) for name, more in variants.items()}
    return book


def write_facts(*, book: Book) -> None:
    """Write the sheet of facts: the one column that people change; an empty value is unknown."""
    page = book.open_sheet("facts", [34, 44, 14, 16, 13, 12, 11], title=_("Facts"))
    note = _(
        "Change a value in the yellow column and every score, total and star follows. Empty means unknown, not zero."
    )
    page.write(1, 0, note, book.formats["label"])
    heads = [_("Key"), _("Fact"), _("Unit"), _("Value"), _("Standing"), _("Period"), _("Coverage")]
    page.write_row(3, 0, heads, book.formats["head"])
    catalogue, used = get_catalogue(), book.sheet.scheme.facts
    keys = [key for key in catalogue if key in used] + sorted(used - set(catalogue))
    standings = {"c": _("computed"), "d": _("declared"), "v": _("verified")}
    periods = {"as_of": _("at the cut-off"), "ttm": _("12 months"), "fy": _("last year")}
    for row, key in enumerate(keys, start=4):
        entry, fact = book.sheet.inputs.get(key), catalogue.get(key)
        page.write(row, 0, key, book.formats["mono"])
        page.write(row, 1, fact.name if fact else key, book.formats["wrap"])
        page.write(row, 2, _unit(fact), book.formats["text"])
        if entry is None:
            page.write_blank(row, 3, None, book.formats["given"])
        else:
            page.write_number(row, 3, float(entry[0]), book.formats["given"])
        page.write(row, 4, standings.get(str(entry[1]), "") if entry else _("unknown"), book.formats["text"])
        page.write(row, 5, periods.get(fact.period, "") if fact else "", book.formats["text"])
        if entry is not None:
            page.write_number(row, 6, float(entry[2]), book.formats["share"])
        cell = xl_rowcol_to_cell(row, 3, row_abs=True, col_abs=True)
        book.fact_cells[key] = f"'{book.names['facts']}'!{cell}"
    page.freeze_panes(4, 2)
    page.autofilter(3, 0, 3 + len(keys), 6)


def _unit(fact: Any) -> str:
    if fact is None:
        return ""
    return _("1 = yes, 0 = no") if fact.kind == "boolean" else unit_name(fact.unit)
