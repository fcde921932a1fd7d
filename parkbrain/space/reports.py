"""A list as a file: what is shown, all pages of it, as CSV or Excel."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from parkbrain.ui.table import Column

CSV, XLSX = "csv", "xlsx"
_CHUNK = 500
#: A cell that begins like this is a formula to a spreadsheet: a name must not become one.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Prepare = Callable[[Sequence[Any]], Sequence[Any]]


def table_file(
    *, columns: Sequence[Column], rows: Iterable[Any], name: str, kind: str, prepare: Prepare | None = None
) -> HttpResponseBase:
    """Return the whole list as a download; CSV is streamed while it is read."""
    exported = [c for c in columns if c.kind != "spark"]
    heads = [f"{c.label} ({c.unit})" if c.unit else str(c.label) for c in exported]
    values = _values(exported, rows, prepare)
    if kind == XLSX:
        return _xlsx(heads, values, name)
    return _csv(heads, values, name)


def _values(columns: Sequence[Column], rows: Iterable[Any], prepare: Prepare | None) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        for row in prepare(chunk) if prepare else chunk:
            yield [_plain(column, row) for column in columns]


def _plain(column: Column, row: Any) -> Any:
    value = column.value(row)
    if column.kind in {"link", "badge"} and value is not None:
        value = value[0]
    if column.kind == "stars" and value is not None:
        value = value[0]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def _csv(heads: Sequence[str], values: Iterator[list[Any]], name: str) -> HttpResponseBase:
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        # The mark tells spreadsheets that Chinese characters follow.
        yield "\ufeff" + writer.writerow(heads)
        for row in values:
            yield writer.writerow(["" if v is None else v for v in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _xlsx(heads: Sequence[str], values: Iterator[list[Any]], name: str) -> HttpResponseBase:
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it once it is sent
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("List")[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    for index, head in enumerate(heads):
        sheet.set_column(index, index, max(10, min(40, len(head) * 2)))
        sheet.write_string(0, index, head, bold)
    for number, row in enumerate(values, start=1):
        for index, value in enumerate(row):
            if value is not None:
                sheet.write(number, index, float(value) if isinstance(value, Decimal) else value)
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx")
