"""The forecast of a day: never told the answer, as wide as it must be, and better than last week."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.energy import (
    EnergyError,
    LoadHistory,
    band_coverage,
    forecast_day,
    forecast_days,
    hours_by_day,
    kinds_of_days,
    pinball_loss,
)
from parkbrain.calc.metering import local_hours

LONDON = ZoneInfo("Europe/London")
FIRST = date(2024, 1, 1)


def simulated(days=200, seed=1, noise=4.0):
    """A works that runs on workdays, cools above 24 °C, and scatters."""
    random = np.random.default_rng(seed)
    kinds = kinds_of_days(FIRST, days)
    hour = np.arange(24)
    temperature = 20 + 8 * np.sin(np.arange(days) / 30)[:, None] + 4 * np.sin((hour - 9) / 24 * 2 * np.pi)
    shape = np.where((hour >= 8) & (hour < 20), 100.0, 20.0)
    load = np.where(kinds[:, None] == 0, shape, 20.0) + 6 * np.maximum(temperature - 24, 0)
    return LoadHistory(load + random.normal(0, noise, (days, 24)), kinds, temperature)


def test_what_happens_on_the_day_does_not_change_its_forecast():
    history = simulated(100)
    changed = history.load.copy()
    changed[95:] *= 7
    one = forecast_days(history, first=95)
    other = forecast_days(LoadHistory(changed, history.kinds, history.temperature_c), first=95)
    assert one.values[0].tolist() == other.values[0].tolist()
    assert one.method == "forest"
    assert forecast_day(LoadHistory(history.load[:95], history.kinds, history.temperature_c)).values[
        0
    ] == pytest.approx(one.values[0])


def test_the_forest_is_better_than_last_week_and_its_band_holds():
    history = simulated()
    forest = forecast_days(history, first=140)
    naive = forecast_days(history, first=140, method="last_week")
    assert pinball_loss(history.load[140:], forest) < 0.85 * pinball_loss(history.load[140:], naive)
    assert 0.8 <= band_coverage(history.load[140:], forest) <= 0.98


def test_a_holiday_is_forecast_as_a_free_day():
    history = simulated(120)
    kinds = history.kinds.copy()
    kinds[119] = 2
    found = forecast_day(LoadHistory(history.load[:119], kinds, None))
    assert found.middle[0, 8:20].max() < 70


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.4), st.integers(22, 75))
def test_quantiles_ascend_and_nothing_is_below_zero_whatever_is_missing(seed, share, days):
    history = simulated(days + 1, seed=seed, noise=15)
    load = np.maximum(history.load, 0)
    load[np.random.default_rng(seed).random(load.shape) < share] = np.nan
    found = forecast_day(LoadHistory(load[:days], history.kinds, history.temperature_c))
    known = found.values[~np.isnan(found.values).any(axis=-1)]
    assert known.size
    assert (np.diff(known, axis=-1) >= -1e-9).all()
    assert (known >= 0).all()


def test_too_little_history_is_refused_and_two_months_are_learned_from():
    history = simulated(80)
    with pytest.raises(EnergyError) as refused:
        forecast_days(history, first=20)
    assert (refused.value.code, refused.value.params) == ("history_too_short", {"needed": 21, "found": 20})
    assert forecast_days(history, first=59).method == "same_days"
    assert forecast_days(history, first=60).method == "forest"
    with pytest.raises(EnergyError):
        forecast_day(LoadHistory(history.load, history.kinds))


def test_hours_stand_where_the_clock_stood_when_clocks_change():
    borders = local_hours(date(2021, 3, 27), date(2021, 3, 29), LONDON)
    clock = [datetime.fromtimestamp(at / 1e6, UTC).astimezone(LONDON).hour for at in borders[:-1].tolist()]
    spring = hours_by_day(borders[:-1], clock, date(2021, 3, 27), date(2021, 3, 29), LONDON)
    assert np.isnan(spring[1, 1])
    assert spring[1, 2:].tolist() == list(range(2, 24))
    borders = local_hours(date(2021, 10, 31), date(2021, 11, 1), LONDON)
    values = np.arange(25.0)
    autumn = hours_by_day(borders[:-1], values, date(2021, 10, 31), date(2021, 11, 1), LONDON)
    assert autumn[0, :4].tolist() == [0, 1.5, 3, 4]


def test_on_the_steel_plant_and_on_university_buildings_the_forest_beats_last_week(shared_data):
    series = {"steel": steel_by_hour(shared_data)}
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(
        shared_data / "cambridge_estates" / "hourly_2021_2022.parquet",
        filters=[("building", "in", [0, 36]), ("energy", "=", "electricity")],
    )
    buildings = table.column("building").to_numpy()
    for building in (0, 36):
        series[f"building {building}"] = (
            table.column("kwh").to_numpy()[buildings == building][: 365 * 24].reshape(-1, 24)
        )
    for name, load in series.items():
        first = date(2018, 1, 1) if name == "steel" else date(2021, 1, 1)
        history = LoadHistory(load, kinds_of_days(first, load.shape[0]))
        forest, naive = (forecast_days(history, first=270, method=method) for method in (None, "last_week"))
        assert pinball_loss(load[270:], forest) < 0.85 * pinball_loss(load[270:], naive), name
        assert 0.8 <= band_coverage(load[270:], forest) <= 0.99, name


def steel_by_hour(shared_data):
    load = np.zeros((365, 24))
    with gzip.open(shared_data / "steel_plant" / "steel_15min_2018.csv.gz", "rt", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            at = datetime.strptime(row["date"], "%d/%m/%Y %H:%M")  # noqa: DTZ007 - a local clock
            # The interval that ends at midnight is stamped with the day it belongs to.
            ends = at + timedelta(days=1) if at.hour == at.minute == 0 else at
            begins = ends - timedelta(minutes=15)
            load[(begins.date() - date(2018, 1, 1)).days, begins.hour] += float(row["Usage_kWh"])
    return load
