"""A report typeset by typst, in three languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from parkbrain.ui.charts_ssr import render_svg
from parkbrain.ui.formats import number
from parkbrain.ui.typesetting import typeset

from .pages import Cell, Paper

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "carbon" / "paper.typ"
FONT = "Noto Sans SC"


def render_pdf(*, make: Callable[[], Paper], language: str) -> bytes:
    """Return a report in a language; `make` is called while that language is active."""
    with translation.override(language):
        paper = make()
        data = {
            "title": paper.title,
            "subtitle": paper.subtitle,
            "fictional": paper.demo_notice,
            "facts": [list(one) for one in paper.facts],
            "sheets": [
                {
                    "title": sheet.title,
                    "heads": list(sheet.heads),
                    "numeric": sorted(sheet.numeric),
                    "widths": list(sheet.widths),
                    "rows": [[_shown(cell) for cell in row] for row in sheet.rows],
                }
                for sheet in paper.sheets
            ],
            "notes": list(paper.notes),
            "method": _("Method"),
            "page": _("Page"),
        }
        drawing = render_svg(paper.drawing, width=720, height=300, font=FONT) if paper.drawing else ""
    return typeset(template=TEMPLATE, data=data, language=language, drawing=drawing)


def _shown(cell: Cell) -> str:
    if cell is None:
        return "—"
    return cell if isinstance(cell, str) else number(cell)
