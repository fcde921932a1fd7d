"""Formulas with numbers in them, hashes, and what moved."""

import pytest

from parkbrain.calc import rating
from tests.calc.rating.schemes import GOOD, flat_scheme, indicator, park_document, park_scheme, rate_one

POSTS = {"method": "goalposts", "low": 0, "high": 100}


def explained(formula, **facts):
    return rating.explain_formula(flat_scheme("arithmetic", indicator("A", formula, POSTS)), "A", facts)


@pytest.mark.parametrize(
    ("formula", "substituted", "value"),
    [
        ("pct(a, b)", "100 × 8,200 ÷ 10,000", 82.0),
        ("div(a, b)", "8,200 ÷ 10,000", 0.82),
        ("100 * (1 - div(a, b))", "100 × (1 − 8,200 ÷ 10,000)", 18.0),
        ("a / pct(a, b)", "8,200 ÷ (100 × 8,200 ÷ 10,000)", 100.0),
        ("pct(a + b, b)", "100 × (8,200 + 10,000) ÷ 10,000", 182.0),
        ("pct(a, c)", "100 × 8,200 ÷ ?", None),
        ("-a + 0.5", "−8,200 + 0.5", -8199.5),
        ("COALESCE(c, a)", "COALESCE(?; 8,200)", 8200.0),
        ("LEAST(pct(a, b), 50, b)", "LEAST(100 × 8,200 ÷ 10,000; 50; 10,000)", 50.0),
        (
            "CASE WHEN NOT c IS NULL THEN c ELSE ROUND(a, 0) END",
            "CASE WHEN NOT ? IS NULL THEN ? ELSE ROUND(8,200; 0) END",
            8200.0,
        ),
        ("100 * (div(b, a) ** (1 / 2) - 1)", "100 × ((10,000 ÷ 8,200) ^ (1 ÷ 2) − 1)", 10.431526),
    ],
)
def test_formula_shows_its_numbers(formula, substituted, value):
    found = explained(formula, a=8200.0, b=10000.0, c=None)
    assert found.text == formula
    assert found.substituted == substituted
    assert found.value == (None if value is None else pytest.approx(value, rel=1e-6))


def test_explanation_carries_the_sql_that_runs_and_the_facts():
    found = explained("pct(a, b)", a=1.0, b=None)
    assert found.sql == "100.0 * a / NULLIF(b, 0)"
    assert found.facts == {"a": 1.0, "b": None}


def test_a_checklist_has_no_formula_to_explain():
    assert rating.explain_formula(park_scheme(), "A2.1", GOOD) is None


def test_hash_is_the_same_for_the_same_facts_in_any_order():
    scheme = park_scheme()
    backwards = {key: GOOD[key] for key in reversed(GOOD)}
    first = rating.result_hash(scheme, GOOD, rate_one(scheme))
    assert first == rating.result_hash(scheme, backwards, rate_one(scheme, backwards))
    assert first == rating.result_hash(scheme, {**GOOD, "unrelated": 7.0}, rate_one(scheme))
    assert len(first) == 64


def test_hash_changes_with_a_fact_and_with_the_scheme():
    scheme, other = park_scheme(), park_scheme(version="2")
    first = rating.result_hash(scheme, GOOD, rate_one(scheme))
    changed = {**GOOD, "leased_m2": 90.0000001}
    assert first != rating.result_hash(scheme, changed, rate_one(scheme, changed))
    assert first != rating.result_hash(other, GOOD, rate_one(other))


def test_moves_add_up_to_the_change_of_the_total():
    scheme = park_scheme(rounding={})
    after = {**GOOD, "leased_m2": 60.0, "leasable_m2": 120.0, "level": 1.0, "review": None}
    moves = rating.what_moved(scheme, GOOD, after)
    change = rate_one(scheme, after).total_proven - rate_one(scheme, GOOD).total_proven
    assert sum(move.points for move in moves) == pytest.approx(change)
    assert {move.fact_key for move in moves} == {"leased_m2", "leasable_m2", "level", "review"}
    assert [abs(move.points) for move in moves] == sorted((abs(move.points) for move in moves), reverse=True)


def test_a_single_move_names_fact_indicators_and_points():
    (move,) = rating.what_moved(park_scheme(), GOOD, {**GOOD, "level": 1.0})
    assert (move.fact_key, move.before, move.after, move.indicator_ids) == ("level", 2.0, 1.0, ("B2",))
    assert move.points == pytest.approx(-6)


def test_nothing_changed_moves_nothing():
    assert rating.what_moved(park_scheme(), {**GOOD, "level": None}, {**GOOD, "level": None}) == []


def test_moves_are_refused_where_scores_depend_on_other_units():
    document = park_document()
    document["tree"][1]["children"][0]["score"] = {"method": "percentile_rank"}
    with pytest.raises(ValueError, match="B1"):
        rating.what_moved(rating.load_scheme(document), GOOD, {**GOOD, "level": 1.0})
