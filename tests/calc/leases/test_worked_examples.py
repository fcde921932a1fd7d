"""Leases worked out by hand: what each clause does to the cent, and how two readings differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from parkbrain.calc.leases import (
    Agreement,
    ClauseProblems,
    Concession,
    Figures,
    FitOut,
    Index,
    LateFee,
    Place,
    PropertyFee,
    RecurringFree,
    Rent,
    RentFree,
    RentStep,
    Rise,
    Tax,
    Terms,
    TurnoverRent,
    Version,
    compare,
    late_fee,
    parse_clause,
    parse_terms,
    present_value,
    readings,
    schedule,
    total,
)

D = Decimal
START, END = date(2026, 4, 1), date(2029, 4, 1)


def lease(*clauses, start=START, end=END, area="1000", terms=None) -> Agreement:
    return Agreement(start, end, [Version(start, terms or Terms(), [Place("101", D(area), start, end)], clauses)])


def owed(agreement: Agreement, figures: Figures | None = None, kind: str = "RENT") -> dict[str, D]:
    return {f"{x.starts_on:%Y-%m}": x.gross_yuan for x in schedule(agreement, figures) if x.kind == kind}


def test_last_month_of_each_year_is_said_as_contract_year_or_calendar_december() -> None:
    rent = Rent(price_yuan_per_m2=D(60), ref="rent")
    contract = RecurringFree(meaning="CONTRACT_YEAR_LAST_MONTHS", ref="free")
    mine = owed(lease(rent, contract))
    assert [m for m, yuan in mine.items() if yuan == 0] == ["2027-03", "2028-03", "2029-03"]
    december = RecurringFree(meaning="CALENDAR_MONTH", calendar_month=12, ref="free")
    assert [m for m, yuan in owed(lease(rent, december)).items() if yuan == 0] == ["2026-12", "2027-12", "2028-12"]


def test_the_tester_warns_where_totals_agree_and_months_do_not() -> None:
    agreement = lease(Rent(price_yuan_per_m2=D(60)), RecurringFree(meaning="CONTRACT_YEAR_LAST_MONTHS"))
    found = {r.code: pair for r, pair in readings(agreement, on=START, percent_per_year=D(5))}
    pair = found["contract_or_calendar_year"]
    assert pair.has_same_total and pair.mine.gross_yuan == D(60_000) * 33
    assert len(pair.differing_months) == 6
    # The calendar's December comes earlier, so it is worth more to the tenant: less to the park today.
    assert pair.other_worth_yuan < pair.mine_worth_yuan


def test_rises_compound_or_simple_by_years_with_caps() -> None:
    rent = Rent(price_yuan_per_m2=D(100))
    first = lambda *c: [x.unit_price for x in schedule(lease(*c, end=date(2030, 4, 1))) if x.starts_on.month == 4]  # noqa: E731
    assert first(rent, Rise(percent=D(10))) == [D(100), D("110.00"), D("121.00"), D("133.10")]
    assert first(rent, Rise(percent=D(10), mode="SIMPLE")) == [D(100), D("110.00"), D("120.00"), D("130.00")]
    assert first(rent, Rise(percent=D(10), every_years=2)) == [D(100), D(100), D("110.00"), D("110.00")]
    assert first(rent, Rise(percent=D(10), cap_percent=D(15))) == [D(100), D("110.00"), D("115.00"), D("115.00")]
    assert first(rent, Rise(percent=D(10), cap_price_yuan_per_m2=D(112))) == [100, D("110.00"), D("112"), D("112")]


def test_a_step_sets_a_new_price_from_its_day_within_a_month() -> None:
    agreement = lease(Rent(price_yuan_per_m2=D(62)), RentStep(from_on=date(2026, 5, 16), price_yuan_per_m2=D(93)))
    # 15 of 31 days at 62 and 16 of 31 at 93: 30,000 + 48,000.
    assert owed(agreement)["2026-05"] == D("78000.00")
    line = next(x for x in schedule(agreement) if x.starts_on == date(2026, 5, 1))
    assert [s.code for s in line.steps] == ["price_base", "piece", "price_step", "piece"]
    assert line.unit_price is None


def test_an_index_has_floor_and_cap_and_an_unknown_month_is_not_assessed() -> None:
    rent = Rent(price_yuan_per_m2=D(100))
    index = Index(series="CPI", base_month_on=START, first_on=date(2027, 4, 1), floor_percent=D(0), cap_percent=D(3))
    values = {date(2026, 4, 1): D(100), date(2027, 4, 1): D(105)}
    found = owed(lease(rent, index), Figures(indices={"CPI": values}))
    assert found["2027-03"] == D("100000.00") and found["2027-04"] == D("103000.00")
    assert found["2028-04"] is None
    falling = {**values, date(2027, 4, 1): D(98)}
    assert owed(lease(rent, index), Figures(indices={"CPI": falling}))["2027-04"] == D("100000.00")


def test_turnover_rent_over_the_natural_and_the_stated_breakpoint() -> None:
    year = {(START, date(2027, 4, 1)): D(20_000_000)}
    rent = Rent(price_yuan_per_m2=D(60))
    natural = lease(rent, TurnoverRent(percent=D(6)))
    # Base rent 720,000 ÷ 6 % = 12,000,000; 6 % of the 8,000,000 above it.
    assert owed(natural, Figures(turnover=year), "TURNOVER_RENT")["2026-04"] == D("480000.00")
    assert owed(natural, Figures(turnover=year), "TURNOVER_RENT")["2027-04"] is None
    stated = lease(rent, TurnoverRent(percent=D(6), breakpoint="STATED", breakpoint_yuan_per_year=D(15_000_000)))
    assert owed(stated, Figures(turnover=year), "TURNOVER_RENT")["2026-04"] == D("300000.00")
    poor = {(START, date(2027, 4, 1)): D(1_000_000)}
    assert owed(natural, Figures(turnover=poor), "TURNOVER_RENT")["2026-04"] == D("0.00")


def test_fit_out_frees_the_rent_and_the_property_fee_runs_or_not() -> None:
    both = (Rent(price_yuan_per_m2=D(60)), PropertyFee(price_yuan_per_m2=D(10)))
    fit = FitOut(starts_on=START, ends_on=date(2026, 6, 1))
    assert owed(lease(*both, fit))["2026-05"] == 0
    assert owed(lease(*both, fit), kind="PROPERTY_FEE")["2026-05"] == D("10000.00")
    waits = replace(fit, property_fee_runs=False)
    assert owed(lease(*both, waits), kind="PROPERTY_FEE")["2026-05"] == 0


def test_a_concession_stops_at_its_limit_and_says_what_is_used() -> None:
    relief = Concession(programme="relief", percent=D(50), starts_on=START, ends_on=END, limit_yuan=D(100_000), ref="c")
    lines = schedule(lease(Rent(price_yuan_per_m2=D(60)), relief))
    assert [x.gross_yuan for x in lines[:5]] == [D("30000.00")] * 3 + [D("50000.00"), D("60000.00")]
    step = next(s for s in lines[3].steps if s.code == "concession")
    assert step.values["used"] == D("100000.00") and step.values["limit"] == D(100_000)
    by_months = replace(relief, limit_yuan=None, limit_months=2)
    lines = schedule(lease(Rent(price_yuan_per_m2=D(60)), by_months))
    assert [x.gross_yuan for x in lines[:3]] == [D("30000.00"), D("30000.00"), D("60000.00")]


def test_a_limit_keeps_its_count_over_a_change_of_the_lease() -> None:
    relief = Concession(programme="relief", percent=D(100), starts_on=START, ends_on=END, limit_months=3)
    whole = lease(Rent(price_yuan_per_m2=D(60)), relief)
    changed = replace(whole, versions=[*whole.versions, replace(whole.versions[0], effective_on=date(2026, 6, 1))])
    assert [x.gross_yuan for x in schedule(changed)[:4]] == [0, 0, 0, D("60000.00")]


def test_tax_is_within_the_price_or_on_top() -> None:
    rent = Rent(price_yuan_per_m2=D(109))
    [within, *_] = schedule(lease(rent, Tax(rate_percent=D(9)), area="10"))
    assert (within.net_yuan, within.tax_yuan, within.gross_yuan) == (D("1000.00"), D("90.00"), D("1090.00"))
    [on_top, *_] = schedule(lease(rent, Tax(rate_percent=D(9), included=False), area="10"))
    assert (on_top.net_yuan, on_top.tax_yuan, on_top.gross_yuan) == (D("1090.00"), D("98.10"), D("1188.10"))


@pytest.mark.parametrize("day_count", ["ACTUAL", "THIRTY_360", "ACTUAL_365"])
def test_part_months_count_as_the_clause_says(day_count: str) -> None:
    start, end = date(2026, 1, 15), date(2026, 3, 1)
    # 17 days of January at 58,500 for the month of 900 m².
    agreement = lease(
        Rent(price_yuan_per_m2=D(65)),
        start=start,
        end=end,
        area="900",
        terms=Terms(day_count=day_count),
    )
    expected = {"ACTUAL": D(58500) * 17 / 31, "THIRTY_360": D(58500) * 16 / 30, "ACTUAL_365": D(58500) * 12 * 17 / 365}
    assert schedule(agreement)[0].gross_yuan == expected[day_count].quantize(D("0.01"))


def test_bills_of_three_contract_months_in_advance_are_due_before_them() -> None:
    terms = parse_terms({"cycle": "ANNIVERSARY", "months_per_bill": 3, "due_days": -5})
    lines = schedule(lease(Rent(price_yuan_per_m2=D(60)), start=date(2026, 1, 15), end=date(2027, 1, 15), terms=terms))
    assert [(x.starts_on, x.due_on, x.gross_yuan) for x in lines][:2] == [
        (date(2026, 1, 15), date(2026, 1, 10), D("180000.00")),
        (date(2026, 4, 15), date(2026, 4, 10), D("180000.00")),
    ]
    assert len(lines) == 4


def test_rounding_once_per_line_differs_from_rounding_each_piece_and_both_are_said() -> None:
    terms = Terms(months_per_bill=3, round_to_yuan=D(1))
    agreement = lease(Rent(price_yuan_per_m2=D("33.33")), area="10.01", terms=terms, end=date(2026, 7, 1))
    per_line = schedule(agreement)[0].gross_yuan
    version = replace(agreement.versions[0], terms=replace(terms, round_at="PIECE"))
    per_piece = schedule(replace(agreement, versions=[version]))[0].gross_yuan
    # 333.6333 × 3 = 1000.8999; or 334 × 3.
    assert (per_line, per_piece) == (D("1001.00"), D("1002.00"))


def test_a_late_fee_has_its_own_first_day_grace_and_cap() -> None:
    clause = LateFee(percent_per_day=D("0.05"), grace_days=5, starts_on=date(2026, 3, 1))
    open_since = [(date(2026, 1, 5), D(100_000))]
    fee = late_fee(clause, due_on=date(2026, 1, 5), balances=open_since, until_on=date(2026, 3, 11))
    assert fee.starts_on == date(2026, 3, 1) and fee.amount_yuan == D("500.00")
    paid = [*open_since, (date(2026, 3, 6), D(40_000))]
    fee = late_fee(clause, due_on=date(2026, 1, 5), balances=paid, until_on=date(2026, 3, 11))
    assert fee.amount_yuan == D("350.00")
    capped = replace(clause, cap_percent=D("0.2"))
    assert late_fee(capped, due_on=date(2026, 1, 5), balances=open_since, until_on=date(2026, 3, 11)).amount_yuan == D(
        "200.00"
    )
    in_time = [*open_since, (date(2026, 1, 9), D(0))]
    assert late_fee(clause, due_on=date(2026, 1, 5), balances=in_time, until_on=date(2026, 3, 11)).amount_yuan == 0


def test_present_value_is_that_of_a_spreadsheet() -> None:
    lines = schedule(lease(Rent(price_yuan_per_m2=D(1)), end=date(2027, 4, 1), terms=Terms(months_per_bill=12)))
    assert present_value(lines, on=date(2025, 4, 1), percent_per_year=D(5)) == (D(12000) / D("1.05")).quantize(
        D("0.01")
    )


def test_wrong_values_name_their_field_and_say_the_value() -> None:
    with pytest.raises(ClauseProblems) as caught:
        parse_clause("RISE", {"percent": "5%", "every_years": 0, "mode": "SOMETIMES", "when": "soon"})
    assert {(p.field, p.code, p.value) for p in caught.value.problems} == {
        ("when", "unknown_field", "soon"),
        ("percent", "not_a_number", "5%"),
        ("every_years", "too_small", "0"),
        ("mode", "not_an_option", "SOMETIMES"),
    }
    with pytest.raises(ClauseProblems) as caught:
        parse_clause("RENT_FREE", {"starts_on": "2026-05-01", "ends_on": "2026-04-01"})
    assert caught.value.problems[0].field == "ends_on"
    with pytest.raises(ClauseProblems):
        parse_clause("RENT", {"price_yuan_per_m2": 65.1})


def test_a_lease_that_ends_early_owes_nothing_from_that_day() -> None:
    agreement = replace(lease(Rent(price_yuan_per_m2=D(62))), stops_on=date(2026, 5, 11))
    lines = schedule(agreement)
    assert lines[-1].ends_on == date(2026, 5, 11) and lines[-1].gross_yuan == D("20000.00")
    assert total(lines).gross_yuan == D("82000.00")


def test_free_twice_is_free_once() -> None:
    twice = (
        RentFree(starts_on=START, ends_on=date(2026, 5, 1), ref="a"),
        FitOut(starts_on=START, ends_on=date(2026, 6, 1), ref="b"),
    )
    line, *_ = schedule(lease(Rent(price_yuan_per_m2=D(60)), *twice))
    assert line.gross_yuan == 0 and sum(d.amount_yuan for d in line.deductions) == D("60000.00")


def test_two_agreements_side_by_side_show_the_difference_of_each_month() -> None:
    mine, other = lease(Rent(price_yuan_per_m2=D(60))), lease(Rent(price_yuan_per_m2=D(61)))
    pair = compare(mine, other, on=START, percent_per_year=D(5))
    assert all(m.difference_yuan == D(1000) for m in pair.months)
    assert pair.other.gross_yuan - pair.mine.gross_yuan == D(36_000)
