"""A list as a file: what is shown, all pages of it, as CSV or Excel."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from parkbrain.ui import formats
from parkbrain.ui.table import NUMERIC, Column, numeric_text

CSV, XLSX, PDF = "csv", "xlsx", "pdf"
_CHUNK = 500
#: So many places of a recorded number stand on paper.
_MOST_PLACES = 6
#: A cell that begins like this is a formula to a spreadsheet: a name must not become one.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def table_file(
    *, columns: Sequence[Column], rows: Iterable[Any], name: str, kind: str, on: date | None = None
) -> HttpResponseBase:
    """Return the whole list as a download named by the list and the day; CSV is streamed while it is read."""
    exported, heads = _exported(columns)
    values = _values(exported, rows, translation.get_language())
    file_name = f"{name}-{(on or timezone.localdate()).isoformat()}.{kind}"
    if kind == XLSX:
        return _xlsx(heads, values, file_name)
    return _csv(heads, values, file_name)


def paper_table(*, columns: Sequence[Column], rows: Iterable[Any]) -> tuple[list[str], list[list[Any]], list[bool]]:
    """Return the heads and the cells of a list as paper says them, and of each column whether it is one of numbers."""
    exported, heads = _exported(columns)
    found = list(_values(exported, rows, translation.get_language()))
    numeric = [c.kind in NUMERIC or any(_is_number(row[n]) for row in found[:20]) for n, c in enumerate(exported)]
    return heads, [[_on_paper(c, value) for c, value in zip(exported, row, strict=True)] for row in found], numeric


def _exported(columns: Sequence[Column]) -> tuple[list[Column], list[str]]:
    """Return the columns that a file has, and their heads."""
    exported = [c for c in columns if c.kind not in {"spark", "actions"}]
    return exported, [f"{c.label} ({c.unit})" if c.unit else str(c.label) for c in exported]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _on_paper(column: Column, value: Any) -> Any:
    if column.kind == "number" and column.decimals is None and isinstance(value, Decimal):
        # A page may leave places out, its rows are a click away; on paper what was recorded exactly stands exactly.
        whole = round(value, _MOST_PLACES).normalize()
        return formats.number(whole, max(0, -int(whole.as_tuple().exponent)))
    if column.kind in NUMERIC and _is_number(value):
        return numeric_text(column, value, with_unit=False)
    return value


def _values(columns: Sequence[Column], rows: Iterable[Any], language: str | None) -> Iterator[list[Any]]:
    iterator = iter(rows)
    # The rows are written after the page's own language was put down: each part takes it up again.
    with translation.override(language):
        plain = _plainer()
    cells = [(column.value, column.kind in {"link", "badge", "stars"}) for column in columns]
    while True:
        with translation.override(language):
            part = [[_cell(value(row), paired, plain) for value, paired in cells] for row in islice(iterator, _CHUNK)]
        if not part:
            return
        yield from part


def _cell(value: Any, paired: bool, plain: Mapping[type, Callable[[Any], Any]]) -> Any:
    if paired and value is not None:
        value = value[0] if value else ""
    kind = type(value)
    if kind is str or kind is float or value is None:
        return value
    return plain[kind](value) if kind in plain else str(value)


def _plainer() -> Mapping[type, Callable[[Any], Any]]:
    """Return by type of value how a file says it; the words and the zone of the file are looked up once."""
    yes, no, zone = _("yes"), _("no"), timezone.get_current_timezone()
    return {
        bool: lambda value: yes if value else no,
        datetime: lambda value: value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        date: date.isoformat,
        int: lambda value: value,
        Decimal: lambda value: value,
    }


def _guarded(value: Any) -> Any:
    return f"'{value}" if type(value) is str and value.startswith(_FORMULA_STARTS) else value


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _csv(heads: Sequence[str], values: Iterator[list[Any]], name: str) -> HttpResponseBase:
    def lines() -> Iterator[str]:
        # The mark tells spreadsheets that Chinese characters follow.
        yield "\ufeff" + _lines([heads])
        while part := list(islice(values, _CHUNK)):
            yield _lines([_guarded(value) for value in row] for row in part)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


def _xlsx(heads: Sequence[str], values: Iterator[list[Any]], name: str) -> HttpResponseBase:
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it once it is sent
    # Text stays text in a workbook, whatever it begins with: each string is written as one.
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("List")[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for index, head in enumerate(heads):
        sheet.set_column(index, index, max(10, min(40, len(head) * 2)))
        sheet.write_string(0, index, head, bold)
    for number, row in enumerate(values, start=1):
        for index, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, index, value)
            elif value is not None:
                sheet.write_number(number, index, float(value))
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name)
