"""CSV in, CSV out."""

import csv
import json

import numpy as np
import pytest
import yaml

from parkbrain.calc import rating
from tests.calc.rating.schemes import GOOD, PARK


@pytest.fixture
def files(tmp_path):
    scheme = tmp_path / "park.yaml"
    scheme.write_text(yaml.safe_dump(PARK, allow_unicode=True), encoding="utf-8")
    facts = tmp_path / "facts.csv"
    return scheme, facts, tmp_path / "scores.csv"


def write_facts(path, rows, extra=()):
    keys = [*GOOD, *extra]
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["park", *keys])
        for unit, facts in rows.items():
            writer.writerow([unit, *(facts.get(key, "") for key in keys)])


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["unit"]: row for row in csv.DictReader(file)}


def test_rated_file_holds_values_scores_nodes_class_coverage_and_rank(files):
    scheme, facts, out = files
    write_facts(facts, {"North": GOOD, "South": {**GOOD, "level": "", "days_vacant": "NA", "vacant_units": "0"}})
    summary = rating.rate_files(scheme, facts, out)
    rows = read(out)
    north, south = rows["North"], rows["South"]
    assert (north["rank"], north["class_proven"], north["total proven"], north["coverage_share"]) == (
        "1",
        "5",
        "92",
        "1",
    )
    assert (north["A1.1 value"], north["A1.1 proven"], north["A1.1 state"]) == ("90", "95", "scored")
    assert (south["B2 value"], south["B2 state"], south["B2 proven"], south["B2 reachable"]) == (
        "",
        "unknown",
        "0",
        "100",
    )
    assert south["A1.2 state"] == "not_applicable"
    assert south["A1.2 proven"] == ""
    assert (summary.units, summary.indicators, summary.unknown_values) == (2, 5, 1)
    assert summary.classes_proven["5"] == 1
    assert set(north) >= {
        f"{node} {side}" for node in ("total", "A", "A1", "B", "B1") for side in ("proven", "reachable")
    }


def test_summary_names_facts_and_columns_that_do_not_meet(files):
    scheme, facts, out = files
    write_facts(facts, {"North": {**GOOD, "district": "Longhua"}}, extra=["district"])
    text = facts.read_text(encoding="utf-8-sig").replace("deaths", "death")
    facts.write_text(text, encoding="utf-8")
    summary = rating.rate_files(scheme, facts, out)
    assert summary.facts_not_in_file == ("deaths",)
    assert set(summary.columns_not_used) == {"death", "district"}


def test_without_a_file_to_write_only_the_summary_comes(files):
    scheme, facts, out = files
    write_facts(facts, {"North": GOOD})
    summary = rating.rate_files(scheme, facts, catalogue=set(GOOD)).as_dict()
    assert (summary["scheme"], summary["units"], summary["out_path"]) == ("park 1", 1, None)
    assert json.loads(json.dumps(summary)) == summary
    assert not out.exists()


def test_facts_outside_the_catalogue_are_refused(files):
    scheme, facts, out = files
    write_facts(facts, {"North": GOOD})
    with pytest.raises(rating.SchemeError, match="unknown fact deaths"):
        rating.rate_files(scheme, facts, out, catalogue=set(GOOD) - {"deaths"})


@pytest.mark.parametrize(
    ("text", "row", "column", "code"),
    [
        ("park,leased_m2\nNorth,12 m2\n", 2, "leased_m2", "not_a_number"),
        ('park,leased_m2\nNorth,1\nSouth,"1,234"\n', 3, "leased_m2", "not_a_number"),
        ("park,leased_m2\nNorth,85%\n", 2, "leased_m2", "not_a_number"),
        ("park,leased_m2\nNorth,inf\n", 2, "leased_m2", "not_a_number"),
        ("park,leased_m2\nNorth,1\nNorth,2\n", 3, "park", "duplicate_unit"),
        ("park,leased_m2\nNorth,1,2\n", 2, "park", "wrong_length"),
        ("park,leased_m2\n,1\n", 2, "park", "no_unit"),
        ("park,leased_m2,leased_m2\nNorth,1,2\n", 1, "leased_m2", "duplicate_column"),
        ("park,\nNorth,1\n", 1, "2", "no_name"),
        ("", 1, "", "no_header"),
    ],
)
def test_what_cannot_be_read_is_named_by_row_column_and_value(files, text, row, column, code):
    scheme, facts, out = files
    facts.write_text(text, encoding="utf-8")
    with pytest.raises(rating.TableError) as refused:
        rating.rate_files(scheme, facts, out)
    problem = refused.value.problems[0]
    assert (problem.row, problem.column, problem.code) == (row, column, code)
    assert f"row {row}" in str(refused.value)
    assert not out.exists()


def test_the_value_that_is_no_number_is_quoted(files):
    scheme, facts, out = files
    facts.write_text("park,leased_m2\nNorth,12 m2\n", encoding="utf-8")
    with pytest.raises(rating.TableError, match="row 2, column leased_m2: '12 m2' is not a number"):
        rating.rate_files(scheme, facts, out)


def test_a_table_survives_the_way_through_a_file(tmp_path):
    table = rating.FactTable(
        units=["北园", "South, annex"], columns={"a": [0.1 + 0.2, None], "b": [1e21, -3]}, groups={"kind": ["x", "y z"]}
    )
    table.to_csv(tmp_path / "facts.csv")
    again = rating.FactTable.from_csv(tmp_path / "facts.csv")
    assert (again.units, again.groups) == (table.units, table.groups)
    for key, column in table.columns.items():
        np.testing.assert_array_equal(again.columns[key], column)


def test_a_table_refuses_columns_of_another_length():
    with pytest.raises(ValueError, match="column a has 1 values for 2 units"):
        rating.FactTable(units=["x", "y"], columns={"a": [1]})


def test_infinite_facts_are_unknown():
    assert np.isnan(rating.FactTable(units=["x"], columns={"a": [np.inf]}).columns["a"][0])
