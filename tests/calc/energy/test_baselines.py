"""Baselines: known parameters come back, published figures are met, and what cannot be told is not."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.energy import (
    KINDS,
    LIMITS,
    TEMPERATURE,
    Baseline,
    EnergyError,
    actual_to_expected,
    choose_baseline,
    compare_performance,
    degree_days,
    energy_per_unit,
    fit_change_point,
    fit_linear,
    fit_mean,
    fit_ratio,
    goodness_of_fit,
    list_shortfalls,
)

# Made by the authors of the open Python package changepointmodel (City University of New York) to test its own fits:
# twelve months, slopes 50 and −40 per degree, change points 55 and 75 °F, and scatter from 142 to 347.
TEMPERATURE_F = [66, 92, 98, 17, 83, 57, 86, 97, 96, 47, 73, 32]
SCATTER = [
    284.3114,
    142.2751,
    154.7862,
    193.6924,
    299.3265,
    157.4491,
    170.4308,
    171.0722,
    346.9149,
    345.6400,
    266.8700,
    225.7200,
]
PUBLISHED = {
    "2P": lambda t: 50 * t,
    "3PC": lambda t: 50 * np.maximum(t - 55, 0),
    "3PH": lambda t: 40 * np.maximum(55 - t, 0),
    "4P": lambda t: 50 * np.maximum(t - 55, 0) + 40 * np.maximum(55 - t, 0),
    "5P": lambda t: 50 * np.maximum(t - 75, 0) + 40 * np.maximum(55 - t, 0),
}
# Spot values of its fixture, to hold the generator above to it.
FIXTURE_FIRST_AND_LAST = {
    "2P": (3584.3114, 1825.7200),
    "3PC": (834.3114, 225.7200),
    "3PH": (284.3114, 1145.7200),
    "4P": (834.3114, 1145.7200),
    "5P": (284.3114, 1145.7200),
}


def published(kind):
    temperature = np.array(TEMPERATURE_F, dtype=float)
    return temperature, PUBLISHED[kind](temperature) + np.array(SCATTER)


@pytest.mark.parametrize("kind", KINDS)
def test_the_parameters_behind_a_published_set_come_back_within_its_scatter(kind):
    temperature, use = published(kind)
    assert (use[0], use[-1]) == pytest.approx(FIXTURE_FIRST_AND_LAST[kind], abs=1e-3)
    model = fit_change_point(use, temperature, kind=kind)
    slopes = {"2P": [50], "3PC": [50], "3PH": [40], "4P": [40, 50], "5P": [40, 50]}[kind]
    assert [term.slope for term in model.terms] == pytest.approx(slopes, rel=0.16)
    points = {"2P": (), "3PC": (55,), "3PH": (55,), "4P": (55,), "5P": (55, 75)}[kind]
    assert model.change_points == pytest.approx(points, abs=5)
    assert model.goodness.r2 > 0.97


@pytest.mark.parametrize("kind", ["3PC", "3PH", "4P", "5P"])
def test_no_change_point_on_a_dense_grid_is_better_than_the_one_found(kind):
    temperature, use = published(kind)
    found = fit_change_point(use, temperature, kind=kind)
    squares = ((use - found.predict({TEMPERATURE: temperature})) ** 2).sum()
    grid = np.linspace(np.sort(temperature)[3], np.sort(temperature)[-4], 90)
    for low in grid:
        for high in grid[grid > low] if kind == "5P" else [low]:
            columns = [np.ones(12)]
            if kind != "3PC":
                columns.append(np.maximum(low - temperature, 0))
            if kind != "3PH":
                columns.append(np.maximum(temperature - high, 0))
            rest = np.linalg.lstsq(np.column_stack(columns), use, rcond=None)[1]
            assert squares <= (rest[0] if rest.size else np.inf) * (1 + 1e-6)


@settings(max_examples=25, deadline=None)
@given(
    constant=st.floats(10, 1000),
    left=st.floats(1, 50),
    right=st.floats(1, 50),
    heating=st.floats(8, 14),
    width=st.floats(3, 10),
    kind=st.sampled_from(KINDS),
)
def test_simulated_parameters_are_recovered(constant, left, right, heating, width, kind):
    temperature = np.linspace(-4, 34, 150)
    cooling = heating + (width if kind == "5P" else 0)
    use = constant + 0 * temperature
    if kind == "2P":
        use += right * temperature
    if kind in ("3PH", "4P", "5P"):
        use += left * np.maximum(heating - temperature, 0)
    if kind in ("3PC", "4P", "5P"):
        use += right * np.maximum(temperature - cooling, 0)
    model = fit_change_point(use, temperature, kind=kind)
    assert model.predict({TEMPERATURE: temperature}) == pytest.approx(use, abs=0.05 + 1e-3 * constant)
    if kind != "2P":
        assert model.change_points[0] == pytest.approx(heating, abs=0.1)
        assert model.constant == pytest.approx(constant, rel=0.01, abs=0.5)


def test_the_simplest_model_that_does_is_chosen():
    random = np.random.default_rng(3)
    temperature = 16 + 12 * np.sin(np.arange(365) / 58)
    noise = random.normal(0, 4, 365)
    shapes = {
        "mean": 0 * temperature,
        "2P": 3 * temperature,
        "3PH": 3 * np.maximum(12 - temperature, 0),
        "3PC": 3 * np.maximum(temperature - 22, 0),
        "5P": 3 * np.maximum(12 - temperature, 0) + 3 * np.maximum(temperature - 22, 0),
    }
    assert {kind: choose_baseline(100 + shape + noise, temperature).kind for kind, shape in shapes.items()} == {
        kind: kind for kind in shapes
    }


def test_a_slope_the_wrong_way_is_no_heating():
    temperature = np.linspace(0, 30, 60)
    use = 100 - 2 * np.maximum(15 - temperature, 0) + np.tile([1.0, -1.0], 30)
    assert choose_baseline(use, temperature, kinds=("3PH",)).kind == "mean"


def test_production_stands_beside_temperature():
    random = np.random.default_rng(4)
    temperature, tons = random.uniform(0, 35, 200), random.uniform(10, 90, 200)
    use = 500 + 7 * tons + 20 * np.maximum(temperature - 24, 0) + random.normal(0, 5, 200)
    model = fit_change_point(use, temperature, kind="3PC", others={"tons": tons})
    assert model.drivers == (TEMPERATURE, "tons")
    assert model.terms[1].slope == pytest.approx(7, rel=0.02)
    assert model.terms[1].p_value < 1e-6
    assert model.change_points[0] == pytest.approx(24, abs=0.6)


def test_a_ratio_blames_a_lean_month_that_the_line_does_not():
    tons = np.array([100.0, 90, 80, 95, 105, 98])
    use = 400 + 5 * tons
    ratio, line = fit_ratio(use, "tons", tons), fit_linear(use, {"tons": tons})
    lean = {"tons": np.array([20.0])}
    assert actual_to_expected(line, [500.0], lean) == pytest.approx([1.0])
    assert actual_to_expected(ratio, [500.0], lean)[0] > 2.5
    assert energy_per_unit(use, tons) == pytest.approx(ratio.terms[0].slope)


def test_a_model_survives_being_kept():
    temperature, use = published("5P")
    model = fit_change_point(use, temperature, kind="5P")
    kept = Baseline.from_dict(json.loads(json.dumps(model.as_dict())))
    assert kept == model
    assert kept.predict({TEMPERATURE: temperature}).tolist() == model.predict({TEMPERATURE: temperature}).tolist()


def test_unknown_stays_unknown_and_beyond_the_range_is_said():
    model = fit_linear([1.0, 2.0, 3.0, 4.0], {"tons": [1.0, 2.0, 3.0, 4.0]})
    assert np.isnan(model.predict({"tons": [np.nan]})).all()
    assert model.is_within({"tons": [0.5, 2.0, 4.0, np.nan]}).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: fit_linear([1.0, 2.0], {"a": [1.0, 2.0]}), "too_few_values"),
        (lambda: fit_linear([1.0, 2.0, 3.0], {"a": [1.0, 2.0]}), "lengths_differ"),
        (lambda: fit_linear([1.0, 2, 3, 4, 5], {"a": [1.0, 2, 3, 4, 5], "b": [2.0, 4, 6, 8, 10]}), "drivers_dependent"),
        (lambda: fit_change_point(np.ones(9), np.full(9, 20.0), kind="3PC"), "no_change_point"),
        (lambda: fit_change_point(np.ones(9), np.arange(9), kind="6P"), "model_unknown"),
        (lambda: choose_baseline(np.ones(9), np.arange(9), kinds=("6P",)), "model_unknown"),
        (lambda: fit_ratio([1.0], "made", [0.0]), "use_not_positive"),
        (lambda: fit_linear([1.0, 2, 3], {"a": [1.0, 2, 4]}).predict({}), "driver_missing"),
        (lambda: fit_mean([float("nan")]), "too_few_values"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_code(call, code):
    with pytest.raises(EnergyError) as refused:
        call()
    assert refused.value.code == code


@given(st.lists(st.floats(1, 1000), min_size=6, max_size=40), st.floats(1.0, 100))
def test_goodness_does_not_depend_on_the_unit(use, factor):
    drivers = {"n": np.arange(len(use), dtype=float)}
    one, other = fit_linear(use, drivers).goodness, fit_linear(np.array(use) * factor, drivers).goodness
    assert one.cv_rmse == pytest.approx(other.cv_rmse, abs=1e-9)
    # Least squares with a constant has no bias on its own data.
    assert one.nmbe == pytest.approx(0, abs=1e-9)


def test_a_model_that_is_not_good_enough_says_by_what():
    tons = np.arange(24.0)
    good = fit_linear(100 + 5 * tons + np.tile([3.0, -3.0], 12), {"tons": tons}).goodness
    assert list_shortfalls(good, step="month") == []
    assert list_shortfalls(fit_mean(100 + 5 * tons).goodness, step="month") == ["r2", "cv_rmse"]
    assert set(LIMITS) == {"month", "day", "hour"}
    assert list_shortfalls(goodness_of_fit([1.0], [1.0], parameters=2), step="day") == ["r2", "cv_rmse", "nmbe"]


def test_an_improvement_within_its_margin_is_not_shown():
    # The worked example of enmanreg.org: 24 months with a standard deviation of 0.04423 have a standard error of 0.00903.
    spread = np.tile([1.0, -1.0], 12)
    spread *= 0.04423 / spread.std(ddof=1)
    assert spread.std(ddof=1) / np.sqrt(24) == pytest.approx(0.00903, abs=5e-6)
    small, large = (compare_performance(1 + spread, 1 - drop + spread[:12]) for drop in (0.02, 0.06))
    assert (small.is_shown, large.is_shown) == (False, True)
    assert small.margin == pytest.approx(2.07 * np.hypot(0.00903, spread[:12].std(ddof=1) / np.sqrt(12)), rel=0.02)
    assert compare_performance([1.0], [0.9]).is_shown is None


@given(st.lists(st.floats(-30, 45), min_size=24, max_size=24), st.floats(5, 30))
def test_heating_and_cooling_degree_days_differ_by_the_mean_distance(temperature, base):
    heating = degree_days(temperature, base_c=base, cooling=False, values_a_day=24)
    cooling = degree_days(temperature, base_c=base, cooling=True, values_a_day=24)
    assert heating[0] >= 0 <= cooling[0]
    assert (cooling - heating)[0] == pytest.approx(np.mean(temperature) - base, abs=1e-9)


def test_a_day_with_too_few_values_has_no_degree_days():
    day = np.full(24, 10.0)
    day[:6] = np.nan
    assert degree_days(day, base_c=18, cooling=False, values_a_day=24).tolist() == [8.0]
    day[:7] = np.nan
    assert np.isnan(degree_days(day, base_c=18, cooling=False, values_a_day=24)).all()
    with pytest.raises(EnergyError):
        degree_days(day[:-1], base_c=18, cooling=False, values_a_day=24)
