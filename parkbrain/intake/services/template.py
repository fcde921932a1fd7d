"""The workbook to fill in, and a park's record in the same form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from parkbrain.calc.cells import CLEAR, CLEAR_ZH, CellType, parse_cell, write_cell
from parkbrain.kernel.models import Park
from parkbrain.kernel.taking import Column, Taker

from ..queries import (
    EXAMPLE_LABEL,
    EXPLANATION_LABEL,
    MARK_LABEL,
    OWN_SHEET_PREFIX,
    get_cell_type,
    get_choices,
    get_heading,
    list_takers,
)
from .explanation import write_explanation

TEMPLATE_VERSION = 1
METADATA_SHEET = f"{OWN_SHEET_PREFIX}_template"
LISTS_SHEET = f"{OWN_SHEET_PREFIX}_lists"
#: Rows below the headings that carry drop-downs and types.
PREPARED_ROWS = 5000
#: A drop-down written into the sheet itself may have this many characters; longer ones lie on a hidden sheet.
_INLINE_LIST = 250
_FORMATS = {"date": "yyyy-mm-dd", "integer": "0", "text": "@", "code": "@", "uscc": "@", "codes": "@"}


class ExactWorksheet(Worksheet):  # type: ignore[misc]
    """Writes numbers so that they read back the same: sixteen digits lose the last bit of some, `repr` none."""

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        attr = "".join(f' {key}="{self._escape_attributes(value)}"' for key, value in attributes)
        self.fh.write(f"<c{attr}><v>{number!r}</v></c>")


def write_template(*, target: Path | IO[bytes], language: str) -> None:
    """Write the workbook to fill in, in a language."""
    rows = {t.key: list(t.prefilled()) if t.prefilled else [] for t in list_takers()}
    _write(target, language, rows, with_examples=True, park=None)


def write_export(*, park: Park, target: Path | IO[bytes], language: str) -> None:
    """Write a park's record as it is now, as a workbook that can be imported again and then changes nothing."""
    rows = {t.key: list(t.export(park=park)) for t in list_takers() if t.export}
    _write(target, language, rows, with_examples=False, park=park)


def _write(
    target: Path | IO[bytes],
    language: str,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    with_examples: bool,
    park: Park | None,
) -> None:
    with override(language):
        # Streaming rows to disk keeps the memory of a large export small; strings never become links or formulas.
        options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": not isinstance(target, Path)}
        book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, options)
        writer = _BookWriter(book, language)
        takers = [t for t in list_takers() if t.key in rows]
        names = {t.key: sheet_name(label=str(t.label)) for t in takers}
        first = book.add_worksheet(str(EXPLANATION_LABEL))
        write_explanation(
            book=book,
            sheet=first,
            names=names,
            takers=takers,
            park=park,
            clear_word=CLEAR if language == "en" else CLEAR_ZH,
        )
        for taker in takers:
            writer.add_sheet(taker, names[taker.key], rows[taker.key], with_examples)
        writer.finish(names, park)
        book.close()


def sheet_name(*, label: str) -> str:
    """Return a label as a spreadsheet allows it for the name of a sheet."""
    return "".join("-" if c in "[]:*?/\\" else c for c in label).strip("'")[:31]


