"""Headings are understood by name, synonym and unit; what is doubtful is reported."""

from __future__ import annotations

from decimal import Decimal

import pytest

from parkbrain.calc.encoding import decode
from parkbrain.calc.headings import HeadingForms, find_heading_row, match_heading, rank

FORMS = [
    HeadingForms("code", frozenset({"premisescode", "房源编码"}), frozenset({"房号", "unit"}), required=True),
    HeadingForms("area_m2", frozenset({"grossarea", "建筑面积"}), frozenset({"面积"}), unit="m²"),
    HeadingForms("revenue_wan", frozenset({"revenue", "营业收入"}), frozenset({"营收"}), unit="10k yuan"),
    HeadingForms("name_en", frozenset({"name(english)"}), frozenset({"name"})),
    HeadingForms("name_zh", frozenset({"name(chinese)"}), frozenset({"name"})),
]


@pytest.mark.parametrize(
    ("heading", "field"),
    [("房号*", "code"), (" Premises  code ", "code"), ("建筑面积（㎡）", "area_m2"), ("面积/平方米", "area_m2"),
     ("营业收入(万元)(必填)", "revenue_wan"), ("Name (English)", "name_en"), ("房 号（必填）", "code"), ("租户星座", None)],
)  # fmt: skip
def test_heading_is_found_by_name_synonym_and_unit(heading: str, field: str | None) -> None:
    assert match_heading(heading, FORMS).field == field


def test_heading_in_another_unit_scales_its_numbers() -> None:
    assert match_heading("营业收入（元）", FORMS).factor == Decimal("0.0001")
    assert match_heading("营收(亿元)", FORMS).factor == Decimal(10000)


def test_heading_with_an_unknown_or_foreign_unit_is_not_taken() -> None:
    assert match_heading("营业收入（百万美元）", FORMS).problem == "unit_unknown"
    assert match_heading("营业收入（㎡）", FORMS).problem == "unit_other"


def test_heading_that_may_be_two_columns_is_reported() -> None:
    match = match_heading("Name", FORMS)
    assert match.field is None
    assert match.candidates == ("name_en", "name_zh")


def test_titles_above_the_headings_are_skipped() -> None:
    rows = [["园区房源台账 2026"], ["制表人", "张三"], [], ["房号", "面积"], ["A-1", 20.0]]
    assert find_heading_row(rows, FORMS) == (3, 2)


def test_table_without_its_required_column_is_no_candidate() -> None:
    assert rank(["面积", "营收"], {"units": FORMS}) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_simplified_text_is_read_in_every_usual_encoding(encoding: str) -> None:
    text = "企业名称,统一社会信用代码,租赁面积\n深圳市星河机器人有限公司,91440300MA5DEM0006,612.5\n"
    assert decode(text.encode(encoding))[0] == text


def test_traditional_text_in_big5_is_not_taken_for_gb18030() -> None:
    text = "企業名稱,租賃面積\n香港機械人有限公司,612.5\n"
    assert decode(text.encode("big5")) == (text, "big5")


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"\xff\xfe\x00", bytes(range(128, 256)) * 3])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"text|encoding"):
        decode(data)
