"""A list as a file: starts at once, grows with no length, holds no formula, speaks the person's language."""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal

import openpyxl
from django.utils import translation

from parkbrain.lists import table_file
from parkbrain.lists.export import paper_table
from parkbrain.ui.table import Column

ATTACKS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "plain"]
COLUMNS = [Column("name", "Name", lambda r: r), Column("size", "Size", lambda r: len(r), "integer", unit="m")]


def numbers(count: int, read: list[int]) -> Iterator[str]:
    for n in range(count):
        read[0] = n + 1
        yield f"row {n}"


def test_text_file_is_written_while_it_is_read() -> None:
    read = [0]
    started = time.perf_counter()
    parts = iter(table_file(columns=COLUMNS, rows=numbers(100_000, read), name="L", kind="csv").streaming_content)
    assert next(parts).decode("utf-8-sig").strip() == "Name,Size (m)"
    assert next(parts).count(b"\n") == 500
    assert time.perf_counter() - started < 1
    assert read[0] <= 1000, "no more rows are read than are written"


def test_hundred_thousand_rows_take_bounded_memory() -> None:
    response = table_file(columns=COLUMNS, rows=numbers(100_000, [0]), name="L", kind="csv")
    tracemalloc.start()
    lines = sum(part.count(b"\n") for part in response.streaming_content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines == 100_001
    assert peak < 5_000_000


def test_text_that_looks_like_a_formula_stays_text() -> None:
    body = b"".join(table_file(columns=COLUMNS, rows=ATTACKS, name="L", kind="csv").streaming_content)
    found = [line[0] for line in csv.reader(io.StringIO(body.decode("utf-8-sig")))][1:]
    assert found == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "plain"]
    book = b"".join(table_file(columns=COLUMNS, rows=ATTACKS, name="L", kind="xlsx").streaming_content)
    cells = openpyxl.load_workbook(io.BytesIO(book)).active["A"][1:]
    assert [cell.value for cell in cells] == ATTACKS
    assert {cell.data_type for cell in cells} == {"s"}


def test_rows_speak_the_language_in_which_the_file_was_asked_for() -> None:
    columns = [Column("flag", "F", lambda r: r)]
    with translation.override("zh-hans"):
        response = table_file(columns=columns, rows=[True, False], name="房源", kind="csv")
    with translation.override("en"):
        assert b"".join(response.streaming_content).decode().splitlines()[1:] == ["是", "否"]
    assert "filename*=utf-8''%E6%88%BF%E6%BA%90-" in response["Content-Disposition"]


def test_paper_says_numbers_as_the_page_does_and_other_files_keep_them_whole() -> None:
    columns = [
        Column("name", "Name", lambda row: row[0]),
        Column("share", "Share", lambda row: row[1], kind="percent"),
        Column("far", "Distance", lambda row: row[2], kind="number", decimals=1, unit="km"),
        Column("count", "Count", lambda row: row[3]),
    ]
    heads, cells, numeric = paper_table(columns=columns, rows=[("A", 0.4167, 17.154, 3), ("B", None, 1234.0, 4)])
    assert heads == ["Name", "Share", "Distance (km)", "Count"]
    assert cells == [["A", "41.7%", "17.2", 3], ["B", None, "1,234.0", 4]]
    assert numeric == [False, True, True, True]
    answer = table_file(columns=columns, rows=[("A", 0.4167, 17.154, 3)], name="t", kind="csv")
    assert "A,0.4167,17.154,3" in b"".join(answer.streaming_content).decode()


def test_paper_keeps_what_was_recorded_exactly() -> None:
    columns = [
        Column("money", "Amount (yuan)", lambda row: row[0], kind="number", decimals=2),
        Column("price", "Price", lambda row: row[1], kind="number"),
    ]
    rows = [(Decimal("84835.20"), Decimal("12345.6250")), (Decimal("0"), Decimal("100"))]
    assert paper_table(columns=columns, rows=rows)[1] == [["84,835.20", "12,345.625"], ["0.00", "100"]]
    third = paper_table(columns=columns, rows=[(Decimal(1), Decimal(1) / 3)])[1]
    assert third == [["1.00", "0.333333"]]
