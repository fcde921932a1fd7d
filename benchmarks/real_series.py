"""Runs the metering arithmetic over published series of real meters and writes what came out.

Run with `python -m benchmarks.real_series`; needs the published series (`PARKBRAIN_SHARED_DATA`) and writes the table of
docs/guide/real-series.md. A test holds the page to what is computed.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.readers import (
    data_folder,
    read_bedford_weather,
    read_cambridge,
    read_gas_register,
    read_oed,
    read_steel,
)
from benchmarks.report import markdown_table, write_section
from parkbrain.calc.energy import choose_baseline, list_shortfalls
from parkbrain.calc.metering import (
    GAP,
    RESET,
    Register,
    coverage_per_day,
    local_days,
    spread_use,
    use_of_intervals,
    use_of_register,
)

PAGE = Path(__file__).resolve().parent.parent / "docs" / "guide" / "real-series.md"
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
#: Local clocks are read as they stand: what matters here is the arithmetic between two stamps, not the zone.
EPOCH = date(1970, 1, 1)
UTC_ZONE = ZoneInfo("UTC")

Rows = list[tuple[str, str]]


def university_rows(folder: Path) -> Rows:
    """Return what 52 university buildings came to."""
    series = read_cambridge(folder)
    rows: Rows = [("buildings, series", f"{len({building for building, _ in series})}, {len(series)}")]
    for energy in ("electricity", "gas"):
        ours = [one for (_building, name), one in series.items() if name == energy]
        hours = sum(one.values.size for one in ours)
        known = sum(int((~np.isnan(one.values)).sum()) for one in ours)
        total = sum(float(np.nansum(one.values)) for one in ours)
        one_year = sum(one.values.shape[0] <= 366 for one in ours)
        rows += [
            (f"{energy}: meters, of them with one year only", f"{len(ours)}, {one_year}"),
            (f"{energy}: total", f"{total / 1e6:,.3f} GWh"),
            (f"{energy}: hours known", f"{known:,} of {hours:,} ({known / hours:.2%})"),
        ]
    gaps = [one for one in series.values() if one.gaps]
    rows.append(
        ("zeros that are gaps: meters, days made unknown", f"{len(gaps)}, {sum(one.gaps for one in gaps) // 24:,}")
    )
    return rows + _baseline_rows(folder, series)


def _baseline_rows(folder: Path, series: dict) -> Rows:
    warm = read_bedford_weather(folder).values.mean(axis=1)[:365]
    kinds: dict[str, int] = {}
    good = count = 0
    for (_building, energy), one in series.items():
        daily = one.values[:365].sum(axis=1)
        if energy == "gas" and np.nanmean(daily) > 0:
            model = choose_baseline(daily, warm)
            kinds[model.kind] = kinds.get(model.kind, 0) + 1
            good, count = good + (not list_shortfalls(model.goodness, step="day")), count + 1
    named = ", ".join(f"{kind} {kinds[kind]}" for kind in sorted(kinds))
    return [
        ("gas of 2021 by day and temperature: model chosen", named),
        ("gas of 2021: baselines that meet every limit for days", f"{good} of {count}"),
    ]


def steel_rows(folder: Path) -> Rows:
    """Return what a steel plant came to."""
    plant = read_steel(folder)
    steps = np.diff(plant.begins).astype(int)
    begins = plant.begins.astype("datetime64[us]").astype(np.int64)
    used = use_of_intervals(begins, begins + HOUR_US // 4, plant.kwh)
    days = spread_use(used, local_days(date(2018, 1, 1), date(2019, 1, 1), UTC_ZONE))
    return [
        ("quarter-hours", f"{plant.kwh.size:,}"),
        ("byte-order mark before the header", "yes" if plant.had_mark else "no"),
        ("midnights stamped with the day they end", f"{plant.midnights}"),
        ("holes, doubles once that is put right", f"{int((steps > 15).sum())}, {int((steps < 15).sum())}"),
        ("total of 2018", f"{used.total:,.2f} kWh"),
        ("days known in full", f"{int((days.known == 1).sum())} of {days.use.size}"),
    ]


def gas_rows(folder: Path) -> Rows:
    """Return what twelve gas registers came to."""
    readings = dropped = silent = resets = covered = days = 0
    total = 0.0
    reasons: dict[str, int] = {}
    paths = sorted((folder / "gas_registers").glob("*.csv.gz"))
    for path in paths:
        at, shown = read_gas_register(path)
        used = use_of_register(at, shown, register=Register(gap_hours=3))
        readings, total = readings + at.size, total + used.total
        dropped += len(used.dropped.reason)
        for reason in used.dropped.reason:
            reasons[reason] = reasons.get(reason, 0) + 1
        silent += int((used.flags & GAP > 0).sum())
        resets += int((used.flags & RESET > 0).sum())
        first = EPOCH + timedelta(days=int(used.at_us[0] // DAY_US))
        last = EPOCH + timedelta(days=int(used.at_us[-1] // DAY_US) + 1)
        daily = coverage_per_day(used, first, last, UTC_ZONE)
        days, covered = days + len(daily.days), covered + int((daily.measured >= 0.95).sum())
    named = ", ".join(f"{reason.replace('_', ' ')} {reasons[reason]:,}" for reason in sorted(reasons))
    return [
        ("meters, readings", f"{len(paths)}, {readings:,}"),
        ("use", f"{total:,.0f} m³ (standard state)"),
        ("readings left out", f"{dropped:,} ({named})" if dropped else "0"),
        ("resets found", f"{resets}"),
        ("times silent for more than three hours", f"{silent:,}"),
        ("days measured to 95 % and more", f"{covered:,} of {days:,} ({covered / days:.1%})"),
    ]


def dashboard_rows(folder: Path) -> Rows:
    """Return how our days differ from those another project worked out from the same readings."""
    place = folder / "oed_readings"
    used = use_of_intervals(*read_oed(place / "readings_ri_15_days_75.csv"))
    starts, ends, expected = read_oed(next(place.glob("expected_bar_*.csv")))
    found = spread_use(used, np.append(starts, ends[-1]))
    differ = np.abs(found.use - expected) / expected
    return [
        ("readings, days", f"{used.use.size:,}, {expected.size}"),
        (
            "largest difference of a day",
            "less than one in a thousand million" if differ.max() < 1e-9 else f"{differ.max():.1e}",
        ),
    ]


def tables(folder: Path) -> str:
    """Return the four tables as Markdown."""
    parts = (
        ("University buildings, hourly, 2021–2022", university_rows),
        ("Steel plant, quarter-hours, 2018", steel_rows),
        ("Gas registers of works, 2018–2021", gas_rows),
        ("Readings with answers (Open Energy Dashboard)", dashboard_rows),
    )
    return "\n\n".join(f"### {title}\n\n{markdown_table(('what', 'figure'), rows(folder))}" for title, rows in parts)


def main() -> None:
    """Compute everything and write it into the page."""
    folder = data_folder()
    if folder is None:
        sys.exit("the published series are not there: set PARKBRAIN_SHARED_DATA to their folder")
    text = tables(folder)
    print(text)
    write_section("real-series", text, PAGE)


if __name__ == "__main__":
    main()
