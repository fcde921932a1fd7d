"""A list as a file: what is shown, all pages of it, as CSV or Excel."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from parkbrain.ui.table import Column

CSV, XLSX = "csv", "xlsx"
_CHUNK = 500
#: A cell that begins like this is a formula to a spreadsheet: a name must not become one.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def table_file(
    *, columns: Sequence[Column], rows: Iterable[Any], name: str, kind: str, on: date | None = None
) -> HttpResponseBase:
    """Return the whole list as a download named by the list and the day; CSV is streamed while it is read."""
    exported = [c for c in columns if c.kind not in {"spark", "action"}]
    heads = [f"{c.label} ({c.unit})" if c.unit else str(c.label) for c in exported]
    values = _values(exported, rows, translation.get_language())
    file_name = f"{name}-{(on or timezone.localdate()).isoformat()}.{kind}"
    if kind == XLSX:
        return _xlsx(heads, values, file_name)
    return _csv(heads, values, file_name)


def _values(columns: Sequence[Column], rows: Iterable[Any], language: str | None) -> Iterator[list[Any]]:
    iterator = iter(rows)
    # The rows are written after the page's own language was put down: each part takes it up again.
    while True:
        with translation.override(language):
            part = [[_plain(column, row) for column in columns] for row in islice(iterator, _CHUNK)]
        if not part:
            return
        yield from part


def _plain(column: Column, row: Any) -> Any:
    value = column.value(row)
    if column.kind in {"link", "badge", "stars"} and value is not None:
        value = value[0] if value else ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, int | float | Decimal):
        return value
    return str(value)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def _guarded(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _csv(heads: Sequence[str], values: Iterator[list[Any]], name: str) -> HttpResponseBase:
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        # The mark tells spreadsheets that Chinese characters follow.
        yield "\ufeff" + writer.writerow(heads)
        while part := list(islice(values, _CHUNK)):
            yield "".join(writer.writerow([_guarded(v) for v in row]) for row in part)

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
