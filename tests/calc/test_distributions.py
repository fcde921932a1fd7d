"""Bars, quartiles and colour steps, and what lies within an outline."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.distributions import equal_steps, histogram, quartiles
from parkbrain.calc.polygons import contains

numbers = st.lists(st.floats(-1e9, 1e9, allow_subnormal=False) | st.just(float("nan")), max_size=60)


@given(numbers, st.integers(2, 20))
def test_every_known_value_is_in_one_bar_and_every_unknown_one_is_counted(values, most):
    found = histogram(values, most=most)
    known = [v for v in values if not math.isnan(v)]
    assert sum(found.counts) == len(known)
    assert found.unknown_count == len(values) - len(known)
    if known:
        assert len(found.counts) <= most + 1
        slack = 1e-9 * max(map(abs, known))
        assert found.edges[0] - slack <= min(known)
        assert max(known) <= found.edges[-1] + slack


def test_equal_values_make_a_bar_around_them():
    found = histogram([50.0, 50.0])
    assert sum(found.counts) == 2
    assert found.edges[0] <= 50 < found.edges[-1]
    assert sum(histogram([0.0]).counts) == 1


@given(numbers, st.integers(1, 7))
def test_a_larger_value_is_in_no_lower_step_and_equal_ones_in_the_same(values, count):
    bounds, steps = equal_steps(values, count=count)
    assert len(bounds) <= count + 1
    column = np.array(values, dtype=float)
    assert ((steps == 0) == np.isnan(column)).all()
    order = np.argsort(column)
    known = [int(steps[i]) for i in order if steps[i]]
    assert known == sorted(known)
    assert all(1 <= step <= count for step in known)


@given(numbers)
def test_quartiles_are_in_order_and_within_the_values(values):
    found = quartiles(values)
    known = [v for v in values if not math.isnan(v)]
    assert found.known_count == len(known)
    if known:
        assert min(known) - 1e-6 <= found.lower <= found.median + 1e-6
        assert found.median <= found.upper + 1e-6 <= max(known) + 2e-6
    else:
        assert found.median is None


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_a_point_is_in_exactly_one_half_of_a_parted_square(x, y):
    whole = contains([(-3, -3), (3, -3), (3, 3), (-3, 3)], [x], [y])[0]
    left = contains([(-3, -3), (0, -3), (0, 3), (-3, 3)], [x], [y])[0]
    right = contains([(0, -3), (3, -3), (3, 3), (0, 3)], [x], [y])[0]
    assert whole == (left or right)
    assert not (left and right)


def test_the_notch_of_a_concave_outline_is_outside():
    notched = [(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)]
    assert contains(notched, [2.0, 0.5, float("nan")], [3.0, 1.0, 1.0]).tolist() == [False, True, False]


def test_two_corners_are_no_outline():
    with pytest.raises(ValueError, match="three corners"):
        contains([(0, 0), (1, 1)], [0.0], [0.0])
