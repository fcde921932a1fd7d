"""Tariffs: the right band, tier and demand; lines that add up; nothing shared out is lost."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.metering import local_hours
from parkbrain.calc.tariffs import (
    BANDS,
    CRITICAL_PEAK,
    FLAT,
    PEAK,
    VALLEY,
    DemandRule,
    Tier,
    TimeBand,
    TimeOfUse,
    allocate,
    band_of_periods,
    charge_by_band,
    charge_by_tier,
    charge_demand,
)

SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
SUMMER = TimeOfUse(
    (
        TimeBand(VALLEY, 0, 480),
        TimeBand(PEAK, 600, 720),
        TimeBand(PEAK, 840, 1140),
        TimeBand(CRITICAL_PEAK, 900, 1020, months=frozenset({7, 8, 9}), weekdays=frozenset(range(5))),
    )
)


def names(first: date, following: date, zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [BANDS[index] for index in band_of_periods(local_hours(first, following, zone), zone, SUMMER)]


def test_the_hours_of_a_summer_workday_have_their_bands():
    day = names(date(2026, 7, 1), date(2026, 7, 2))
    assert day[:8] == [VALLEY] * 8
    assert (day[9], day[11], day[14], day[15], day[16], day[17], day[20]) == (
        FLAT,
        PEAK,
        PEAK,
        CRITICAL_PEAK,
        CRITICAL_PEAK,
        PEAK,
        FLAT,
    )


def test_a_band_of_a_season_or_of_workdays_holds_only_then():
    assert CRITICAL_PEAK not in names(date(2026, 6, 30), date(2026, 7, 1))
    assert CRITICAL_PEAK not in names(date(2026, 7, 4), date(2026, 7, 5))


def test_bands_follow_local_clocks_where_these_change():
    # The long day has nine valley hours: the hour from one to two comes twice.
    assert names(date(2021, 10, 31), date(2021, 11, 1), LONDON).count(VALLEY) == 9
    assert names(date(2021, 3, 28), date(2021, 3, 29), LONDON).count(VALLEY) == 7


def test_a_period_in_two_bands_is_refused_by_its_time():
    borders = local_hours(date(2026, 7, 1), date(2026, 7, 2), SHANGHAI)[::3]
    with pytest.raises(ValueError, match="2026-07-01 06:00"):
        band_of_periods(borders, SHANGHAI, SUMMER)


def test_a_period_over_midnight_is_refused_where_the_band_changes_there():
    late = TimeOfUse((TimeBand(PEAK, 1380, 1440),))
    borders = local_hours(date(2026, 7, 1), date(2026, 7, 3), SHANGHAI)[[23, 25]]
    with pytest.raises(ValueError, match="23:00"):
        band_of_periods(borders, SHANGHAI, late)


def test_unknown_use_makes_no_bill():
    with pytest.raises(ValueError, match="1 periods is unknown"):
        charge_by_band([1.0, np.nan], np.array([1, 1], dtype=np.int8), {PEAK: Decimal(1)})


def test_a_band_without_a_price_is_named():
    with pytest.raises(ValueError, match="no price for valley"):
        charge_by_band([5.0], np.array([BANDS.index(VALLEY)], dtype=np.int8), {PEAK: Decimal(1)})


@pytest.mark.parametrize(
    ("greatest", "amounts"),
    [("900", ["40000.00"]), ("1050", ["40000.00"]), ("1051", ["42000.00", "80.00"])],
)
def test_demand_counts_the_contract_and_beyond_its_margin_double(greatest, amounts):
    lines = charge_demand(Decimal(greatest), Decimal(40), DemandRule(contract_kw=Decimal(1000)))
    assert [str(line.amount) for line in lines] == amounts


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 900)), min_size=1, max_size=4, unique_by=lambda t: t[0]),
    st.integers(0, 2000),
    st.integers(0, 2000),
)
def test_tiers_billed_in_parts_come_to_what_they_cost_at_once(steps, first, second):
    tiers = [Tier(Decimal(end), Decimal(price)) for end, price in sorted(steps)] + [Tier(None, Decimal(999))]
    at_once = charge_by_tier(Decimal(first + second), tiers)
    parts = charge_by_tier(Decimal(first), tiers) + charge_by_tier(Decimal(second), tiers, already=Decimal(first))
    assert sum(line.amount for line in parts) == sum(line.amount for line in at_once)
    assert sum(line.quantity for line in at_once) == first + second


@given(
    st.integers(-1_000_000, 1_000_000),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=30).filter(any),
)
def test_shares_add_up_to_the_cent_and_none_is_a_cent_off_its_due(cents, weights):
    amount = Decimal(cents) / 100
    given_weights = {str(n): Decimal(w) for n, w in enumerate(weights)}
    shares = allocate(amount, given_weights)
    assert sum(share.amount for share in shares) == amount
    for share in shares:
        due = amount * share.weight / sum(given_weights.values())
        assert abs(share.amount - due) < Decimal("0.01")


@given(
    st.lists(
        st.builds(
            lambda band, first, hours, months, weekdays: TimeBand(
                band, first * 60, min(first + hours, 24) * 60, months, weekdays
            ),
            st.sampled_from(BANDS),
            st.integers(0, 23),
            st.integers(1, 12),
            st.frozensets(st.integers(1, 12), min_size=1),
            st.frozensets(st.integers(0, 6), min_size=1),
        ),
        max_size=6,
    ),
    st.dates(date(2024, 1, 1), date(2026, 12, 28)),
    st.sampled_from([SHANGHAI, LONDON]),
)
def test_every_hour_of_any_seasonal_tariff_has_the_band_of_its_local_clock(bands, day, zone):
    following = date.fromordinal(day.toordinal() + 3)
    borders = local_hours(day, following, zone)
    found = band_of_periods(borders, zone, TimeOfUse(tuple(bands)))
    for start, index in zip(borders[:-1].tolist(), found.tolist(), strict=True):
        clock = datetime.fromtimestamp(start / 1e6, zone)
        minute = clock.hour * 60 + clock.minute
        holding = [
            one.band
            for one in bands
            if one.starts_minute <= minute < one.ends_minute
            and clock.month in one.months
            and clock.weekday() in one.weekdays
        ]
        assert BANDS[index] == (holding[-1] if holding else FLAT)


@given(st.integers(1, 12), st.lists(st.integers(0, 5000), min_size=48, max_size=48))
def test_a_seasons_price_is_paid_in_its_months_only(month, use):
    critical = TimeOfUse((TimeBand(CRITICAL_PEAK, 660, 720, months=frozenset({7, 8, 9})),))
    borders = local_hours(date(2026, month, 10), date(2026, month, 12), SHANGHAI)
    bands = band_of_periods(borders, SHANGHAI, critical)
    prices = {CRITICAL_PEAK: Decimal("1.5"), FLAT: Decimal("0.7")}
    lines = {line.item: line.quantity for line in charge_by_band(np.array(use, dtype=float), bands, prices)}
    assert lines.get(CRITICAL_PEAK, 0) == (use[11] + use[35] if month in (7, 8, 9) else 0)
    assert sum(lines.values()) == sum(use)
