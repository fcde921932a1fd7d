"""Hints about figures against published examples and properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.plausibility import (
    BENFORD,
    benford,
    closest_copies,
    first_digits,
    judge_last_digits,
    relative_changes,
    repeated_shares,
    robust_scores,
    round_shares,
    unit_slips,
)

sizes = st.floats(1e-6, 1e12)


def test_benford_shares_are_the_published_ones():
    # Benford (1938), table IV: 30.1, 17.6, 12.5, 9.7, 7.9, 6.7, 5.8, 5.1, 4.6 percent.
    assert np.round(BENFORD * 100, 1).tolist() == [30.1, 17.6, 12.5, 9.7, 7.9, 6.7, 5.8, 5.1, 4.6]


def test_fibonacci_numbers_follow_benford():
    # The first thousand: 301, 177, 125, 96, 80, 67, 56, 53 and 45 begin with 1 to 9 (OEIS A213201 for the limit).
    numbers, pair = [], (1, 1)
    for _ in range(1000):
        numbers.append(float(pair[0]))
        pair = (pair[1], sum(pair))
    result = benford(numbers)
    assert result.counts == (301, 177, 125, 96, 80, 67, 56, 53, 45)
    assert result.applies and result.conforms and result.p_value > 0.99


def test_rivers_of_benfords_own_table_do_not_deviate_by_chi_square():
    # Benford (1938), table I, row A: areas of 335 rivers, in percent of first digits.
    shares = [31.0, 16.4, 10.7, 11.3, 7.2, 8.6, 5.5, 4.2, 5.1]
    figures = [d * 10.0 ** (n % 5) for d, share in enumerate(shares, 1) for n in range(round(335 * share / 100))]
    result = benford(figures)
    assert abs(result.figure_count - 335) <= 2
    assert result.applies and 0.5 < result.p_value < 0.9


def test_figures_within_narrow_bounds_are_not_asked_for_benford():
    result = benford(np.linspace(40, 60, 500))
    assert not result.applies and result.conforms


def test_even_first_digits_over_many_orders_do_not_conform():
    draw = np.random.default_rng(4)
    result = benford(draw.integers(1, 10, 900) * 10.0 ** draw.integers(0, 5, 900))
    assert result.applies and not result.conforms and result.p_value < 1e-6


@given(sizes, st.integers(-3, 3))
def test_the_first_digit_does_not_change_with_the_unit(value, power):
    assert first_digits([value])[0] == int(f"{value:.11e}"[0])
    assert 1 <= first_digits([value * 10.0**power])[0] <= 9


def test_scores_of_ten_figures_worked_by_hand():
    # The median is 2.45, the median of the distances from it 0.15.
    values = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]
    scores = robust_scores(np.array(values)[:, None], ["A"] * 10, logarithmic=False)[:, 0]
    assert scores[8] == pytest.approx(0.6745 * (8.2 - 2.45) / 0.15, rel=1e-3)
    assert (np.abs(scores[:8]) < 3.5).all() and (scores[8:] > 3.5).all()


@given(st.lists(sizes, min_size=8, max_size=20), st.floats(0.01, 1000))
def test_scores_do_not_hang_on_the_unit(values, factor):
    table = np.array(values)[:, None]
    one, other = (robust_scores(t, ["A"] * len(values)) for t in (table, table * factor))
    assert np.allclose(one, other, atol=1e-4, rtol=1e-4)


def test_few_peers_give_no_score_and_like_peers_none_that_alarms():
    assert np.isnan(robust_scores([[1.0]] * 7, ["A"] * 7)).all()
    assert (robust_scores([[5.0]] * 9, ["A"] * 9) == 0).all()
    with pytest.raises(ValueError, match="groups"):
        robust_scores([[1.0]], ["A", "B"])


@given(st.floats(1, 1e6), st.sampled_from([-4, -3, 3, 4]), st.floats(0.6, 1.7))
def test_a_slip_of_a_unit_is_found_beside_ordinary_growth(before, exponent, growth):
    assert unit_slips([before * growth * 10.0**exponent], [before])[0] == exponent
    assert unit_slips([before * growth], [before])[0] == 0


@given(st.floats(0.01, 1e4), st.floats(0.01, 1e4))
def test_changes_lead_back_to_the_figure(value, before):
    change = relative_changes([value], [before])[0]
    assert before * (1 + change) == pytest.approx(value, rel=1e-6)


def test_what_is_unknown_is_no_slip_and_no_change():
    assert unit_slips([math.nan, 5.0, 0.0], [1.0, math.nan, 5.0]).tolist() == [0, 0, 0]
    assert np.isnan(relative_changes([math.nan, 1.0], [1.0, math.nan])).all()
    with pytest.raises(ValueError, match="tolerance"):
        unit_slips([1.0], [1.0], tolerance=0.5)


def test_last_digits_of_counted_things_are_even_and_invented_ones_are_not():
    draw = np.random.default_rng(1)
    assert judge_last_digits(draw.integers(1000, 90_000, 400)).p_value > 0.01
    # People who invent figures avoid 0 and 5 (Mosimann et al. 1995).
    invented = draw.integers(100, 9000, 400) * 10 + draw.choice([1, 2, 3, 4, 6, 7, 8, 9], 400)
    assert judge_last_digits(invented).p_value < 1e-6
    assert not judge_last_digits([1234.0] * 10).applies


def test_round_figures_are_counted_among_those_of_four_digits():
    shares, counts = round_shares([[12_000.0, 5_000.0, 4_321.0, 20.0], [math.nan] * 4])
    assert counts.tolist() == [3, 0]
    assert shares[0] == pytest.approx(2 / 3) and math.isnan(shares[1])


tables = st.integers(1, 8).flatmap(
    lambda n: st.lists(
        st.lists(st.sampled_from([math.nan, 7.0, 150.0, 222.0, 919.0]), min_size=5, max_size=5), min_size=n, max_size=n
    )
)


@settings(max_examples=60)
@given(tables)
def test_copies_are_those_that_a_plain_count_finds(rows):
    found = closest_copies(rows, rows, own=list(range(len(rows))), least=2)
    for number, (row, copy) in enumerate(zip(rows, found, strict=True)):
        counts = {
            other: sum(a == b and a >= 100 for a, b in zip(row, rows[other], strict=True))
            for other in range(len(rows))
            if other != number
        }
        best = max(counts.values(), default=0)
        assert (copy is None) == (best < 2)
        assert copy is None or (copy.same == best and counts[copy.row] == best)


def test_last_years_figures_told_again_are_counted():
    same, compared = repeated_shares([[5120.0, 980.0, 3.0, math.nan]], [[5120.0, 970.0, 3.0, 400.0]])
    assert (same.tolist(), compared.tolist()) == ([1], [2])
