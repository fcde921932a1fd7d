"""A list as a file for somebody, as its address filters it: for the page, and for what is sent without a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from parkbrain.kernel.models import User
from parkbrain.ui import asof, formats
from parkbrain.ui.table import State, read_filters, read_state

from .export import CSV, PDF, XLSX, plain_table, table_file
from .paper import MOST_ROWS, Paper, render_paper
from .rows import Found, find_rows
from .spec import Ask, ListSpec

CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PDF: "application/pdf",
}


class CannotMakeFile(Exception):
    """The list cannot be made for this person as its address asks; the message says why."""


@dataclass(frozen=True)
class ListFile:
    """A list as bytes, with the name of the file and its number of rows."""

    name: str
    content: bytes
    content_type: str
    row_count: int


def make_list_file(*, spec: ListSpec, query: str, kind: str, user: User, today: date) -> ListFile:
    """Return the list as the person sees it on a day, in the language in force.

    :raises CannotMakeFile: the person may not see the list, or a filter names what is not there for them.
    """
    if spec.permission and not user.may(spec.permission):
        raise CannotMakeFile(_("“%(list)s” is no longer open to this person.") % {"list": spec.label})
    params = QueryDict(query)
    day = asof.read_as_of(params.get(asof.KEY, "") if spec.dated else "", today=today)
    ask = Ask(user, day.on)
    filters = spec.filters(ask)
    read = read_filters(filters, params)
    wrong = [*read.errors.values(), *([asof.refusal(day)] if asof.refusal(day) else [])]
    if wrong:
        raise CannotMakeFile(_("A filter no longer holds: %(why)s") % {"why": " ".join(wrong)})
    ask = replace(ask, values=read.values)
    state = read_state(spec.columns(ask), params)
    found = find_rows(spec, ask, filters, state)
    count = found.rows.order_by().count()
    if kind == PDF:
        answer = paper_file(found=found, state=state, words=read.words)
    else:
        answer = table_file(columns=state.columns, rows=found.every(), name=str(spec.label), kind=kind, on=day.on)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return ListFile(f"{spec.label}-{day.on.isoformat()}.{kind}", content, CONTENT_TYPES[kind], count)


def paper_file(*, found: Found, state: State, words: Mapping[str, str]) -> HttpResponseBase:
    """Return the list as PDF: filters, day, rows and totals in the head."""
    spec, on = found.spec, found.ask.on
    count, totals = found.count_and_totals(state)
    keys = list(found.rows.order_by(*found.order).values_list("pk", flat=True)[:MOST_ROWS])
    heads, cells = plain_table(columns=state.columns, rows=found.load(keys))
    labels = {one.key: str(one.label) for one in found.filters}
    lines = [_("As of %(day)s") % {"day": on.isoformat()}, spec.sentence(count, totals)]
    lines += [f"{labels[key]}: {text}" for key, text in words.items() if key in labels]
    names = {column.key: column for column in state.all_columns}
    for key, (total, unknown) in totals.items():
        if key in names and total is not None:
            unit = f" {names[key].unit}" if names[key].unit else ""
            rest = _(" (%(count)s not known)") % {"count": unknown} if unknown else ""
            lines.append(f"{names[key].label}: {formats.number(total, 2)}{unit}{rest}")
    if count > MOST_ROWS:
        lines.append(
            _("The first %(shown)s of %(count)s rows; the CSV and Excel files hold all.")
            % {"shown": MOST_ROWS, "count": count}
        )
    paper = Paper(title=str(spec.label), lines=lines, on=on, heads=heads, rows=cells)
    response = HttpResponse(render_paper(paper=paper), content_type=CONTENT_TYPES[PDF])
    name = f"{spec.label}-{on.isoformat()}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response
