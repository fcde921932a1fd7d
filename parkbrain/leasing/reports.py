"""What leases will charge, as it is sent on a schedule: every line with its explanation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile
from parkbrain.lists import make_table_report
from parkbrain.ui.table import Column

from . import queries

MONTHS_AHEAD = 12
Columns = Callable[[], Sequence[Column]]


def make_schedule_report(*, user: User, park: Park, since: date, on: date, kind: str, columns: Columns) -> ReportFile:
    """Return what the leases of a park owe in the twelve months ahead, by the days on which it is due."""
    return make_table_report(
        columns=columns(),
        rows=queries.list_due_lines(park=park, starts_on=on, ends_on=calc.add_months(on, MONTHS_AHEAD)),
        title=_("Rent schedules"),
        lines=(),
        name=f"rent-schedules-{park.code}",
        kind=kind,
        on=on,
    )
