"""The guide in docs/schemes.md says what happens."""

import re

import pytest

from parkbrain.calc import rating
from parkbrain.calc.rating.aggregate import METHODS as AGGREGATIONS
from parkbrain.calc.rating.score import METHODS as SCORES


@pytest.fixture(scope="module")
def guide(repository):
    return (repository / "docs" / "schemes.md").read_text(encoding="utf-8")


def block(guide, language):
    return re.search(rf"```{language}\n(.*?)```", guide, re.DOTALL).group(1)


def test_the_first_scheme_gives_the_numbers_of_the_text(guide, tmp_path):
    (tmp_path / "small.yaml").write_text(block(guide, "yaml"), encoding="utf-8")
    (tmp_path / "facts.csv").write_text(block(guide, "csv"), encoding="utf-8")
    scheme = rating.load_scheme(tmp_path / "small.yaml")
    table = rating.FactTable.from_csv(tmp_path / "facts.csv", facts=scheme.facts)
    result = rating.rate(scheme, table)
    north, south = result.unit("North"), result.unit("South")
    assert (north.total_proven, north.class_proven) == (97.88, 2)
    assert (south.total_proven, south.total_reachable) == (75.59, 85.58)
    assert (south.class_proven, south.class_reachable) == (1, 1)
    for number in ("97.88", "75.59", "85.58"):
        assert number in guide


def test_the_library_example_runs(guide, tmp_path, monkeypatch):
    (tmp_path / "small.yaml").write_text(block(guide, "yaml"), encoding="utf-8")
    (tmp_path / "facts.csv").write_text(block(guide, "csv"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(block(guide, "python"), names)
    moves = rating.what_moved(names["scheme"], names["table"].inputs("South"), names["table"].inputs("North"))
    assert names["south"].unit == "South"
    assert moves


def test_every_method_is_explained(guide):
    for method in [*SCORES, "checklist", *AGGREGATIONS]:
        assert f"| `{method}` |" in guide


def test_the_count_of_missing_values_is_that_of_the_data(guide, shared_data, repository):
    from tests.calc.rating.test_asem import read_table

    scheme = rating.load_scheme(repository / "docs" / "examples" / "asem.yaml")
    result = rating.rate(scheme, read_table(shared_data / "asem" / "ASEM_iData.csv"))
    missing = sum(int((column == rating.UNKNOWN).sum()) for column in result.state.values())
    assert f"{missing} of {49 * 51:,} values are missing" in guide
