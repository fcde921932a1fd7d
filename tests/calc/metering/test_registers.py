"""Registers to use: what happened is recognized, nothing is counted twice, and nothing doubtful is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.metering import (
    BACKWARD,
    GAP,
    IMPLAUSIBLE,
    RESET,
    ROLLED_OVER,
    SWAPPED,
    Register,
    Swap,
    use_of_register,
)

HOUR = 3_600_000_000
RATED = Register(width=100_000, max_rate_per_hour=50)


def hours(*numbers: float) -> list[int]:
    return [int(number * HOUR) for number in numbers]


def used(readings: list[float], register: Register = RATED, at: list[int] | None = None, **more):
    return use_of_register(at or hours(*range(len(readings))), readings, register=register, **more)


@pytest.mark.parametrize(
    ("readings", "register", "use", "flags"),
    [
        ([10, 12, 15], RATED, [2, 3], [0, 0]),
        ([99_990, 5], RATED, [15], [ROLLED_OVER]),
        ([99_990, 5], Register(max_rate_per_hour=50), [5], [RESET]),
        ([4_000, 30], RATED, [30], [RESET]),
        ([4_000, 3_998], RATED, [0], [BACKWARD]),
        ([4_000, 3_998], Register(), [0], [BACKWARD]),
        ([4_000, 12], Register(), [12], [RESET]),
        ([90_000, 12], Register(width=100_000), [10_012], [ROLLED_OVER]),
        ([10, 500], RATED, [490], [IMPLAUSIBLE]),
    ],
)
def test_a_step_is_what_its_rule_says(readings, register, use, flags):
    found = used(readings, register)
    assert found.use.tolist() == use
    assert found.flags.tolist() == flags


@pytest.mark.parametrize("wrong", [1_000.0, 3.0])
def test_a_reading_that_both_neighbours_contradict_is_left_out_by_name(wrong):
    found = used([100, 110, wrong, 130, 140])
    assert found.use.tolist() == [10, 20, 10]
    assert (found.dropped.index.tolist(), found.dropped.reason) == ([2], ("contradicted",))


def test_of_one_instant_the_last_reading_to_arrive_counts():
    found = used([10, 12, 13, 13, 20], at=hours(0, 1, 1, 1, 2))
    assert found.use.tolist() == [3, 7]
    assert found.dropped.reason == ("replaced", "same_again")


def test_what_is_not_a_number_is_left_out():
    found = used([10, np.nan, 30])
    assert (found.use.tolist(), found.dropped.reason) == ([20], ("not_a_number",))


def test_a_swapped_meter_counts_to_its_last_reading_and_from_the_first_of_the_next():
    found = used([100, 110, 4, 9], swaps=[Swap(int(1.5 * HOUR), end_reading=118, start_reading=2)])
    assert found.at_us.tolist() == hours(0, 1, 1.5, 2, 3)
    assert found.use.tolist() == [10, 8, 2, 5]
    assert found.flags.tolist() == [0, SWAPPED, 0, 0]


def test_a_long_silence_is_marked_and_loses_nothing():
    found = used([10, 40], at=hours(0, 30), register=Register(gap_hours=1))
    assert (found.total, found.flags.tolist()) == (30, [GAP])


@pytest.mark.parametrize("bad", [{"width": 0}, {"max_rate_per_hour": -1}, {"gap_hours": 0}])
def test_a_register_that_cannot_be_is_refused(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Register(**bad)


def test_one_reading_or_none_makes_no_interval():
    assert used([5.0]).use.size == 0
    assert used([], at=[]).use.size == 0


@st.composite
def counted(draw):
    """Draw a true counter, read at random, which may roll over at its width."""
    steps = draw(st.lists(st.integers(0, 40), min_size=2, max_size=60))
    gaps = draw(st.lists(st.integers(1, 5), min_size=len(steps), max_size=len(steps)))
    start = draw(st.integers(0, 999))
    true = np.cumsum([start, *steps]).astype(float)
    at = np.cumsum([0, *gaps]) * HOUR
    return at, true


@given(counted(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_use_is_conserved_whatever_the_order_the_doubles_and_the_roll_overs(series, random):
    at, true = series
    register = Register(width=1_000, max_rate_per_hour=40)
    shown = true % 1_000
    order = list(range(len(at))) + [random.randrange(len(at)) for _ in range(10)]
    random.shuffle(order)
    found = use_of_register(at[order], shown[order], register=register)
    assert found.total == pytest.approx(true[-1] - true[0])
    assert (found.use >= 0).all()
    assert found.at_us.tolist() == at.tolist()


@given(counted(), st.integers(1, 59))
@settings(max_examples=100, deadline=None)
def test_batches_of_readings_add_up_to_all_of_them_at_once(series, cut):
    at, true = series
    cut = min(cut, len(at) - 1)
    register = Register(width=1_000, max_rate_per_hour=40)
    whole = use_of_register(at, true % 1_000, register=register)
    # A batch begins with the last reading of the one before.
    parts = [slice(0, cut + 1), slice(cut, None)]
    found = [use_of_register(at[part], true[part] % 1_000, register=register).use for part in parts]
    assert np.concatenate(found).tolist() == whole.use.tolist()


@given(st.lists(st.one_of(st.floats(allow_nan=True, allow_infinity=True, width=32)), max_size=40))
@settings(max_examples=200, deadline=None)
def test_nothing_a_register_shows_makes_use_negative_or_loses_a_reading_unsaid(readings):
    for register in (Register(), Register(width=500), RATED):
        found = used(readings, register) if readings else used([], register, at=[])
        assert not (found.use < 0).any()
        borders = found.at_us.size
        assert borders + len(found.dropped.reason) == len(readings)
