"""The first sheet of a workbook: how to fill it in, in a dozen lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from parkbrain.kernel.models import Park
from parkbrain.kernel.taking import Taker

from ..queries import EXAMPLE_LABEL


def write_explanation(
    *,
    book: xlsxwriter.Workbook,
    sheet: Worksheet,
    names: Mapping[str, str],
    takers: Sequence[Taker],
    park: Park | None,
    clear_word: str,
) -> None:
    """Write the sheet that explains the others."""
    title = book.add_format({"bold": True, "font_size": 16, "font_color": "#0F5A52"})
    plain = book.add_format({"text_wrap": True, "valign": "top", "font_size": 10})
    head = book.add_format({"bold": True, "font_size": 10, "bottom": 1})
    link = book.add_format({"font_size": 10, "font_color": "#0F5A52", "underline": 1, "valign": "top"})
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 92)
    sheet.write_string(0, 0, _heading(park), title)
    row = 2
    for text in _lines(park, clear_word):
        sheet.merge_range(row, 0, row, 1, text, plain)
        sheet.set_row(row, 15 * (1 + len(text) // 110))
        row += 1
    row += 1
    sheet.write_string(row, 0, _("Sheet"), head)
    sheet.write_string(row, 1, _("What stands in it"), head)
    for taker in takers:
        row += 1
        name = names[taker.key]
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_string(row, 1, _about(taker), plain)


def _heading(park: Park | None) -> str:
    if park is None:
        return _("ParkBrain: workbook to fill in")
    return _("ParkBrain: the record of %(park)s") % {"park": park.name}


def _lines(park: Park | None, clear_word: str) -> list[str]:
    words: dict[str, Any] = {"example": str(EXAMPLE_LABEL), "clear": clear_word}
    lines = [
        _("Fill in the sheets you have something for; the others may stay empty or be deleted."),
        _("Columns with * in a darker heading have to be filled. Point at a heading to read what belongs below it."),
        _("Rows whose first cell says “%(example)s” are never taken in; write below them.") % words,
        _("An empty cell says nothing: what the record holds stays as it is. To empty a value write %(clear)s.")
        % words,
        _("Leave empty what is not known. Do not write 0, “none” or a dash for it."),
        _("The file is checked as a whole before anything is written; the same file twice changes nothing."),
    ]
    if park is None:
        lines.insert(0, _("A new park starts with the sheet about the park itself; its code is yours to choose."))
    return lines


def _about(taker: Taker) -> str:
    required = [str(c.label) for c in taker.columns if c.required]
    if not required:
        return str(taker.note)
    return _("%(note)s Has to be given: %(columns)s.") % {"note": taker.note, "columns": _(", ").join(required)}
