"""What the address of a list says beside its filters: columns, sort, page, rows per page; and the addresses it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from .columns import Column

PAGE_SIZES = (25, 50, 100, 200)
DEFAULT_SIZE = 50
#: Keys that say how rows are shown, not which.
SHOWING = ("sort", "cols", "per", "page", "format", "view")
#: A sort of more levels says nothing a person can see.
SORT_LEVELS = 3


@dataclass(frozen=True)
class State:
    """The columns in their order, the sort as (column, descending), and rows per page."""

    params: QueryDict
    columns: Sequence[Column]
    all_columns: Sequence[Column]
    sort: Sequence[tuple[Column, bool]]
    per: int

    @property
    def order(self) -> list[str]:
        """The database fields of the sort, the key of the row last so that pages never overlap; empty without a sort."""
        fields = [f"-{f}" if down else f for column, down in self.sort for f in column.order_by]
        if not fields:
            return []
        # The key goes the way of the last field: an index on both is then read from either end.
        return [*fields, "-pk" if fields[-1].startswith("-") else "pk"]

    def url(self, **changes: str | None) -> str:
        """Return the address with some keys changed (None removes); the page number starts again."""
        params = self.params.copy()
        for gone in ("page", "format"):
            params.pop(gone, None)
        for key, value in changes.items():
            if value:
                params[key] = value
            else:
                params.pop(key, None)
        return f"?{params.urlencode(safe=',')}"

    def without(self, names: Sequence[str], **changes: str) -> str:
        """Return the address without some keys."""
        return self.url(**{**dict.fromkeys(names), **changes})

    @property
    def stored(self) -> str:
        """The address as a saved view keeps it: without page and without the view's own number."""
        return self.url(view=None)[1:]


def read_state(columns: Sequence[Column], params: QueryDict) -> State:
    """Return the state the address asks for; what is no column of the list is passed over."""
    by_key = {column.key: column for column in columns}
    chosen = [by_key[key] for key in dict.fromkeys(params.get("cols", "").split(",")) if key in by_key]
    shown = chosen or [column for column in columns if not column.hidden]
    sort: list[tuple[Column, bool]] = []
    for wanted in params.get("sort", "").split(","):
        column = by_key.get(wanted.lstrip("-"))
        if column and column.is_sortable and column not in [c for c, _descending in sort]:
            sort.append((column, wanted.startswith("-")))
    per = params.get("per", "")
    size = int(per) if per.isdecimal() and len(per) < 5 and int(per) in PAGE_SIZES else DEFAULT_SIZE
    return State(params, shown, columns, sort[:SORT_LEVELS], size)
