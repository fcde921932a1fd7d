"""A report typeset by typst, in three languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from parkbrain.ui.charts_ssr import render_svg
from parkbrain.ui.formats import number

from .pages import Cell, Paper

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "carbon" / "paper.typ"
FONT = "Noto Sans SC"
#: The Chinese font sets these a whole character wide, which looks torn between Latin words.
NARROW = str.maketrans({"“": '"', "”": '"', "’": "'", "·": "–"})


def render_pdf(*, make: Callable[[], Paper], language: str) -> bytes:
    """Return a report in a language; `make` is called while that language is active."""
    with translation.override(language):
        paper = make()
        data = {
            "title": paper.title,
            "subtitle": paper.subtitle,
            "fictional": _("Demo: this park, its firms and all figures are fictional.") if paper.is_fictional else "",
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
            "lang": _lang(language),
        }
        drawing = render_svg(paper.drawing, width=720, height=300, font=FONT) if paper.drawing else ""
    text = json.dumps(data, ensure_ascii=False)
    if language.lower().startswith("en"):
        text = json.dumps(_narrow(data), ensure_ascii=False)
    content: bytes = _compiler().compile(format="pdf", sys_inputs={"data": text, "drawing": drawing})
    return content


def _shown(cell: Cell) -> str:
    if cell is None:
        return "—"
    return cell if isinstance(cell, str) else number(cell)


def _narrow(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(NARROW)
    if isinstance(value, dict):
        return {key: _narrow(one) for key, one in value.items()}
    return [_narrow(one) for one in value] if isinstance(value, list) else value


def _lang(language: str) -> dict[str, str]:
    if language.lower().startswith("en"):
        return {"lang": "en", "region": "US"}
    return {"lang": "zh", "region": "HK" if "hant" in language.lower() else "CN"}


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """Return the compiler: loading the fonts takes longer than setting the pages."""
    import pylopdf_fonts_zh_cn

    font = Path(str(pylopdf_fonts_zh_cn.sans_path())).parent
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=[str(font)], ignore_system_fonts=True)
