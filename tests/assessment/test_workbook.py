"""The workbook says what the engine says, and keeps saying it when a fact is changed in it."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from parkbrain.assessment import queries, reports
from parkbrain.calc import rating
from parkbrain.kernel.models import Park
from tests.assessment.factories import declare_scheme
from tests.factories import make_park

pytestmark = pytest.mark.django_db

SCHEMES = ["five-star-reference", "hj274-2015", "green-park-index"]
#: Some facts are left out, so that unknown, partly known and not applicable all occur.
LEFT_OUT = ("leads_signed_12m", "planning_zoning_plan", "fin_demands_funded", "level1_electricity_meter_rate")


def rated_park(scheme_id: str) -> Park:
    park = make_park()
    scheme = queries.get_scheme(scheme_id=scheme_id)
    declare_scheme(park=park, scheme_id=scheme_id, without=tuple(key for key in LEFT_OUT if key in scheme.facts))
    return park


def recalculate(path: Path, changes: dict[str, float]) -> dict[str, Any]:
    """Return every cell after the given ones were changed, by “SHEET!CELL”."""
    import formulas

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = formulas.ExcelModel().loads(str(path)).finish(circular=False)
        inputs = {
            f"'[{path.name}]{cell.partition('!')[0]}'!{cell.partition('!')[2]}": value
            for cell, value in changes.items()
        }
        solution = model.calculate(inputs=inputs) if inputs else model.calculate()
    found = {}
    for key, value in solution.items():
        if hasattr(value, "value") and getattr(value.value, "shape", None) == (1, 1):
            found[str(key).upper().replace(f"[{path.name.upper()}]", "").replace("'", "")] = value.value[0, 0]
    return found


def written_cells(path: Path) -> dict[str, tuple[str, Any]]:
    """Return every formula with the value that was stored beside it."""
    texts, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    return {
        f"{page.title}!{cell.coordinate}".upper(): (cell.value, values[page.title][cell.coordinate].value)
        for page in texts
        for row in page.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }


def same(first: Any, second: Any) -> bool:
    try:
        return abs(float(first) - float(second)) < 1e-6
    except (TypeError, ValueError):
        return str(first if first is not None else "") == str(second if second is not None else "")


@pytest.mark.slow
@pytest.mark.parametrize("scheme_id", SCHEMES)
def test_every_formula_gives_the_number_of_the_engine(scheme_id: str, tmp_path: Path) -> None:
    sheet = queries.get_star_sheet(park=rated_park(scheme_id), scheme_id=scheme_id)
    path = tmp_path / "rating.xlsx"
    path.write_bytes(reports.render_xlsx(sheet=sheet, language="en"))
    written, computed = written_cells(path), recalculate(path, {})
    wrong = {
        cell: (computed.get(cell), stored)
        for cell, (_text, stored) in written.items()
        if not same(computed.get(cell), stored)
    }
    assert len(written) > 5 * len(sheet.scheme.indicators)
    assert wrong == {}


@pytest.mark.slow
def test_a_changed_fact_changes_total_and_star_as_the_engine_does(tmp_path: Path) -> None:
    park = make_park()
    values = declare_scheme(park=park)
    sheet = queries.get_star_sheet(park=park)
    path = tmp_path / "rating.xlsx"
    path.write_bytes(reports.render_xlsx(sheet=sheet, language="en"))
    facts = openpyxl.load_workbook(path)["Facts"]
    cells = {row[0].value: f"FACTS!{row[3].coordinate}" for row in facts.iter_rows(min_row=5)}
    new = {"leased_area_m2": 612.0, "fatal_fires_12m": 1.0, "satisfaction_score": 61.0}
    computed = recalculate(path, {cells[key]: value for key, value in new.items()})
    scheme = sheet.scheme
    expected = rating.rate(scheme, rating.FactTable.from_rows({"park": values | new})).unit(0)
    assert sheet.unit.total_proven != expected.total_proven
    assert same(computed["SUMMARY!B11"], expected.total_proven)
    assert sheet.unit.class_proven > expected.class_proven == 0
    assert same(computed["SUMMARY!B12"], expected.class_proven)


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_workbook_opens_in_every_language_with_its_numbers_stored(language: str) -> None:
    park = make_park()
    declare_scheme(park=park)
    sheet = queries.get_star_sheet(park=park)
    book = openpyxl.load_workbook(io.BytesIO(reports.render_xlsx(sheet=sheet, language=language)), data_only=True)
    assert len(book.sheetnames) == 5
    assert book.worksheets[0]["B11"].value == pytest.approx(sheet.unit.total_proven)


def test_an_unknown_fact_is_an_empty_cell_and_never_a_zero() -> None:
    park = make_park()
    declare_scheme(park=park, without=("leased_area_m2",))
    sheet = queries.get_star_sheet(park=park)
    book = openpyxl.load_workbook(io.BytesIO(reports.render_xlsx(sheet=sheet, language="en")))
    rows = {row[0].value: row[3].value for row in book["Facts"].iter_rows(min_row=5)}
    assert rows["leased_area_m2"] is None
    assert rows["leasable_area_m2"] == 1000


def test_a_formula_cell_shows_nothing_where_a_part_is_unknown() -> None:
    from parkbrain.assessment.reports.formulas import flag_formula, number_formula

    ratio = rating.parse_expression("pct(leased_m2, leasable_m2)")
    test = rating.parse_expression("fires > 0 OR deaths > 0")
    places = {"leased_m2": "A1", "leasable_m2": "A2", "fires": "B1", "deaths": "B2"}
    assert number_formula(expression=ratio, locate=places.__getitem__) == (
        "(100*IF(ISNUMBER(A1),A1,NA())/IF(ISNUMBER(A2),A2,NA()))"
    )
    # One known fire raises the flag, whether deaths are known or not.
    assert "IFERROR((IF(ISNUMBER(B1),B1,NA())>0),FALSE)" in flag_formula(expression=test, locate=places.__getitem__)
