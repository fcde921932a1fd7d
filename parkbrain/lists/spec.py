"""What a module says of a list: its columns, filters, rows, totals and the fields that may be changed in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Registry
from parkbrain.kernel.roles import Permission
from parkbrain.ui.links import Link
from parkbrain.ui.table import Column, Filter, Text


@dataclass(frozen=True)
class Ask:
    """Who asks a list, as of which day, the values of its filters by key, and all that the address says."""

    user: User
    on: date
    values: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """A field that may be changed for many rows at once.

    `kind` is choice or text; `choices` takes the language as it is when asked; `parse` returns the value to store, and
    raises ValueError with a sentence where the text is none.
    """

    field: str
    label: Text
    choices: Callable[[], Sequence[tuple[str, Any]]] | None = None
    parse: Callable[[str], Any] = str
    help: Text = ""


@dataclass(frozen=True)
class ListSpec:
    """A list of the product: declared once, registered in the module's `apps.py`.

    `related`, `defer` and `only` say what is read with a row and which fields (`reading.read_rows`). `rows` returns the
    rows the person may see as of the day, before the filters; `prepare` turns the rows of a page into what the columns
    read; `totals` adds sums that are no field of the row: by column, a function of what was found (`rows.Found`) and its
    count to (sum, unknown rows);
    `count` answers faster than counting where nothing narrows the list.
    `own_keys` are keys of the address that the page has fields of its own for, beside the filters.
    `permission` opens the page; where it is open to everybody, `readers` are the permissions one of which is needed for any
    row at all, so that nobody else has the list sent.
    `changeable` keeps the rows the person may change; `change` is the module's service that changes them.
    """

    key: str
    url_name: str
    label: Text
    columns: Callable[[Ask], Sequence[Column]]
    filters: Callable[[Ask], Sequence[Filter]]
    rows: Callable[[Ask], Any]
    default_sort: tuple[str, ...]
    sentence: Callable[[int, Mapping[str, Any]], str]
    related: tuple[str, ...] = ()
    defer: tuple[str, ...] = ()
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prepare: Callable[[Sequence[Any], Ask], Sequence[Any]] | None = None
    totals: Mapping[str, Callable[[Any, int], tuple[Any, int]]] = field(default_factory=dict)
    count: Callable[[Ask], int] | None = None
    permission: Permission | None = None
    readers: tuple[Permission, ...] = ()
    dated: bool = False
    own_keys: frozenset[str] = frozenset()
    edits: Callable[[Ask], Sequence[Edit]] | None = None
    changeable: Callable[[Any, User], QuerySet[Any]] | None = None
    change: Callable[..., int] | None = None
    empty: Text = ""

    def has_rows_for(self, *, user: User, path: str | None = None) -> bool:
        """Tell whether a person can see any row of the list, on a branch or anywhere."""
        needed = (self.permission,) if self.permission else self.readers
        return not needed or any(user.may(one, path) for one in needed)

    def may_be_changed_by(self, user: User) -> bool:
        """Tell whether the person may change rows of this list somewhere."""
        return self.edits is not None and user.may(Permission.EDIT_RECORD)


lists: Registry[ListSpec] = Registry("list")
#: What else may be done with any list: from the list and its filters as its address says them to a place to go to.
list_actions: Registry[Callable[[ListSpec, str], Link]] = Registry("action of lists")


def park_filter(user: User, keep: Callable[[Any, Park], QuerySet[Any]]) -> Filter:
    """Return the filter by one park, which pages of a park link to; a chip shows it, no field does."""

    def resolve(typed: str) -> Park | None:
        return Park.objects.visible_to(user).filter(pk=int(typed)).first()

    return Filter("park", _("Park"), "ref", resolve=resolve, keep=keep)


def sums_of(columns: Iterable[Column]) -> dict[str, str]:
    """Return the summed fields by column key."""
    return {column.key: column.total for column in columns if column.total}
