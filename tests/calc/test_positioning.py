"""Shares, concentration and location quotients against worked examples and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.positioning import herfindahl, location_quotient, share_of

amounts = st.dictionaries(st.sampled_from(["34", "39", "65", "7310", ""]), st.integers(0, 10**9), max_size=5)


@given(amounts, st.lists(st.sampled_from(["34", "39", "73"])))
def test_share_lies_between_nothing_and_all(values, leading):
    share = share_of(values, leading)
    assert share is None or 0 <= share <= 1 + 1e-12


@given(amounts)
def test_all_industries_together_are_the_whole(values):
    share = share_of(values, ["34", "39", "65", "73"])
    assert share is None or share == pytest.approx(1.0)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_concentration_lies_between_one_nth_and_one(values):
    found = herfindahl({str(n): value for n, value in enumerate(values)})
    assert 1 / len(values) - 1e-9 <= found <= 1 + 1e-9


def test_concentration_of_a_market_of_four():
    # 30, 30, 20 and 20 percent: 0.09 + 0.09 + 0.04 + 0.04.
    assert herfindahl({"a": 30, "b": 30, "c": 20, "d": 20}) == pytest.approx(0.26)
    assert herfindahl({}) is None


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 10**6), st.integers(1, 10**6))
def test_quotient_does_not_hang_on_the_size_of_the_places(here, there, small, large):
    one = location_quotient(
        local=here * small, local_total=100 * small, reference=there * large, reference_total=100 * large
    )
    two = location_quotient(local=here, local_total=100, reference=there, reference_total=100)
    assert one == pytest.approx(two)


def test_a_place_that_is_like_its_area_has_a_quotient_of_one():
    assert location_quotient(local=5, local_total=50, reference=100, reference_total=1000) == 1.0


@pytest.mark.parametrize("totals", [(0, 0, 1, 2), (1, 2, 0, 0), (0, 2, 0, 2)])
def test_what_cannot_be_compared_has_no_quotient(totals):
    local, local_total, reference, reference_total = totals
    assert (
        location_quotient(local=local, local_total=local_total, reference=reference, reference_total=reference_total)
        is None
    )


def test_impossible_amounts_are_refused():
    with pytest.raises(ValueError, match="does not fit"):
        location_quotient(local=3, local_total=2, reference=1, reference_total=2)
    with pytest.raises(ValueError, match="below zero"):
        share_of({"34": -1.0}, ["34"])
    with pytest.raises(ValueError, match="below zero"):
        herfindahl({"34": -1.0})
