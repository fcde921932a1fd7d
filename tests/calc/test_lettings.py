"""WAULT, vacancy, expiries, funnel and forecast against worked examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.lettings import (
    LEAST_HISTORY,
    LeadPath,
    LetLine,
    expiry_profile,
    forecast,
    funnel,
    roll_totals,
    stage_probabilities,
    vacancy_rate,
    wault_years,
)

ON = date(2026, 1, 1)
LINES = [
    LetLine("1", 1000.0, Decimal(50000), date(2027, 1, 1)),
    LetLine("2", 500.0, Decimal(40000), date(2030, 1, 1)),
    LetLine("3", 500.0, None, None),
]


def test_wault_by_area_and_by_rent_differ_as_the_weights_do() -> None:
    first, second = 365 / 365.25, 1461 / 365.25
    assert wault_years(LINES, ON) == pytest.approx((1000 * first + 500 * second) / 1500)
    assert wault_years(LINES, ON, weight="rent") == pytest.approx((50 * first + 40 * second) / 90)


def test_a_lease_held_over_has_no_time_left() -> None:
    assert wault_years([LetLine("1", 10.0, None, date(2025, 1, 1))], ON) == 0.0


def test_without_a_known_end_there_is_no_wault() -> None:
    assert wault_years([LINES[2]], ON) is None


def test_unknown_rents_are_counted_apart() -> None:
    totals = roll_totals(LINES)
    assert (totals.count, totals.area_m2, totals.unknown_rents, totals.unknown_ends) == (3, 2000.0, 1, 1)
    assert totals.rent_yuan_per_m2_month == Decimal("60.00")


def test_a_lease_up_to_new_year_ends_in_the_year_before() -> None:
    assert [(e.year, e.keys) for e in expiry_profile(LINES)] == [
        (2026, ("1",)),
        (2027, ()),
        (2028, ()),
        (2029, ("2",)),
        (None, ("3",)),
    ]


def test_vacancy_is_a_share_and_refuses_nonsense() -> None:
    assert vacancy_rate(0.0, 0.0) is None
    assert vacancy_rate(50.0, 200.0) == 0.25
    with pytest.raises(ValueError, match="vacant"):
        vacancy_rate(300.0, 200.0)


def path(key: str, stage: str, *passed: str, **values: object) -> LeadPath:
    days = {name: date(2026, 1, 1 + 10 * n) for n, name in enumerate(("NEW", *passed))}
    return LeadPath(key, stage, days, **values)  # type: ignore[arg-type]


def test_a_skipped_stage_counts_as_reached_and_the_loss_where_it_happened() -> None:
    made = {s.stage: s for s in funnel([path("1", "QUOTED", "QUOTED"), path("2", "LOST", "QUALIFIED", "LOST")])}
    assert made["QUALIFIED"].reached == ("1", "2")
    assert made["QUALIFIED"].lost == ("2",)
    assert made["QUALIFIED"].conversion == 0.5
    assert made["QUOTED"].now == ("1",)
    assert made["NEW"].median_days == 10.0
    assert made["SIGNED"].conversion is None


def test_the_parks_own_history_counts_only_from_a_stated_number_on() -> None:
    signed = [path(f"s{n}", "SIGNED", "QUOTED", "SIGNED") for n in range(5)]
    lost = [path(f"l{n}", "LOST", "QUOTED", "LOST") for n in range(LEAST_HISTORY - 6)]
    assert stage_probabilities([*signed, *lost])["QUOTED"].is_default
    own = stage_probabilities([*signed, *lost, path("x", "LOST", "QUOTED", "LOST")])["QUOTED"]
    assert (own.value, own.history, own.is_default) == (0.25, 20, False)


def test_the_forecast_names_leads_whose_area_is_unknown() -> None:
    leads = [
        path("1", "NEW", segment="35", area_m2=100.0, rent_yuan_per_month=5000.0, expected_on=date(2025, 3, 1)),
        path("2", "NEW", segment="35", expected_on=date(2026, 2, 20)),
        path("3", "LOST", "LOST", segment="35", area_m2=900.0),
    ]
    made = forecast(leads, stage_probabilities([]), date(2026, 2, 10))
    assert [(e.month_on, e.keys, e.unknown) for e in made] == [(date(2026, 2, 1), ("1", "2"), 1)]
    assert made[0].area_m2 == pytest.approx(5.0)


areas = st.lists(st.tuples(st.floats(1, 5000), st.integers(0, 4000)), min_size=1, max_size=20)


@given(areas=areas)
def test_wault_lies_between_the_shortest_and_the_longest_term(areas: list[tuple[float, int]]) -> None:
    lines = [LetLine(str(n), a, None, date.fromordinal(ON.toordinal() + d)) for n, (a, d) in enumerate(areas)]
    years = [days / 365.25 for _area, days in areas]
    made = wault_years(lines, ON)
    assert made is not None
    assert min(years) - 1e-9 <= made <= max(years) + 1e-9


@given(stages=st.lists(st.sampled_from(["NEW", "QUALIFIED", "VISITED", "QUOTED", "SIGNED"]), max_size=30))
def test_no_more_leads_reach_a_stage_than_the_one_before(stages: list[str]) -> None:
    reached = [len(s.reached) for s in funnel([path(str(n), s, s) for n, s in enumerate(stages)])]
    assert reached == sorted(reached, reverse=True)
