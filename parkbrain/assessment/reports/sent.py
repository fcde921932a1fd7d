"""The star of a park as it is sent on a schedule: the report, or the workbook that recalculates."""

from __future__ import annotations

from datetime import date

from django.utils.translation import get_language, gettext_noop

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import NoReport, ReportFile
from parkbrain.ui.media import PDF, XLSX

from .. import queries
from .pdf import render_pdf
from .workbook import render_xlsx


def make_rating_report(*, user: User, park: Park, since: date, on: date, kind: str) -> ReportFile:
    """Return the current rating of a park by the main scheme as its page hands it out.

    :raises NoReport: the park is not rated.
    """
    try:
        sheet = queries.get_star_sheet(park=park)
    except queries.NotRated as missing:
        raise NoReport(gettext_noop("The park is not rated yet.")) from missing
    language, name = get_language() or "zh-hans", f"{park.code}-{sheet.scheme.id}-{sheet.rating.cut_off_on}"
    if kind == "xlsx":
        return ReportFile(f"{name}.xlsx", render_xlsx(sheet=sheet, language=language), XLSX)
    return ReportFile(f"{name}.pdf", render_pdf(sheet=sheet, language=language), PDF)
