"""The statement of a park and the sheet of a firm as files, handed out by their pages and sent on a schedule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language

from parkbrain.calc.intervals import DatePeriod
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import ReportFile, ReportSubject
from parkbrain.ui.media import PDF, XLSX

from .. import queries
from .pages import Paper, footprint_paper, statement_paper
from .pdf import render_pdf
from .workbook import render_xlsx


def make_statement_report(
    *, user: User, park: Park, since: date, on: date, kind: str, draw: Callable[..., Any]
) -> ReportFile:
    """Return the statement of the days from `since` to `on` as PDF or as a workbook; `draw` makes its waterfall."""
    with read_once():
        built = queries.build_statement(park=park, period=DatePeriod(since, on + timedelta(days=1)))
        found = queries.add_intensities(statement=built)
    return make_statement_file(statement=found, kind=kind, draw=draw)


def make_statement_file(*, statement: queries.Statement, kind: str, draw: Callable[..., Any]) -> ReportFile:
    """Return a statement as PDF or as a workbook; `draw` makes its waterfall."""

    def make() -> Paper:
        drawing = draw(statement=statement)
        return statement_paper(statement=statement, drawing=drawing.option if drawing else None)

    period = statement.period
    return _file(make, kind, f"{statement.park.code}-carbon-{period.starts_on}-{period.last_on}")


def find_firm(*, user: User, park: Park, number: int) -> ReportSubject | None:
    """Return a firm of a park whose sheet the person may open."""
    firm = queries.find_sheet_firm(user=user, park=park, enterprise_id=number)
    return None if firm is None else ReportSubject(firm.name, firm)


def make_footprint_report(
    *, user: User, park: Park, of: Enterprise, since: date, on: date, kind: str, draw: Callable[..., Any]
) -> ReportFile:
    """Return the sheet that a firm gives its customers, of the days from `since` to `on`; `draw` makes its waterfall."""
    with read_once():
        sheet = queries.build_footprint(park=park, enterprise=of, period=DatePeriod(since, on + timedelta(days=1)))
    return make_footprint_file(footprint=sheet, kind=kind, draw=draw)


def make_footprint_file(
    *,
    footprint: queries.Footprint,
    kind: str,
    draw: Callable[..., Any],
    made: float | None = None,
    unit_name: str = "",
) -> ReportFile:
    """Return a firm's sheet as PDF or as a workbook, per product where it is told how many were `made`."""

    def make() -> Paper:
        drawing = draw(footprint=footprint)
        option = drawing.option if drawing else None
        return footprint_paper(footprint=footprint, made=made, unit_name=unit_name, drawing=option)

    period = footprint.period
    return _file(make, kind, f"{footprint.enterprise.uscc}-footprint-{period.starts_on}-{period.last_on}")


def _file(make: Callable[[], Paper], kind: str, name: str) -> ReportFile:
    language = get_language() or "zh-hans"
    if kind == "xlsx":
        return ReportFile(f"{name}.xlsx", render_xlsx(make=make, language=language), XLSX)
    return ReportFile(f"{name}.pdf", render_pdf(make=make, language=language), PDF)
