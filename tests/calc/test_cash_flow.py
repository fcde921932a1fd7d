"""The what-if of rents: certain cases to the yuan, bands in order, and more vacancy never brings more."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.cash_flow import CashLine, WhatIf, simulate

SURE = WhatIf(months=36, renewal_probability=1.0, price_spread=0.0, discount_rate=0.0, draws=20)


def test_with_sure_renewal_the_rent_goes_on_at_the_new_price() -> None:
    what_if = WhatIf(
        months=36, renewal_probability=1.0, price_change=0.05, price_spread=0.0, term_months=12, discount_rate=0.0
    )
    made = simulate([CashLine("1", 1000.0, 12)], what_if)
    assert made.low_yuan.tolist() == made.high_yuan.tolist()
    assert made.middle_yuan[[11, 12, 24]].tolist() == pytest.approx([1000.0, 1050.0, 1102.5])


def test_an_empty_room_pays_after_the_gap_and_the_free_months() -> None:
    what_if = WhatIf(months=6, vacancy_months=0.0, rent_free_months=2, price_spread=0.0, discount_rate=0.0)
    made = simulate([CashLine("1", 500.0, 0)], what_if)
    assert made.middle_yuan.tolist() == [0.0, 0.0, 500.0, 500.0, 500.0, 500.0]
    assert made.contracted_yuan.sum() == 0.0


def test_the_present_value_discounts_by_month() -> None:
    what_if = WhatIf(months=2, renewal_probability=1.0, price_spread=0.0, discount_rate=0.12, draws=5)
    value = simulate([CashLine("1", 1000.0, 12)], what_if).present_value_yuan[1]
    assert value == pytest.approx(1000 / 1.12 ** (1 / 12) + 1000 / 1.12 ** (2 / 12))


def test_the_same_seed_gives_the_same_numbers_and_another_one_others() -> None:
    lines = [CashLine(str(n), 1000.0 + n, n) for n in range(20)]
    first, again, other = (simulate(lines, WhatIf(seed=seed)) for seed in (7, 7, 8))
    assert np.array_equal(first.low_yuan, again.low_yuan)
    assert not np.array_equal(first.low_yuan, other.low_yuan)


def test_no_lines_bring_nothing() -> None:
    assert simulate([], WhatIf(months=3)).high_yuan.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "wrong", [{"renewal_probability": 1.2}, {"months": 0}, {"price_change": -2.0}, {"draws": 10**9}]
)
def test_a_value_outside_its_range_is_named(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        WhatIf(**wrong)  # type: ignore[arg-type]


def test_two_hundred_rooms_take_less_than_a_second() -> None:
    lines = [CashLine(str(n), 30000.0, n % 60) for n in range(200)]
    started = time.perf_counter()
    simulate(lines, WhatIf(draws=1000, months=60))
    assert time.perf_counter() - started < 2.0


rooms = st.lists(st.tuples(st.floats(0, 1e5), st.integers(0, 70)), min_size=1, max_size=8)


@given(rooms=rooms, probability=st.floats(0, 1), gap=st.floats(0, 24))
@settings(deadline=None, max_examples=30)
def test_the_parts_of_the_band_stand_in_order(rooms: list[tuple[float, int]], probability: float, gap: float) -> None:
    lines = [CashLine(str(n), rent, left) for n, (rent, left) in enumerate(rooms)]
    made = simulate(lines, WhatIf(months=48, renewal_probability=probability, vacancy_months=gap, draws=50))
    assert (made.low_yuan <= made.middle_yuan + 1e-6).all()
    assert (made.middle_yuan <= made.high_yuan + 1e-6).all()
    assert (made.low_yuan >= 0).all()


@given(rooms=rooms, gap=st.floats(0, 12), more=st.floats(0, 12))
@settings(deadline=None, max_examples=30)
def test_longer_gaps_never_bring_more(rooms: list[tuple[float, int]], gap: float, more: float) -> None:
    lines = [CashLine(str(n), rent, left) for n, (rent, left) in enumerate(rooms)]
    values = [
        simulate(lines, WhatIf(months=48, vacancy_months=months, price_spread=0.0, draws=30, term_months=200))
        for months in (gap, gap + more)
    ]
    assert values[1].total_yuan[1] <= values[0].total_yuan[1] + 1e-3
