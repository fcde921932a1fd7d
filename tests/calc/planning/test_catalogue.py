"""A catalogue of measures is checked whole, and every problem names its place."""

import pytest

from parkbrain import schemes
from parkbrain.calc import planning, rating
from tests.calc.planning.worlds import SCHEME, catalogue, measure


@pytest.mark.parametrize(
    ("measures", "code", "path"),
    [
        ([measure("one", {"nowhere": 1})], "unknown_fact", "measures[0].effects.nowhere"),
        ([measure("one", {"open": 1})], "decides_applicability", "measures[0].effects.open"),
        ([measure("one", {"a": "a +"})], "not_sql", "measures[0].effects.a"),
        ([measure("one", {"a": 1}, cost="leasable * 2")], "unknown_fact", "measures[0].cost_wan"),
        ([measure("one", {"a": 1}, months=0)], "minimum", "measures[0].months"),
        ([measure("one", {"a": 1}, success=1.5)], "maximum", "measures[0].success"),
        ([measure("one", {"a": 1}, requires=["two"])], "unknown_measure", "measures[0].requires"),
        ([measure("one", {"a": 1}), measure("one", {"b": 1})], "stands_twice", "measures[1].id"),
        (
            [measure("one", {"a": 1}, requires=["two"]), measure("two", {"b": 1}, requires=["one"])],
            "circle",
            "measures",
        ),
        ([measure(f"m{i}", {"a": i}) for i in range(11)], "too_many", "measures"),
    ],
)
def test_a_wrong_catalogue_is_refused_by_name(measures, code, path):
    with pytest.raises(rating.SchemeError) as refused:
        catalogue(*measures)
    assert (code, path) in {(problem.code, problem.path) for problem in refused.value.problems}


def test_a_scheme_whose_points_do_not_add_up_is_refused():
    document = {
        "schema": "parkbrain.measures/1",
        "id": "x",
        "version": "1",
        "scheme": "hj-274-2015",
        "measures": [measure("one", {"a": 1})],
    }
    with pytest.raises(rating.SchemeError) as refused:
        planning.load_measures(document, SCHEME)
    assert [problem.code for problem in refused.value.problems] == ["other_scheme"]


def test_measures_touch_an_indicator_also_by_way_of_facts_that_effects_read():
    from parkbrain.calc.planning.catalogue import changers_of, touching

    found = catalogue(measure("one", {"b": "b + 1"}), measure("two", {"a": "a + b"}), measure("three", {"c": 1}))
    changers = changers_of(found.measures)
    assert touching(changers, {"a"}) == (0, 1)
    assert touching(changers, {"b"}) == (0,)


def test_the_shipped_measures_fit_the_reference_model_and_touch_every_dimension():
    scheme = rating.load_scheme(schemes.path("five_star_reference.yaml"), schemes.catalogue())
    shipped = planning.load_measures(schemes.path("measures.yaml"), scheme)
    readers = {key: one.id[0] for one in scheme.indicators for key in one.facts}
    touched = {readers[key] for one in shipped.measures for key in one.effects if key in readers}
    assert touched == set("ABCDEF")
    assert len(shipped.measures) >= 35


def test_an_own_measure_joins_the_catalogue_and_may_not_take_a_name():
    base = catalogue(measure("one", {"a": 1}))
    joined = base.with_measures([measure("mine", {"b": 50}, requires=["one"])], SCHEME)
    assert [one.id for one in joined.measures] == ["one", "mine"]
    with pytest.raises(rating.SchemeError):
        base.with_measures([measure("one", {"b": 50})], SCHEME)
