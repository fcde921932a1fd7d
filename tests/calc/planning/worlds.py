"""Small schemes and catalogues of measures for the planning tests, and the answer by trying everything."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from parkbrain.calc import planning, rating
from parkbrain.calc.planning.tables import apply_measures
from parkbrain.calc.rating.result import number

LINE = {"method": "piecewise_linear", "points": [[0, 0], [40, 60], [80, 90], [100, 100]]}

SCHEME = rating.load_scheme(
    {
        "schema": "parkbrain.scheme/1",
        "id": "small",
        "version": "1",
        "status": "example",
        "name": {"en": "Small"},
        "rounding": {"value": 4, "score": 1, "total": 2},
        "missing": {"method": "zero"},
        "levels": ["dimension", "indicator"],
        "outcome": {
            "kind": "stars",
            "classes": [
                {"id": "2", "rank": 2, "name": "Two", "min_total": 70, "min_nodes": {"dimension": 55}, "gates": ["G"]},
                {"id": "1", "rank": 1, "name": "One", "min_total": 50, "min_nodes": {"dimension": 40}},
            ],
            "gates": [{"id": "G", "name": "Gate", "test": "gate >= 1"}],
            "vetoes": [{"id": "V", "name": "Veto", "test": "bad > 0", "effect": "none"}],
        },
        "facts": [{"key": key} for key in ("a", "b", "c", "d", "of", "open", "gate", "bad", "flag_1", "flag_2")],
        "tree": [
            {
                "id": "A",
                "name": "A",
                "weight": 3,
                "children": [
                    {"id": "A1", "name": "A1", "weight": 2, "formula": "pct(a, of)", "score": LINE},
                    {"id": "A2", "name": "A2", "weight": 1.5, "formula": "pct(a + b, 2 * of)", "score": LINE},
                ],
            },
            {
                "id": "B",
                "name": "B",
                "weight": 2,
                "children": [
                    {"id": "B1", "name": "B1", "weight": 1, "formula": "pct(c, of)", "score": LINE},
                    {
                        "id": "B2",
                        "name": "B2",
                        "formula": "pct(d, of)",
                        "weight": 2,
                        "score": LINE,
                        "applicable": "open > 0",
                        "not_applicable": "redistribute",
                    },
                    {
                        "id": "B3",
                        "name": "B3",
                        "weight": 1,
                        "score": {
                            "method": "checklist",
                            "items": [
                                {"key": "flag_1", "name": {"en": "1"}},
                                {"key": "flag_2", "name": {"en": "2"}, "weight": 2},
                            ],
                        },
                    },
                ],
            },
        ],
    }
)


def measure(key, effects, cost=10, months=3, success=0.9, **more):
    name = {"en": key, "zh-Hans": key}
    return {"id": key, "name": name, "cost_wan": cost, "months": months, "success": success, "effects": effects, **more}


def catalogue(*measures):
    frame = {"schema": "parkbrain.measures/1", "id": "test", "version": "1", "scheme": "small"}
    return planning.load_measures({**frame, "measures": list(measures)}, SCHEME)


EFFECTS = (
    {"a": "LEAST(of, a + 20)"},
    {"b": "LEAST(of, b + 30)", "c": "LEAST(of, c + 10)"},
    {"a": "GREATEST(a, 0.8 * of)"},
    {"c": "LEAST(of, c + 35)"},
    {"d": "LEAST(of, d + 25)"},
    {"d": "of - 0.5 * (of - d)"},
    {"gate": 1},
    {"bad": 0},
    {"flag_1": 1},
    {"flag_2": 1, "b": "LEAST(of, b + 5)"},
)


@st.composite
def catalogues(draw):
    """Draw a catalogue of up to nine measures with prerequisites and exclusions."""
    chosen = draw(st.lists(st.integers(0, len(EFFECTS) - 1), min_size=2, max_size=9, unique=True))
    measures = []
    for place, effect in enumerate(chosen):
        more = {}
        if place and draw(st.integers(0, 3)) == 0:
            more["requires"] = [f"m{draw(st.integers(0, place - 1))}"]
        if place and draw(st.integers(0, 4)) == 0:
            other = f"m{draw(st.integers(0, place - 1))}"
            if other not in more.get("requires", ()):
                more["excludes"] = [other]
        cost = draw(st.integers(0, 60))
        measures.append(measure(f"m{place}", EFFECTS[effect], cost, draw(st.integers(1, 9)), **more))
    return catalogue(*measures)


known = st.integers(0, 100).map(float)
parks = st.fixed_dictionaries(
    {
        **{key: st.none() | known for key in ("a", "b", "c", "d")},
        "of": st.just(100.0),
        "open": st.sampled_from([0.0, 1.0]),
        "gate": st.sampled_from([None, 0.0, 1.0]),
        "bad": st.sampled_from([None, 0.0, 0.0, 0.0, 1.0]),
        "flag_1": st.sampled_from([None, 0.0, 1.0]),
        "flag_2": st.sampled_from([None, 0.0, 1.0]),
    }
)


def prepared(measures, facts):
    return planning.prepare(SCHEME, measures, rating.FactTable.from_rows({"park": facts}))


def target_of(rank):
    return next(one for one in SCHEME.outcome.classes if one.rank == rank)


def facts_after(ready, places):
    """Return the park's facts after the measures, one after the other in the catalogue's order."""
    chosen = [(ready.catalogue.measures[place], None) for place in sorted(places)]
    columns = {key: column[:1] for key, column in ready.facts.columns.items()}
    return {key: number(float(column[0])) for key, column in apply_measures(chosen, columns, rows=1).items()}


def rerate(ready, places):
    """Rate the park anew, by the whole engine, after the measures."""
    facts = facts_after(ready, places)
    return rating.rate(SCHEME, rating.FactTable.from_rows({"park": facts})).unit(0)


def brute_force(ready, rank, budget=None, most_months=None):
    """Return the least cost over every consistent set whose facts the engine rates at the rank or better."""
    measures = ready.catalogue.measures
    ids = {one.id: place for place, one in enumerate(measures)}
    best = None
    for picks in product((False, True), repeat=len(measures)):
        chosen = {place for place, pick in enumerate(picks) if pick}
        if any(ready.state[0, place] != planning.OPEN for place in chosen):
            continue
        if not all(is_ready(ready, measures[place], ids, chosen) for place in chosen):
            continue
        if any(ids[other] in chosen for place in chosen for other in measures[place].excludes):
            continue
        cost = int(sum(ready.cost_yuan[0, place] for place in chosen))
        if budget is not None and cost > budget:
            continue
        if most_months is not None and any(end_of(ready, place, ids) > most_months for place in chosen):
            continue
        if rerate(ready, sorted(chosen)).class_proven >= rank and (best is None or cost < best):
            best = cost
    return best


def is_ready(ready, one, ids, chosen):
    return all(ids[key] in chosen or ready.state[0, ids[key]] == planning.DONE for key in one.requires)


def end_of(ready, place, ids):
    needed = [ids[key] for key in ready.catalogue.measures[place].requires]
    waits = [end_of(ready, other, ids) for other in needed if ready.state[0, other] != planning.DONE]
    return max(waits, default=0) + int(ready.months[0, place])


def plain(array):
    return np.asarray(array).tolist()
