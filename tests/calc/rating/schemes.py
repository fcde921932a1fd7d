"""Small schemes for the rating tests."""

from copy import deepcopy

from parkbrain.calc import rating

RISING = {"method": "piecewise_linear", "points": [[0, 0], [50, 60], [80, 90], [100, 100]]}
FALLING = {"method": "piecewise_linear", "points": [[0, 100], [10, 60], [40, 0]]}


def indicator(indicator_id, formula, score=RISING, **more):
    return {"id": indicator_id, "name": indicator_id, "formula": formula, "score": score, **more}


PARK = {
    "schema": "parkbrain.scheme/1",
    "id": "park",
    "version": "1",
    "status": "example",
    "name": {"en": "Park", "zh-Hans": "园区"},
    "rounding": {"value": 4, "score": 1, "total": 2},
    "missing": {"method": "zero"},
    "not_applicable": {"max_weight": 15},
    "levels": ["dimension", "factor", "indicator"],
    "outcome": {
        "kind": "stars",
        "classes": [
            {"id": "5", "rank": 5, "name": "Five", "min_total": 90, "min_nodes": {"dimension": 75}, "gates": ["G1"]},
            {"id": "3", "rank": 3, "name": "Three", "min_total": 70, "min_nodes": {"dimension": 60}},
            {"id": "1", "rank": 1, "name": "One", "min_total": 50},
        ],
        "gates": [{"id": "G1", "indicator": "B1", "name": "Metered", "test": "metered = 1"}],
        "vetoes": [
            {"id": "V1", "name": "Death", "test": "deaths > 0", "effect": "none"},
            {"id": "V2", "name": "Overdue", "test": "overdue > 0", "effect": {"cap": 1}},
        ],
    },
    "facts": {"catalogue": True},
    "tree": [
        {
            "id": "A",
            "name": "Space",
            "weight": 60,
            "children": [
                {
                    "id": "A1",
                    "name": "Letting",
                    "weight": 40,
                    "children": [
                        indicator("A1.1", "pct(leased_m2, leasable_m2)", weight=30),
                        indicator(
                            "A1.2", "days_vacant", FALLING, direction="lower", weight=10, applicable="vacant_units > 0"
                        ),
                    ],
                },
                {
                    "id": "A2",
                    "name": "Papers",
                    "weight": 20,
                    "children": [
                        {
                            "id": "A2.1",
                            "name": "Papers",
                            "weight": 20,
                            "score": {
                                "method": "checklist",
                                "items": [{"key": "plan", "weight": 3}, {"key": "review"}],
                            },
                        }
                    ],
                },
            ],
        },
        {
            "id": "B",
            "name": "Energy",
            "weight": 40,
            "children": [
                indicator("B1", "pct(meters_online, meters)", weight=25, veto="V2"),
                indicator(
                    "B2",
                    "level",
                    {
                        "method": "grade",
                        "levels": [{"level": 0, "score": 0}, {"level": 1, "score": 60}, {"level": 2, "score": 100}],
                    },
                    weight=15,
                ),
            ],
        },
    ],
}

GOOD = {
    "leased_m2": 90.0,
    "leasable_m2": 100.0,
    "vacant_units": 2.0,
    "days_vacant": 10.0,
    "plan": 1.0,
    "review": 1.0,
    "meters_online": 80.0,
    "meters": 100.0,
    "level": 2.0,
    "metered": 1.0,
    "deaths": 0.0,
    "overdue": 0.0,
}


def park_document(**changes):
    """Return the document with top-level keys replaced."""
    return {**deepcopy(PARK), **changes}


def park_scheme(**changes):
    return rating.load_scheme(park_document(**changes))


def rate_one(scheme, facts=None, **changes):
    """Return the rating of one park: the good one with some facts changed (None is unknown)."""
    table = rating.FactTable.from_rows({"North": {**(GOOD if facts is None else facts), **changes}})
    return rating.rate(scheme, table).unit("North")


def flat_scheme(method, *indicators, **changes):
    """Return a scheme of one level with the aggregation."""
    return rating.load_scheme(
        {
            "schema": "parkbrain.scheme/1",
            "id": "flat",
            "version": "1",
            "status": "example",
            "name": "Flat",
            "levels": ["indicator"],
            "aggregate": method if isinstance(method, dict) else {"method": method},
            "facts": {"catalogue": True},
            "tree": list(indicators),
            **changes,
        }
    )
