"""Pages of a hand-written table keep the rest of the address and come back to their part of the page."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from parkbrain.ui.paging import paged


def test_a_page_has_its_rows_and_the_addresses_beside_it() -> None:
    found = paged(list(range(45)), QueryDict("on=2026-01-01&page=2"), per=20, at="rows")
    assert list(found) == list(range(20, 40))
    assert (found.first, found.last, found.count, found.is_whole) == (21, 40, 45, False)
    assert found.previous_url == "?on=2026-01-01&page=1#rows"
    assert found.next_url == "?on=2026-01-01&page=3#rows"


@pytest.mark.parametrize("typed", ["", "x", "0", "-4", "99"])
def test_a_page_that_is_none_shows_the_nearest(typed: str) -> None:
    found = paged(["a"], QueryDict(f"page={typed}"))
    assert list(found) == ["a"] and found.is_whole and not found.next_url


def test_two_tables_of_a_page_are_turned_apart() -> None:
    params = QueryDict("set=2")
    assert paged(list("abc"), params, key="set", per=2).first == 3
    assert paged(list("abc"), params, key="page", per=2).first == 1
