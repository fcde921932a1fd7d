"""Headings, rows, totals and pages of a list as the template prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import ngettext, pgettext

from .. import asof, formats
from .columns import NUMERIC, Cell, Column, Head, Part, Text, cell, parts_of
from .state import State, read_state

PAGE_SIZE = 50


@dataclass(frozen=True)
class TableView:
    """A list as the template prints it."""

    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    label: str
    count: int
    totals: Sequence[Cell] = ()
    page: Any = None
    previous_url: str = ""
    next_url: str = ""
    empty: str = ""
    #: The keys of the rows, in their order, where rows can be chosen.
    keys: Sequence[Any] = field(default_factory=tuple)

    @property
    def lines(self) -> list[list[Part]]:
        """The rows in parts; where there are keys, rows can be chosen."""
        keys = self.keys or [None] * len(self.rows)
        return [parts_of(row, key) for key, row in zip(keys, self.rows, strict=True)]


def _heads(state: State) -> list[Head]:
    active = {column.key: descending for column, descending in state.sort}
    heads = []
    for column in state.columns:
        descending = active.get(column.key)
        url = also_url = ""
        if column.is_sortable:
            turned = f"-{column.key}" if descending is False else column.key
            url = state.url(sort=turned)
            kept = [f"{'-' if down else ''}{c.key}" for c, down in state.sort if c.key != column.key]
            also_url = state.url(sort=",".join([*kept, turned]))
        place = f" {list(active).index(column.key) + 1}" if descending is not None and len(active) > 1 else ""
        heads.append(
            Head(
                label=str(column.short or column.label),
                numeric=column.kind in NUMERIC,
                sort_url=url,
                aria_sort="" if descending is None else "descending" if descending else "ascending",
                arrow="" if descending is None else ("↓" if descending else "↑") + place,
                also_url=also_url,
                title=str(column.label) if column.short else "",
            )
        )
    return heads


def _totals(columns: Sequence[Column], totals: Mapping[str, Any]) -> list[Cell]:
    """Return the last row: each sum under its column, with how many rows of it are unknown."""
    cells = []
    for index, column in enumerate(columns):
        if column.key not in totals:
            cells.append(Cell("text", pgettext("sum of a column", "Total") if index == 0 else ""))
            continue
        value = totals[column.key]
        total, unknown = value if isinstance(value, tuple) else (value, 0)
        shown = cell(replace(column, value=itemgetter(0)), (total,))
        note = ""
        if unknown:
            text = ngettext("%(count)s unknown", "%(count)s unknown", unknown)
            note = text % {"count": formats.number(unknown, 0)}
        cells.append(replace(shown, note=note, figure=f"total.{column.key}"))
    return cells


def _kept(cell: Cell, day: str) -> Cell:
    """Return a cell whose link keeps the day that the list shows."""
    return replace(cell, url=asof.dated(cell.url, day)) if day and cell.kind == "link" else cell


def build(
    *,
    columns: Sequence[Column],
    rows: QuerySet[Any] | Sequence[Any],
    params: QueryDict,
    label: Text,
    totals: dict[str, Any] | None = None,
    page_size: int = PAGE_SIZE,
    prepare: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
    count: int | None = None,
) -> TableView:
    """Return the list for the page the address asks for.

    `prepare` turns the rows of the shown page into what the columns read (for example by loading related rows at once).
    """
    state = read_state(columns, params)
    pages = Paginator(rows, page_size)
    if count is not None:
        pages.count = count
    page = pages.get_page(params.get("page"))
    shown: Iterable[Any] = prepare(list(page.object_list)) if prepare else page.object_list
    return view(state=state, page=page, shown=shown, label=label, totals=totals)


def view(
    *, state: State, page: Any, shown: Iterable[Any], label: Text, totals: Mapping[str, Any] | None, **extra: Any
) -> TableView:
    """Return one page of rows as the template prints it."""

    def page_url(number: int) -> str:
        params = state.params.copy()
        params["page"] = str(number)
        return f"?{params.urlencode(safe=',')}"

    count, kept = page.paginator.count, state.params.get(asof.KEY, "")
    return TableView(
        heads=_heads(state),
        rows=[[_kept(cell(column, row), kept) for column in state.columns] for row in shown],
        label=str(label),
        count=count,
        totals=_totals(state.columns, totals) if totals is not None and count else [],
        page=page,
        previous_url=page_url(page.previous_page_number()) if page.has_previous() else "",
        next_url=page_url(page.next_page_number()) if page.has_next() else "",
        **extra,
    )


def simple(*, heads: Sequence[tuple[str, bool]], rows: Sequence[Sequence[Any]], label: str) -> TableView:
    """Return a small fixed table (for example the twin of a chart): headings with “is a number”, and plain values."""
    return TableView(
        heads=[Head(label=text, numeric=numeric) for text, numeric in heads],
        rows=[
            [
                Cell(
                    "text",
                    formats.number(v) if isinstance(v, (int, float)) and not isinstance(v, bool) else str(v or "—"),
                    numeric=heads[i][1],
                )
                if v is not None
                else Cell("unknown", "", numeric=heads[i][1])
                for i, v in enumerate(row)
            ]
            for row in rows
        ],
        label=label,
        count=len(rows),
    )
