"""What to fill in next."""

import pytest

from parkbrain.calc import rating
from tests.calc.rating.schemes import GOOD, indicator, park_document, park_scheme


def gains_of(scheme, **changes):
    facts = {**GOOD, **changes}
    result = rating.rate(scheme, rating.FactTable.from_rows({"North": facts}))
    return rating.gains(scheme, facts, result)[0], result.unit("North")


def test_a_park_that_knows_everything_has_nothing_to_fill_in():
    assert gains_of(park_scheme())[0] == []


def test_a_gain_is_what_the_total_may_rise_by():
    found, park = gains_of(park_scheme(), level=None)
    assert [(gain.fact_keys, gain.indicator_ids, gain.kind) for gain in found] == [(("level",), ("B2",), "indicator")]
    assert found[0].points == pytest.approx(15)
    assert park.total_proven + found[0].points == pytest.approx(park.total_reachable)
    assert found[0].class_rank == 5


def test_facts_needed_together_are_one_gain():
    found, _ = gains_of(park_scheme(), meters=None, meters_online=None)
    assert [gain.fact_keys for gain in found] == [("meters", "meters_online")]


def test_a_fact_several_indicators_wait_for_gains_in_all_of_them():
    document = park_document()
    document["tree"][1]["children"].append(indicator("B3", "pct(meters_online, meters)", weight=10))
    found, _ = gains_of(rating.load_scheme(document), meters=None)
    assert found[0].indicator_ids == ("B1", "B3")


def test_only_the_unknown_items_of_a_checklist_are_asked_for():
    found, _ = gains_of(park_scheme(), review=None)
    assert found[0].fact_keys == ("review",)
    assert found[0].points == pytest.approx(5)


def test_unknown_gates_and_vetoes_say_which_class_they_open():
    found, park = gains_of(park_scheme(), metered=None, deaths=None)
    assert park.class_proven == 0
    by_kind = {gain.kind: gain for gain in found}
    assert by_kind["veto"].fact_keys == ("deaths",)
    assert (by_kind["veto"].class_rank, by_kind["gate"].class_rank) == (3, 0)


def test_the_largest_gain_comes_first():
    found, _ = gains_of(park_scheme(), level=None, leased_m2=None, review=None)
    assert [gain.fact_keys[0] for gain in found] == ["leased_m2", "level", "review"]
    assert [gain.points for gain in found] == sorted((gain.points for gain in found), reverse=True)


def test_a_division_by_zero_names_all_its_facts():
    found, _ = gains_of(park_scheme(), leasable_m2=0.0)
    assert found[0].fact_keys == ("leasable_m2", "leased_m2")


def test_gains_of_chosen_units_come_in_their_order():
    scheme = park_scheme()
    table = rating.FactTable.from_rows({"a": GOOD, "b": {**GOOD, "level": None}, "c": {**GOOD, "review": None}})
    found = rating.gains(scheme, table, rating.rate(scheme, table), units=["c", "b"])
    assert [gain.fact_keys for unit in found for gain in unit] == [("review",), ("level",)]
