"""Avoided energy: the band holds what it promises, and sums hold what is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.energy import (
    EnergyError,
    Goodness,
    avoided_energy,
    cumulative_savings,
    fit_linear,
    fit_mean,
    normalized_savings,
    plan_against_actual,
    savings_uncertainty,
)


def test_the_formula_of_the_guideline_is_the_one_computed():
    # By hand: t(0.95; 10) = 1.8125, a = −0.00022·144 + 0.03306·12 + 0.94054 = 1.30558, CV 10 %, n = m = 12.
    figures = Goodness(12, 2, 10.0, 0.9, 0.9, 0.1, 0.0, 0.6, 100.0)
    by_hand = 1.8125 * 1.30558 * 0.1 * ((1 + 2 / 12) / 12) ** 0.5 * 1200
    assert savings_uncertainty(figures, expected=1200.0, reported=12, step="month") == pytest.approx(by_hand, rel=1e-4)
    # Days with ρ = 0.5 carry a third of their number: n' = 365 / 3.
    daily = Goodness(365, 2, 10.0, 0.9, 0.9, 0.1, 0.0, 0.5, 100.0)
    factor = -0.00024 * 12**2 + 0.03535 * 12 + 1.00286
    by_hand = 1.6577 * factor * 0.1 * (3 * (1 + 6 / 365) / 365.25) ** 0.5 * 36525
    assert savings_uncertainty(daily, expected=36525.0, reported=365, step="day") == pytest.approx(by_hand, rel=2e-3)


@pytest.mark.parametrize(("step", "count", "rho"), [("month", 12, 0.0), ("day", 365, 0.0), ("day", 365, 0.6)])
def test_the_band_holds_the_true_savings_about_as_often_as_it_says(step, count, rho):
    random = np.random.default_rng(11)
    held, runs = 0, 1000 if step == "month" else 300
    for _run in range(runs):
        driver = random.uniform(0, 30, 2 * count)
        shocks = random.normal(0, 30, 2 * count)
        noise = np.empty(2 * count)
        noise[0] = shocks[0]
        for index in range(1, 2 * count):
            noise[index] = rho * noise[index - 1] + np.sqrt(1 - rho**2) * shocks[index]
        use = 400 + 10 * driver + noise
        use[count:] *= 0.9
        true = float((0.1 / 0.9 * use[count:]).sum())
        model = fit_linear(use[:count], {"x": driver[:count]})
        found = avoided_energy(model, use[count:], {"x": driver[count:]}, step=step, confidence=0.9)
        held += abs(found.avoided - true) <= found.uncertainty
    assert 0.84 <= held / runs <= 0.98


@given(
    st.lists(st.one_of(st.floats(1, 100), st.just(float("nan"))), min_size=4, max_size=30),
    st.floats(0.1, 3),
)
def test_savings_are_the_difference_over_what_both_know(use, scale):
    model = fit_mean([10.0, 12.0, 11.0, 9.0])
    actual = np.array(use) * scale
    if np.isnan(actual).all():
        with pytest.raises(EnergyError):
            avoided_energy(model, actual, {}, step="month")
        return
    found = avoided_energy(model, actual, {}, step="month")
    assert found.compared == int((~np.isnan(actual)).sum())
    assert found.expected == pytest.approx(10.5 * found.compared)
    assert found.avoided == pytest.approx(found.expected - np.nansum(actual))
    assert cumulative_savings(model, actual, {})[-1] == pytest.approx(found.avoided)


def test_a_longer_report_is_surer_and_a_higher_confidence_wider():
    model = fit_mean(100 + 5 * np.tile([1.0, -1.0], 12))
    short, long = (avoided_energy(model, np.full(months, 90.0), {}, step="month") for months in (3, 12))
    assert long.fractional < short.fractional
    wide = avoided_energy(model, np.full(12, 90.0), {}, step="month", confidence=0.95)
    assert wide.uncertainty > long.uncertainty


def test_too_short_a_baseline_has_no_band():
    model = fit_mean([10.0, 11.0])
    found = avoided_energy(model, [9.0, 9.0], {}, step="month")
    assert found.avoided == pytest.approx(3.0)
    assert fit_mean([10.0]).goodness.rmse is None
    assert avoided_energy(fit_mean([10.0]), [9.0], {}, step="month").uncertainty is None


def test_what_was_asked_beyond_the_baseline_is_counted():
    model = fit_linear(np.arange(10.0), {"tons": np.arange(10.0)})
    found = avoided_energy(model, [5.0, 12.0, np.nan], {"tons": [5.0, 12.0, 13.0]}, step="month")
    assert found.extrapolated == 0.5
    assert found.fractional is None or found.uncertainty is not None


def test_a_normal_year_is_asked_of_both_models():
    tons = np.linspace(50, 100, 24)
    noise = np.tile([2.0, -2.0], 12)
    before, after = (fit_linear(base + 3 * tons + noise, {"tons": tons}) for base in (400, 360))
    normal = {"tons": np.full(12, 80.0)}
    found = normalized_savings(before, after, normal, step="month")
    assert found.avoided == pytest.approx(480, rel=0.01)
    one = savings_uncertainty(before.goodness, expected=found.expected, reported=12, step="month")
    assert found.uncertainty > one


@given(st.lists(st.tuples(st.none() | st.floats(0, 1e6), st.none() | st.floats(0, 1e6)), max_size=24))
def test_plan_and_actual_sum_up_over_what_both_know(pairs):
    lines = plan_against_actual([plan for plan, _ in pairs], [actual for _, actual in pairs])
    known = [(plan, actual) for plan, actual in pairs if plan is not None and actual is not None]
    assert len(lines) == len(pairs)
    if lines:
        assert lines[-1].summed == len(known)
        assert lines[-1].planned_so_far == pytest.approx(sum(plan for plan, _ in known))
        assert lines[-1].actual_so_far == pytest.approx(sum(actual for _, actual in known))
    assert all((line.difference is None) == (None in pair) for line, pair in zip(lines, pairs, strict=True))
