"""Main and sub-meters, shared use, clocks and coverage: what is lost is computed, what is unknown is not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.metering import (
    NEGATIVE,
    REPEATED,
    SKIPPED,
    Branch,
    IntervalUse,
    MeteringError,
    SupplyInvoice,
    allocate_invoice,
    arrivals_per_day,
    balance,
    coverage_per_day,
    find_clock_jumps,
    hours_clocks_change,
    instants_of_local,
    split_amount,
)
from tests.calc.metering.test_virtual import periods

HOUR = 3_600_000_000
LONDON, SHANGHAI = ZoneInfo("Europe/London"), ZoneInfo("Asia/Shanghai")


def test_loss_is_what_was_supplied_less_what_the_meters_below_saw():
    tree = [Branch("in", "a"), Branch("in", "b"), Branch("a", "a1")]
    found = balance(
        tree, {"in": periods([100, 50]), "a": periods([60, 30]), "b": periods([35, 20]), "a1": periods([60, 31])}
    )
    assert list(found) == ["in", "a"]
    assert found["in"].loss.tolist() == [5, 0]
    assert found["in"].share.tolist() == [0.05, 0]
    assert (found["in"].total.loss, found["in"].total.share) == (5, 5 / 150)
    assert found["a"].flags.tolist() == [0, NEGATIVE]


def test_loss_is_unknown_where_a_child_is_and_the_child_is_named():
    found = balance(
        [Branch("in", "a"), Branch("in", "b"), Branch("in", "never_read")],
        {"in": periods([10, 10]), "a": periods([4, 4]), "b": periods([5, np.nan])},
    )["in"]
    assert np.isnan(found.loss).all()
    assert found.known_below.tolist() == [9, 4]
    assert found.unknown == ("b", "never_read")
    assert found.total.loss is None
    assert found.total.compared == 0


def test_totals_compare_only_what_both_sides_know():
    found = balance([Branch("in", "a")], {"in": periods([10, 10, np.nan]), "a": periods([8, np.nan, 7])})["in"].total
    assert (found.supplied, found.metered_below, found.loss, found.share) == (10, 8, 2, 0.2)
    assert found.compared == pytest.approx(1 / 3)


def test_a_meter_moved_to_another_parent_counts_there_from_that_hour_on():
    tree = [Branch("x", "m", None, HOUR), Branch("y", "m", HOUR, None)]
    found = balance(tree, {"x": periods([5, 5]), "y": periods([6, 6]), "m": periods([4, 4])})
    assert found["x"].loss.tolist() == [1, 5]
    assert found["y"].loss.tolist() == [6, 2]


def test_a_tree_that_cannot_be_is_refused():
    one = {"a": periods([1])}
    with pytest.raises(MeteringError) as twice:
        balance([Branch("a", "c"), Branch("b", "c", 0, HOUR)], one)
    assert twice.value.code == "tree_two_parents"
    with pytest.raises(MeteringError) as circle:
        balance([Branch("a", "b"), Branch("b", "c"), Branch("c", "a")], one)
    assert circle.value.code == "tree_cycle"
    # One after the other, the same two may stand either way round.
    assert len(balance([Branch("a", "b", None, HOUR), Branch("b", "a", HOUR, None)], one)) == 2


@given(st.lists(st.floats(0, 1e5), min_size=2, max_size=6), st.floats(0, 1e5))
def test_children_and_loss_add_up_to_what_was_supplied(children, loss):
    uses = {f"c{number}": periods([use]) for number, use in enumerate(children)}
    uses["in"] = periods([sum(children) + loss])
    found = balance([Branch("in", code) for code in uses if code != "in"], uses)["in"]
    assert found.below[0] + found.loss[0] == pytest.approx(found.supplied[0])
    assert found.loss[0] == pytest.approx(loss, abs=1e-6)


def test_the_annex_formula_spreads_public_use_and_loss_by_the_meters():
    # Unit price = invoice ÷ use = 0.8; coefficient = (public 900 + loss 100) ÷ 9,000.
    found = allocate_invoice(
        SupplyInvoice(Decimal("8000.00"), Decimal(10_000), Decimal("0.13")),
        {"A": Decimal(6000), "B": Decimal(3000)},
        public_use=Decimal(900),
    )
    assert found.unit_price == Decimal("0.8")
    assert found.loss == 100
    assert round(found.coefficient, 6) == Decimal("0.111111")
    assert [line.amount for line in found.lines] == [Decimal("5333.33"), Decimal("2666.67")]
    assert [line.net + line.tax for line in found.lines] == [line.amount for line in found.lines]
    assert found.lines[0].net == Decimal("4719.76")


def test_meters_that_saw_more_than_was_billed_do_not_pay_more_than_was_billed():
    found = allocate_invoice(SupplyInvoice(Decimal("50.00"), Decimal(100)), {"A": Decimal(80), "B": Decimal(40)})
    assert found.loss == -20
    assert found.coefficient < 0
    assert sum(line.amount for line in found.lines) == Decimal("50.00")


def test_a_loss_above_what_the_city_lets_share_is_refused():
    with pytest.raises(MeteringError) as refused:
        allocate_invoice(SupplyInvoice(Decimal(100), Decimal(100)), {"A": Decimal(85)}, most_loss_share=Decimal("0.10"))
    assert refused.value.code == "share_above_limit"
    assert refused.value.params == {"share": Decimal("0.15"), "limit": Decimal("0.10")}


@pytest.mark.parametrize(
    ("use", "meters", "code"),
    [
        ("0", {"A": "1"}, "invoice_without_use"),
        ("10", {"A": "-1"}, "use_below_zero"),
        ("10", {"A": "0"}, "nothing_metered"),
        ("10", {}, "nothing_metered"),
    ],
)
def test_an_invoice_that_cannot_be_spread_is_refused_by_code(use, meters, code):
    with pytest.raises(MeteringError) as refused:
        allocate_invoice(
            SupplyInvoice(Decimal(10), Decimal(use)), {name: Decimal(value) for name, value in meters.items()}
        )
    assert refused.value.code == code


@given(
    st.decimals("-100000", "100000", places=2),
    st.lists(st.decimals(0, 10000, places=3), min_size=1, max_size=20).filter(lambda weights: sum(weights) > 0),
)
def test_a_split_adds_up_to_the_cent_and_no_line_is_a_cent_off(amount, weights):
    named = {f"m{number}": weight for number, weight in enumerate(weights)}
    split = split_amount(amount, named)
    assert sum(split.values()) == amount
    for code, part in split.items():
        assert abs(part - amount * named[code] / sum(weights)) < Decimal("0.01")


def local(*stamps):
    return [(stamp - datetime(1970, 1, 1)) // timedelta(microseconds=1) for stamp in stamps]


def test_the_repeated_hour_is_told_apart_by_order_and_the_skipped_hour_is_marked():
    autumn = datetime(2021, 10, 31)
    stamps = [autumn + timedelta(minutes=30 * step) for step in (1, 2, 3, 2, 3, 4)]
    found = instants_of_local(local(*stamps), LONDON)
    assert (np.diff(found.at_us) == HOUR // 2).all()
    assert found.kind.tolist() == [0, REPEATED, REPEATED, REPEATED, REPEATED, 0]
    spring = instants_of_local(local(datetime(2021, 3, 28, 0, 30), datetime(2021, 3, 28, 1, 30)), LONDON)
    assert spring.kind.tolist() == [0, SKIPPED]
    assert np.diff(spring.at_us).tolist() == [HOUR]


@given(st.integers(0, 2 * 365 * 24 - 80), st.integers(1, 75))
def test_hourly_stamps_of_a_local_clock_become_the_instants_they_were_made_at(first, count):
    start = int(datetime(2021, 1, 1, tzinfo=ZoneInfo("UTC")).timestamp()) * 1_000_000
    instants = start + (first + np.arange(count)) * HOUR
    clock = [
        datetime.fromtimestamp(at / 1e6, ZoneInfo("UTC")).astimezone(LONDON).replace(tzinfo=None)
        for at in instants.tolist()
    ]
    found = instants_of_local(local(*clock), LONDON)
    # Half of a repeated hour alone cannot be told apart: then the first time round is meant.
    if (found.kind == REPEATED).sum() != 1:
        assert found.at_us.tolist() == instants.tolist()


def test_where_clocks_never_change_every_stamp_is_plain():
    found = instants_of_local(np.arange(0, 365 * 24) * HOUR, SHANGHAI)
    assert not found.kind.any()
    assert (np.diff(found.at_us) == HOUR).all()
    assert hours_clocks_change(2020, 2026, SHANGHAI) == []


def test_a_clock_that_was_an_hour_ahead_for_a_week_is_found_with_its_time_and_offset():
    random = np.random.default_rng(5)
    received = np.arange(30 * 96) * 900_000_000
    at = received - random.integers(1, 40, received.size) * 1_000_000
    at[5 * 96 : 12 * 96] += HOUR
    found = find_clock_jumps(at, received)
    assert len(found) == 1
    assert (found[0].start_us, found[0].end_us) == (received[5 * 96], received[12 * 96])
    assert found[0].offset_s == pytest.approx(3600, abs=30)


def test_readings_that_come_late_in_a_batch_are_not_a_wrong_clock():
    at = np.arange(500) * 60_000_000
    received = at + 2_000_000
    received[100:200] = received[200]
    assert find_clock_jumps(at, received) == []


def test_a_clock_that_is_always_ahead_is_found_and_one_that_is_always_late_by_its_line_is_not():
    received = np.arange(50) * 900_000_000
    assert [jump.end_us for jump in find_clock_jumps(received + HOUR, received)] == [None]
    assert find_clock_jumps(received - HOUR // 4, received) == []


def test_coverage_is_by_the_length_that_the_day_has():
    short = date(2021, 3, 28)
    start = int(datetime(2021, 3, 28, tzinfo=ZoneInfo("UTC")).timestamp()) * 1_000_000
    used = IntervalUse(np.array([start, start + 23 * HOUR]), np.array([1.0]), np.zeros(1, dtype=np.uint8))
    found = coverage_per_day(used, short, short + timedelta(days=2), LONDON)
    assert found.measured.tolist() == [1, 0]
    assert found.list_below(0.95) == [date(2021, 3, 29)]


@given(st.lists(st.integers(0, 3 * 86_400 - 1), max_size=60), st.sampled_from([300, 900, 3600]))
def test_never_more_readings_came_than_were_expected(seconds, interval_s):
    at = np.array(seconds, dtype=np.int64) * 1_000_000
    came, expected = arrivals_per_day(at, interval_s, date(1970, 1, 1), date(1970, 1, 4), ZoneInfo("UTC"))
    assert (came <= expected).all()
    doubled, _ = arrivals_per_day(np.append(at, at), interval_s, date(1970, 1, 1), date(1970, 1, 4), ZoneInfo("UTC"))
    assert (doubled == came).all()
