"""Random leases: no day billed twice or missed, in any order of changes; cuts keep the sum; the sum of lines is the bill."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.leases import (
    PRICED,
    Agreement,
    Concession,
    Figures,
    FitOut,
    Index,
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
    parse_clause,
    plain,
    schedule,
    total,
)

START = date(2024, 1, 1)
days = st.integers(0, 900).map(lambda n: START + timedelta(days=n))
prices = st.decimals("0.01", "300", places=2)
percents = st.decimals("0", "30", places=1)
frees = st.sampled_from([("RENT",), ("PROPERTY_FEE",), ("RENT", "PROPERTY_FEE")])


@st.composite
def spans(draw: st.DrawFn) -> tuple[date, date]:
    begin = draw(days)
    return begin, begin + timedelta(days=draw(st.integers(1, 400)))


@st.composite
def clauses(draw: st.DrawFn) -> list:
    made = [
        Rent(price_yuan_per_m2=draw(prices), per=draw(st.sampled_from(["MONTH", "DAY"])), ref="rent"),
        PropertyFee(price_yuan_per_m2=draw(prices), ref="fee"),
    ]
    if draw(st.booleans()):
        made.append(RentStep(from_on=draw(days), price_yuan_per_m2=draw(prices), ref="step"))
    if draw(st.booleans()):
        made.append(
            Rise(
                percent=draw(percents),
                every_years=draw(st.integers(1, 3)),
                mode=draw(st.sampled_from(["COMPOUND", "SIMPLE"])),
                cap_percent=draw(st.none() | percents),
                ref="rise",
            )
        )
    if draw(st.booleans()):
        begin, end = draw(spans())
        made.append(RentFree(starts_on=begin, ends_on=end, frees=draw(frees), ref="free"))
    if draw(st.booleans()):
        made.append(
            RecurringFree(
                meaning=draw(
                    st.sampled_from(["CONTRACT_YEAR_LAST_MONTHS", "CONTRACT_YEAR_FIRST_MONTHS", "CALENDAR_MONTH"])
                ),
                months=draw(st.integers(1, 3)),
                calendar_month=draw(st.integers(1, 12)),
                frees=draw(frees),
                ref="months",
            )
        )
    if draw(st.booleans()):
        begin, end = draw(spans())
        made.append(FitOut(starts_on=begin, ends_on=end, property_fee_runs=draw(st.booleans()), ref="fit"))
    if draw(st.booleans()):
        begin, end = draw(spans())
        made.append(
            Concession(
                programme="relief",
                starts_on=begin,
                ends_on=end,
                percent=draw(percents),
                limit_yuan=draw(st.none() | st.decimals("0", "50000", places=2)),
                limit_months=draw(st.none() | st.integers(1, 6)),
                ref="relief",
            )
        )
    if draw(st.booleans()):
        made.append(Tax(rate_percent=draw(percents), included=draw(st.booleans()), ref="tax"))
    return made


terms = st.builds(
    Terms,
    cycle=st.sampled_from(["NATURAL", "ANNIVERSARY"]),
    months_per_bill=st.sampled_from([1, 2, 3, 6, 12]),
    in_advance=st.booleans(),
    due_rule=st.just("OFFSET"),
    due_days=st.integers(-10, 30),
    day_count=st.sampled_from(["ACTUAL", "THIRTY_360", "ACTUAL_365"]),
    round_to_yuan=st.sampled_from([Decimal("0.01"), Decimal("0.1"), Decimal(1)]),
    round_at=st.sampled_from(["LINE", "PIECE"]),
)


@st.composite
def agreements(draw: st.DrawFn, most_versions: int = 3) -> Agreement:
    begin, length = draw(days), draw(st.integers(1, 1200))
    end = begin + timedelta(days=length)
    areas = draw(st.lists(st.decimals("1", "5000", places=2), min_size=1, max_size=2))
    places = [Place(f"R{n}", area, begin, end) for n, area in enumerate(areas)]
    versions = [Version(begin, draw(terms), places, draw(clauses()))]
    for _ in range(draw(st.integers(0, most_versions - 1))):
        offset = draw(st.integers(0, length - 1))
        versions.append(Version(begin + timedelta(days=offset), draw(terms), places, draw(clauses())))
    return Agreement(begin, end, versions)


@given(agreements())
@settings(max_examples=150, deadline=None)
def test_lines_of_one_kind_cover_every_day_of_the_term_once(agreement: Agreement) -> None:
    for kind in PRICED:
        for place in agreement.versions[0].places:
            lines = [line for line in schedule(agreement) if (line.kind, line.place) == (kind, place.code)]
            assert lines[0].starts_on == agreement.starts_on and lines[-1].ends_on == agreement.ends_on
            assert all(a.ends_on == b.starts_on for a, b in itertools.pairwise(lines))


@given(agreements(), st.data())
@settings(max_examples=100, deadline=None)
def test_changes_for_different_days_may_be_made_in_any_order(agreement: Agreement, data: st.DataObject) -> None:
    first, *others = agreement.versions
    unique = list({v.effective_on: v for v in others if v.effective_on != first.effective_on}.values())
    one = replace(agreement, versions=[first, *unique])
    other = replace(agreement, versions=[first, *data.draw(st.permutations(unique))])
    assert schedule(one) == schedule(other)


@given(agreements(most_versions=1), st.integers(0, 1200))
@settings(max_examples=150, deadline=None)
def test_a_cut_at_any_day_keeps_the_sum_within_rounding(agreement: Agreement, offset: int) -> None:
    cut = agreement.starts_on + timedelta(days=offset % (agreement.ends_on - agreement.starts_on).days)
    only = agreement.versions[0]
    whole = schedule(agreement)
    halves = schedule(replace(agreement, versions=[only, replace(only, effective_on=cut)]))
    step = only.terms.round_to_yuan
    # Every place and fee is cut once: a rounding each for the amount, and one for the tax.
    allowed = (2 * step + Decimal("0.02")) * len(only.places) * len(PRICED)
    if only.terms.round_at == "PIECE":
        allowed *= 2
    assert abs(total(whole).gross_yuan - total(halves).gross_yuan) <= allowed


@given(agreements())
@settings(max_examples=100, deadline=None)
def test_the_sum_of_the_lines_is_the_bill(agreement: Agreement) -> None:
    lines = schedule(agreement)
    bill = total(lines)
    assert bill.unknown_count == 0
    assert bill.net_yuan + bill.tax_yuan == bill.gross_yuan == sum(line.gross_yuan for line in lines)
    assert all(line.gross_yuan >= 0 and line.net_yuan >= 0 for line in lines)
    assert all(line.gross_yuan == line.gross_yuan.quantize(Decimal("0.01")) for line in lines)


@given(agreements(), days, st.integers(1, 200))
@settings(max_examples=80, deadline=None)
def test_a_window_shows_the_lines_of_the_whole(agreement: Agreement, begin: date, length: int) -> None:
    end = begin + timedelta(days=length)
    whole = [line for line in schedule(agreement) if line.starts_on < end and line.ends_on > begin]
    assert schedule(agreement, from_on=begin, to_on=end) == whole


@given(agreements())
@settings(max_examples=60, deadline=None)
def test_a_limit_is_never_passed(agreement: Agreement) -> None:
    limits = {c.limit_yuan for v in agreement.versions for c in v.clauses if isinstance(c, Concession)}
    if limits and None not in limits:
        given = sum(d.amount_yuan for line in schedule(agreement) for d in line.deductions if d.code == "CONCESSION")
        # Each line says its part in cents.
        assert given <= max(limits) + Decimal("0.01") * len(schedule(agreement))


@given(agreements(most_versions=1))
@settings(max_examples=40, deadline=None)
def test_an_unknown_index_makes_lines_unknown_and_never_zero(agreement: Agreement) -> None:
    only = agreement.versions[0]
    index = Index(series="CPI", base_month_on=START, first_on=agreement.starts_on, ref="index")
    lines = schedule(replace(agreement, versions=[replace(only, clauses=[*only.clauses, index])]))
    rents = [line for line in lines if line.kind == "RENT"]
    assert all(line.gross_yuan is None and not line.is_assessed for line in rents)
    assert total(lines).unknown_count == len(rents)


@given(agreements(most_versions=1), st.decimals("0", "10000000", places=2))
@settings(max_examples=40, deadline=None)
def test_turnover_rent_is_unknown_until_it_is_reported(agreement: Agreement, sold: Decimal) -> None:
    only = agreement.versions[0]
    share = TurnoverRent(percent=Decimal(5), breakpoint="NONE", ref="share")
    agreement = replace(agreement, versions=[replace(only, clauses=[*only.clauses, share])])
    lines = [line for line in schedule(agreement) if line.kind == "TURNOVER_RENT"]
    assert lines and all(line.gross_yuan is None for line in lines)
    first = lines[0]
    reported = Figures(turnover={(first.starts_on, first.ends_on): sold})
    known = [line for line in schedule(agreement, reported) if line.kind == "TURNOVER_RENT"]
    assert known[0].gross_yuan is not None and all(line.gross_yuan is None for line in known[1:])


@given(clauses())
def test_a_clause_is_read_back_from_its_plain_values(made: list) -> None:
    for clause in made:
        assert parse_clause(clause.KIND, plain(clause), ref=clause.ref) == clause
