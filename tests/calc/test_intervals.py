"""Half-open periods."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.intervals import DatePeriod, months_before, period_of

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(DAYS)
def test_twelve_months_end_the_day_after_the_cut_off_and_last_a_year(day: date) -> None:
    period = period_of("ttm", day)
    assert period.ends_on == day + timedelta(days=1)
    assert period.contains(day)
    assert 365 <= period.days <= 366


@given(DAYS)
def test_financial_year_is_the_last_one_closed_by_the_cut_off(day: date) -> None:
    period = period_of("fy", day)
    assert period.ends_on <= day + timedelta(days=1)
    assert (day - period.last_on).days < 366


def test_cut_off_on_the_last_day_of_a_year_takes_that_year() -> None:
    assert period_of("fy", date(2025, 12, 31)).starts_on == date(2025, 1, 1)
    assert period_of("fy", date(2025, 12, 30)).starts_on == date(2024, 1, 1)


def test_months_before_stays_within_the_shorter_month() -> None:
    assert months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    assert months_before(date(2026, 12, 31), 10) == date(2026, 2, 28)


@given(DAYS, st.integers(0, 60))
def test_months_before_never_moves_forward(day: date, months: int) -> None:
    assert months_before(day, months) <= day


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(ValueError, match="before it has begun"):
        DatePeriod(date(2026, 1, 1), date(2026, 1, 1))


def test_unknown_kind_of_period_is_refused() -> None:
    with pytest.raises(ValueError, match="as_of, ttm or fy"):
        period_of("weekly", date(2026, 1, 1))
