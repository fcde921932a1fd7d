"""The files of a rating: the report, and the workbook that recalculates; handed out, or sent on a schedule."""

from __future__ import annotations

from datetime import date

from django.utils.translation import get_language, gettext_noop

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import NoReport, ReportFile
from parkbrain.ui.media import PDF, XLSX

from .. import queries
from .pdf import render_pdf
from .workbook import render_xlsx


def make_file(*, sheet: queries.StarSheet, kind: str) -> ReportFile:
    """Return a star sheet as `pdf` or `xlsx`, in the language in force."""
    language = get_language() or "zh-hans"
    name = f"{sheet.park.code}-{sheet.scheme.id}-{sheet.rating.cut_off_on}.{kind}"
    if kind == "xlsx":
        return ReportFile(name, render_xlsx(sheet=sheet, language=language), XLSX)
    return ReportFile(name, render_pdf(sheet=sheet, language=language), PDF)


def make_rating_report(*, user: User, park: Park, since: date, on: date, kind: str) -> ReportFile:
    """Return the current rating of a park by the main scheme as its page hands it out.

    :raises NoReport: the park is not rated.
    """
    try:
        sheet = queries.get_star_sheet(park=park)
    except queries.NotRated as missing:
        raise NoReport(gettext_noop("The park is not rated yet.")) from missing
    return make_file(sheet=sheet, kind=kind)
