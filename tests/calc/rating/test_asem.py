"""The published ASEM index, every indicator and node of 51 countries, against what COINr 1.1 computes."""

import csv
import math

import numpy as np
import pytest

from parkbrain.calc import rating


def read_expected(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    countries = [row["uCode"] for row in rows]
    names = [name for name in rows[0] if name != "uCode"]
    return countries, {
        name: np.array([math.nan if row[name] == "NA" else float(row[name]) for row in rows]) for name in names
    }


def read_table(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    groups = {"uName", "uCode", "GDP_group", "GDPpc_group", "Pop_group", "EurAsia_group"}
    columns = {
        name: [None if row[name] == "NA" else float(row[name]) for row in rows]
        for name in rows[0]
        if name not in groups
    }
    return rating.FactTable(
        units=[row["uCode"] for row in rows], columns=columns, groups={"region": [row["EurAsia_group"] for row in rows]}
    )


@pytest.mark.parametrize(
    ("example", "expected"),
    [("asem.yaml", "expected_minmax_amean.csv"), ("asem_geometric.yaml", "expected_minmax1_gmean.csv")],
)
def test_every_indicator_and_node_equals_the_published_computation(shared_data, repository, example, expected):
    scheme = rating.load_scheme(repository / "docs" / "examples" / example)
    table = read_table(shared_data / "asem" / "ASEM_iData.csv")
    result = rating.rate(scheme, table)
    countries, columns = read_expected(shared_data / "asem" / expected)
    rows = [result.row_of(country) for country in countries]

    assert len(scheme.indicators) == 49
    assert len(columns) == 49 + 8 + 2 + 1
    for name, column in columns.items():
        computed = result.proven["total" if name == "Index" else name][rows]
        np.testing.assert_allclose(computed, column, rtol=0, atol=1e-9, equal_nan=True, err_msg=name)


def test_missing_values_of_the_published_index_stay_missing(shared_data, repository):
    scheme = rating.load_scheme(repository / "docs" / "examples" / "asem.yaml")
    table = read_table(shared_data / "asem" / "ASEM_iData.csv")
    result = rating.rate(scheme, table)
    unknown = sum(int((column == rating.UNKNOWN).sum()) for column in result.state.values())
    assert unknown == sum(int(np.isnan(table.columns[one.id]).sum()) for one in scheme.indicators) > 0
    assert (result.total_proven <= result.total_reachable).all()
