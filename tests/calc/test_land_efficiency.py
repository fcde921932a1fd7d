"""Output per area: worked examples of the published schemes, and what must hold for every park."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from parkbrain import schemes
from parkbrain.calc import land_efficiency as land
from parkbrain.calc.land_efficiency import Firm


def shipped() -> dict[str, land.LandScheme]:
    rows = yaml.safe_load(schemes.path("land_efficiency.yaml").read_text(encoding="utf-8"))["schemes"]
    return {row["id"]: land.read_scheme(row) for row in rows}


SCHEMES = shipped()
HUANGYAN = SCHEMES["huangyan_2022"]
ABOVE = ("tax_per_mu", "value_added_per_mu", "value_added_per_tce", "value_added_per_pollutant",
         "value_added_per_worker", "rd_share")  # fmt: skip


def above(**values: list[float]) -> dict[str, Any]:
    size = len(next(iter(values.values())))
    return {name: values.get(name, [np.nan] * size) for name in (*ABOVE, "tax_per_kwh", "sales_per_mu")}


def test_the_shipped_schemes_follow_their_json_schema() -> None:
    rows = yaml.safe_load(schemes.path("land_efficiency.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(rows, json.loads(schemes.path("land_efficiency.schema.json").read_text(encoding="utf-8")))
    assert all(sum(i.weight for i in items) == 100 for s in SCHEMES.values() for items in s.groups.values())


def test_a_firm_at_the_local_means_of_huangyan_has_a_hundred_points() -> None:
    mean = above(tax_per_mu=[24.097], value_added_per_mu=[136.16], value_added_per_tce=[2.694],
                 value_added_per_pollutant=[4929.81], value_added_per_worker=[18.14], rd_share=[0.0302])  # fmt: skip
    assert land.score_group(HUANGYAN, "above", mean).score.round(9).tolist() == [100.0]


def test_huangyan_below_scale_counts_tax_per_mu_and_per_kwh_half_each() -> None:
    found = land.score_group(HUANGYAN, "below", above(tax_per_mu=[11.5932 / 2], tax_per_kwh=[0.2352 * 1.2]))
    assert found.score.round(9).tolist() == [85.0]


def test_the_year_before_had_other_divisors() -> None:
    found = land.score_group(SCHEMES["huangyan_2021"], "above", above(tax_per_mu=[26.01], value_added_per_mu=[132.27]))
    assert found.points["tax_per_mu"].tolist() == [30.0]
    assert found.points["value_added_per_mu"].tolist() == [20.0]


def test_an_item_counts_at_most_one_and_a_half_times_its_weight_and_never_below_nothing() -> None:
    assert land.item_points(HUANGYAN.groups["above"][0], [1000.0, -5.0]).tolist() == [45.0, 0.0]


def test_jingde_gives_twenty_for_the_least_and_a_hundred_for_the_most() -> None:
    item = land.Item("tax_per_mu", 45, "span")
    assert land.item_points(item, [2.0, 12.0, 7.0]).round(9).tolist() == [9.0, 45.0, 27.0]
    assert land.item_points(item, [3.0, 3.0]).tolist() == [45.0, 45.0]


def test_a_firm_without_emission_data_takes_the_mean_score_and_nothing_where_nobody_has_any() -> None:
    item = HUANGYAN.groups["above"][3]
    assert item.unknown == "mean"
    assert land.item_points(item, [4929.81, np.nan]).tolist() == [10.0, 10.0]
    assert np.isnan(land.item_points(item, [np.nan, np.nan])).all()


def test_what_is_unknown_is_not_assessed_and_never_zero() -> None:
    found = land.score_group(HUANGYAN, "above", above(tax_per_mu=[24.097, 24.097], value_added_per_mu=[136.16, np.nan]))
    # 50 of 100 points of weight are known: both at the mean, so the score is full.
    assert found.score[0] == pytest.approx(100.0)
    # 30 of 100 are too little to say anything.
    assert np.isnan(found.score[1])
    assert found.known_share.tolist() == [0.5, 0.3]


def test_of_a_hundred_firms_twenty_five_are_a_and_five_are_d() -> None:
    found = land.classes_of(np.arange(100.0), a_share=0.25, c_from=0.70, d_from=0.95)
    assert [int((found == name).sum()) for name in land.CLASSES] == [25, 45, 25, 5]
    assert set(found[:5]) == {"D"}


def test_a_lone_firm_is_neither_best_nor_worst() -> None:
    assert land.classes_of([3.0], a_share=0.25, c_from=0.70, d_from=0.95).tolist() == ["B"]


def test_safety_environment_and_dishonesty_are_d_at_once_and_hold_no_rank() -> None:
    figures = above(tax_per_mu=[90.0, 5.0], value_added_per_mu=[500.0, 20.0])
    found = land.grade(HUANGYAN, [Firm(1, True, marks=frozenset({"SAFETY"})), Firm(2, True)], figures)
    assert (found[1].klass, found[1].why, found[1].rank) == ("D", "direct", None)
    assert (found[2].klass, found[2].rank, found[2].ranked) == ("B", 1, 1)


def test_new_firms_and_utilities_count_as_b_and_do_not_move_the_others() -> None:
    firms = [Firm(1, False), Firm(2, False, full_year=False), Firm(3, False, marks=frozenset({"PUBLIC_UTILITY"}))]
    found = land.grade(SCHEMES["anhui_span"], firms, above(tax_per_mu=[5.0, 900.0, 0.1]))
    assert [(found[k].klass, found[k].why) for k in (1, 2, 3)] == [("B", "rank"), ("B", "new"), ("B", "marked")]
    assert found[1].score == pytest.approx(100.0)


def test_land_is_the_floor_share_of_the_parks_land() -> None:
    assert land.land_share_mu([6000.0], park_floor_m2=90000.0, park_land_m2=30000.0)[0] == pytest.approx(3.0)
    with pytest.raises(ValueError, match="positive"):
        land.land_share_mu([1.0], park_floor_m2=0.0, park_land_m2=1.0)


def test_a_rent_that_did_not_rise_never_pays_back() -> None:
    assert land.payback_months(cost_yuan=1.0, empty_days=1, old_monthly_yuan=2.0, new_monthly_yuan=1.0) is None
    assert land.payback_months(cost_yuan=None, empty_days=1, old_monthly_yuan=1.0, new_monthly_yuan=2.0) is None


def test_a_scheme_whose_classes_run_backwards_is_refused() -> None:
    row = yaml.safe_load(schemes.path("land_efficiency.yaml").read_text(encoding="utf-8"))["schemes"][0]
    row["classes"]["a_percent"] = 80
    with pytest.raises(ValueError, match="classes"):
        land.read_scheme(row)


amounts = st.one_of(st.just(float("nan")), st.floats(0, 500, allow_nan=False).map(lambda x: round(x, 3)))
parks = st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=40)
keys = st.sampled_from(sorted(SCHEMES))


def graded(key: str, rows: list[tuple[float, float, float]], order: list[int] | None = None) -> dict[int, land.Graded]:
    order = order if order is not None else list(range(len(rows)))
    figures = above(
        tax_per_mu=[rows[i][0] for i in order], value_added_per_mu=[rows[i][1] for i in order]
    )  # fmt: skip
    figures["sales_per_mu"] = [rows[i][2] for i in order]
    return land.grade(SCHEMES[key], [Firm(i, True) for i in order], figures)


@given(key=keys, rows=parks, data=st.data())
def test_the_order_of_the_firms_says_nothing(key: str, rows: list[Any], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    one, other = graded(key, rows), graded(key, rows, list(order))
    assert [(one[i].klass, one[i].rank) for i in range(len(rows))] == [
        (other[i].klass, other[i].rank) for i in range(len(rows))
    ]


@given(key=keys, rows=parks)
def test_every_firm_with_a_score_has_one_class_and_a_better_score_never_a_worse_class(
    key: str, rows: list[Any]
) -> None:
    found = list(graded(key, rows).values())
    scored = [g for g in found if g.score is not None]
    assert {g.klass for g in scored} <= set(land.CLASSES)
    assert all(g.klass == "" for g in found if g.score is None)
    ordered = sorted(scored, key=lambda g: g.rank or 0)
    assert [g.klass for g in ordered] == sorted(g.klass for g in ordered)
    assert sum(g.klass == "D" for g in scored) <= len(scored) * 0.05 + 1e-9


@given(key=keys, rows=parks, place=st.integers(0, 39), more=st.floats(0.01, 100))
def test_more_tax_never_makes_a_worse_rank(key: str, rows: list[Any], place: int, more: float) -> None:
    place %= len(rows)
    before = graded(key, rows)[place]
    if before.rank is None or np.isnan(rows[place][0]):
        return
    better = [list(row) for row in rows]
    better[place][0] += more
    after = graded(key, [tuple(row) for row in better])[place]
    assert after.rank is not None
    assert after.rank <= before.rank
    assert after.klass <= before.klass
