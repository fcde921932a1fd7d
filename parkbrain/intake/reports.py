"""Workbooks: an uploaded one with its problems marked at its cells, and a park's record as it is sent on a schedule."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from zipfile import BadZipFile

import openpyxl
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile
from parkbrain.ui.media import XLSX

from .models import Batch
from .queries import BatchReport, ProblemLine
from .services import read_workbook, write_export

_WRONG = PatternFill("solid", start_color="F7C8C0")
_AUTHOR = "ParkBrain"
_COMMENT_WIDTH, _COMMENT_HEIGHT = 320, 120


def make_record_report(*, user: User, park: Park, since: date, on: date, kind: str) -> ReportFile:
    """Return the record of a park as it is now; imported again it changes nothing."""
    buffer = io.BytesIO()
    write_export(park=park, target=buffer, language=get_language() or "zh-hans")
    return ReportFile(f"{park.code}-{on.isoformat()}.xlsx", buffer.getvalue(), XLSX)


def mark_problems(*, batch: Batch, report: BatchReport) -> bytes:
    """Return the batch's file as .xlsx with every problem marked, and a first sheet that lists them.

    :raises CannotReadFile: the file itself cannot be read, so that there is nothing to mark.
    """
    book = _open(batch)
    by_cell: dict[tuple[str, str], list[str]] = defaultdict(list)
    for problem in report.problems:
        if problem.sheet in book.sheetnames and problem.cell:
            by_cell[problem.sheet, problem.cell].append(problem.message)
    for (sheet, reference), messages in by_cell.items():
        _mark(book[sheet], reference, messages)
    _add_list(book, report.problems)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _open(batch: Batch) -> openpyxl.Workbook:
    """Return the workbook with its look where it is one, and a plain one with the same cells otherwise."""
    path = path_of(batch.document.sha256)
    # Read by our own limits first: what unpacks to too much is refused here as it was at the check.
    raw = read_workbook(path=path, name=batch.document.name)
    try:
        with path.open("rb") as file:
            return openpyxl.load_workbook(file)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, TypeError, OSError):
        book = openpyxl.Workbook()
        book.remove(book.active)  # type: ignore[arg-type]
        for sheet in raw.sheets:
            target = book.create_sheet(_sheet_name(sheet.name))
            for row in sheet.rows:
                target.append([ILLEGAL_CHARACTERS_RE.sub("", v) if isinstance(v, str) else v for v in row])
            for cells in target.iter_rows():
                for cell in cells:
                    if cell.data_type == "f":
                        # Text of a table that begins with "=" stays text.
                        cell.data_type = "s"
        return book


def _sheet_name(name: str) -> str:
    return "".join("-" if c in "[]:*?/\\" else c for c in name)[:31] or "Sheet1"


def _mark(sheet: Worksheet, reference: str, messages: Sequence[str]) -> None:
    cell = sheet[reference]
    if isinstance(cell, MergedCell):
        return
    cell.fill = _WRONG
    cell.comment = Comment("\n".join(messages), _AUTHOR, height=_COMMENT_HEIGHT, width=_COMMENT_WIDTH)


def _add_list(book: openpyxl.Workbook, problems: Sequence[ProblemLine]) -> None:
    name = _("Problems")
    sheet = book.create_sheet(name if name not in book.sheetnames else f"{name} 1", 0)
    sheet.append([_("Sheet"), _("Cell"), _("Column"), _("Value"), _("What is wrong")])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, problem in enumerate(problems, start=2):
        values = [problem.sheet, problem.cell or problem.row, problem.heading, problem.value, problem.message]
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(number, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
            if cell.data_type == "f":
                cell.data_type = "s"
        if problem.sheet in book.sheetnames and problem.cell:
            link = sheet.cell(number, 2)
            link.hyperlink = f"#'{problem.sheet}'!{problem.cell}"
        sheet.cell(number, 5).alignment = Alignment(wrap_text=True, vertical="top")
    for letters, width in zip("ABCDE", (18, 8, 22, 28, 80), strict=True):
        sheet.column_dimensions[letters].width = width
    sheet.freeze_panes = "A2"
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
