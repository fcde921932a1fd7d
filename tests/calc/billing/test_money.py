from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.billing import (
    Item,
    Matcher,
    OpenBill,
    age_of,
    explain_difference,
    pay_oldest_first,
    sort_by_age,
    split_gross,
    tax_on_net,
)

cents = st.integers(0, 10**9).map(lambda n: Decimal(n) / 100)
either = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n) / 100)
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
rates = st.sampled_from([Decimal("0"), Decimal("0.03"), Decimal("0.06"), Decimal("0.09"), Decimal("0.13")])
D = Decimal


def items():
    return st.builds(
        Item,
        key=st.sampled_from(["rent", "fee", "electricity"]),
        net=either,
        tax=either,
        quantity=st.none() | cents,
        unit_price=st.none() | cents,
        days=st.integers(1, 31),
        whole_days=st.sampled_from([28, 30, 31]),
        is_adjustment=st.booleans(),
        is_overridden=st.booleans(),
    )


@given(cents, st.lists(st.tuples(st.integers(), days, cents), max_size=8, unique_by=lambda d: d[0]))
def test_a_payment_is_shared_out_whole_and_no_debt_gets_more_than_it_is(amount, debts):
    shares, left = pay_oldest_first(amount, debts)
    assert sum((s.amount for s in shares), D(0)) + left == amount
    open_of = {key: owed for key, _due, owed in debts}
    assert all(0 < s.amount <= open_of[s.key] for s in shares)
    assert left == 0 or sum((s.amount for s in shares), D(0)) == sum(open_of.values(), D(0))


@given(cents, st.lists(st.tuples(st.integers(), days, cents), max_size=8, unique_by=lambda d: d[0]))
def test_a_younger_debt_gets_nothing_while_an_older_one_is_open(amount, debts):
    paid = {s.key: s.amount for s in pay_oldest_first(amount, debts)[0]}
    for key, due, owed in debts:
        if paid.get(key, D(0)) < owed:
            assert all(paid.get(other, D(0)) == 0 for other, later, _owed in debts if later > due)


def test_the_debt_that_the_payer_names_comes_first():
    debts = [("may", date(2026, 5, 5), D(50)), ("june", date(2026, 6, 5), D(80))]
    shares, left = pay_oldest_first(D(90), debts, first=["june"])
    assert [(s.key, s.amount) for s in shares] == [("june", D(80)), ("may", D(10))]
    assert left == 0


def test_a_negative_payment_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        pay_oldest_first(D(-1), [])


@given(st.lists(st.tuples(days, cents), max_size=10), days)
def test_every_overdue_cent_has_one_age(debts, on):
    assert sum(sort_by_age(debts, on=on).values(), D(0)) == sum((a for due, a in debts if due < on), D(0))


def test_a_debt_ages_at_the_borders():
    on = date(2026, 7, 1)
    for overdue, key in ((1, "d0_30"), (30, "d0_30"), (31, "d31_60"), (90, "d61_90"), (91, "d91_180"), (181, "d181")):
        assert sort_by_age([(on - timedelta(days=overdue), D(5))], on=on)[key] == 5
        assert age_of(overdue) == key
    assert sum(sort_by_age([(on, D(5))], on=on).values()) == 0


@given(either, rates)
def test_net_and_tax_of_an_amount_add_up_to_it(gross, rate):
    net, tax = split_gross(gross, rate)
    assert net + tax == gross
    assert abs(tax_on_net(net, rate) - tax) <= D("0.01")


@given(st.lists(items(), max_size=6), st.lists(items(), max_size=6))
def test_the_causes_of_a_difference_add_up_to_it(before, after):
    whole = lambda rows: sum((i.net + i.tax for i in rows), D(0))  # noqa: E731
    causes = explain_difference(before, after)
    assert sum((c.amount for c in causes), D(0)) == whole(after) - whole(before)


@given(st.lists(items(), max_size=6))
def test_equal_months_without_corrections_need_no_explanation(rows):
    plain = [i for i in rows if not i.is_adjustment]
    assert explain_difference(plain, plain) == []


def test_each_cause_is_told_by_its_name():
    rent = Item("rent", D("3000.00"), D("270.00"), D(100), D(30))
    assert [c.why for c in explain_difference([], [rent])] == ["new"]
    assert [c.why for c in explain_difference([rent], [])] == ["ended"]
    risen = Item("rent", D("3150.00"), D("283.50"), D(100), D("31.5"))
    told = explain_difference([rent], [risen])
    assert [(c.why, c.amount) for c in told] == [("price", D("150.00")), ("tax", D("13.50"))]
    half = Item("rent", D("1500.00"), D("135.00"), D(100), D(30), days=15)
    shorter = explain_difference([rent], [half])[0]
    assert (shorter.why, shorter.amount, shorter.before, shorter.after) == ("days", D("-1500.00"), D(30), D(15))
    by_hand = Item("rent", D("2000.00"), D("180.00"), D(100), D(30), is_overridden=True)
    assert [c.why for c in explain_difference([rent], [by_hand])] == ["tax", "override"]
    late = Item("rent", D("-80.00"), is_adjustment=True)
    assert [(c.why, c.amount) for c in explain_difference([rent], [rent, late])] == [("adjustment", D("-80.00"))]


FIRMS = {1: ["深圳市星河机器人有限公司", "Xinghe Robotics Co., Ltd."], 2: ["深圳市云帆光电科技有限公司"]}
BILLS = [
    OpenBill(7, "202606-0001", 1, D("50.00")),
    OpenBill(8, "202605-0001", 1, D("70.00")),
    OpenBill(9, "202606-0002", 2, D("33.00")),
]


@pytest.mark.parametrize(
    ("payer", "purpose", "amount", "outcome", "firm", "bill", "why"),
    [
        ("星河机器人有限公司", "", "1.00", "DOUBTFUL", 1, None, {"alike"}),
        ("深圳市星河机器人有限公司", "租金", "1.00", "SURE", 1, None, {"name"}),
        ("XINGHE ROBOTICS CO LTD", "", "50.00", "SURE", 1, 7, {"name", "amount"}),
        ("深圳市星河机器人有限公司", "", "120.00", "SURE", 1, None, {"name", "amount"}),
        ("张三", "202606-0002 电费", "33.00", "SURE", 2, 9, {"number", "amount"}),
        ("深圳市星河机器人有限公司", "202606-0002", "33.00", "DOUBTFUL", 2, 9, {"number", "other_name"}),
        ("张三", "", "33.00", "DOUBTFUL", 2, 9, {"only_amount"}),
        ("张三", "", "34.00", "UNKNOWN", None, None, {"nothing"}),
        ("", "202699-0001", "34.00", "UNKNOWN", None, None, {"nothing"}),
        ("星河集团母公司", "", "5.00", "SURE", 1, None, {"name"}),
    ],
)
def test_a_line_of_the_bank_is_matched_with_its_reasons(payer, purpose, amount, outcome, firm, bill, why):
    found = Matcher(FIRMS, BILLS, {"星河集团母公司": 1}).match(payer, purpose, D(amount))
    assert (found.outcome, found.firm, found.bill, {code for code, _v in found.reasons}) == (outcome, firm, bill, why)
