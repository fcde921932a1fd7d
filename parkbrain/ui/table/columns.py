"""Columns and cells of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .. import formats

Text = str | Promise
NUMERIC = frozenset({"number", "area", "money", "percent", "integer"})


@dataclass(frozen=True)
class Column:
    """One column: its key in the address, heading, how a value is shown, and how rows are sorted and summed by it.

    `value` takes the row; `kind` is text, link, number, integer, area, money, percent, date, moment, badge, stars, spark
    or actions. A link's value is (label, url); a badge's is (label, tone); stars' is (proven, reachable); of actions it
    is (what they are for, a sequence of `Action`). `order_by` names the database fields of the sort; without it the
    column is not sortable, unless `outside` has its values: they are in no field of the database but known by another
    field of the row (its name, and what returns the values by it), and the list is ordered in memory. `total` names the
    database field that is summed over all rows of the filter; `short` is a heading for narrow columns, with the label as
    its explanation; a `hidden` column is shown to those who choose it.
    """

    key: str
    label: Text
    value: Callable[[Any], Any]
    kind: str = "text"
    order_by: tuple[str, ...] = ()
    decimals: int | None = None
    unit: str = ""
    total: str = ""
    short: Text = ""
    hidden: bool = False
    outside: tuple[str, Callable[[], Mapping[Any, Any]]] | None = None

    @property
    def is_sortable(self) -> bool:
        """Whether rows can be put in its order."""
        return bool(self.order_by) or self.outside is not None


@dataclass(frozen=True)
class Action:
    """Something that can be done with a row: a button of its menu that posts to an address."""

    label: str
    url: str
    danger: bool = False


@dataclass(frozen=True)
class Head:
    """A heading as the template prints it; `also_url` adds the column to the sort instead of replacing it."""

    label: str
    numeric: bool
    sort_url: str = ""
    aria_sort: str = ""
    arrow: str = ""
    also_url: str = ""
    title: str = ""


#: From so many letters on (a Chinese character is two wide), a cell is not squeezed to a word a line by those beside it.
LONG_TEXT = 24


@dataclass(frozen=True)
class Cell:
    """A cell as the template prints it; `note` is said after the text in small letters, `figure` names a sum for those who
    compare it with another page."""

    kind: str
    text: str
    url: str = ""
    tone: str = ""
    numeric: bool = False
    proven: int = 0
    reachable: int = 0
    spark: formats.Spark | None = None
    note: str = ""
    figure: str = ""
    actions: Sequence[Action] = ()

    @property
    def css(self) -> str:
        """The class of the cell: figures stand right, dates, codes and short words on one line, long words have room."""
        if self.numeric:
            return "num"
        text = self.text
        is_ascii = text.isascii()
        if (len(text) if is_ascii else len(text.encode()) * 2 // 3) >= LONG_TEXT:
            return "long"
        is_code = is_ascii and " " not in text
        return "nowrap" if self.kind == "date" or len(text) < 9 or is_code else ""

    @property
    def is_plain(self) -> bool:
        """Whether it is written without a component that needs the page."""
        return self.kind not in {"spark", "actions"}

    @property
    def html(self) -> str:
        """What stands in a plain cell, escaped."""
        if self.kind == "stars":
            return _stars(get_language(), self.proven, self.reachable)
        text = escape(self.text)
        if self.kind == "link" and self.url:
            return f'<a href="{escape(self.url)}">{text}</a>'
        if self.kind == "badge":
            return f'<span class="badge {escape(self.tone)}">{text}</span>'
        return f'<span class="unknown">{escape(_("unknown"))}</span>' if self.kind == "unknown" else text


@lru_cache(maxsize=128)
def _stars(_language: str | None, proven: int, reachable: int) -> str:
    """Return the component's stars: the same few for thousands of rows."""
    return render_to_string("ui/stars_cell.html", {"proven": proven, "reachable": reachable})


Part = tuple[SafeString, Cell | None]


def parts_of(cells: Sequence[Cell], key: Any = None) -> list[Part]:
    """Return a row in as few parts as can be: what is written as it is, and after it the cell that a component draws.

    A list of thousands of cells would spend most of its time in the template. With a key the row can be chosen.
    """
    parts: list[Part] = []
    written = ""
    for place, one in enumerate(cells):
        written += f'<td class="{one.css}">'
        if place == 0 and key is not None:
            written += (
                '<input type="checkbox" class="pick" form="bulk" name="pick"'
                f' value="{escape(str(key))}" aria-label="{escape(_("Choose"))} {escape(one.text)}">'
            )
        if one.is_plain:
            written += f"{one.html}</td>"
        else:
            parts.append((SafeString(written), one))
            written = "</td>"
    return [*parts, (SafeString(written), None)]


#: Stands for the number of a row while an address is taken apart.
_MARK = 987654321


def address_of(url_name: str) -> Callable[[int], str]:
    """Return what gives the address of a row's page by its number; the address is looked up once for all rows."""
    before, after = reverse(url_name, args=[_MARK]).split(str(_MARK))
    return lambda key: f"{before}{key}{after}"


def words_of(choices: Iterable[tuple[Any, Any]]) -> Mapping[Any, str]:
    """Return the words of choices by their codes, in the language as it is when asked; the empty code has none."""
    return {"": "", **{code: str(label) for code, label in choices}}


def cell(column: Column, row: Any) -> Cell:
    """Return one value as a cell; a value that is None is shown as unknown."""
    value = column.value(row)
    numeric = column.kind in NUMERIC
    if column.kind == "actions":
        return Cell("actions" if value[1] else "text", "", note=str(value[0]), actions=value[1])
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
    if column.kind in {"date", "moment"}:
        return Cell("date", formats.day(value) if column.kind == "date" else formats.moment(value))
    if isinstance(value, bool):
        return Cell("text", _("yes") if value else _("no"))
    return Cell("text", numeric_text(column, value) if numeric else str(value), numeric=numeric)


def numeric_text(column: Column, value: Any, *, with_unit: bool = True) -> str:
    """Return a number as its column shows it, with the column's unit unless that stands elsewhere."""
    if column.kind == "percent":
        return formats.percent(value, column.decimals if column.decimals is not None else 1)
    decimals = {"integer": 0, "area": 1, "money": 2}.get(column.kind, column.decimals)
    text = formats.number(value, column.decimals if column.decimals is not None else decimals)
    return text + (f" {column.unit}" if column.unit and with_unit else "")
