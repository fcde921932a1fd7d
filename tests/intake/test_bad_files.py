"""What is wrong with a file is said, with its place, before anything is written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from django.utils.translation import override

from parkbrain.intake import services
from parkbrain.intake.models import Batch
from parkbrain.intake.queries import find_problem, get_problem_sentence
from parkbrain.kernel.models import Park
from tests.factories import make_park

from .conftest import workbook_bytes
from .toy import COLUMNS, gadgets, only_toy

Check = Callable[..., Batch]
HEAD = ["Gadget code", "Gadget name", "Mass (t)", "How many", "Bought on"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy")]


def codes(batch: Batch) -> list[str]:
    return [p["code"] for p in batch.report["problems"]]


def only(batch: Batch) -> dict[str, Any]:
    assert batch.state == Batch.State.REFUSED
    assert len(batch.report["problems"]) == 1, batch.report["problems"]
    return dict(batch.report["problems"][0])


def test_value_of_the_wrong_type_is_shown_with_its_row_and_column(check: Check, park: Park) -> None:
    batch = check({"Gadgets": [["Our list"], [], HEAD, ["G-1", "Lathe", "12,5O0"]]})
    problem = find_problem(stored=only(batch))
    assert (problem.sheet, problem.cell, problem.heading, problem.value) == ("Gadgets", "C4", "Mass (t)", "12,5O0")
    with override("en"):
        assert get_problem_sentence(problem=problem) == "“12,5O0” has a letter in it. Is 12,500 meant?"
    assert gadgets(park) == {}


@pytest.mark.parametrize("name", ["gadgets.xlsx", "gadgets.csv"])
def test_every_wrong_cell_is_reported_at_once(check: Check, name: str) -> None:
    rows = [HEAD, ["G-1", "x" * 21, "heavy", "2.5", "03/04/2026"], ["", "Lathe", "200", "-1", "1900-01-00"]]
    content = (
        "\n".join(",".join(r) for r in rows).encode() if name.endswith("csv") else workbook_bytes({"Gadgets": rows})
    )
    assert sorted(codes(check(content, name))) == sorted(
        [
            "too_long",
            "not_a_number",
            "not_whole",
            "date_ambiguous",
            "required",
            "above_maximum",
            "below_minimum",
            "not_a_date",
        ]
    )


def test_ambiguous_date_names_both_readings(check: Check) -> None:
    problem = find_problem(stored=only(check({"Gadgets": [HEAD, ["G-1", "", 1, 1, "03/04/2026"]]})))
    with override("en"):
        sentence = get_problem_sentence(problem=problem)
    assert "2026-04-03" in sentence
    assert "2026-03-04" in sentence


def test_far_date_of_a_spreadsheet_is_refused(check: Check) -> None:
    assert only(check({"Gadgets": [HEAD, ["G-1", "", 1, 1, date(9999, 12, 31)]]}))["code"] == "date_out_of_range"


def failing_formula(value: Any) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Gadgets")
    sheet.write_row(0, 0, HEAD)
    sheet.write_string(1, 0, "G-1")
    sheet.write_formula(1, 2, "=Lost!A1", value=value)
    book.close()
    return buffer.getvalue()


def test_failed_formula_is_reported_not_taken_for_an_empty_cell(check: Check) -> None:
    problem = only(check(failing_formula("#REF!")))
    assert (problem["code"], problem["column"], problem["row"], problem["value"]) == ("formula_error", "C", 2, "#REF!")


def test_formula_that_was_never_calculated_is_reported(check: Check) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Gadgets"
    sheet.append(HEAD)
    sheet.append(["G-1", "Lathe", "=1+1"])
    buffer = io.BytesIO()
    book.save(buffer)
    assert only(check(buffer.getvalue()))["code"] == "formula_without_value"


def test_formula_with_a_value_is_its_value(check: Check) -> None:
    assert check(failing_formula(5)).report["counts"]["create"] == 1


def test_empty_file_is_refused(check: Check) -> None:
    assert only(check(b""))["code"] == "file_empty"
    assert only(check(b" \n ,, \n", "gadgets.csv"))["code"] == "file_empty"


def test_sheet_without_rows_is_refused(check: Check) -> None:
    assert only(check({"Gadgets": [HEAD]}))["code"] == "no_rows"


def test_workbook_of_empty_sheets_is_refused(check: Check) -> None:
    assert only(check({"Sheet1": [], "Sheet2": []}))["code"] == "nothing_recognized"


def test_kind_of_file_that_cannot_be_read_is_named(check: Check) -> None:
    problem = only(check(b"%PDF-1.7", "gadgets.pdf"))
    assert (problem["code"], problem["params"]["kind"]) == ("file_kind", "pdf")


@pytest.mark.parametrize("content", [b"PK\x03\x04 and then nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken"])
def test_damaged_file_is_refused_with_the_reason(check: Check, content: bytes) -> None:
    problem = only(check(content))
    assert problem["code"] == "file_broken"
    assert problem["params"]["detail"]


def test_web_page_named_as_a_workbook_is_refused(check: Check) -> None:
    assert only(check(b"<html><table></table></html>", "export.xls"))["code"] == "file_broken"


def test_file_under_a_password_is_refused_as_such(check: Check) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert only(check(content))["code"] == "file_encrypted"


def test_file_that_unpacks_too_large_is_refused_before_it_is_read(check: Check, monkeypatch: Any) -> None:
    monkeypatch.setattr("parkbrain.intake.services.packed.MAX_UNPACKED_BYTES", 1_000_000)
    buffer = io.BytesIO(workbook_bytes({"Gadgets": [HEAD, ["G-1"]]}))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/bomb.bin", b"\x00" * 3_000_000)
    assert only(check(buffer.getvalue()))["code"] == "file_unpacks_too_large"


def test_cell_at_the_end_of_the_world_does_not_fill_the_memory(check: Check) -> None:
    rows: list[list[Any]] = [HEAD, ["G-1"]]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Gadgets")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    sheet.write_string(1_048_575, 16_383, "x")
    book.close()
    problem = only(check(buffer.getvalue()))
    assert (problem["code"], problem["params"]["cell"]) == ("sheet_too_large", "XFD1048576")


def test_too_large_file_is_refused_before_it_is_read(check: Check, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    assert only(check({"Gadgets": [HEAD, ["G-1"]]}))["code"] == "file_too_large"


def test_too_many_rows_are_refused(check: Check, monkeypatch: Any) -> None:
    monkeypatch.setattr("parkbrain.intake.services.workbooks.MAX_ROWS", 3)
    assert only(check({"Gadgets": [HEAD, *[[f"G-{i}"] for i in range(5)]]}))["code"] == "too_many_rows"


def test_macros_are_ignored_with_a_remark(check: Check) -> None:
    buffer = io.BytesIO(workbook_bytes({"Gadgets": [HEAD, ["G-1"]]}))
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr("xl/vbaProject.bin", b"Auto_Open")
    batch = check(buffer.getvalue(), "gadgets.xlsm")
    assert batch.state == Batch.State.CHECKED
    assert [r["code"] for r in batch.report["remarks"]] == ["remark_macros"]


def test_text_in_no_known_encoding_is_refused(check: Check) -> None:
    assert only(check(b"Gadget code\n" + bytes(range(129, 255)) * 2, "gadgets.csv"))["code"] == "file_encoding"


def test_missing_required_column_is_named(check: Check) -> None:
    problem = only(check({"Gadgets": [["Gadget name", "How many"], ["Lathe", 1]]}))
    assert (problem["code"], problem["params"]["wanted"]) == ("heading_missing", "code")


def test_column_that_comes_twice_is_refused(check: Check) -> None:
    problem = only(check({"Gadgets": [["Gadget code", "How many", "数量"], ["G-1", 1, 2]]}))
    assert (problem["code"], problem["params"]["first"], problem["params"]["second"]) == ("heading_twice", "B", "C")


def test_row_that_comes_twice_is_refused(check: Check) -> None:
    problem = only(check({"Gadgets": [HEAD, ["G-1"], ["G-2"], ["Ｇ－1"]]}))
    assert (problem["code"], problem["row"], problem["params"]["other"]) == ("duplicate", 4, 2)


def test_two_sheets_of_the_same_thing_are_refused(check: Check) -> None:
    assert "sheet_twice" in codes(check({"Gadgets": [HEAD, ["G-1"]], "Gadgets ": [HEAD, ["G-2"]]}))


def test_named_sheet_without_its_headings_is_refused(check: Check) -> None:
    assert only(check({"Gadgets": [["colour", "taste"], ["red", "sour"]]}))["code"] == "no_headings"


def test_foreign_workbook_is_refused_as_a_whole(check: Check) -> None:
    batch = check({"Menu": [["dish", "price of dish"], ["soup", 5]]})
    assert only(batch)["code"] == "nothing_recognized"
    assert batch.report["sheets"][0]["state"] == "not_taken"


def test_sheet_that_may_be_two_things_is_reported_not_guessed(check: Check) -> None:
    from dataclasses import replace

    from .toy import TOY

    with only_toy(replace(TOY, key="widgets", label="Widgets", synonyms=())):
        batch = check({"Sheet1": [[str(c.label) for c in COLUMNS], ["G-1"]]})
    problem = only(batch)
    assert problem["code"] == "sheet_ambiguous"
    assert set(problem["params"]["options"]) == {"gadgets", "widgets"}


def test_problem_that_a_module_finds_is_kept_in_every_language(check: Check) -> None:
    problem = only(check({"Gadgets": [HEAD, ["G-1", "cursed"]]}))
    assert set(problem["said"]) == {"zh-hans", "zh-hant", "en"}
    assert (problem["column"], problem["value"]) == ("B", "cursed")


def test_refusal_of_a_service_is_a_problem_and_writes_nothing(check: Check, park: Park) -> None:
    problem = only(check({"Gadgets": [HEAD, ["G-1", "fine"], ["G-2", "refused"]]}))
    assert (problem["code"], list(problem["said"].values())) == ("refused", ["the toy refuses"])
    assert gadgets(park) == {}


def test_file_without_a_park_asks_for_one(check: Check) -> None:
    assert only(check({"Gadgets": [HEAD, ["G-1"]]}, into=None))["code"] == "park_missing"


def test_one_bad_row_among_good_ones_refuses_all(check: Check, park: Park) -> None:
    batch = check({"Gadgets": [HEAD, *[[f"G-{i}"] for i in range(9)], ["G-9", "", "x"]]})
    assert batch.state == Batch.State.REFUSED
    services.apply_batch(batch=batch, actor=batch.created_by, at=batch.created_at)
    assert gadgets(park) == {}


def test_park_of_another_operator_is_not_touched(check: Check) -> None:
    stranger = make_park()
    from dataclasses import replace

    from .toy import TOY

    with only_toy(replace(TOY, key="park", label="Park", describes_park=True)):
        batch = check({"Park": [["Gadget code", "Gadget name"], [stranger.code, "x"]]}, into=None)
    assert only(batch)["code"] == "park_not_yours"
