"""One budget, many parks: the sweep is as good as a mixed-integer program, also with bounds for districts."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from parkbrain.calc import planning, rating
from tests.calc.planning.worlds import SCHEME, catalogue, measure

parks = st.lists(st.tuples(st.sampled_from("NSE"), st.integers(1, 50)), min_size=1, max_size=14).map(
    lambda rows: [(key, district, cost) for key, (district, cost) in enumerate(rows)]
)
bounds = st.dictionaries(st.sampled_from("NSE"), st.integers(0, 4))


def most_by_program(rows, budget, least, most):
    """Return how many parks a mixed-integer program lifts, None where the least numbers cannot be had."""
    costs = np.array([cost for _key, _district, cost in rows], dtype=float)
    lines, low, high = [costs], [-np.inf], [float(budget)]
    for district in {row[1] for row in rows} | set(least):
        lines.append(np.array([float(row[1] == district) for row in rows]))
        low.append(float(least.get(district, 0)))
        high.append(float(max(most.get(district, len(rows)), least.get(district, 0))))
    answer = milp(
        -np.ones(len(rows)),
        constraints=LinearConstraint(np.array(lines), low, high),
        integrality=np.ones(len(rows)),
        bounds=Bounds(0, 1),
    )
    return None if answer.x is None else round(answer.x.sum())


@settings(max_examples=150, deadline=None)
@given(parks, st.integers(0, 400), bounds, bounds)
def test_the_sweep_lifts_as_many_parks_as_a_mixed_integer_program(rows, budget, least, most):
    spent = planning.spend(rows, budget_yuan=budget, least=least, most=most)
    best = most_by_program(rows, budget, least, most)
    assert bool(spent.short_of) == (best is None)
    if best is not None:
        assert len(spent.lifts) == best
    assert spent.spent_yuan == sum(one.cost_yuan for one in spent.lifts) <= budget


@settings(max_examples=80, deadline=None)
@given(parks, bounds, bounds)
def test_more_money_never_lifts_fewer_parks(rows, least, most):
    curve = planning.lift_curve(rows, least=least, most=most)
    assert [one.spent_yuan for one in curve] == sorted(one.spent_yuan for one in curve)
    assert len({one.key for one in curve}) == len(curve)


def test_every_park_of_a_city_gets_the_plan_it_would_get_alone():
    measures = catalogue(
        measure("one", {"a": "of"}, cost="a"),
        measure("two", {"b": "of", "c": "of"}, cost=30),
        measure("gate", {"gate": 1}, cost=7),
    )
    whole = {"of": 100.0, "open": 0.0, "gate": 0.0, "bad": 0.0, "flag_1": 1.0, "flag_2": 0.0, "d": 1.0}
    facts = {f"p{i}": {**whole, "a": 5.0 * i, "b": 7.0 * i, "c": 90.0 - 5 * i} for i in range(12)}
    ready = planning.prepare(SCHEME, measures, rating.FactTable.from_rows(facts))
    for plan, (unit, row) in zip(planning.plan_city(ready), facts.items(), strict=True):
        alone = planning.prepare(SCHEME, measures, rating.FactTable.from_rows({unit: row}))
        if plan.rank:
            found = planning.find_plans(alone, 0, planning.Wish(plan.rank))
            assert plan.cost_yuan == found.cheapest_yuan
            assert plan.months == (found.plan.months if found.is_reached else 0) or plan.cost_yuan == 0


def test_a_city_can_be_stopped_between_parks():
    told = []
    measures = catalogue(measure("one", {"a": "of"}))
    ready = planning.prepare(SCHEME, measures, rating.FactTable.from_rows({"p": {"of": 1.0}}))
    planning.plan_city(ready, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 1)]
