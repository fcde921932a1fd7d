"""The metering audit as it is sent on a schedule: the fitting rate of each kind and level, and the calibrations due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile
from parkbrain.lists import make_table_report
from parkbrain.ui.table import Column

from . import queries
from .models import Meter

Columns = Callable[[], Sequence[Column]]


def make_audit_report(*, user: User, park: Park, since: date, on: date, kind: str, columns: Columns) -> ReportFile:
    """Return the metering audit of a park on a day as its page shows it."""
    sheet = queries.get_audit(park=park, on=on)
    return make_table_report(
        columns=columns(),
        rows=sheet.lines,
        title=f"{_('Metering audit')} · {park.name}",
        lines=_lines(park, sheet, on),
        name=f"metering-audit-{park.code}",
        kind=kind,
        on=on,
    )


def _lines(park: Park, sheet: queries.AuditSheet, on: date) -> list[str]:
    said = ngettext(
        "%(meters)s meter, %(calibrated)s with a calibration that holds.",
        "%(meters)s meters, %(calibrated)s with a calibration that holds.",
        sheet.meters,
    )
    lines = [_("As of %(day)s") % {"day": on.isoformat()}]
    if park.demo_notice:
        lines.append(park.demo_notice)
    lines.append(said % {"meters": sheet.meters, "calibrated": sheet.calibrated})
    if sheet.in_force is not None:
        edition = sheet.in_force.edition
        values = {"code": edition.code, "day": edition.starts_on.isoformat()}
        lines.append(_("In force: %(code)s, since %(day)s.") % values)
    if not sheet.lines:
        lines.append(_("The need is a list made from the one-line diagram: import the places that must be metered."))
    return [*lines, *_calibrations(sheet)]


def _calibrations(sheet: queries.AuditSheet) -> list[str]:
    if not sheet.due:
        return [_("Every meter has a calibration that holds for two months and more.")]
    return [f"{_('Calibrations due')}: {len(sheet.due)}", *map(_due, sheet.due)]


def _due(meter: Meter) -> str:
    due_on = meter.calibration_due_on
    return f"{meter} · {meter.get_energy_kind_display()} · {due_on.isoformat() if due_on else _('not known')}"
