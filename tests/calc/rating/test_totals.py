"""Two-sided totals, classes, gates, vetoes, what does not apply, coverage, ranks."""

import numpy as np
import pytest

from parkbrain.calc import rating
from tests.calc.rating.schemes import GOOD, flat_scheme, indicator, park_document, park_scheme, rate_one


def test_total_is_the_weighted_mean_of_indicator_scores():
    park = rate_one(park_scheme())
    # A1.1 90 % -> 95, A1.2 10 d -> 60, A2.1 complete -> 100, B1 80 % -> 90, B2 level 2 -> 100
    assert [park.indicators[key].proven for key in ("A1.1", "A1.2", "A2.1", "B1", "B2")] == [95, 60, 100, 90, 100]
    assert park.total_proven == pytest.approx((30 * 95 + 10 * 60 + 20 * 100 + 25 * 90 + 15 * 100) / 100)
    assert park.total_proven == park.total_reachable == 92.0
    assert (park.class_proven, park.class_reachable, park.coverage) == (5, 5, 1.0)
    assert park.reasons_not_higher == ()


def test_unknown_fact_earns_nothing_and_may_earn_everything():
    park = rate_one(park_scheme(), level=None)
    assert park.indicators["B2"].state == rating.UNKNOWN
    assert park.indicators["B2"].value is None
    assert (park.total_proven, park.total_reachable) == (77.0, 92.0)
    assert (park.class_proven, park.class_reachable) == (1, 5)
    assert park.coverage == pytest.approx(0.85)


def test_dividing_by_zero_is_unknown():
    park = rate_one(park_scheme(), leasable_m2=0)
    assert park.indicators["A1.1"].state == rating.UNKNOWN
    assert park.indicators["A1.1"].proven == 0


def test_checklist_counts_unknown_items_on_the_reachable_side_only():
    park = rate_one(park_scheme(), review=None)
    item = park.indicators["A2.1"]
    assert (item.state, item.value, item.proven, item.reachable) == (rating.PARTIAL, None, 75, 100)
    assert park.coverage == pytest.approx(1 - 0.2 * 0.25)


def test_what_does_not_apply_gives_its_weight_to_its_siblings():
    park = rate_one(park_scheme(), vacant_units=0, days_vacant=None)
    assert park.indicators["A1.2"].state == rating.NOT_APPLICABLE
    assert park.indicators["A1.1"].weight_in_force == pytest.approx(40)
    assert park.nodes["A1"].proven == 95
    assert park.not_applicable_weight == pytest.approx(10)
    assert park.class_proven == 5


def test_unknown_applicability_counts_as_applicable():
    park = rate_one(park_scheme(), vacant_units=None, days_vacant=None)
    assert park.indicators["A1.2"].state == rating.UNKNOWN


def test_not_applicable_with_full_score_scores_a_hundred():
    document = park_document()
    document["tree"][0]["children"][0]["children"][1]["not_applicable"] = "full_score"
    park = rate_one(rating.load_scheme(document), vacant_units=0, days_vacant=None)
    score = park.indicators["A1.2"]
    assert (score.state, score.proven, score.reachable, score.value) == (rating.NOT_APPLICABLE, 100, 100, None)
    assert score.weight_in_force == pytest.approx(10)


def test_too_much_that_does_not_apply_leaves_no_class():
    park = rate_one(park_scheme(not_applicable={"max_weight": 9}), vacant_units=0)
    assert park.class_proven == park.class_reachable == 0
    assert [reason.code for reason in park.reasons_not_higher] == ["too_much_not_applicable"]


def test_a_group_that_does_not_apply_at_all_leaves_the_tree():
    document = park_document(not_applicable={"max_weight": 100})
    document["tree"][0]["children"][1]["children"][0]["applicable"] = "papers_needed > 0"
    park = rate_one(rating.load_scheme(document), papers_needed=0)
    assert park.nodes["A2"].proven is None
    assert park.nodes["A"].proven == park.nodes["A1"].proven == 86.25
    assert sum(score.weight_in_force for score in park.indicators.values()) == pytest.approx(100)


@pytest.mark.parametrize(
    ("changes", "proven", "reachable", "code"),
    [
        ({"metered": 0}, 3, 3, "gate_not_met"),
        ({"metered": None}, 3, 5, "gate_unknown"),
        ({"deaths": 1}, 0, 0, "veto_applies"),
        ({"deaths": None}, 0, 5, "veto_unknown"),
        ({"overdue": 1}, 1, 1, "veto_applies"),
        ({"overdue": None}, 1, 5, "veto_unknown"),
        ({"meters_online": 20}, 1, 1, "node_below"),
    ],
)
def test_gates_vetoes_and_floors_decide_the_class(changes, proven, reachable, code):
    park = rate_one(park_scheme(), **changes)
    assert (park.class_proven, park.class_reachable) == (proven, reachable)
    assert code in {reason.code for reason in park.reasons_not_higher}


