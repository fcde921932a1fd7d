"""A list on paper: its filters, its day, how many rows it has and their totals in the head, then the rows; by typst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from parkbrain.ui.typesetting import typeset

TEMPLATE = Path(__file__).resolve().parent / "list.typ"
#: Rows that are set on paper; a longer list says so in its head, and the other files have all of it.
MOST_ROWS = 2000


@dataclass(frozen=True)
class Paper:
    """What is set: a title, sentences under it, heads and cells, and which columns are of numbers."""

    title: str
    lines: Sequence[str]
    on: date
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numeric: Sequence[bool] = ()


def render_paper(*, paper: Paper) -> bytes:
    """Return the list as PDF in the language in force."""
    data = {
        "title": paper.title,
        "lines": list(paper.lines),
        "on": paper.on.isoformat(),
        "heads": list(paper.heads),
        "numeric": list(paper.numeric) or [False] * len(paper.heads),
        "rows": [[_said(value) for value in row] for row in paper.rows],
        "page": _("Page"),
    }
    return typeset(template=TEMPLATE, data=data, language=get_language() or "zh-hans")


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, (int, Decimal)) else str(value)