class _BookWriter:
    """Writes the sheets of one workbook; it keeps the cell formats and the long lists they share."""

    def __init__(self, book: xlsxwriter.Workbook, language: str) -> None:
        self.book = book
        self.language = language
        head = {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1, "font_size": 10}
        self.head = book.add_format({**head, "bg_color": "#E4EFED"})
        self.head_required = book.add_format({**head, "bg_color": "#B9DAD4"})
        self.lists: list[list[str]] = []
        self._formats: dict[tuple[str, bool], Format] = {}
        self.words = (_("yes"), _("no"))

    def cell_format(self, kind: str, example: bool) -> Format:
        """Return the format of a column's cells."""
        if (kind, example) not in self._formats:
            look: dict[str, Any] = {"font_size": 10}
            if kind in _FORMATS:
                look["num_format"] = _FORMATS[kind]
            if example:
                look |= {"italic": True, "font_color": "#6B7480", "bg_color": "#F4F4F1"}
            self._formats[kind, example] = self.book.add_format(look)
        return self._formats[kind, example]

    def add_sheet(self, taker: Taker, name: str, rows: Sequence[Mapping[str, Any]], with_example: bool) -> None:
        """Write a sheet: headings with notes, an example, and the rows there are."""
        sheet = self.book.add_worksheet(name, worksheet_class=ExactWorksheet)
        sheet.freeze_panes(1, 2)
        sheet.set_row(0, 32)
        sheet.write_string(0, 0, str(MARK_LABEL), self.head)
        sheet.write_comment(0, 0, _("Rows marked “%(word)s” are not taken in.") % {"word": str(EXAMPLE_LABEL)})
        sheet.set_column(0, 0, 7)
        types = [get_cell_type(column=c, taker=taker) for c in taker.columns]
        for index, (column, kind) in enumerate(zip(taker.columns, types, strict=True), start=1):
            self._add_column(sheet, index, column, kind)
        start = 1
        if with_example and any(c.example is not None for c in taker.columns):
            example = {c.field: c.example for c in taker.columns}
            sheet.write_string(1, 0, str(EXAMPLE_LABEL), self.cell_format("text", True))
            self._write_row(sheet, 1, example, taker.columns, types, is_example=True)
            start = 2
        for number, row in enumerate(rows, start=start):
            self._write_row(sheet, number, row, taker.columns, types, is_example=False)

    def _add_column(self, sheet: Worksheet, index: int, column: Column, kind: CellType) -> None:
        heading = get_heading(column=column) + (" *" if column.required else "")
        sheet.write_string(0, index, heading, self.head_required if column.required else self.head)
        sheet.write_comment(0, index, _note(column), {"x_scale": 1.6, "y_scale": 1.2})
        width = max(9, min(32, sum(2 if ord(c) > 0x2E80 else 1 for c in heading) + 2))
        sheet.set_column(index, index, 24 if kind.kind == "uscc" else width, self.cell_format(kind.kind, False))
        if validation := self._validation(column, kind):
            sheet.data_validation(1, index, PREPARED_ROWS, index, validation)

    def _validation(self, column: Column, kind: CellType) -> dict[str, Any] | None:
        # Hints only ("warning"): the import reads more spellings than a drop-down offers.
        shared = {"error_type": "warning", "error_title": str(column.label)[:32]}
        if column.kind == "boolean":
            return {"validate": "list", "source": list(self.words), **shared}
        if column.kind == "choice":
            labels = list(get_choices(column=column).values())
            if len(",".join(labels)) <= _INLINE_LIST and not any("," in label for label in labels):
                return {"validate": "list", "source": labels, **shared}
            self.lists.append(labels)
            place = len(self.lists) - 1
            return {
                "validate": "list",
                "source": f"={LISTS_SHEET}!{xl_range_abs(0, place, len(labels) - 1, place)}",
                **shared,
            }
        if column.kind in {"integer", "number", "money"} and column.minimum is not None and column.maximum is not None:
            validate = "integer" if column.kind == "integer" else "decimal"
            limits = {"minimum": column.minimum, "maximum": column.maximum}
            return {"validate": validate, "criteria": "between", **limits, **shared}
        if column.kind == "uscc":
            return {"validate": "length", "criteria": "==", "value": 18, **shared}
        return None

    def _write_row(
        self,
        sheet: Worksheet,
        number: int,
        row: Mapping[str, Any],
        columns: Sequence[Column],
        types: Sequence[CellType],
        *,
        is_example: bool,
    ) -> None:
        for index, (column, kind) in enumerate(zip(columns, types, strict=True), start=1):
            value = row.get(column.field)
            if is_example and isinstance(value, str):
                # Examples are declared as people would type them.
                value = parse_cell(value, kind)
            labels = get_choices(column=column) if column.kind == "choice" else None
            cell = write_cell(value, kind, labels=labels, words=self.words)
            look = self.cell_format(kind.kind, is_example)
            if cell is None:
                if is_example:
                    sheet.write_blank(number, index, None, look)
            elif kind.kind == "date":
                sheet.write_datetime(number, index, cell, look)
            elif isinstance(cell, str):
                sheet.write_string(number, index, cell, look)
            else:
                sheet.write_number(number, index, float(cell) if kind.kind != "integer" else int(cell), look)

    def finish(self, names: Mapping[str, str], park: Park | None) -> None:
        """Write the hidden sheets: long lists, and what the workbook says of itself."""
        if self.lists:
            sheet = self.book.add_worksheet(LISTS_SHEET)
            sheet.hide()
            for index, labels in enumerate(self.lists):
                sheet.write_column(0, index, labels)
        about = self.book.add_worksheet(METADATA_SHEET)
        about.very_hidden()
        rows = [
            ("template_version", str(TEMPLATE_VERSION)),
            ("language", self.language),
            ("park", park.code if park else ""),
        ]
        for number, (key, value) in enumerate(rows):
            about.write_string(number, 0, key)
            about.write_string(number, 1, value)
        for number, (key, name) in enumerate(names.items(), start=len(rows)):
            about.write_row(number, 0, ("sheet", key, name))


def _note(column: Column) -> str:
    """Return what the comment of a heading says."""
    kinds = {
        "text": _("Text."),
        "integer": _("A whole number."),
        "number": _("A number."),
        "money": _("An amount of money."),
        "date": _("A date, for example 2026-03-31."),
        "boolean": _("Yes or no."),
        "choice": _("One of the list."),
        "uscc": _("Unified social credit code of 18 characters."),
        "codes": _("Codes, separated by commas."),
    }
    lines = [str(column.note), kinds[column.kind]]
    if column.required:
        lines.append(_("Has to be given."))
    if column.minimum is not None and column.maximum is not None:
        limits = {"minimum": f"{column.minimum:,.10g}", "maximum": f"{column.maximum:,.10g}"}
        lines.append(_("From %(minimum)s to %(maximum)s.") % limits)
    return "\n".join(line for line in lines if line)
