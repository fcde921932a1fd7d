"""Lists: columns, sort links, totals and pages prepared in Python, so that the template only prints.

The state of a list lives in its address: `?q=…&sort=-area&page=2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from . import asof, formats

Text = str | Promise
PAGE_SIZE = 50
NUMERIC = frozenset({"number", "area", "money", "percent", "integer"})


@dataclass(frozen=True)
class Column:
    """One column: its key in the address, heading, how a value is shown, and how rows are sorted by it.

    `value` takes the row; `kind` is text, link, number, integer, area, money, percent, date, badge, stars or spark.
    A link's value is (label, url); a badge's is (label, tone); stars' is (proven, reachable).
    `order_by` names the database fields of the sort; without it the column is not sortable.
    """

    key: str
    label: Text
    value: Callable[[Any], Any]
    kind: str = "text"
    order_by: tuple[str, ...] = ()
    decimals: int | None = None
    unit: str = ""


@dataclass(frozen=True)
class Head:
    """A heading as the template prints it."""

    label: str
    numeric: bool
    sort_url: str = ""
    aria_sort: str = ""
    arrow: str = ""


@dataclass(frozen=True)
class Cell:
    """A cell as the template prints it."""

    kind: str
    text: str
    url: str = ""
    tone: str = ""
    numeric: bool = False
    proven: int = 0
    reachable: int = 0
    spark: formats.Spark | None = None


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
    extra: dict[str, Any] = field(default_factory=dict)


def sort_fields(columns: Sequence[Column], params: QueryDict, default: Sequence[str]) -> list[str]:
    """Return the database order the address asks for, or the default; an unknown key is the default."""
    wanted = params.get("sort", "")
    descending = wanted.startswith("-")
    for column in columns:
        if column.order_by and column.key == wanted.lstrip("-"):
            # The key of the row last, so that pages never overlap where values are equal.
            return [f"-{f}" if descending else f for f in column.order_by] + ["pk"]
    return list(default)


def cell(column: Column, row: Any) -> Cell:
    """Return one value as a cell; a value that is None is shown as unknown."""
    value = column.value(row)
    numeric = column.kind in NUMERIC
    if value is None or value == "":
        kind = "unknown" if value is None and numeric else "text"
        return Cell(kind, "" if kind == "unknown" else "—", numeric=numeric)
    if column.kind == "link":
        return Cell("link", str(value[0]), url=str(value[1] or ""))
    if column.kind == "badge":
        return Cell("badge", str(value[0]), tone=str(value[1]))
    if column.kind == "stars":
        return Cell("stars", str(value[0]), proven=int(value[0]), reachable=int(value[1]))
    if column.kind == "spark":
        return Cell("spark", value.text, spark=value)
    if column.kind == "date":
        return Cell("date", formats.day(value))
    if column.kind == "percent":
        return Cell("text", formats.percent(value, column.decimals if column.decimals is not None else 1), numeric=True)
    if numeric:
        decimals = {"integer": 0, "area": 1, "money": 2}.get(column.kind, column.decimals)
        text = formats.number(value, column.decimals if column.decimals is not None else decimals)
        return Cell("text", text + (f" {column.unit}" if column.unit else ""), numeric=True)
    return Cell("text", str(value))


def _kept(cell: Cell, day: str) -> Cell:
    """Return a cell whose link keeps the day that the list shows."""
    return replace(cell, url=asof.dated(cell.url, day)) if day and cell.kind == "link" else cell


def _heads(columns: Sequence[Column], params: QueryDict) -> list[Head]:
    wanted = params.get("sort", "")
    heads = []
    for column in columns:
        active = wanted.lstrip("-") == column.key and bool(column.order_by)
        ascending = active and not wanted.startswith("-")
        url = ""
        if column.order_by:
            state = params.copy()
            state.pop("page", None)
            state["sort"] = f"-{column.key}" if ascending else column.key
            url = f"?{state.urlencode()}"
        heads.append(
            Head(
                label=str(column.label),
                numeric=column.kind in NUMERIC,
                sort_url=url,
                aria_sort=("ascending" if ascending else "descending") if active else "",
                arrow=("↑" if ascending else "↓") if active else "",
            )
        )
    return heads


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
    pages = Paginator(rows, page_size)
    if count is not None:
        pages.count = count
    page = pages.get_page(params.get("page"))
    shown: Iterable[Any] = prepare(list(page.object_list)) if prepare else page.object_list

    def page_url(number: int) -> str:
        state = params.copy()
        state["page"] = str(number)
        return f"?{state.urlencode()}"

    kept = params.get(asof.KEY, "")
    totals_row: list[Cell] = []
    if totals is not None and pages.count:
        for index, column in enumerate(columns):
            if column.key in totals:
                totals_row.append(cell(replace(column, value=itemgetter(column.key)), totals))
            else:
                totals_row.append(Cell("text", _("Total") if index == 0 else ""))
    return TableView(
        heads=_heads(columns, params),
        rows=[[_kept(cell(column, row), kept) for column in columns] for row in shown],
        label=str(label),
        count=pages.count,
        totals=totals_row,
        page=page,
        previous_url=page_url(page.previous_page_number()) if page.has_previous() else "",
        next_url=page_url(page.next_page_number()) if page.has_next() else "",
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
