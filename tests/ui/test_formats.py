"""Numbers, units and dates as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from parkbrain.ui import formats

LANGUAGES = ("zh-hans", "zh-hant", "en")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh-hans", ["1.2亿", "6.4万", "9,999"]),
        ("zh-hant", ["1.2億", "6.4萬", "9,999"]),
        ("en", ["123M", "64.1k", "10k"]),
    ],
)
def test_large_numbers_are_short_in_each_language(language: str, expected: list[str]) -> None:
    with translation.override(language):
        assert [formats.compact(v) for v in (123_000_000, 64_100, 9_999)] == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_unknown_is_a_word_and_never_zero(language: str) -> None:
    with translation.override(language):
        for text in (formats.number(None), formats.compact(None), formats.percent(None), formats.with_unit(None, "m2")):
            assert text and "0" not in text


def test_numbers_are_written_alike_in_every_language() -> None:
    for language in LANGUAGES:
        with translation.override(language):
            assert formats.number(Decimal("1234567.5")) == "1,234,567.5"
            assert formats.number(0) == "0"
            assert formats.number(-0.00001) == "0"
            assert formats.number(2.5, 2) == "2.50"


def test_units_are_written_as_people_write_them() -> None:
    assert formats.with_unit(85_400, "m2") == "85,400 m²"
    assert formats.with_unit(12.5, "%") == "12.5%"
    assert formats.with_unit(3, "count") == "3"
    assert formats.with_unit(5, "kn_m2") == "5 kN/m²"


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["yes", "no"]), ("zh-hans", ["是", "否"]), ("zh-hant", ["是", "否"])]
)
def test_truth_is_a_word(language: str, words: list[str]) -> None:
    with translation.override(language):
        assert [formats.with_unit(1, "boolean"), formats.with_unit(0, "boolean")] == words


def test_a_share_of_one_is_percent() -> None:
    assert formats.percent(Decimal("0.9494")) == "94.9%"
    assert formats.percent(1, 0) == "100%"


def test_dates_are_the_same_everywhere_and_times_are_the_installations() -> None:
    assert formats.day(date(2026, 11, 3)) == "2026-11-03"
    assert formats.moment(datetime(2026, 11, 2, 22, 30, tzinfo=UTC)) == "2026-11-03 06:30"
    assert formats.day(None) == formats.moment(None) == "—"


def test_a_sparkline_skips_what_is_unknown_and_stands_on_zero() -> None:
    spark = formats.spark([0, None, 10], width=80, height=20)
    assert spark is not None
    assert spark.path == "M2.0 20.0L82.0 2.0"
    assert spark.text == "0 → 10"


def test_one_value_is_no_line() -> None:
    assert formats.spark([None, 3, None]) is None


def test_a_sparkline_of_zeros_lies_on_the_ground() -> None:
    spark = formats.spark([0, 0])
    assert spark is not None and spark.last_y == 20.0
