"""Ranks and classes under drawn weights."""

import numpy as np
import pytest

from parkbrain.calc import rating
from tests.calc.rating.schemes import GOOD, flat_scheme, indicator, park_document, park_scheme

POSTS = {"method": "goalposts", "low": 0, "high": 100}


def city(scheme, parks=40, seed=1):
    random = np.random.default_rng(seed)
    rows = {}
    for number in range(parks):
        facts = {**GOOD, "leased_m2": float(random.integers(20, 100)), "meters_online": float(random.integers(20, 100))}
        facts |= {"level": float(random.integers(0, 3)), "vacant_units": float(random.integers(0, 2))}
        facts |= {"review": float(random.integers(0, 2)), "days_vacant": float(random.integers(0, 40))}
        rows[f"park {number}"] = facts
    return rating.rate(scheme, rating.FactTable.from_rows(rows))


def rated_by_hand(scheme_document, result, draws, draw):
    """Rate the same units by a scheme that has the drawn weights written into it."""

    def write(entries, node_id):
        for index, entry in enumerate(entries):
            entry["weight"] = float(draws.by_node[node_id][index, draw])
            write(entry.get("children", []), entry["id"])

    write(scheme_document["tree"], "total")
    return rating.load_scheme(scheme_document)


@pytest.mark.parametrize("method", ["arithmetic", "geometric"])
def test_every_draw_equals_a_rating_with_the_drawn_weights(method):
    changes = {"not_applicable": {"max_weight": 100}, "aggregate": {"method": method}, "rounding": {"score": 1}}
    scheme = park_scheme(**changes)
    random = np.random.default_rng(3)
    rows = {
        f"park {number}": {
            **GOOD,
            "leased_m2": float(random.uniform(20, 100)),
            "days_vacant": float(random.uniform(0, 30)),
            "vacant_units": float(number % 2),
            "meters_online": float(random.uniform(20, 100)),
        }
        for number in range(12)
    }
    table = rating.FactTable.from_rows(rows)
    result = rating.rate(scheme, table)
    draws = rating.draw_weights(scheme, 5, 7)
    firm = rating.weight_draws(scheme, result, 5, 7)
    ranks, classes = [], np.zeros((12, len(firm.class_ranks)))
    for draw in range(5):
        again = rating.rate(rated_by_hand(park_document(**changes), result, draws, draw), table)
        ranks.append(again.rank)
        for unit, rank in enumerate(again.class_proven):
            classes[unit, firm.class_ranks.index(rank)] += 1 / 5
    np.testing.assert_allclose(firm.rank_mean, np.mean(ranks, axis=0))
    np.testing.assert_allclose(firm.class_probability, classes, atol=1e-12)


def test_draws_center_on_the_weights_of_the_scheme():
    scheme = park_scheme()
    draws = rating.draw_weights(scheme, 20_000, 5, concentration=50)
    for node_id, expected in (("total", [0.6, 0.4]), ("A1", [0.75, 0.25])):
        drawn = draws.by_node[node_id]
        np.testing.assert_allclose(drawn.sum(axis=0), 1, atol=1e-5)
        np.testing.assert_allclose(drawn.mean(axis=1), expected, atol=0.005)
        share = expected[0]
        assert drawn[0].std() == pytest.approx((share * (1 - share) / 51) ** 0.5, rel=0.03)


def test_the_same_seed_gives_the_same_answer():
    scheme = park_scheme()
    result = city(scheme)
    first, second = (rating.weight_draws(scheme, result, 700, 11) for _ in range(2))
    np.testing.assert_array_equal(first.rank_p95, second.rank_p95)
    other = rating.weight_draws(scheme, result, 700, 12)
    assert not np.array_equal(first.rank_mean, other.rank_mean)


def test_intervals_and_probabilities_are_well_formed():
    scheme = park_scheme()
    firm = rating.weight_draws(scheme, city(scheme), 700, 1)
    assert (firm.rank_p05 <= firm.rank_median).all()
    assert (firm.rank_median <= firm.rank_p95).all()
    assert firm.rank_mean.mean() == pytest.approx((40 + 1) / 2)
    np.testing.assert_allclose(firm.class_probability.sum(axis=1), 1)


def test_a_unit_that_is_best_in_everything_stays_first():
    scheme = flat_scheme("arithmetic", *(indicator(key.upper(), key, POSTS) for key in "abc"))
    table = rating.FactTable(units=["x", "y", "z"], columns={"a": [90, 10, 80], "b": [90, 80, 10], "c": [90, 50, 50]})
    firm = rating.weight_draws(scheme, rating.rate(scheme, table), 2000, 3)
    assert (firm.rank_p05[0], firm.rank_mean[0], firm.rank_p95[0]) == (1, 1, 1)
    assert firm.rank_mean[1] > 1
    assert firm.class_ranks == ()


def test_a_veto_holds_in_every_draw():
    scheme = park_scheme()
    table = rating.FactTable.from_rows({"a": {**GOOD, "overdue": 1.0}, "b": {**GOOD, "deaths": 1.0}, "c": GOOD})
    firm = rating.weight_draws(scheme, rating.rate(scheme, table), 300, 1)
    column = {rank: index for index, rank in enumerate(firm.class_ranks)}
    assert firm.class_probability[0, column[1]] == 1
    assert firm.class_probability[1, column[0]] == 1
    assert firm.class_probability[2, column[5]] > 0.5


@pytest.mark.parametrize("method", ["minimum", {"method": "best", "k": 1}, "harmonic"])
def test_other_aggregations_are_refused(method):
    scheme = flat_scheme(method, indicator("A", "a", POSTS))
    result = rating.rate(scheme, rating.FactTable(units=["x"], columns={"a": [1]}))
    with pytest.raises(ValueError, match="arithmetic means throughout"):
        rating.weight_draws(scheme, result, 10)
