"""Odd use: what was put in is found with its cause, an ordinary month is quiet, and weather is told from waste."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.anomalies import by_profile, by_three_sigma, score
from benchmarks.readers import read_labelled
from parkbrain.calc.energy import (
    BASE_LOAD,
    BASE_UP,
    CATCH_UP,
    HOURS,
    LEVEL,
    MISSING_DATA,
    NOT_WEATHER,
    SCHEDULE,
    SILENT,
    STUCK,
    STUCK_REGISTER,
    SUPPLY_OFF,
    WEATHER,
    ZERO,
    EnergyError,
    OddUse,
    avoidable_cost,
    find_odd_use,
    kinds_of_days,
)

DAYS, DAY = 70, 50


def works(seed=1, days=DAYS):
    """A works that runs from 8 to 18 on workdays, with a base load of 20 and scatter."""
    random = np.random.default_rng(seed)
    kinds = kinds_of_days(date(2026, 1, 5), days)
    shape = np.where((np.arange(24) >= 8) & (np.arange(24) < 18), 100.0, 20.0)
    load = np.where(kinds[:, None] == 0, shape, 20.0) * random.normal(1, 0.04, (days, 24))
    return load, kinds


def found_in(load, kinds, **more):
    return [one for one in find_odd_use(load, kinds, **more).found if one.end > DAY * 24]


@pytest.mark.parametrize("seed", range(6))
def test_an_ordinary_month_is_quiet(seed):
    assert find_odd_use(*works(seed)).found == ()


def test_every_disturbance_is_found_at_its_hours_with_its_cause():
    load, kinds = works()

    def one(change):
        changed = load.copy()
        change(changed.reshape(-1), changed)
        found = found_in(changed, kinds)
        assert len(found) == 1, found
        return found[0]

    at = DAY * 24 + 9

    silent = one(lambda flat, days: flat.__setitem__(slice(at, at + 12), np.nan))
    assert (silent.what, silent.start, silent.end, silent.causes) == (SILENT, at, at + 12, (MISSING_DATA,))
    assert silent.excess is None

    stuck = one(lambda flat, days: flat.__setitem__(slice(at, at + 20), 77.7))
    assert (stuck.what, stuck.start, stuck.end, stuck.causes) == (STUCK, at, at + 20, (STUCK_REGISTER,))

    zero = one(lambda flat, days: flat.__setitem__(slice(at, at + 8), 0.0))
    assert (zero.what, zero.start, zero.end, zero.causes[0]) == (ZERO, at, at + 8, SUPPLY_OFF)
    assert zero.excess == pytest.approx(-800, rel=0.05)

    night = one(lambda flat, days: flat.__setitem__(slice(at + 10, at + 20), load.reshape(-1)[at : at + 10]))
    assert (night.what, night.causes) == (HOURS, (SCHEDULE,))
    # The tenth hour of the day is the eighteenth, which is low already: all but the last one are off.
    assert at + 9 <= night.start <= at + 11
    assert at + 18 <= night.end <= at + 20
    assert night.excess == pytest.approx(9 * 80, rel=0.15)


def test_a_register_that_stood_still_and_caught_up_is_told_from_a_supply_that_was_off():
    load, kinds = works()
    flat = load.reshape(-1)
    at = DAY * 24 + 9
    held = flat[at : at + 6].sum()
    flat[at : at + 6] = 0
    flat[at + 6] += held
    found = found_in(load, kinds)
    assert found[0].what == ZERO
    assert found[0].causes == (STUCK_REGISTER, CATCH_UP)


def test_a_base_load_that_rises_is_found_and_so_is_what_it_costs():
    load, kinds = works()
    load[DAY:] += 8
    report = find_odd_use(load, kinds)
    assert report.found
    assert any(BASE_UP in one.causes for one in report.found)
    assert {one.what for one in report.found} <= {BASE_LOAD, LEVEL, HOURS}
    first = report.found[-1]
    cost = avoidable_cost(first, load, report.usual, Decimal("0.80"))
    hours = first.end - first.start
    assert float(cost) == pytest.approx(0.8 * 8 * hours, rel=0.25)


def test_weather_is_told_from_waste():
    random = np.random.default_rng(2)
    kinds = np.zeros(120, dtype=np.int64)
    warm = 22 + 6 * np.sin(np.arange(120) / 9)[:, None] + random.normal(0, 0.3, (120, 24))
    load = 50 + 4 * np.maximum(warm.mean(axis=1, keepdims=True) - 22, 0) + random.normal(0, 1.5, (120, 24))
    # Cooling that follows the weather is nothing odd once the weather is known.
    without, knowing = (find_odd_use(load, kinds, temperature_c=one).found for one in (None, warm))
    assert len(knowing) < len(without)
    assert knowing == ()
    load[90:94] += 12
    found = find_odd_use(load, kinds, temperature_c=warm).found
    assert found
    assert all(NOT_WEATHER in one.causes and WEATHER not in one.causes for one in found)


def test_nothing_is_said_before_anything_is_usual():
    load, kinds = works(days=5)
    load[3] *= 9
    report = find_odd_use(load, kinds)
    assert report.found == ()
    assert np.isnan(report.usual).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 1000), st.floats(0, 0.3))
def test_the_unit_makes_no_difference_and_events_lie_within_the_series(seed, factor, missing):
    load, kinds = works(seed, days=45)
    random = np.random.default_rng(seed)
    load[random.random(load.shape) < missing] = np.nan
    load[30:33, 18:] *= random.uniform(0.2, 4)
    one, other = find_odd_use(load, kinds).found, find_odd_use(load * factor, kinds).found
    assert [(odd.what, odd.start, odd.end, odd.causes) for odd in one] == [
        (odd.what, odd.start, odd.end, odd.causes) for odd in other
    ]
    assert all(0 <= odd.start < odd.end <= load.size for odd in one)


def test_what_is_known_on_a_day_does_not_change_with_the_days_after():
    load, kinds = works()
    changed = load.copy()
    changed[60:] = 3.0
    same = [one for one in find_odd_use(changed, kinds).found if one.end <= 60 * 24]
    assert same == [one for one in find_odd_use(load, kinds).found if one.end <= 60 * 24]


def test_hours_below_usual_do_not_make_up_for_hours_above():
    odd = OddUse(HOURS, 0, 3, -1.0, 5.0, ())
    cost = avoidable_cost(odd, [[5.0, 0.0, np.nan]], [[2.0, 4.0, 1.0]], [[1.0, 9.0, 1.0]])
    assert cost == Decimal("3.00")
    assert avoidable_cost(odd, [[np.nan] * 3], [[2.0, 4.0, 1.0]], Decimal(1)) is None


def test_tables_that_do_not_match_are_refused():
    with pytest.raises(EnergyError) as refused:
        find_odd_use(np.ones((3, 24)), np.zeros(4))
    assert refused.value.code == "lengths_differ"


def test_on_labelled_series_it_finds_more_and_claims_less_than_three_sigma(shared_data):
    labelled = read_labelled(shared_data)
    windows, hit, events, right = score(by_profile, labelled)
    assert (windows, hit) == (5, 4)
    assert right / events >= 0.55
    _windows, naive_hit, naive_events, naive_right = score(by_three_sigma, labelled)
    assert hit > naive_hit
    assert right / events > naive_right / naive_events
