"""Published tables as they are sent on a schedule."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from parkbrain.kernel.models import User
from parkbrain.kernel.registry import NoReport, ReportFile
from parkbrain.lists import make_table_report

from . import queries


def make_published_report(*, user: User, park: None, since: date, on: date, kind: str) -> ReportFile:
    """Return the table that was published last among those the person may read.

    :raises NoReport: there is none.
    """
    newest = next(iter(queries.list_publications(user=user)), None)
    if newest is None:
        raise NoReport(gettext_noop("No table of a round is published yet."))
    columns, rows = queries.table_columns(table=queries.get_published(publication=newest))
    name = f"round-{newest.round_id}-v{newest.version}"
    published_on = timezone.localdate(newest.published_at)
    return make_table_report(
        columns=columns, rows=rows, title=newest.round.name, lines=(), name=name, kind=kind, on=published_on
    )
