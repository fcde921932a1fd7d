"""Measures how well odd use is found: on series labelled by others, and on real meters with known disturbances put in.

Run with `python -m benchmarks.anomalies`; needs the published series (`PARKBRAIN_SHARED_DATA`) and writes the section
`anomalies` of docs/performance.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.readers import Hourly, data_folder, read_bedford_weather, read_cambridge, read_labelled
from benchmarks.report import machine, markdown_table, write_section
from parkbrain.calc.energy import anomalies, kinds_of_days
from parkbrain.calc.energy.odd_runs import find_runs

Event = tuple[int, int]
Detector = Callable[[Hourly, np.ndarray | None], list[Event]]
ASKED_DAYS, SEED = 120, 7
CASES = ("stuck register", "zero for a day", "base load up 40 %", "runs through the night", "nothing came")
WANTED = {
    "stuck register": "stuck_register",
    "zero for a day": "supply_off",
    "base load up 40 %": "base_load_up",
    "runs through the night": "schedule_changed",
    "nothing came": "missing_data",
}


def by_profile(series: Hourly, temperature: np.ndarray | None) -> list[Event]:
    """Return what the product finds, silence left out: the labelled series have no label for it."""
    kinds = kinds_of_days(series.first_on, len(series.values))
    report = anomalies.find_odd_use(series.values, kinds, temperature_c=temperature)
    return [(one.start, one.end) for one in report.found if one.what != anomalies.SILENT]


def by_three_sigma(series: Hourly, temperature: np.ndarray | None) -> list[Event]:
    """Return runs of hours more than three standard deviations from the mean of the whole series."""
    flat = series.values.ravel()
    away = np.abs(flat - np.nanmean(flat)) / np.nanstd(flat)
    return find_runs(away, far=3.0, gap=3, score=0.0, slack=3.0, cap=100.0, join=24)


def score(detector: Detector, labelled: list) -> tuple[int, int, int, int]:
    """Return windows, windows hit, events, and events that touch a window, over all labelled series."""
    windows = hit = events = right = 0
    for one in labelled:
        found = detector(one.hourly, None)
        touches = [[max(a, c) < min(b, d) for c, d in one.windows] for a, b in found]
        windows, events = windows + len(one.windows), events + len(found)
        right += sum(any(row) for row in touches)
        hit += sum(any(row[place] for row in touches) for place in range(len(one.windows)))
    return windows, hit, events, right


def disturbed(values: np.ndarray, case: str, day: int) -> tuple[np.ndarray, Event]:
    """Return a copy with a known disturbance from a day on, and its hours."""
    changed, start = values.copy(), day * 24
    flat = changed.reshape(-1)
    if case == "stuck register":
        flat[start + 9 : start + 33] = flat[start + 9]
        return changed, (start + 9, start + 33)
    if case == "zero for a day":
        flat[start + 6 : start + 30] = 0.0
        return changed, (start + 6, start + 30)
    if case == "nothing came":
        flat[start : start + 20] = np.nan
        return changed, (start, start + 20)
    if case == "base load up 40 %":
        changed[day : day + 10] += 0.4 * np.nanmedian(np.sort(values, axis=1)[:, :6])
        return changed, (start, start + 240)
    for night in range(3):
        first = start + night * 24 + 20
        flat[first : first + 10] = flat[first - 11 : first - 1]
    return changed, (start + 20, start + 78)


def is_flat(values: np.ndarray) -> bool:
    """Tell whether a meter shows as much at night as by day: running through the night is then nothing odd."""
    return bool(np.nanmedian(values[:, 9:19]) < 1.5 * np.nanmedian(values[:, :6]))


def with_disturbances(series: dict, temperature: np.ndarray) -> tuple[list[tuple], float]:
    """Return by case how many were put in, found by us, with the right cause, and found by three sigma; and events a month."""
    random = np.random.default_rng(SEED)
    counts = {case: [0, 0, 0, 0] for case in CASES}
    events = months = 0.0
    for name in sorted(series):
        one = series[name]
        if name[1] != "electricity" or len(one.values) < 2 * ASKED_DAYS:
            continue
        part = Hourly(one.first_on, one.values[:ASKED_DAYS])
        kinds, warm = kinds_of_days(part.first_on, ASKED_DAYS), temperature[:ASKED_DAYS]
        clean = anomalies.find_odd_use(part.values, kinds, temperature_c=warm).found
        events, months = events + len(clean), months + ASKED_DAYS / 30.4
        for case in CASES:
            day = int(random.integers(50, ASKED_DAYS - 14))
            if case == "runs through the night" and kinds[day] != 0:
                day += 2
            if case == "runs through the night" and is_flat(part.values):
                continue
            changed, (start, end) = disturbed(part.values, case, day)
            found = anomalies.find_odd_use(changed, kinds, temperature_c=warm).found
            touching = [odd for odd in found if odd.start < end and odd.end > start]
            new = [odd for odd in touching if odd not in clean]
            naive = by_three_sigma(Hourly(part.first_on, changed), None)
            before = by_three_sigma(part, None)
            counts[case][0] += 1
            counts[case][1] += bool(new)
            counts[case][2] += any(WANTED[case] in odd.causes for odd in new)
            counts[case][3] += any(a < end and b > start and (a, b) not in before for a, b in naive)
    return [(case, *counts[case]) for case in CASES], events / months


def main() -> None:
    """Run everything and write the section."""
    folder = data_folder()
    if folder is None:
        sys.exit("the published series are not there: set PARKBRAIN_SHARED_DATA to their folder")
    labelled, rows = read_labelled(folder), []
    for name, detector in (("profile, runs and levels (parkbrain)", by_profile), ("three sigma", by_three_sigma)):
        windows, hit, events, right = score(detector, labelled)
        precision = f"{right / events:.0%}" if events else "–"
        rows.append((name, f"{hit} of {windows}", f"{hit / windows:.0%}", events, right, precision))
    series, temperature = read_cambridge(folder), read_bedford_weather(folder).values
    started = time.perf_counter()
    cases, a_month = with_disturbances(series, temperature)
    spent = time.perf_counter() - started
    put_in = [
        (case, count, f"{ours / count:.0%}", f"{cause / count:.0%}", f"{naive / count:.0%}")
        for case, count, ours, cause, naive in cases
    ]
    text = f"""## Odd use

`find_odd_use` with its constants as they are, nothing tuned to a series, beside the naive rule (more than three standard
deviations from the mean of the whole series, which even knows the future). On {machine()}.

Five series with windows in which experts see an anomaly (Numenta benchmark), as hourly means. A window is hit if an event
touches it; an event is right if it touches a window.

{markdown_table(("detector", "windows hit", "recall", "events", "right", "precision"), rows)}

The windows are few, and say little about meters. So known disturbances were put into {cases[0][1]} electricity meters of
university buildings, {ASKED_DAYS} days each (seed {SEED}), one at a time. Found: an event that was not there before touches
the hours disturbed. Cause: the right one is among its candidates. Running through the night (the hours of the day put into
three nights) is asked only of meters that show half as much again by day as by night.

{markdown_table(("disturbance", "meters", "found", "cause named", "found by three sigma"), put_in)}

On the same meters as they are it reports {a_month:.1f} events a month and meter; which of them are real nobody has labelled.
The runs on these meters, ours and the naive ones, took {spent:.0f} s.
"""
    print(text)
    write_section("anomalies", text)


if __name__ == "__main__":
    main()
