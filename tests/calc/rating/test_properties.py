"""What must hold for every park and every choice of facts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc import rating
from tests.calc.rating.schemes import GOOD, park_document, park_scheme, rate_one

SCHEME = park_scheme()
COUNTS = {"leased_m2", "leasable_m2", "vacant_units", "days_vacant", "meters_online", "meters"}
FLAGS = {"plan", "review", "metered", "deaths", "overdue"}
numbers = st.floats(min_value=0, max_value=1e4, allow_nan=False).map(lambda x: round(x, 3))


def known(key):
    if key in FLAGS:
        return st.sampled_from([0.0, 1.0])
    return st.sampled_from([0.0, 1.0, 2.0]) if key == "level" else numbers


complete = st.fixed_dictionaries({key: known(key) for key in GOOD})
partial = st.fixed_dictionaries({key: st.none() | known(key) for key in GOOD})
quick = settings(max_examples=30, deadline=None)


@quick
@given(partial)
def test_scores_stay_within_zero_and_a_hundred_and_proven_below_reachable(facts):
    park = rate_one(SCHEME, facts)
    for node in park.nodes.values():
        if node.proven is not None:
            assert 0 <= node.proven <= node.reachable <= 100
    assert 0 <= park.coverage <= 1
    assert park.class_proven <= park.class_reachable


@quick
@given(partial, complete)
def test_filling_an_unknown_keeps_the_total_between_proven_and_reachable(facts, more):
    # Whether an indicator applies decides what is rated at all, so it is known from the start.
    facts["vacant_units"] = more["vacant_units"]
    before = rate_one(SCHEME, facts)
    filled = rate_one(SCHEME, {key: more[key] if value is None else value for key, value in facts.items()})
    if any(score.state == rating.UNKNOWN for score in filled.indicators.values()):
        # Divided by zero: still unknown, still within.
        assert before.total_proven <= filled.total_reachable
        return
    assert before.total_proven <= filled.total_proven <= before.total_reachable
    assert before.class_proven <= filled.class_proven <= before.class_reachable


@quick
@given(complete, st.sampled_from(["leased_m2", "meters_online", "plan", "review", "level"]), numbers)
def test_a_better_value_never_lowers_a_score(facts, key, more):
    better = {**facts, key: 1.0 if key in FLAGS else min(2.0, facts[key] + 1) if key == "level" else facts[key] + more}
    before, after = rate_one(SCHEME, facts), rate_one(SCHEME, better)
    assert all(
        before.nodes[node].proven <= after.nodes[node].proven
        for node in before.nodes
        if before.nodes[node].proven is not None
    )
    assert before.class_proven <= after.class_proven


@quick
@given(complete, numbers)
def test_a_worse_value_of_a_falling_indicator_never_raises_a_score(facts, more):
    facts["vacant_units"] = 1.0
    worse = rate_one(SCHEME, {**facts, "days_vacant": facts["days_vacant"] + more})
    assert worse.total_proven <= rate_one(SCHEME, facts).total_proven


def scaled(entries, factor):
    for entry in entries:
        entry["weight"] = entry["weight"] * factor
        scaled(entry.get("children", []), factor)


@quick
@given(partial, st.floats(min_value=0.01, max_value=1000))
def test_weights_count_only_relative_to_each_other(facts, factor):
    document = park_document()
    scaled(document["tree"], factor)
    first, second = rate_one(SCHEME, facts), rate_one(rating.load_scheme(document), facts)
    assert abs(first.total_proven - second.total_proven) <= 0.0100001
    assert first.indicators.keys() == second.indicators.keys()
    for key, score in first.indicators.items():
        assert abs(score.weight_in_force - second.indicators[key].weight_in_force) < 1e-9


@quick
@given(st.lists(partial, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_permuting_the_units_permutes_the_result(parks, random):
    names = [f"park {index}" for index in range(len(parks))]
    order = list(range(len(parks)))
    random.shuffle(order)
    straight = rating.rate(SCHEME, rating.FactTable.from_rows(dict(zip(names, parks, strict=True))))
    shuffled = rating.rate(SCHEME, rating.FactTable.from_rows({names[index]: parks[index] for index in order}))
    np.testing.assert_array_equal(straight.total_proven[order], shuffled.total_proven)
    np.testing.assert_array_equal(straight.rank[order], shuffled.rank)
    np.testing.assert_array_equal(straight.class_reachable[order], shuffled.class_reachable)


@quick
@given(partial)
def test_one_park_is_rated_as_it_is_among_others(facts):
    alone = rate_one(SCHEME, facts)
    table = rating.FactTable.from_rows({"other": GOOD, "North": facts})
    among = rating.rate(SCHEME, table).unit("North")
    assert rating.result_hash(SCHEME, facts, alone) == rating.result_hash(SCHEME, facts, among)
