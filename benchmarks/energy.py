"""Times the energy arithmetic: registers to hourly use, virtual meters and balances, baselines, forecasts, odd use.

Run with `python -m benchmarks.energy`; writes the section `energy` of docs/performance.md. The forecast is measured on
published series (`PARKBRAIN_SHARED_DATA`) and left out where they are not there.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

# One thread each: what is compared is the work, not how many cores a library takes.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.readers import data_folder, read_bedford_weather, read_cambridge, read_steel
from benchmarks.report import machine, markdown_table, write_section
from parkbrain.calc.energy import (
    QUANTILES,
    Baseline,
    LoadForecast,
    LoadHistory,
    avoided_energy,
    band_coverage,
    choose_baseline,
    find_odd_use,
    fit_change_point,
    forecast_day,
    forecast_days,
    kinds_of_days,
    pinball_loss,
)
from parkbrain.calc.energy.forecast import _features, _usual
from parkbrain.calc.metering import (
    Branch,
    Register,
    balance,
    parse_meter_formula,
    spread_use,
    use_of_formula,
    use_of_register,
)

METERS, DAYS, QUARTER_US, HOUR_US, SEED = 500, 365, 900_000_000, 3_600_000_000, 50_001


def median_seconds(call: Callable[[], object], runs: int) -> float:
    """Return the median processor time of a call [s], after one that is not counted."""
    call()
    spent = []
    for _ in range(runs):
        started = time.process_time()
        call()
        spent.append(time.process_time() - started)
    return statistics.median(spent)


def registers() -> tuple[np.ndarray, np.ndarray]:
    """Return stamps and readings of 500 registers over a year, every quarter of an hour, with one reset each."""
    random = np.random.default_rng(SEED)
    at = np.arange(DAYS * 96 + 1) * QUARTER_US
    shown = np.cumsum(random.gamma(2.0, 1.0, (METERS, at.size)), axis=1)
    for row in shown:
        start = int(random.integers(1000, at.size - 1000))
        row[start:] -= row[start]
    return at, shown


def with_us(at: np.ndarray, shown: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """Return hourly use of every meter."""
    register = Register(max_rate_per_hour=200.0)
    return np.array([spread_use(use_of_register(at, row, register=register), borders).use for row in shown])


def with_pandas(at: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return hourly use as it is usually written: differences, what is below zero taken as a reset, summed by hour."""
    import pandas as pd

    index = pd.to_datetime(at, unit="us")
    found = []
    for row in shown:
        series = pd.Series(row, index=index)
        step = series.diff()
        step = step.where(step >= 0, series)
        found.append(step.iloc[1:].resample("h", closed="right", label="left").sum().to_numpy())
    return np.array(found)


def metering_rows() -> list[tuple[str, str, str]]:
    """Return timings of meters, after checking that both ways say the same."""
    at, shown = registers()
    borders = np.arange(DAYS * 24 + 1) * HOUR_US
    started = time.process_time()
    ours = with_us(at, shown, borders)
    ours_s = time.process_time() - started
    started = time.process_time()
    theirs = with_pandas(at, shown)
    theirs_s = time.process_time() - started
    assert np.abs(ours - theirs[:, : ours.shape[1]]).max() < 1e-6
    one = spread_use(use_of_register(at, shown[0], register=Register(max_rate_per_hour=200.0)), borders)
    uses = {f"M{number}": one for number in range(METERS)}
    formula = parse_meter_formula(" + ".join(f"[M{number}]" for number in range(1, 100)))
    tree = [Branch(f"M{(number - 1) // 8}", f"M{number}") for number in range(1, METERS)]
    sum_s = median_seconds(lambda: use_of_formula(formula, uses), runs=5)
    balance_s = median_seconds(lambda: balance(tree, uses), runs=3)
    size = f"{METERS} meters × {DAYS} days of quarter-hours ({METERS * DAYS * 96:,} readings)"
    return [
        (f"registers to hourly use, resets found, flags and coverage: {size}", "parkbrain", f"{ours_s:.1f} s"),
        ("the same sums alone: difference, below zero is a reset, resample", "pandas", f"{theirs_s:.1f} s"),
        ("a virtual meter of 99 meters over a year of hours", "parkbrain", f"{sum_s * 1e3:.0f} ms"),
        (f"balance of a tree of {METERS} meters over a year of hours", "parkbrain", f"{balance_s * 1e3:.0f} ms"),
    ]


def baseline_rows() -> list[tuple[str, str, str]]:
    """Return timings of baselines."""
    random = np.random.default_rng(SEED)
    rows = []
    for count, name in ((365, "days"), (8760, "hours")):
        warm = 20 + 9 * np.sin(np.arange(count) / count * 2 * np.pi) + random.normal(0, 3, count)
        use = 100 + 3 * np.maximum(14 - warm, 0) + 5 * np.maximum(warm - 24, 0) + random.normal(0, 6, count)
        fitted: Baseline = fit_change_point(use, warm, kind="5P")
        fit_s = median_seconds(lambda use=use, warm=warm: fit_change_point(use, warm, kind="5P"), runs=5)
        choose_s = median_seconds(lambda use=use, warm=warm: choose_baseline(use, warm), runs=5)
        rows += [
            (f"5P change-point model of {count:,} {name}", "parkbrain", f"{fit_s * 1e3:.0f} ms"),
            (f"all five models and the choice, {count:,} {name}", "parkbrain", f"{choose_s * 1e3:.0f} ms"),
        ]
        saved_s = median_seconds(
            lambda fitted=fitted, use=use, warm=warm: avoided_energy(fitted, use, {"temperature_c": warm}, step="day"),
            runs=9,
        )
        rows.append((f"avoided energy with its band, {count:,} {name}", "parkbrain", f"{saved_s * 1e3:.1f} ms"))
    return rows


