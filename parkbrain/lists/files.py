"""A list as a file for somebody, as its address filters it: for the page, and for what is sent without a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from parkbrain.kernel.models import User
from parkbrain.kernel.registry import ReportFile
from parkbrain.ui import asof, formats, media
from parkbrain.ui.said import Said, key_of, say, stored
from parkbrain.ui.table import Column, Read, State, read_filters, read_state

from .export import CSV, PDF, XLSX, paper_table, table_file
from .paper import MOST_ROWS, Paper, render_paper
from .rows import Found, find_rows
from .spec import Ask, ListSpec

CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: media.XLSX,
    PDF: media.PDF,
}


class CannotMakeFile(Exception):
    """The list cannot be made for this person as its address asks; `key` with its values says why in every language."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key, values)
        self.key, self.values = key, stored(values=values)

    def __str__(self) -> str:
        return say(key=self.key, values=self.values)


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
    if not spec.has_rows_for(user=user):
        label = Said(key_of(label=spec.label))
        raise CannotMakeFile(gettext_noop("“%(list)s” is no longer open to this person."), list=label)
    params = QueryDict(query)
    day = asof.read_as_of(params.get(asof.KEY, "") if spec.dated else "", today=today)
    ask = Ask(user, day.on)
    filters = spec.filters(ask)
    read = read_filters(filters, params)
    wrong = _refused(spec, ask, read, asof.refusal(day))
    if wrong:
        raise CannotMakeFile(gettext_noop("A filter no longer holds: %(why)s"), why=wrong)
    ask = replace(ask, values=read.values)
    state = read_state(spec.columns(ask), params)
    found = find_rows(spec, ask, filters, state)
    count = found.rows.order_by().count()
    if kind == PDF:
        answer = paper_file(found=found, state=state, words=read.words)
    else:
        answer = table_file(columns=state.columns, rows=found.every(), name=str(spec.label), kind=kind, on=day.on)
    return ListFile(f"{spec.label}-{day.on.isoformat()}.{kind}", _bytes_of(answer), CONTENT_TYPES[kind], count)


def make_table_report(
    *, columns: Sequence[Column], rows: Iterable[Any], title: str, lines: Sequence[str], name: str, kind: str, on: date
) -> ReportFile:
    """Return the table of a page as a file in the language in force; `lines` stand under the title of the PDF."""
    if kind == PDF:
        heads, cells, numeric = paper_table(columns=columns, rows=rows)
        said = [*lines, *([_cut_off(len(cells))] if len(cells) > MOST_ROWS else [])]
        content = render_paper(paper=Paper(title, said, on, heads, cells[:MOST_ROWS], numeric))
    else:
        content = _bytes_of(table_file(columns=columns, rows=rows, name=name, kind=kind, on=on))
    return ReportFile(f"{name}-{on.isoformat()}.{kind}", content, CONTENT_TYPES[kind])


def _refused(spec: ListSpec, ask: Ask, read: Read, wrong_day: Said | None) -> list[Said]:
    """Return why filters were refused, each with the name it has on the page of the list in whatever language is read."""
    if not read.errors and wrong_day is None:
        return []
    # Labels are translated where a list declares its filters: here they are needed as keys.
    with override(None):
        labels = {one.key: str(one.label) for one in spec.filters(ask)}
        named = [(labels[key], why) for key, why in read.errors.items()]
        named += [] if wrong_day is None else [(_("As of"), wrong_day)]
    return [Said(gettext_noop("“%(filter)s”: %(why)s"), {"filter": Said(label), "why": why}) for label, why in named]


def _bytes_of(answer: HttpResponseBase) -> bytes:
    content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return content


def _cut_off(count: int) -> str:
    return _("The first %(shown)s of %(count)s rows; the CSV and Excel files hold all.") % {
        "shown": MOST_ROWS,
        "count": count,
    }


def paper_file(*, found: Found, state: State, words: Mapping[str, str]) -> HttpResponseBase:
    """Return the list as PDF: filters, day, rows and totals in the head."""
    spec, on = found.spec, found.ask.on
    count, totals = found.count_and_totals(state)
    keys = list(found.rows.order_by(*found.order).values_list("pk", flat=True)[:MOST_ROWS])
    heads, cells, numeric = paper_table(columns=state.columns, rows=found.load(keys))
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
        lines.append(_cut_off(count))
    paper = Paper(title=str(spec.label), lines=lines, on=on, heads=heads, rows=cells, numeric=numeric)
    return media.hand_out(render_paper(paper=paper), media.PDF, f"{spec.label}-{on.isoformat()}.pdf")
