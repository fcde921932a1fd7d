"""Use by hour, day and month: it adds up, clocks may change, and what is not measured is said."""

from __future__ import annotations

import csv
import gzip
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.metering import (
    GAP,
    RESET,
    IntervalUse,
    Register,
    local_days,
    local_hours,
    local_months,
    scale_use,
    spread_use,
    use_of_intervals,
    use_of_register,
)
from parkbrain.calc.metering.periods import instant_us

HOUR = 3_600_000_000
SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")


def test_months_are_local_and_half_open():
    borders = local_months(date(2026, 1, 1), date(2026, 2, 1), SHANGHAI)
    assert borders[0] == instant_us(datetime(2025, 12, 31, 16, tzinfo=ZoneInfo("UTC")))
    assert len(borders) == 2


@pytest.mark.parametrize(
    ("first", "hours"), [(date(2021, 3, 28), 23), (date(2021, 10, 31), 25), (date(2021, 6, 1), 24)]
)
def test_a_day_on_which_clocks_change_has_its_own_length(first, hours):
    following = date.fromordinal(first.toordinal() + 1)
    assert len(local_hours(first, following, LONDON)) == hours + 1
    # A steady load uses more on a long day.
    steady = IntervalUse(local_days(first, following, LONDON), np.array([float(hours)]), np.zeros(1, dtype=np.uint8))
    assert spread_use(steady, local_hours(first, following, LONDON)).use == pytest.approx(np.ones(hours))


def test_a_month_is_not_the_difference_of_two_readings_near_its_borders():
    border = int(local_months(date(2026, 2, 1), date(2026, 3, 1), SHANGHAI)[0])
    # Read on 31 January 12:00 and on 1 February 12:00: half of the day's use belongs to each month.
    used = use_of_register([border - 12 * HOUR, border + 12 * HOUR], [0, 24], register=Register(gap_hours=48))
    months = spread_use(used, local_months(date(2026, 1, 1), date(2026, 3, 1), SHANGHAI))
    assert months.use.tolist() == [12, 12]


def test_a_period_nobody_measured_is_unknown_not_zero():
    used = IntervalUse(np.array([0, HOUR]), np.array([5.0]), np.zeros(1, dtype=np.uint8))
    found = spread_use(used, [0, HOUR, 2 * HOUR])
    assert found.use[0] == 5
    assert np.isnan(found.use[1])
    assert found.known.tolist() == [1, 0]


def test_a_hole_between_intervals_is_unknown_and_marked():
    used = use_of_intervals([0, 2 * HOUR], [HOUR, 3 * HOUR], [1.0, 2.0])
    found = spread_use(used, np.arange(4) * HOUR)
    assert found.use[0] == 1
    assert np.isnan(found.use[1])
    assert found.use[2] == 2
    assert found.flags.tolist() == [0, GAP, 0]


def test_intervals_that_overlap_are_refused_by_place():
    with pytest.raises(ValueError, match="interval 1 overlaps"):
        use_of_intervals([0, HOUR // 2], [HOUR, 2 * HOUR], [1.0, 2.0])


def test_a_changed_factor_holds_from_its_day_on():
    used = IntervalUse(np.array([0, 10 * HOUR]), np.array([10.0]), np.zeros(1, dtype=np.uint8))
    found = spread_use(scale_use(used, [(0, 40.0), (5 * HOUR, 60.0)]), np.arange(11) * HOUR)
    assert found.use.tolist() == pytest.approx([40.0] * 5 + [60.0] * 5)


@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(0, 1e6)), min_size=1, max_size=50),
    st.lists(st.integers(1, 500), min_size=1, max_size=40),
)
@settings(max_examples=200, deadline=None)
def test_the_periods_add_up_to_the_intervals(intervals, widths):
    minute = HOUR // 60
    at = np.append(0, np.cumsum([length for length, _use in intervals])) * minute
    used = IntervalUse(at, np.array([use for _length, use in intervals]), np.zeros(len(intervals), dtype=np.uint8))
    borders = np.append(0, np.cumsum(widths)) * minute
    borders = np.append(borders, max(int(at[-1]), int(borders[-1])) + minute)
    found = spread_use(used, borders)
    assert np.nansum(found.use) == pytest.approx(used.total, rel=1e-9, abs=1e-6)
    assert (found.known <= 1).all()
    assert (found.measured <= found.known + 1e-12).all()


def read_intervals(path: Path) -> IntervalUse:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    times = [[instant_us(datetime.fromisoformat(text + "+00:00")) for text in row[1:3]] for row in rows]
    return use_of_intervals([t[0] for t in times], [t[1] for t in times], [float(row[0]) for row in rows])


def test_days_of_a_quarter_hour_meter_are_those_another_project_worked_out(shared_data: Path):
    folder = shared_data / "oed_readings"
    days = read_intervals(folder / "expected_bar_ri_15_mu_kWh_gu_kWh_st_-inf_et_inf_bd_1.csv")
    found = spread_use(read_intervals(folder / "readings_ri_15_days_75.csv"), days.at_us)
    assert found.use == pytest.approx(days.use, rel=1e-9)
    assert (found.measured == 1).all()


def test_twelve_real_gas_registers_give_no_negative_use_and_their_resets_are_found(shared_data: Path):
    reset, silent = set(), 0
    for path in sorted((shared_data / "gas_registers").glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        at = [instant_us(datetime.fromisoformat(row["CreateDate"]).replace(tzinfo=SHANGHAI)) for row in rows]
        shown = [float(row["BTotal"] or "nan") for row in rows]
        found = use_of_register(at, shown, register=Register(gap_hours=3))
        assert (found.use >= 0).all(), path.name
        hours = spread_use(found, np.arange(found.at_us[0] // HOUR, found.at_us[-1] // HOUR + 2) * HOUR)
        assert np.nansum(hours.use) == pytest.approx(found.total, rel=1e-9), path.name
        silent += int((found.flags & GAP > 0).sum())
        if (found.flags & RESET).any():
            reset.add(path.name)
        else:
            assert found.total == pytest.approx(shown[-1] - shown[0], rel=1e-6), path.name
    # Two of the meters began anew from zero; all twelve were silent for hours, many times.
    assert reset == {"G_Data00015.csv.gz", "G_Data00016.csv.gz"}
    assert silent > 2_500
