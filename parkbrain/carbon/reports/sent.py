"""The statement of a park as it is sent on a schedule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import ReportFile
from parkbrain.ui.media import XLSX

from .. import queries
from .pages import Paper, statement_paper
from .pdf import render_pdf
from .workbook import render_xlsx


def make_statement_report(
    *, user: User, park: Park, since: date, on: date, kind: str, draw: Callable[..., Any]
) -> ReportFile:
    """Return the statement of the days from `since` to `on` as PDF or as a workbook; `draw` makes its waterfall."""
    with read_once():
        built = queries.build_statement(park=park, period=DatePeriod(since, on + timedelta(days=1)))
        found = queries.add_intensities(statement=built)

    def make() -> Paper:
        drawing = draw(statement=found)
        return statement_paper(statement=found, drawing=drawing.option if drawing else None)

    language, name = get_language() or "zh-hans", f"{park.code}-carbon-{since}-{on}"
    if kind == "xlsx":
        return ReportFile(f"{name}.xlsx", render_xlsx(make=make, language=language), XLSX)
    return ReportFile(f"{name}.pdf", render_pdf(make=make, language=language), "application/pdf")
