"""A list on paper: its filters, its day, how many rows it has and their totals in the head, then the rows; by typst."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

TEMPLATE = Path(__file__).resolve().parent / "list.typ"
#: Rows that are set on paper; a longer list says so in its head, and the other files have all of it.
MOST_ROWS = 2000
#: The Chinese font sets these a whole character wide, which looks torn between Latin words.
NARROW = str.maketrans({"“": '"', "”": '"', "’": "'", "·": "–"})


@dataclass(frozen=True)
class Paper:
    """What is set: a title, sentences under it, heads and cells."""

    title: str
    lines: Sequence[str]
    on: date
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def render_paper(*, paper: Paper) -> bytes:
    """Return the list as PDF in the language in force."""
    language = get_language() or "zh-hans"
    is_latin = language.lower().startswith("en")
    data = {
        "title": paper.title,
        "lines": list(paper.lines),
        "on": paper.on.isoformat(),
        "heads": list(paper.heads),
        "numeric": [_is_numeric(paper.rows, place) for place in range(len(paper.heads))],
        "rows": [[_said(value) for value in row] for row in paper.rows],
        "page": _("Page"),
        "lang": {
            "lang": "en" if is_latin else "zh",
            "region": "US" if is_latin else "HK" if "hant" in language.lower() else "CN",
        },
    }
    text = json.dumps(_narrow(data) if is_latin else data, ensure_ascii=False)
    content: bytes = _compiler().compile(format="pdf", sys_inputs={"data": text})
    return content


def _narrow(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(NARROW)
    if isinstance(value, dict):
        return {key: _narrow(one) for key, one in value.items()}
    return [_narrow(one) for one in value] if isinstance(value, list) else value


def _is_numeric(rows: Sequence[Sequence[Any]], place: int) -> bool:
    return any(isinstance(row[place], (int, float, Decimal)) for row in rows[:20])


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, (int, Decimal)) else str(value)


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """Return the compiler: loading the fonts takes longer than setting the pages."""
    import pylopdf_fonts_zh_cn

    font = Path(str(pylopdf_fonts_zh_cn.sans_path())).parent
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=[str(font)], ignore_system_fonts=True)