def boosted(history: LoadHistory, first: int) -> LoadForecast:
    """Return the forecast of gradient boosting, a model a quantile, on the same inputs."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    usual = _usual(history.load, history.kinds)
    features, error = _features(history, usual), history.load - usual
    learned = slice(max(0, first - 400), first)
    known = ~np.isnan(error[learned])
    values = []
    for quantile in QUANTILES:
        model = HistGradientBoostingRegressor(
            loss="quantile",
            quantile=quantile,
            max_iter=60,
            max_leaf_nodes=15,
            min_samples_leaf=40,
            early_stopping=False,
        )
        model.fit(features[learned][known], error[learned][known])
        values.append(model.predict(features[first:].reshape(-1, features.shape[-1])).reshape(-1, 24) + usual[first:])
    return LoadForecast(np.sort(np.stack(values, axis=-1), axis=-1), QUANTILES, "boosting")


def forecast_rows(folder: Path) -> list[tuple[str, ...]]:
    """Return by method the loss relative to last week's, the coverage of the band and the time, on real series."""
    warm = read_bedford_weather(folder)
    kinds = kinds_of_days(warm.first_on, 730)
    cases = [
        (LoadHistory(one.values, kinds, warm.values), 548)
        for _name, one in sorted(read_cambridge(folder).items())[::6]
        if len(one.values) == 730
    ]
    steel = read_steel(folder).hourly
    cases.append((LoadHistory(steel.values, kinds_of_days(steel.first_on, 365)), 274))
    methods = {
        "the same day last week (seasonal naive)": lambda h, f: forecast_days(h, first=f, method="last_week"),
        "the last five days of the kind": lambda h, f: forecast_days(h, first=f, method="same_days"),
        "gradient boosting, a model a quantile": boosted,
        "forest of past errors (the product's)": lambda h, f: forecast_days(h, first=f),
    }
    losses: dict[str, list[float]] = {}
    rows = []
    for name, method in methods.items():
        covered, spent = [], []
        for history, first in cases:
            started = time.process_time()
            found = method(history, first)
            spent.append(time.process_time() - started)
            losses.setdefault(name, []).append(pinball_loss(history.load[first:], found))
            covered.append(band_coverage(history.load[first:], found))
        naive = np.array(next(iter(losses.values())))
        share, steel_share = np.array(losses[name]) / naive, losses[name][-1] / naive[-1]
        rows.append(
            (
                name,
                f"{np.median(share):.2f}",
                f"{steel_share:.2f}",
                f"{np.mean(covered):.0%} ({min(covered):.0%}–{max(covered):.0%})",
                f"{np.median(spent):.2f} s ({max(spent):.2f})",
            )
        )
    return rows


def main() -> None:
    """Run everything and write the section."""
    rows = metering_rows() + baseline_rows()
    random = np.random.default_rng(SEED)
    kinds = np.arange(366) % 7 // 5
    load = np.where(kinds[:365, np.newaxis] > 0, 20.0, 60.0) + random.gamma(4.0, 2.0, (365, 24))
    day_s = median_seconds(lambda: forecast_day(LoadHistory(load, kinds)), runs=3)
    odd_s = median_seconds(lambda: find_odd_use(load, kinds[:365]), runs=3)
    rows += [
        ("forecast of the next day from a year of hours, five quantiles", "parkbrain", f"{day_s:.2f} s"),
        ("odd use of a meter over a year of hours", "parkbrain", f"{odd_s:.2f} s"),
    ]
    text = f"""## Energy

Made-up meters (seed {SEED}), one thread, on {machine()}. Processor time (the machine is
used by others at the same time), medians of several runs.

{markdown_table(("work", "by", "time"), rows)}
"""
    folder = data_folder()
    if folder is not None:
        found = forecast_rows(folder)
        text += f"""
The forecast on real series: every sixth of the published series of university buildings (electricity and gas, learned
from 2021 to June 2022, asked day by day for the rest of 2022) and a steel plant (learned until September 2018). Pinball
loss over the quantiles {", ".join(f"{one:g}" for one in QUANTILES)}, divided by that of last week's day; the band is meant
to hold 90 % of all hours. Time is the processor's, for learning once and forecasting half a
year of days.

{markdown_table(("method", "loss, median of all", "loss, steel plant", "hours in the band (least–most)", "time (longest)"), found)}
"""
    print(text)
    write_section("energy", text)


if __name__ == "__main__":
    main()
