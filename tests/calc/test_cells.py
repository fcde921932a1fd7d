"""What people type: read as meant, or refused with the reason; never blanked, never guessed."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.cells import CellError, CellType, is_clear, parse_cell, plain_text, write_cell
from parkbrain.calc.cells.values import KINDS
from parkbrain.calc.uscc import complete

TEXT, CODE, NUMBER, INTEGER = CellType("text"), CellType("code"), CellType("number"), CellType("integer")
MONEY, DATE, BOOLEAN, CODES = CellType("money"), CellType("date"), CellType("boolean"), CellType("codes")
USE = CellType(
    "choice", choices={"factory": "FACTORY", "厂房": "FACTORY", "廠房": "FACTORY"}, choice_labels=("Factory",)
)


def refusal(raw: Any, kind: CellType) -> CellError:
    with pytest.raises(CellError) as caught:
        parse_cell(raw, kind)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1,234.5", 1234.5), ("1 200", 1200), ("1\u00a0200", 1200), ("３５", 35), ("1.2万", 12000), ("3億", 3e8),
        ("−5", -5), ("12.", 12), (" 7 ", 7), ("1.5E+05", 150000), ("￥1,000", 1000), (58.5, 58.5), ("35%", 0.35),
        ("1'234", 1234), (".5", 0.5),
    ],
)  # fmt: skip
def test_number_is_read_as_people_write_it(raw: Any, value: float) -> None:
    assert parse_cell(raw, NUMBER) == value


def test_letter_o_in_a_number_is_refused_with_the_value_shown() -> None:
    error = refusal("12,5O0", NUMBER)
    assert (error.code, error.params["value"], error.params["suggestion"]) == ("letter_in_number", "12,5O0", "12,500")


@pytest.mark.parametrize(
    "raw", ["1,5", "12,50", "1.234,5", "1,2345", "约500", "(5)", "5-6", "n/a", "-", "一百", True, "1 20"]
)
def test_doubtful_number_is_refused(raw: Any) -> None:
    assert refusal(raw, NUMBER).code == "not_a_number"


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), "9" * 40, "1e99"])
def test_number_without_a_size_is_refused(raw: Any) -> None:
    assert refusal(raw, NUMBER).code == "not_finite"


def test_percent_stays_percent_in_a_percent_column() -> None:
    assert parse_cell("35%", CellType("number", unit="%")) == 35


def test_unit_beside_a_number_is_converted_or_refused() -> None:
    tons = CellType("number", unit="t")
    assert parse_cell("500 kg", tons) == 0.5
    assert parse_cell("3 吨", tons) == 3
    assert refusal("5 m²", tons).code == "unit_in_cell"
    # 万元 below a heading in 元 and in 万元 is the same money; 万 alone below 万元 may be either.
    with pytest.raises(CellError, match="myriad_twice"):
        parse_cell("1.2万", CellType("number", unit="10k yuan"))
    assert parse_cell("5200万元", CellType("money", unit="10k yuan")) == 5200


def test_money_is_exact() -> None:
    value = parse_cell(0.1, MONEY)
    assert isinstance(value, Decimal)
    assert value == Decimal("0.1")
    assert parse_cell("1,234,567.89", MONEY) == Decimal("1234567.89")


def test_whole_number_refuses_a_fraction() -> None:
    assert refusal("3.5", INTEGER).code == "not_whole"
    assert parse_cell(3.0, INTEGER) == 3


def test_bounds_belong_to_the_value_that_is_stored() -> None:
    share = CellType("number", minimum=0, maximum=100)
    assert refusal("101", share).code == "above_maximum"
    assert refusal(-1, share).code == "below_minimum"


@pytest.mark.parametrize(
    "raw",
    ["2026-03-31", "2026/3/31", "2026年3月31日", "31.03.2026", "2026.3.31", "20260331", 20260331.0, "31/03/2026",
     "03/31/2026", "2026-03-31 10:22:00", date(2026, 3, 31), datetime(2026, 3, 31, 10, 22), "31 Mar 2026", "March 31, 2026",
     "２０２６－０３－３１"],
)  # fmt: skip
def test_date_is_read_as_people_write_it(raw: Any) -> None:
    assert parse_cell(raw, DATE) == date(2026, 3, 31)


def test_ambiguous_date_is_refused_with_both_readings_named() -> None:
    error = refusal("03/04/2026", DATE)
    assert error.code == "date_ambiguous"
    assert {error.params["first"], error.params["second"]} == {"2026-04-03", "2026-03-04"}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("1900-01-00", "not_a_date"), (date(9999, 12, 31), "date_out_of_range"), (datetime(1900, 1, 1), "date_out_of_range"),
        ("2026-02-30", "not_a_date"), ("2026-03", "date_without_day"), ("2026年3月", "date_without_day"),
        ("26-03-31", "date_short_year"), (46112.0, "date_number"), (time(0), "not_a_date"), (timedelta(1), "not_a_date"),
        (2026.0, "not_a_date"), (True, "not_a_date"), ("长期", "not_a_date"), (0.0, "not_a_date"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(raw: Any, code: str) -> None:
    assert refusal(raw, DATE).code == code


def test_bare_serial_number_is_refused_with_its_reading() -> None:
    assert refusal(46112.0, DATE).params["reading"] == "2026-03-31"


@pytest.mark.parametrize(("raw", "value"), [("是", True), ("√", True), ("YES", True), (1.0, True), ("有", True), (True, True),
                                            ("否", False), ("无", False), ("×", False), (0.0, False), ("No", False)])  # fmt: skip
def test_yes_and_no_are_read_in_every_language(raw: Any, value: bool) -> None:
    assert parse_cell(raw, BOOLEAN) is value


def test_maybe_is_not_yes() -> None:
    assert refusal("maybe", BOOLEAN).code == "not_yes_or_no"


def test_choice_takes_value_or_label_and_names_the_options() -> None:
    assert parse_cell(" 厂房 ", USE) == "FACTORY"
    assert parse_cell("Factory", USE) == "FACTORY"
    assert refusal("Castle", USE).params["options"] == ["Factory"]


def test_credit_code_is_checked_by_its_last_character() -> None:
    good = complete("91440300MA5DEM000")
    assert parse_cell(f" {good[:8]} {good[8:].lower()} ", CellType("uscc")) == good
    wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert refusal(wrong, CellType("uscc")).params["detail"] == good[-1]
    assert refusal("9144", CellType("uscc")).code == "uscc_length"
    assert refusal(9.144e17, CellType("uscc")).code == "uscc_as_number"


def test_names_keep_their_full_width_brackets_and_codes_become_half_width() -> None:
    assert parse_cell(" 星河（深圳）\n有限公司 ", TEXT) == "星河（深圳） 有限公司"
    assert parse_cell("Ａ－０３０１", CODE) == "A-0301"
    assert parse_cell(301.0, CODE) == "301"


def test_too_long_text_is_refused_not_cut() -> None:
    assert refusal("x" * 201, TEXT).code == "too_long"


@pytest.mark.parametrize("raw", ["#REF!", "#N/A", " #div/0! "])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_failed_formula_is_refused_in_every_column(raw: str, kind: str) -> None:
    assert refusal(raw, CellType(kind)).code == "formula_error"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_empty_cell_is_nothing_in_every_column(kind: str) -> None:
    assert parse_cell("  ", CellType(kind)) is None
    assert parse_cell(None, CellType(kind)) is None


def test_clearing_is_said_in_words() -> None:
    assert is_clear("(clear)")
    assert is_clear("（清空）")
    assert not is_clear("clear")


ANYTHING = st.one_of(
    st.text(), st.floats(), st.integers(), st.booleans(), st.none(), st.dates(), st.datetimes(), st.times(),
    st.timedeltas(), st.text(alphabet="0123456789,. 'eE+-%万亿年月日/OolIS"),
)  # fmt: skip


@given(ANYTHING, st.sampled_from(sorted(KINDS)))
def test_anything_typed_is_read_or_refused_with_a_code(raw: Any, kind: str) -> None:
    try:
        parse_cell(raw, CellType(kind, unit="m²", choices=USE.choices))
    except CellError as error:
        assert error.code
        assert "value" in error.params


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (NUMBER, st.floats(-1e12, 1e12)),
        (INTEGER, st.integers(-(10**12), 10**12)),
        (MONEY, st.decimals(-(10**9), 10**9, places=2)),
        (DATE, st.dates(date(1901, 1, 1), date(2199, 12, 31))),
        (BOOLEAN, st.booleans()),
        (
            CODES,
            st.lists(st.from_regex(r"\d{2,4}", fullmatch=True).filter(str.isascii), min_size=1, unique=True).map(tuple),
        ),
        (CODE, st.from_regex(r"[A-Z]-[0-9]{1,4}", fullmatch=True).filter(str.isascii)),
        (USE, st.just("FACTORY")),
    ],
    ids=lambda v: getattr(v, "kind", ""),
)
def test_what_is_written_reads_back_the_same(kind: CellType, values: st.SearchStrategy[Any]) -> None:
    @given(values)
    def check(value: Any) -> None:
        cell = write_cell(value, kind, labels={"FACTORY": "厂房"}, words=("是", "否"))
        assert parse_cell(cell, kind) == value

    check()


@given(st.text())
def test_text_is_compared_half_width_lower_case_and_without_spaces(text: str) -> None:
    assert plain_text(text) == "".join(unicodedata.normalize("NFKC", text).casefold().split())


@pytest.mark.parametrize("raw", ["#REF!", " #n/a", "＃ＲＥＦ！", "\u3000#DIV/0!", "﹟N/A"])
def test_error_of_a_spreadsheet_is_known_however_wide_it_is_written(raw: str) -> None:
    assert refusal(raw, TEXT).code == "formula_error"


@pytest.mark.parametrize("raw", ["(clear)", " ( Clear ) ", "（清空）", "﹙清空﹚", "\u3000(清空)"])
def test_word_that_empties_a_value_is_known_however_wide_it_is_written(raw: str) -> None:
    assert is_clear(raw)
