"""The tables of rounds as files, handed out by their pages and sent on a schedule: what was answered, what is published."""

from __future__ import annotations

from datetime import date
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from parkbrain.kernel.models import User
from parkbrain.kernel.registry import NoReport, ReportFile, ReportSubject
from parkbrain.lists import PDF, make_table_report
from parkbrain.ui.formats import unit
from parkbrain.ui.table import Column

from . import queries
from .models import DataRound, Publication


def find_round(*, user: User, park: None, number: int) -> ReportSubject | None:
    """Return a round whose page the person may open."""
    found = queries.find_round(user=user, round_id=number)
    return None if found is None else ReportSubject(found.name, found)


def make_answers_report(*, user: User, park: None, of: DataRound, since: date, on: date, kind: str) -> ReportFile:
    """Return what the parks of a round have answered so far, a row each with every fact that is asked."""
    columns, rows = queries.answer_columns(data_round=of)
    name = f"round-{of.pk}-answers"
    return make_table_report(columns=columns, rows=rows, title=of.name, lines=(), name=name, kind=kind, on=on)


def find_published(*, user: User, park: None, number: int) -> ReportSubject | None:
    """Return the newest published table of a round where the person may read it."""
    found = queries.find_newest_publication(user=user, round_id=number)
    return None if found is None else ReportSubject(found.round.name, found)


def make_round_published_report(
    *, user: User, park: None, of: Publication, since: date, on: date, kind: str
) -> ReportFile:
    """Return the published table of one round as its page hands it out."""
    return make_publication_file(publication=of, kind=kind)


def make_published_report(*, user: User, park: None, since: date, on: date, kind: str) -> ReportFile:
    """Return the table that was published last among those the person may read.

    :raises NoReport: there is none.
    """
    newest = next(iter(queries.list_publications(user=user)), None)
    if newest is None:
        raise NoReport(gettext_noop("No table of a round is published yet."))
    return make_publication_file(publication=newest, kind=kind)


def make_publication_file(*, publication: Publication, kind: str) -> ReportFile:
    """Return a published version as a file; on paper each fact of each group has a line of its own."""
    table = queries.get_published(publication=publication)
    columns, rows = _lines(table) if kind == PDF else queries.table_columns(table=table)
    said = {"version": publication.version, "on": publication.round.cut_off_on.isoformat()}
    lines = [
        publication.round.branch.name,
        _("Version %(version)s, as of %(on)s") % said,
        f"{_('Parks')}: {publication.park_count}",
        f"{_('kept back')}: {table.kept_back_count}",
        f"SHA-256: {publication.sha256}",
    ]
    return make_table_report(
        columns=columns,
        rows=rows,
        title=publication.round.name,
        lines=lines,
        name=f"round-{publication.round_id}-v{publication.version}",
        kind=kind,
        on=timezone.localdate(publication.published_at),
    )


def _lines(table: queries.PublishedTable) -> tuple[list[Column], list[list[Any]]]:
    """Return the table as a line for each fact of each group: its breadth would not stand on paper."""
    _columns, wide = queries.table_columns(table=table)
    heads = [_("Group"), _("Name"), _("Fact"), _("Parks"), _("Sum"), _("Median")]
    rows = [
        [*row[:2], f"{fact.name} ({unit(fact.unit)})", *row[2 + 3 * n : 5 + 3 * n]]
        for n, fact in enumerate(table.facts)
        for row in wide
    ]
    return [Column(str(n), head, itemgetter(n)) for n, head in enumerate(heads)], rows
