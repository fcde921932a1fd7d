"""What leases will charge, of a park or of one lease, on the page and on a schedule: every line with its explanation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile, ReportSubject
from parkbrain.lists import make_table_report
from parkbrain.ui.formats import number as said_number
from parkbrain.ui.table import Column

from . import queries
from .models import Lease

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


def find_lease(*, user: User, park: Park, number: int) -> ReportSubject | None:
    """Return a lease of a park that the person may open."""
    lease = queries.get_lease(user=user, lease_id=number)
    return ReportSubject(lease.number, lease) if lease is not None and lease.park_id == park.pk else None


def make_lease_report(
    *, user: User, park: Park, of: Lease, since: date, on: date, kind: str, columns: Columns
) -> ReportFile:
    """Return the whole schedule of one lease as its page hands it out."""
    schedule = queries.get_schedule(lease=of)
    return make_table_report(
        columns=columns(),
        rows=schedule.lines,
        title=f"{_('Rent schedule')} {of.number}",
        lines=_lease_lines(of, schedule, on),
        name=f"{of.number}-schedule",
        kind=kind,
        on=on,
    )


def _lease_lines(lease: Lease, schedule: queries.Schedule, on: date) -> list[str]:
    unknown = sum(1 for line in schedule.lines if line.gross_yuan is None)
    term = {"first": lease.starts_on.isoformat(), "stop": lease.stops_on.isoformat()}
    lines = [
        f"{lease.enterprise.name} · {lease.park.name}",
        _("As of %(day)s") % {"day": on.isoformat()},
        _("From %(first)s up to %(stop)s, which is not counted.") % term,
        _("Whole term: %(sum)s yuan.") % {"sum": said_number(schedule.totals.gross_yuan, 2)},
    ]
    if unknown:
        lines.append(
            ngettext("%(count)s line is not assessed.", "%(count)s lines are not assessed.", unknown)
            % {"count": unknown}
        )
    return [*lines, *filter(None, [lease.park.demo_notice])]
