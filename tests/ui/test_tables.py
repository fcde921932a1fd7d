"""Lists: what the address asks for is what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from django.utils.translation import override

from parkbrain.ui.table import Action, Cell, Column, address_of, build, cell, read_state, simple, words_of

COLUMNS = [
    Column("name", "Name", lambda r: (r["name"], f"/{r['name']}"), "link", order_by=("name",)),
    Column("area", "Area", lambda r: r["area"], "area", order_by=("area_m2", "name")),
    Column("on", "On", lambda r: r.get("on"), "date"),
    Column("share", "Share", lambda r: r.get("share"), "percent"),
]
ROWS: list[dict[str, Any]] = [
    {"name": f"P{i}", "area": 10.0 * i, "share": 0.5, "on": date(2026, 1, 1 + i)} for i in range(7)
]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


def listed(query: str = "", **options: Any):
    return build(columns=COLUMNS, rows=ROWS, params=QueryDict(query), label="Premises", page_size=3, **options)


def test_a_page_of_rows_is_shown_with_links_to_its_neighbours() -> None:
    view = listed("q=x&page=2")
    assert [row[0].text for row in view.rows] == ["P3", "P4", "P5"]
    assert (view.previous_url, view.next_url) == ("?q=x&page=1", "?q=x&page=3")
    assert view.count == 7


@pytest.mark.parametrize(("asked", "shown"), [("0", 3), ("99", 3), ("word", 1), ("", 1)])
def test_a_page_that_does_not_exist_is_the_nearest(asked: str, shown: int) -> None:
    assert listed(f"page={asked}").page.number == shown


def test_headings_sort_both_ways_and_start_at_the_first_page() -> None:
    name, area, on, _share = listed("sort=area&page=2&q=x").heads
    assert (area.aria_sort, area.arrow) == ("ascending", "↑")
    assert area.sort_url == "?sort=-area&q=x"
    assert (name.aria_sort, name.sort_url) == ("", "?sort=name&q=x")
    assert on.sort_url == ""


def test_the_database_order_ends_with_the_key_so_that_pages_never_overlap() -> None:
    # The key goes the way of the last field: an index on both is then read from either end.
    assert read_state(COLUMNS, QueryDict("sort=-area")).order == ["-area_m2", "-name", "-pk"]
    assert read_state(COLUMNS, QueryDict("sort=area")).order == ["area_m2", "name", "pk"]


@pytest.mark.parametrize("asked", ["on", "password", "-", "area_m2"])
def test_only_declared_columns_can_be_sorted_by(asked: str) -> None:
    assert read_state(COLUMNS, QueryDict(f"sort={asked}")).order == []


def test_unknown_numbers_are_unknown_and_zero_is_zero() -> None:
    view = build(
        columns=COLUMNS, rows=[{"name": "A", "area": None}, {"name": "B", "area": 0}], params=QueryDict(), label=""
    )
    assert [row[1].kind for row in view.rows] == ["unknown", "text"]
    assert view.rows[1][1].text == "0.0"
    assert view.rows[0][2].text == "—"


def test_totals_stand_under_their_columns() -> None:
    first, area, on, _share = listed(totals={"area": 210.0}).totals
    assert (area.text, area.numeric) == ("210.0", True)
    assert first.text and on.text == ""


def test_no_rows_have_no_totals() -> None:
    assert build(columns=COLUMNS, rows=[], params=QueryDict(), label="", totals={"area": 0}).totals == []


def test_rows_of_the_shown_page_are_prepared_together() -> None:
    calls: list[int] = []

    def prepare(rows: Any) -> Any:
        calls.append(len(rows))
        return [{**row, "name": row["name"].lower()} for row in rows]

    assert [row[0].text for row in listed(prepare=prepare).rows] == ["p0", "p1", "p2"]
    assert calls == [3]


def test_a_simple_table_keeps_unknown_apart_from_zero() -> None:
    (row,) = simple(heads=[("A", True), ("B", True), ("C", False)], rows=[(None, 0, "")], label="L").rows
    assert [cell.kind for cell in row] == ["unknown", "text", "text"]
    assert [cell.text for cell in row] == ["", "0", "—"]


def test_actions_of_a_row_are_a_menu_and_no_action_is_no_menu() -> None:
    remove = Action("Remove", "/x/1/remove/", danger=True)
    column = Column("actions", "Actions", lambda row: (f"Actions for {row}", [remove] if row == "A" else []), "actions")
    assert (cell(column, "A").kind, cell(column, "A").note) == ("actions", "Actions for A")
    assert list(cell(column, "A").actions) == [remove]
    assert (cell(column, "B").kind, cell(column, "B").text) == ("text", "")


def test_addresses_and_words_are_looked_up_once_for_all_rows() -> None:
    url = address_of("premises_detail")
    assert [url(1), url(1234)] == ["/premises/1/", "/premises/1234/"]
    assert words_of([("A", "Alpha")]) == {"": "", "A": "Alpha"}


@pytest.mark.parametrize(
    ("text", "css"),
    [
        ("let", "nowrap"),
        ("DEMO-L2604-P1-101", "nowrap"),
        ("202611-0001", "nowrap"),
        ("Works Tower 1", ""),
        ("深圳市瑞川机器人科技有限公司", "long"),
        ("高新技术企业认定申请", ""),
        ("Shenzhen Chuyao Service Robots Technology Co., Ltd.", "long"),
    ],
)
def test_codes_stay_on_one_line_and_long_names_of_any_script_have_room(text: str, css: str) -> None:
    assert Cell("text", text).css == css
