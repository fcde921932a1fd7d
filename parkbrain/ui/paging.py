"""Pages of a hand-written table: the rows of the one that the address asks for, and the addresses beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict

#: Rows of a table that stands on a page with others.
PER_PAGE = 20


@dataclass(frozen=True)
class Paged:
    """One page of rows: a sequence of them, its place among all, and the addresses before and after."""

    rows: Sequence[Any]
    count: int
    first: int
    last: int
    previous_url: str = ""
    next_url: str = ""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_whole(self) -> bool:
        """Whether all rows are on this page."""
        return len(self.rows) == self.count


def paged(
    rows: QuerySet[Any] | Sequence[Any], params: QueryDict, *, key: str = "page", per: int = PER_PAGE, at: str = ""
) -> Paged:
    """Return the page of rows that `key` of the address asks for; `at` is the part of the page to come back to."""
    page = Paginator(rows, per).get_page(params.get(key))

    def url(number: int) -> str:
        kept = params.copy()
        kept[key] = str(number)
        return f"?{kept.urlencode(safe=',')}" + (f"#{at}" if at else "")

    return Paged(
        list(page.object_list),
        page.paginator.count,
        page.start_index(),
        page.end_index(),
        url(page.previous_page_number()) if page.has_previous() else "",
        url(page.next_page_number()) if page.has_next() else "",
    )
