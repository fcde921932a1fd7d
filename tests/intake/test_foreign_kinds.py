"""Lists that nobody made for us, beyond buildings: lists of firms, days written either way round, merged cells."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from parkbrain.calc.uscc import complete
from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.services import record_enterprises
from parkbrain.intake import services
from parkbrain.intake.models import Batch, Origin
from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Building
from tests.factories import AT, make_occupancy, make_premises

from .conftest import workbook_bytes

pytestmark = pytest.mark.django_db
Check = Callable[..., Batch]
CODES = [complete(f"91440300MA5{number:06d}") for number in range(4)]


def rows_of(batch: Batch) -> dict[str, int]:
    """Return how many rows had which outcome, without those that none had."""
    return {outcome: count for outcome, count in batch.report["outcomes"].items() if count}


def problems(batch: Batch) -> list[tuple[str, int]]:
    return [(p["code"], p["row"]) for p in batch.report["unread"]]


@pytest.fixture
def firms(park: Park, operator: User) -> dict[str, Enterprise]:
    """Three firms of the park, by their name."""
    rows = [
        {"uscc": CODES[0], "name_zh_hans": "深圳星河机器人有限公司", "founded_on": date(2018, 4, 12)},
        {"uscc": CODES[1], "name_zh_hans": "广州南天仪器股份有限公司", "founded_on": date(2003, 9, 1)},
        {"uscc": CODES[3], "name_zh_hans": "东莞长河食品有限公司", "founded_on": date(2011, 5, 6)},
    ]
    record_enterprises(rows=rows, actor=operator, at=AT, park=park)
    found = {firm.name_zh_hans: firm for firm in Enterprise.objects.order_by("pk")}
    for firm in found.values():
        make_occupancy(premises=make_premises(park=park), enterprise=firm)
    return found


@pytest.mark.usefixtures("firms")
def test_firms_without_a_code_are_joined_by_their_names(check: Check, operator: User) -> None:
    batch = check(
        {
            "名单": [
                ["公司名称", "成立日期", "行业代码", "备注"],
                ["深圳星河机器人有限公司", "2018-04-12", "3491", "x"],
                ["广州南天仪器股份有限公司", "2003-09-01", "4014", ""],
            ]
        }
    )
    assert (batch.problem_count, rows_of(batch)) == (0, {"joined": 2})
    services.apply_batch(batch=batch, actor=operator, at=AT)
    industries = dict(Enterprise.objects.values_list("uscc", "industry_code"))
    assert industries == {CODES[0]: "3491", CODES[1]: "4014", CODES[3]: ""}
    assert {o.reason["outcome"] for o in Origin.objects.all()} == {"joined"}


@pytest.mark.usefixtures("firms")
def test_firm_that_nobody_knows_is_left_out_for_want_of_a_code(check: Check, operator: User) -> None:
    batch = check(
        {
            "名单": [
                ["公司名称", "行业代码"],
                ["深圳星河机器人有限公司", "3491"],
                ["北京远方化工有限公司", "2614"],
            ]
        }
    )
    # Only the firm's own papers give a credit code: the row is refused, the others go in.
    assert rows_of(batch) == {"joined": 1, "refused": 1}
    assert problems(batch) == [("required", 3)]
    services.apply_batch(batch=batch, actor=operator, at=AT)
    assert Enterprise.objects.count() == 3


@pytest.mark.usefixtures("firms")
def test_firm_whose_code_another_carries_is_not_joined_by_its_name(check: Check) -> None:
    batch = check(
        {
            "名单": [
                ["公司名称", "统一社会信用代码", "成立日期"],
                ["深圳星河机器人有限公司", CODES[2], "2018-04-12"],
            ]
        }
    )
    assert rows_of(batch).get("joined") is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["12/04/2018", "25/09/2003", "06/05/2011"], [date(2018, 4, 12), date(2003, 9, 25), date(2011, 5, 6)]),
        (["04/12/2018", "09/25/2003", "05/06/2011"], [date(2018, 4, 12), date(2003, 9, 25), date(2011, 5, 6)]),
    ],
    ids=["day first", "month first"],
)
def test_one_day_that_can_only_be_read_one_way_decides_the_whole_column(
    check: Check, operator: User, firms: dict[str, Enterprise], written: Sequence[str], meant: Sequence[date]
) -> None:
    Enterprise.objects.update(founded_on=None)
    rows = [[name, day] for name, day in zip(firms, written, strict=True)]
    batch = check({"名单": [["公司名称", "成立日期"], *rows]})
    assert batch.report["unread"] == []
    services.apply_batch(batch=batch, actor=operator, at=AT)
    assert [Enterprise.objects.get(name_zh_hans=name).founded_on for name in firms] == list(meant)


@pytest.mark.parametrize(
    ("written", "named"),
    [(["12/04/2018", "01/09/2003", "05/06/2011"], [2, 3, 4]), (["25/04/2018", "04/25/2003", "05/06/2011"], [4])],
    ids=["order open", "order contradicted"],
)
def test_days_that_may_be_read_both_ways_are_named(
    check: Check, firms: dict[str, Enterprise], written: Sequence[str], named: list[int]
) -> None:
    rows = [[name, day] for name, day in zip(firms, written, strict=True)]
    batch = check({"名单": [["公司名称", "成立日期"], *rows]})
    assert problems(batch) == [("date_ambiguous", row) for row in named]


def merged_list(*merges: tuple[str, Any]) -> bytes:
    """Return a list of three buildings with these ranges merged."""
    hidden = {(row, ord(cells[0]) - 65) for cells, _value in merges for row in _rows(cells)}
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Sheet1")
    sheet.write_row(0, 0, ["property name", "address line 1", "year built", "gross floor area (m2)"])
    for row, name in enumerate(("East Hall", "West Hall", "North Hall"), start=1):
        for column, value in enumerate([name, f"{row} Main Street", 1990 + row, 1000 * row]):
            if (row, column) not in hidden:
                sheet.write(row, column, value)
    for cells, value in merges:
        sheet.merge_range(cells, value)
    book.close()
    return buffer.getvalue()


def _rows(cells: str) -> range:
    first, last = (int(part[1:]) for part in cells.split(":"))
    return range(first - 1, last)


def test_merged_text_holds_for_all_its_rows(check: Check, operator: User, park: Park) -> None:
    batch = check(merged_list(("B2:B4", "5 Market Square")), name="list.xlsx")
    assert batch.report["unread"] == []
    services.apply_batch(batch=batch, actor=operator, at=AT)
    buildings = Building.objects.filter(site__park=park)
    assert sorted(buildings.values_list("name_en", flat=True)) == ["East Hall", "North Hall", "West Hall"]
    assert set(buildings.values_list("address", flat=True)) == {"5 Market Square"}


def test_merged_number_is_that_of_its_first_row_and_the_others_are_named(
    check: Check, operator: User, park: Park
) -> None:
    batch = check(merged_list(("D2:D3", 2000)), name="list.xlsx")
    assert problems(batch) == [("merged", 3)]
    services.apply_batch(batch=batch, actor=operator, at=AT)
    areas_m2 = dict(Building.objects.filter(site__park=park).values_list("name_en", "gross_floor_area_m2"))
    assert areas_m2 == {"East Hall": 2000, "North Hall": 3000}


def test_mapping_page_shows_the_values_of_a_merged_column_as_they_stand(
    upload: Callable[..., Batch], operator: User
) -> None:
    batch = upload(merged_list(("B2:B4", "5 Market Square"), ("D2:D3", 2000)), name="list.xlsx")
    sheet = services.propose_mapping(batch=batch, actor=operator)[0]
    samples = {c.field: list(c.samples) for c in sheet.columns}
    assert samples["address"] == ["5 Market Square"]
    assert samples["gross_floor_area_m2"] == ["2000", "3000"]
    assert {c.field: c.fill for c in sheet.columns}["address"]


def test_person_decides_that_a_merged_cell_holds_for_its_first_row_alone(
    upload: Callable[..., Batch], operator: User
) -> None:
    batch = upload(merged_list(("B2:B4", "5 Market Square")), name="list.xlsx")
    plan = services.SheetPlan(
        "buildings", 1, {0: services.ColumnPlan("name_en"), 1: services.ColumnPlan("address", fill=False)}
    )
    batch = services.save_mapping(
        batch=batch, reading=services.Reading({"Sheet1": plan}), profile_name="", actor=operator, at=AT
    )
    batch = services.check_batch(batch=batch, actor=operator, at=AT)
    assert problems(batch) == [("merged", 3), ("merged", 4)]


def test_workbook_of_nothing_but_the_headings_of_a_list_has_no_rows(check: Check) -> None:
    batch = check(workbook_bytes({"Sheet1": [["property name", "address line 1", "year built"]]}), name="list.xlsx")
    assert [p["code"] for p in batch.report["problems"]] == ["no_rows"]
