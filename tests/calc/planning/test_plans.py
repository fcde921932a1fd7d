"""The cheapest plan is the cheapest: against trying everything, and under every limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc import planning, rating
from parkbrain.calc.planning.problem import Block, Demand
from tests.calc.planning.worlds import (
    SCHEME,
    brute_force,
    catalogue,
    catalogues,
    facts_after,
    measure,
    parks,
    prepared,
    rerate,
    target_of,
)

quick = settings(max_examples=60, deadline=None)
PARK = {
    "a": 30.0,
    "b": 20.0,
    "c": 30.0,
    "d": 40.0,
    "of": 100.0,
    "open": 1.0,
    "gate": 0.0,
    "bad": 0.0,
    "flag_1": 0.0,
    "flag_2": 0.0,
}


def solved(ready, rank, budget=None, most_months=None):
    problem = planning.make_problem(ready, 0, target_of(rank), most_months=most_months)
    return problem, planning.solve_cheapest(problem, budget_yuan=budget)


@quick
@given(catalogues(), parks, st.sampled_from([1, 2]))
def test_the_solver_finds_what_trying_everything_finds(measures, facts, rank):
    ready = prepared(measures, facts)
    problem, chosen = solved(ready, rank)
    best = brute_force(ready, rank)
    assert (None if chosen is None else problem.cost_of(chosen)) == best


@quick
@given(catalogues(), parks, st.sampled_from([1, 2]), st.integers(0, 120), st.integers(1, 20))
def test_budget_and_deadline_are_kept_and_nothing_cheaper_is_missed(measures, facts, rank, budget_wan, months):
    ready = prepared(measures, facts)
    problem, chosen = solved(ready, rank, budget_wan * 10_000, months)
    assert (None if chosen is None else problem.cost_of(chosen)) == brute_force(
        ready, rank, budget_wan * 10_000, months
    )
    if chosen is not None:
        assert problem.is_consistent(chosen)
        assert all(problem.finish_months[one] <= months for one in chosen)


@quick
@given(catalogues(), parks, st.sampled_from([1, 2]))
def test_the_dynamic_program_costs_what_the_solver_costs(measures, facts, rank):
    ready = prepared(measures, facts)
    problem, chosen = solved(ready, rank)
    joined = planning.cheapest_by_joining(problem)
    assert (joined is None) == (chosen is None)
    if chosen is not None:
        assert problem.cost_of(joined) == problem.cost_of(chosen)
        assert problem.is_met(joined) and problem.is_consistent(joined)


@quick
@given(catalogues(), parks, st.sampled_from([1, 2]), st.sampled_from([0.0, 3.0]), st.none() | st.integers(0, 120))
def test_the_rivals_of_the_dynamic_program_cost_what_the_solver_s_cost(measures, facts, rank, margin, budget_wan):
    problem = planning.make_problem(prepared(measures, facts), 0, target_of(rank))
    budget_yuan = None if budget_wan is None else budget_wan * 10_000
    joining, known = planning.Joining(problem), []
    for _again in range(4):
        limits = {"margin": margin, "budget_yuan": budget_yuan, "without": known}
        proven, joined = planning.solve_cheapest(problem, **limits), joining.cheapest(**limits)
        assert (joined is None) == (proven is None)
        if joined is None:
            break
        assert problem.cost_of(joined) == problem.cost_of(proven)
        assert problem.is_met(joined, margin) and problem.is_consistent(joined)
        assert all(not set(joined).issuperset(one) for one in known)
        known.append(joined)


def test_what_goes_beyond_a_threshold_makes_up_for_what_a_later_measure_takes_away():
    gives, takes = np.array([[0.0, 10.0], [0.0, 1.0]]), np.array([[0.0, -3.0], [0.0, 8.0]])
    problem = planning.Problem(
        target=target_of(1),
        measures=(0, 1),
        cost_yuan=np.array([10, 20]),
        finish_months=np.array([1, 1]),
        blocks=tuple(
            Block(str(one), (one,), points, np.ones(2, dtype=bool)) for one, points in enumerate((gives, takes))
        ),
        demands=(Demand("total", 5.0, 0.0, 5.0), Demand("floor", 5.0, 0.0, 5.0)),
        requires=(),
        excludes=(),
        hopeless=(),
    )
    assert planning.solve_cheapest(problem) == planning.cheapest_by_joining(problem) == (0, 1)


@quick
@given(catalogues(), parks, st.sampled_from([1, 2]))
def test_a_plan_reaches_the_star_when_the_whole_engine_rates_the_facts_after_it(measures, facts, rank):
    ready = prepared(measures, facts)
    found = planning.find_plans(ready, 0, planning.Wish(rank))
    if found.is_reached:
        places = [index for index, one in enumerate(ready.catalogue.measures) if one.id in found.plan.measure_ids]
        park = rerate(ready, places)
        assert park.class_proven >= rank
        assert park.total_proven == pytest.approx(found.plan.total, abs=0.0051)
        assert found.plan.rank == park.class_proven
        ids = {one.id: place for place, one in enumerate(ready.catalogue.measures)}
        taken = []
        for step in found.plan.steps:
            before = facts_after(ready, taken)
            taken.append(ids[step.measure_id])
            after = facts_after(ready, taken)
            moved = {key: (before.get(key), value) for key, value in after.items() if value != before.get(key)}
            assert {move.key: (move.before, move.after) for move in step.moves} == moved


@quick
@given(catalogues(), parks, st.integers(0, 100), st.integers(0, 60))
def test_more_budget_is_never_worse(measures, facts, budget_wan, more_wan):
    ready = prepared(measures, facts)
    problem = planning.make_problem(ready, 0, target_of(2))
    little, much = budget_wan * 10_000, (budget_wan + more_wan) * 10_000
    if planning.solve_cheapest(problem, budget_yuan=little) is not None:
        assert planning.solve_cheapest(problem, budget_yuan=much) is not None
    totals = [problem.reached(planning.solve_most_points(problem, budget_yuan=each))[0] for each in (little, much)]
    assert totals[1] >= totals[0] - 1e-6


@quick
@given(catalogues(), parks)
def test_a_second_best_plan_is_never_cheaper_and_leaves_out_a_step_of_the_best(measures, facts):
    found = planning.find_plans(prepared(measures, facts), 0, planning.Wish(1, alternatives=3))
    shown = [found.plan] if found.is_reached else []
    for other in found.alternatives:
        assert other.cost_yuan >= shown[-1].cost_yuan
        assert all(not one.measure_ids <= other.measure_ids for one in shown)
        shown.append(other)


@quick
@given(catalogues(), parks)
def test_the_points_of_the_steps_add_up_to_what_the_plan_gains(measures, facts):
    plan = planning.find_plans(prepared(measures, facts), 0, planning.Wish(2)).plan
    assert sum(step.points for step in plan.steps) == pytest.approx(plan.total - plan.total_before, abs=1e-9)
    assert plan.cost_yuan == sum(step.cost_yuan for step in plan.steps)


@quick
@given(catalogues(), parks, st.floats(0.1, 0.95))
def test_certainty_that_is_promised_is_there(measures, facts, wanted):
    found = planning.find_plans(prepared(measures, facts), 0, planning.Wish(1, certainty=wanted))
    if found.is_reached:
        assert found.is_certain == (found.plan.chances.at_least(1) >= wanted)
        assert found.plan.cost_yuan >= found.cheapest_yuan
        assert sum(found.plan.chances.by_rank.values()) == pytest.approx(1.0)


def test_the_chance_of_a_plan_of_two_needed_measures_is_the_product_of_theirs():
    park = {**PARK, "a": 100.0, "b": 100.0, "c": 100.0, "d": 100.0, "flag_1": 1.0, "flag_2": 1.0, "bad": 1.0}
    measures = catalogue(measure("gate", {"gate": 1}, success=0.8), measure("clear", {"bad": 0}, success=0.5))
    found = planning.find_plans(prepared(measures, park), 0, planning.Wish(2))
    assert found.plan.measure_ids == {"gate", "clear"}
    assert found.plan.chances.at_least(2) == pytest.approx(0.4)
    assert found.plan.chances.at_least(1) == pytest.approx(0.5)
    assert found.plan.chances.is_exact


def test_a_measure_whose_prerequisite_fails_does_nothing():
    park = {**PARK, "a": 100.0, "b": 100.0, "c": 100.0, "d": 100.0}
    measures = catalogue(
        measure("first", {"flag_1": 1}, success=0.5), measure("gate", {"gate": 1}, success=1, requires=["first"])
    )
    found = planning.find_plans(prepared(measures, park), 0, planning.Wish(2))
    assert found.plan.chances.at_least(2) == pytest.approx(0.5)


def test_a_prerequisite_comes_first_and_is_done_where_its_effects_are_in_place():
    chain = (measure("first", {"flag_1": 1}, months=4), measure("gate", {"gate": 1}, months=5, requires=["first"]))
    full = {**PARK, "a": 100.0, "b": 100.0, "c": 100.0, "d": 100.0}
    plan = planning.find_plans(prepared(catalogue(*chain), full), 0, planning.Wish(2)).plan
    assert [(step.measure_id, step.starts_after_months, step.ends_after_months) for step in plan.steps] == [
        ("first", 0, 4),
        ("gate", 4, 9),
    ]
    alone = planning.find_plans(prepared(catalogue(*chain), {**full, "flag_1": 1.0}), 0, planning.Wish(2)).plan
    assert [step.measure_id for step in alone.steps] == ["gate"]
    assert alone.months == 5


def test_what_blocks_a_star_is_named():
    clear = catalogue(
        measure("more", {"a": "of", "b": "of"}, cost=50, months=8),
        measure("rest", {"c": "of", "d": "of"}, cost=40, months=4),
    )
    for park, wish, code, subject, needed in (
        ({**PARK, "bad": 1.0}, planning.Wish(1), "veto", "V", None),
        ({**PARK, "bad": None}, planning.Wish(1), "veto", "V", None),
        (PARK, planning.Wish(2), "gate", "G", None),
        ({**PARK, "gate": 1.0}, planning.Wish(2, budget_yuan=100_000), "budget", "", 900_000),
        ({**PARK, "gate": 1.0}, planning.Wish(2, most_months=5), "months", "", 8),
    ):
        found = planning.find_plans(prepared(clear, park), 0, wish)
        assert not found.is_reached
        assert [(one.code, one.subject, one.needed) for one in found.blockers] == [(code, subject, needed)]


def test_a_threshold_that_no_measure_reaches_is_named_with_the_best_there_is():
    found = planning.find_plans(
        prepared(catalogue(measure("flag", {"flag_1": 1})), {**PARK, "gate": 1.0}), 0, planning.Wish(2)
    )
    assert {one.code for one in found.blockers} == {"points"}
    assert "total" in {one.subject for one in found.blockers}


def test_every_measure_outside_the_plan_has_its_reason():
    measures = catalogue(
        measure("cheap", {"a": "of", "b": "of"}, cost=5),
        measure("rival", {"a": "of"}, cost=30, excludes=["cheap"]),
        measure("late", {"c": "of"}, cost=1, months=40),
        measure("done", {"bad": 0}, cost=1),
        measure("off", {"c": "of"}, cost=1),
        measure("behind", {"d": "of"}, cost=1, requires=["off"]),
        measure(
            "nothing",
            {"c": "GREATEST(c, 1)", "flag_1": "GREATEST(flag_1, 0) * 0.5 + 0.5 * flag_1", "d": "d + 0 * a"},
            cost=1,
        ),
        measure("dearer", {"d": "LEAST(of, d + 1)"}, cost=900),
    )
    wish = planning.Wish(1, budget_yuan=500_000, most_months=12, switched_off=frozenset({"off"}))
    found = planning.find_plans(prepared(measures, PARK), 0, wish)
    reasons = {one.measure_id: one.reason for one in found.unused}
    assert found.plan.measure_ids == {"cheap"}
    assert reasons == {
        "rival": "excluded",
        "late": "too_late",
        "done": "done",
        "off": "off",
        "behind": "no_way",
        "nothing": "done",
        "dearer": "too_dear",
    }


def test_a_park_that_knows_better_overrules_the_catalogue():
    measures = catalogue(
        measure("one", {"a": "of", "b": "of"}, cost=50), measure("two", {"a": "of", "b": "of", "c": "of"}, cost=60)
    )
    plain = planning.find_plans(prepared(measures, PARK), 0, planning.Wish(1)).plan
    assert plain.measure_ids == {"one"}
    table = rating.FactTable.from_rows({"park": PARK})
    dear = planning.prepare(SCHEME, measures, table, {"park": {"one": planning.Override(cost_yuan=700_000, months=9)}})
    assert planning.find_plans(dear, 0, planning.Wish(1)).plan.measure_ids == {"two"}
    off = planning.prepare(SCHEME, measures, table, {"park": {"one": planning.Override(is_off=True)}})
    assert planning.find_plans(off, 0, planning.Wish(1)).plan.measure_ids == {"two"}