def test_reasons_name_what_is_missing_to_the_next_class():
    park = rate_one(park_scheme(), level=0)
    reasons = {reason.subject_id: reason for reason in park.reasons_not_higher}
    assert park.class_proven == 1
    assert reasons["B"].actual == park.nodes["B"].proven
    assert (reasons["B"].code, reasons["B"].needed, reasons["B"].class_id) == ("node_below", 60, "3")
    assert "total" not in reasons


def test_a_total_that_rounds_up_to_the_threshold_reaches_it():
    scheme = flat_scheme(
        "arithmetic",
        indicator("A", "a", {"method": "goalposts", "low": 0, "high": 100}),
        rounding={"total": 2},
        outcome={"kind": "pass", "classes": [{"id": "pass", "rank": 1, "name": "Pass", "min_total": 60}]},
    )
    table = rating.FactTable(units=["a", "b"], columns={"a": [59.995, 59.9949]})
    assert rating.rate(scheme, table).class_proven.tolist() == [1, 0]


def test_ranks_share_places_on_ties():
    scheme = park_scheme()
    rows = {"a": GOOD, "b": {**GOOD, "level": 0.0}, "c": GOOD}
    assert rating.rate(scheme, rating.FactTable.from_rows(rows)).rank.tolist() == [1, 3, 1]


def test_a_table_without_any_fact_is_all_unknown():
    result = rating.rate(park_scheme(), rating.FactTable(units=["North"], columns={}))
    assert (result.total_proven[0], result.total_reachable[0], result.coverage[0]) == (0, 100, 0)
    assert np.array_equal(result.class_reachable, [5])


def test_missing_fail_leaves_no_total():
    park = rate_one(park_scheme(missing={"method": "fail"}), level=None)
    assert park.total_proven is None
    assert park.nodes["A"].proven is not None
    assert (park.rank, park.class_proven, park.total_reachable) == (0, 0, 92.0)


def test_missing_reweight_leaves_the_unknown_out():
    park = rate_one(park_scheme(missing={"method": "reweight"}), level=None)
    assert park.nodes["B"].proven == 90
    assert park.total_proven == pytest.approx(0.6 * (86.25 * 40 + 100 * 20) / 60 + 0.4 * 90, abs=0.005)


def test_missing_reweight_needs_its_coverage():
    scheme = park_scheme(missing={"method": "reweight", "min_coverage": 0.7})
    park = rate_one(scheme, level=None)
    assert park.nodes["B"].proven is None
    # B weighs 40 of 100, so the total is short of its coverage as well.
    assert park.total_proven is None


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ({"method": "impute", "with": "mean"}, 50.0),
        ({"method": "impute", "with": "median"}, 30.0),
        ({"method": "impute", "with": "group_mean", "group": "district"}, 90.0),
    ],
)
def test_missing_impute_fills_from_the_known(missing, expected):
    one = indicator("A", "a", {"method": "goalposts", "low": 0, "high": 100})
    table = rating.FactTable(
        units=["p", "q", "r", "s"],
        columns={"a": [30, 30, 90, None]},
        groups={"district": ["west", "west", "east", "east"]},
    )
    result = rating.rate(flat_scheme("arithmetic", one, missing=missing), table)
    assert result.total_proven[3] == pytest.approx(expected)
    assert result.total_reachable[3] == 100
    assert np.isnan(result.values["A"][3])


def test_boolean_test_reads_value_and_facts():
    limits = indicator(
        "A", "growth", {"method": "boolean", "test": "(value <= 0.6 AND output > 0) OR (value >= 0.6 AND output < 0)"}
    )
    table = rating.FactTable(units=["a", "b", "c"], columns={"growth": [0.5, 0.5, None], "output": [1, -1, 1]})
    result = rating.rate(flat_scheme("minimum", limits), table)
    assert result.total_proven.tolist() == [100, 0, 0]
    assert result.total_reachable.tolist() == [100, 0, 100]
    assert result.values["A"][0] == 0.5


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("arithmetic", 70.0),
        ("geometric", (20 * 90 * 100) ** (1 / 3)),
        ("harmonic", 3 / (1 / 20 + 1 / 90 + 1 / 100)),
        ("minimum", 20.0),
        ("median", 90.0),
        ({"method": "best", "k": 2}, 95.0),
    ],
)
def test_every_aggregation(method, expected):
    posts = {"method": "goalposts", "low": 0, "high": 100}
    scheme = flat_scheme(method, *(indicator(key.upper(), key, posts) for key in "abc"))
    table = rating.FactTable(units=["p"], columns={"a": [20], "b": [90], "c": [100]})
    assert rating.rate(scheme, table).total_proven[0] == pytest.approx(expected)
