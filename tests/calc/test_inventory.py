"""An inventory worked by hand, and what always holds: nothing is lost by cutting, unknown is never zero."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from parkbrain import schemes
from parkbrain.calc.carbon import SCOPE_1, SCOPE_2_LOCATION, SCOPE_2_MARKET, SCOPE_3
from parkbrain.calc.efficiency import Nameplate, RuleBook, next_inspection_on
from parkbrain.calc.exchange import Party, distance_m, match_between, match_parties
from parkbrain.calc.factors import Factor, FactorBook, areas_of
from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.inventory import Activity, assess, by_scope, covered_share, cut, make_inventory, waterfall

Y2022, Y2023 = (DatePeriod(date(y, 1, 1), date(y + 1, 1, 1)) for y in (2022, 2023))
GUANGDONG = areas_of("440309")


@pytest.fixture(scope="module")
def book() -> FactorBook:
    return FactorBook.from_rows(yaml.safe_load(schemes.path("factors.yaml").read_text())["factors"])


def test_an_inventory_worked_by_hand(book: FactorBook) -> None:
    # 1 GWh in Guangdong in 2022, 50,000 m³ of gas, 1 t of diesel, 2 kg of R-410A; 400 MWh of certificates.
    used = [
        Activity(1, "electricity", "electricity", 2, "", 1_000_000, Y2022, 0.02),
        Activity(2, "natural_gas", "natural_gas", 1, "", 50_000, Y2022, 0.03),
        Activity(3, "diesel", "diesel", 1, "", 1_000, Y2022, 0.04),
        Activity(4, "r410a", "r410a", 1, "", 2, Y2022, 0.10),
        Activity(5, "fresh_water", "water_supply", 3, "", 9_000, Y2022),
    ]
    lines = by_scope(make_inventory(used, book, period=Y2022, areas=GUANGDONG, green_kwh=400_000))
    scope_1 = assess(lines[SCOPE_1])
    gas, diesel, lost = 50_000 * 2.1622 / 1000, 3.0959, 2 * 1.924
    assert scope_1.tco2e == pytest.approx(gas + diesel + lost)
    assert scope_1.uncertainty == pytest.approx(
        math.sqrt((gas * 0.03) ** 2 + (diesel * 0.04) ** 2 + (lost * 0.1) ** 2) / (gas + diesel + lost)
    )
    assert assess(lines[SCOPE_2_LOCATION]).tco2e == pytest.approx(440.3)
    assert assess(lines[SCOPE_2_MARKET]).tco2e == pytest.approx(600 * 0.5856)
    assert assess(lines[SCOPE_3]).tco2e is None
    assert [line.reason for line in lines[SCOPE_3]] == ["no_factor"]


def test_a_bill_over_two_years_takes_the_factor_of_each(book: FactorBook) -> None:
    bill = Activity(1, "electricity", "electricity", 2, "", 365.0, DatePeriod(date(2022, 7, 1), date(2023, 7, 1)))
    lines = make_inventory([bill], book, period=DatePeriod(date(2022, 1, 1), date(2024, 1, 1)), areas=("CN",))
    found = [(line.amount, line.emission.found.factor.value) for line in lines if line.scope == SCOPE_2_LOCATION]
    assert found == [(184.0, 0.5366), (181.0, 0.5306)]


def test_errors_of_one_factor_are_not_averaged_away() -> None:
    factor = Factor("diesel", "kgco2", "kg", 3.0, date(2020, 1, 1), None, "CN", "", "own", "test", uncertainty=0.3)
    rows = [Activity(n, "diesel", "diesel", 1, "", 100.0, Y2022, 0.0) for n in range(1, 13)]
    total = assess(make_inventory(rows, FactorBook([factor]), period=Y2022, areas=("CN",)))
    assert total.uncertainty == pytest.approx(0.3)


def test_an_own_factor_holds_within_its_dates_and_not_a_day_longer(book: FactorBook) -> None:
    own = Factor("electricity", "kgco2", "kWh", 0.2, date(2022, 1, 1), date(2022, 7, 1), "@/x/", "location", "own", "t",
                 carries_on=False)  # fmt: skip
    both = FactorBook(
        [own, Factor("electricity", "kgco2", "kWh", 0.5, date(2020, 1, 1), None, "CN", "location", "f", "t")]
    )
    found = [
        both.find("electricity", "kgco2", day, areas=("@/x/", "CN"), basis="location").factor.value
        for day in (date(2021, 12, 31), date(2022, 1, 1), date(2022, 6, 30), date(2022, 7, 1))
    ]
    assert found == [0.5, 0.2, 0.2, 0.5]


@given(
    amount=st.floats(0, 1e9),
    first=st.integers(0, 900),
    length=st.integers(1, 900),
    cuts=st.lists(st.integers(0, 1900), max_size=6, unique=True),
)
def test_cutting_loses_nothing(amount: float, first: int, length: int, cuts: list[int]) -> None:
    origin = date(2022, 1, 1)
    start = origin + timedelta(days=first)
    row = Activity(1, "x", "x", 1, "", amount, DatePeriod(start, start + timedelta(days=length)))
    days = sorted(origin + timedelta(days=n) for n in cuts)
    pieces = cut(row, DatePeriod(origin, origin + timedelta(days=3000)), days)
    assert math.fsum(p.amount or 0.0 for p in pieces) == pytest.approx(amount, rel=1e-9, abs=1e-6)
    assert sum(p.period.days for p in pieces) == length


@given(st.lists(st.tuples(st.text(min_size=1), st.one_of(st.none(), st.floats(0, 1e6)))))
def test_a_waterfall_ends_where_its_steps_do(parts: list[tuple[str, float | None]]) -> None:
    steps = waterfall(parts)
    assert steps[-1].change == pytest.approx(math.fsum(v for _k, v in parts if v is not None))
    assert all(later.starts_at >= earlier.starts_at for earlier, later in itertools.pairwise(steps[:-1]))


def test_days_that_two_rows_cover_count_once() -> None:
    spans = [
        (DatePeriod(date(2022, 1, 1), date(2022, 7, 1)), None),
        (DatePeriod(date(2022, 3, 1), date(2022, 7, 1)), None),
    ]
    assert covered_share(spans, Y2022) == pytest.approx(181 / 365)


def shipped_rules() -> RuleBook:
    return RuleBook.from_rows(schemes.shipped("equipment_rules.yaml"))


@pytest.mark.parametrize(
    ("plate", "on", "grade", "reason", "obsolete"),
    [
        (Nameplate("MOTOR", "YE3-200", "IE3"), date(2026, 1, 1), 3, "", False),
        (Nameplate("MOTOR", "YE2-200", "IE2"), date(2026, 1, 1), 4, "", True),
        # Before June 2021 the older edition held: IE2 was its third grade.
        (Nameplate("MOTOR", "YE2-200", "IE2"), date(2021, 5, 31), 3, "", False),
        (Nameplate("MOTOR", "Y2-160M-4"), date(2026, 1, 1), None, "no_class", True),
        (Nameplate("MOTOR", "YX3-160"), date(2026, 1, 1), None, "no_class", None),
        (Nameplate("TRANSFORMER", "S9-315/10"), date(2026, 1, 1), None, "no_label", True),
        (Nameplate("TRANSFORMER", "SCB13", "", 3, "GB 20052-2020"), date(2026, 1, 1), None, "older_label", None),
        (Nameplate("TRANSFORMER", "SCB18", "", 2, "GB20052-2024"), date(2026, 1, 1), 2, "", False),
        (Nameplate("LIFT"), date(2026, 1, 1), None, "no_standard", None),
    ],
)
def test_grade_and_standing_by_the_nameplate(plate, on, grade, reason, obsolete) -> None:
    rules = shipped_rules()
    assert (rules.grade(plate, on).grade, rules.grade(plate, on).reason) == (grade, reason)
    assert rules.standing(plate, on).is_obsolete is obsolete


def test_a_lift_is_inspected_in_the_years_of_its_rule() -> None:
    first, due = date(2020, 3, 1), []
    done: date | None = None
    for _ in range(9):
        done = next_inspection_on(first, done, every_years=1, first_years=(1, 4, 7, 9, 11, 13, 15))
        due.append(done.year - first.year)
    assert due == [1, 4, 7, 9, 11, 13, 15, 16, 17]


def test_offers_meet_needs_of_the_same_kind_and_warmth_and_the_nearest_first() -> None:
    day = date(2026, 1, 1)
    heat = {"kind": "WASTE_HEAT", "substance": "hot water", "unit": "MJ", "starts_on": day}
    here, near, far = (114.0, 22.5), (114.0, 22.501), (114.0, 22.55)
    offers = [
        Party(1, 10, per_month=200, temperature_c=60, place=far, **heat),
        Party(2, 11, per_month=200, temperature_c=60, place=near, **heat),
        Party(3, 12, per_month=900, temperature_c=40, place=near, **heat),
        Party(4, 13, per_month=900, temperature_c=90, place=near, **{**heat, "unit": "kWh"}),
    ]
    needs = [Party(9, 20, per_month=100, temperature_c=50, place=here, **heat)]
    matches = match_parties(offers, needs)
    assert [(m.offer, m.filled) for m in matches] == [(2, 1.0), (1, 1.0)]
    assert matches[0].distance_m == pytest.approx(distance_m(here, near)) == pytest.approx(111.2, abs=0.2)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["BYPRODUCT", "WASTE_HEAT", "SOLVENT"]),
            st.integers(1, 4),
            st.floats(113.8, 114.6),
            st.floats(22.4, 22.8),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_matches_between_parks_are_those_of_comparing_each_with_each(
    drawn: list[tuple[str, int, float, float, bool]],
) -> None:
    reach_m = {"BYPRODUCT": 20_000.0, "WASTE_HEAT": 3_000.0}
    parties = [
        (is_offer, Party(key, key, kind, "x", "t", 1.0, date(2026, 1, 1), place=(lon, lat), park=park))
        for key, (kind, park, lon, lat, is_offer) in enumerate(drawn)
    ]
    offers = [one for is_offer, one in parties if is_offer]
    needs = [one for is_offer, one in parties if not is_offer]
    by_key = {one.key: one for _is_offer, one in parties}
    expected = {
        (one.offer, one.need)
        for one in match_parties(offers, needs)
        if by_key[one.offer].park != by_key[one.need].park
        and (one.distance_m or 0.0) <= reach_m.get(by_key[one.offer].kind, -1.0)
    }
    assert {(one.offer, one.need) for one in match_between(offers, needs, reach_m=reach_m)} == expected
