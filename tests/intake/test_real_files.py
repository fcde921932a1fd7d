"""Files as people really send them: old formats, foreign encodings, bombs, merged cells; said clearly, nothing written."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from xlwt import CompoundDoc

from parkbrain.intake import services
from parkbrain.intake.models import Batch
from parkbrain.intake.queries import find_problem, get_problem_sentence
from parkbrain.kernel.models import Park, User
from tests.factories import AT

from .conftest import workbook_bytes
from .toy import gadgets
from .whole import FIRM, ROWS, record, sheets

Check = Callable[..., Batch]
HEAD = ["Gadget code", "Gadget name", "Mass (t)", "How many", "Bought on"]
pytestmark = pytest.mark.django_db
toy_only = pytest.mark.usefixtures("toy")
LANGUAGES = ("zh-hans", "zh-hant", "en")


def problems(batch: Batch) -> list[tuple[str, str]]:
    """Return code and cell of every problem; each has a sentence of its own in three languages."""
    assert batch.state == Batch.State.REFUSED
    found = [find_problem(stored=p) for p in batch.report["problems"]]
    for problem in found:
        said = set()
        for language in LANGUAGES:
            with override(language):
                said.add(get_problem_sentence(problem=problem))
        assert problem.code not in said
        assert all(said)
    return [(p.code, p.cell) for p in found]


def xls_bytes(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a workbook of the format of 1997."""
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ods_bytes(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return an OpenDocument spreadsheet."""
    tables = ""
    for name, rows in sheets.items():
        lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        tables += f'<table:table table:name="{name}">{lines}</table:table>'
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="x"/></manifest:manifest>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


def _ods_cell(value: Any) -> str:
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


@toy_only
@pytest.mark.parametrize(("write", "name"), [(xls_bytes, "gadgets.xls"), (ods_bytes, "gadgets.ods")])
def test_old_and_open_formats_are_read_and_marked(
    check: Check, operator: User, park: Park, write: Callable[..., bytes], name: str
) -> None:
    batch = check(write({"Gadgets": [HEAD[:3], ["G-1", "数控车床", 2.5]]}), name)
    services.apply_batch(batch=batch, actor=operator, at=AT)
    assert "('mass_t', '2.5')" in gadgets(park)["G-1"]
    assert "数控车床" in gadgets(park)["G-1"]
    wrong = check(write({"Gadgets": [HEAD[:3], ["G-2", "Lathe", "heavy"]]}), name)
    assert problems(wrong) == [("not_a_number", "C2")]
    client = Client()
    client.force_login(operator)
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("import_marked", args=[wrong.pk])).content))
    cell = book["Gadgets"]["C2"]
    assert (cell.value, bool(cell.comment)) == ("heavy", True)
    assert set(gadgets(park)) == {"G-1"}


@toy_only
def test_old_workbook_under_a_password_is_refused_as_such(check: Check) -> None:
    book = xlwt.Workbook()
    book.add_sheet("Gadgets").write(0, 0, "Gadget code")
    stream = book.get_biff_data()
    # The record FILEPASS behind the first one says that all others are enciphered.
    first = 4 + struct.unpack("<H", stream[2:4])[0]
    stream = stream[:first] + struct.pack("<HH6s", 0x2F, 6, b"\0\0\1\2\3\4") + stream[first:]
    buffer = io.BytesIO()
    CompoundDoc.XlsDoc().save(buffer, stream)
    assert problems(check(buffer.getvalue(), "gadgets.xls")) == [("file_encrypted", "")]


@toy_only
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5"])
def test_every_usual_encoding_is_read(check: Check, operator: User, park: Park, encoding: str) -> None:
    text = "Gadget code,Gadget name\r\nG-1,香港中央車床\r\n"
    services.apply_batch(batch=check(text.encode(encoding), "x.csv"), actor=operator, at=AT)
    assert "香港中央車床" in gadgets(park)["G-1"]


@toy_only
@pytest.mark.parametrize("content", [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe"])
def test_other_file_renamed_to_a_workbook_is_refused(check: Check, content: bytes) -> None:
    assert problems(check(content, "list.xlsx")) == [("file_broken", "")]


def bomb(megabytes: int, *, lie: bool) -> bytes:
    """Return a workbook whose sheet unpacks to so many zeros; with `lie`, one that says it is small."""
    buffer = io.BytesIO(workbook_bytes({"Gadgets": [HEAD, ["G-1"]]}))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as package, package.open("xl/media/b", "w") as part:
        for _ in range(megabytes):
            part.write(bytes(1_048_576))
    content = buffer.getvalue()
    if lie:
        size = struct.pack("<I", megabytes * 1_048_576)
        assert content.count(size) >= 2
        content = content.replace(size, struct.pack("<I", 1000))
    return content


@toy_only
@pytest.mark.parametrize("lie", [False, True])
def test_zip_bomb_is_refused_at_once_and_in_little_memory(check: Check, lie: bool) -> None:
    content = bomb(330, lie=lie)
    assert len(content) < 1_200_000
    batch = check(workbook_bytes({"Gadgets": [HEAD, ["G-0"]]}))
    tracemalloc.start()
    began = time.process_time()
    batch = check(content)
    took_s, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problems(batch) == [("file_unpacks_too_large", "")]
    assert peak < 60_000_000
    assert took_s < 2.0 if lie else 1.0


@toy_only
def test_package_whose_content_is_not_what_it_says_is_refused(check: Check) -> None:
    content = workbook_bytes({"Gadgets": [HEAD, ["G-1"]]})
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        crc = zlib.crc32(package.read("xl/worksheets/sheet1.xml"))
    assert problems(check(content.replace(struct.pack("<I", crc), b"abcd"))) == [("file_broken", "")]


@toy_only
def test_impossible_dates_of_spreadsheets_are_refused(check: Check) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Gadgets")
    sheet.write_row(0, 0, HEAD)
    look = book.add_format({"num_format": "yyyy-mm-dd"})
    for row, serial in enumerate((0, 60, 2_958_465), start=1):
        sheet.write_row(row, 0, [f"G-{row}"])
        sheet.write_number(row, 4, serial, look)
    for row, text in enumerate(("1900-01-00", "1900-02-29", "9999-12-31"), start=4):
        sheet.write_row(row, 0, [f"G-{row}", "", "", "", text])
    book.close()
    found = problems(check(buffer.getvalue()))
    assert [cell for _code, cell in found] == ["E2", "E3", "E4", "E5", "E6", "E7"]
    assert {code for code, _cell in found} <= {"not_a_date", "date_out_of_range"}


@toy_only
def test_merged_numbers_are_named_and_merged_names_hold_for_all_their_rows(check: Check, park: Park) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Gadgets")
    sheet.merge_range("A1:E1", "Our gadgets")
    sheet.write_row(1, 0, HEAD)
    for row in range(2, 5):
        sheet.write_row(row, 0, [f"G-{row}"])
    sheet.merge_range("B3:B5", "Lathe")
    sheet.merge_range("D4:D5", 3)
    book.close()
    # A name holds for all its rows; a number would count twice.
    assert problems(check(buffer.getvalue())) == [("merged", "D5")]
    assert gadgets(park) == {}


@toy_only
def test_blank_lines_are_passed_over_and_half_rows_are_named(check: Check) -> None:
    rows = [HEAD, ["G-1", "Lathe"], ["", " ", None], ["  "], ["", "Press", 2]]
    assert problems(check({"Gadgets": rows, "Sheet2": [], "Sheet3": [[" "]]})) == [("required", "A5")]


@toy_only
def test_same_heading_twice_is_refused(check: Check) -> None:
    assert problems(check({"Gadgets": [["Gadget code", "How many", "How many"], ["G-1", 1, 1]]})) == [
        ("heading_twice", "C1")
    ]


BAD_ROWS: list[tuple[str, list[list[Any]], list[tuple[str, str]]]] = [
    ("premises", [[*ROWS["premises"][0]], ["A-9", "A", 1, "RND", -5]], [("below_minimum", "E2")]),
    ("premises", [[*ROWS["premises"][0]], ["A-9", "A", 0, "RND", 5]], [("level_zero", "C2")]),
    ("storeys", [[*ROWS["storeys"][0]], ["A", 1, "1.2万吨"]], [("unit_in_cell", "C2")]),
    ("enterprises", [["uscc", "name_zh_hans"], [FIRM[:-1] + "7", "x"]], [("uscc_check", "A2")]),
    ("enterprises", [["uscc", "name_zh_hans"], [914403001234567890, "x"]], [("uscc_as_number", "A2")]),
    ("returns", [["uscc", "year", "staff_count"], [FIRM, 2025, -1]], [("below_minimum", "C2")]),
    ("occupancies", [["premises_code", "uscc", "starts_on"], ["A-1", FIRM, "1900-02-29"]], [("not_a_date", "C2")]),
]


@pytest.mark.parametrize(("key", "rows", "expected"), BAD_ROWS, ids=[f"{b[0]}-{b[2][0][0]}" for b in BAD_ROWS])
def test_bad_value_of_the_record_is_named_and_nothing_is_written(
    clerk: User, key: str, rows: list[list[Any]], expected: list[tuple[str, str]]
) -> None:
    content = workbook_bytes(sheets(**{key: rows}))
    before = record()
    batch = services.upload_batch(name="x.xlsx", chunks=[content], park=None, actor=clerk, at=AT)
    batch = services.apply_batch(batch=batch, actor=clerk, at=AT)
    assert expected[0] in problems(batch)
    assert record() == before


def test_full_width_digits_and_myriads_are_numbers(clerk: User, take: Callable[..., Batch]) -> None:
    take(sheets(storeys=[ROWS["storeys"][0], ["A", "１", "1.2万"], ["A", "２", "４,０００．５"]]))
    assert [s["gross_floor_area_m2"] for s in record()["space.storey"]][:2] == [12_000.0, 4000.5]
