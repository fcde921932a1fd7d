"""One suite over every indicator of every shipped scheme: a new entry of a scheme file is tested by being there."""

from __future__ import annotations

import numpy as np
import pytest

from parkbrain.calc import rating
from parkbrain.calc.rating.score import METHODS, looks_at_other_units
from parkbrain.schemes import catalogue, scheme_paths

SCHEMES = [rating.load_scheme(path, catalogue=catalogue()) for path in scheme_paths()]
INDICATORS = [pytest.param(scheme, one, id=f"{scheme.id}:{one.id}") for scheme in SCHEMES for one in scheme.indicators]
LANGUAGES = {"en", "zh-Hans", "zh-Hant"}
EVERY = pytest.mark.parametrize(("scheme", "one"), INDICATORS)


@EVERY
def test_every_fact_an_indicator_reads_is_in_the_catalogue(scheme: rating.Scheme, one: rating.Indicator) -> None:
    assert one.facts
    assert one.facts <= set(catalogue())


@EVERY
def test_an_indicator_has_names_and_says_what_it_rests_on(scheme: rating.Scheme, one: rating.Indicator) -> None:
    assert {language for language, name in one.name.items() if name.strip()} >= LANGUAGES
    if scheme.status == "reference":
        assert {language for language, text in one.evidence.items() if text.strip()} >= LANGUAGES
    else:
        # A published list is cited by its clause; what shows it is for its own text to say.
        assert one.clause
    assert any(text.strip() for text in one.basis.values())
    assert one.confidence in {"found", "known", "inferred"}


@EVERY
def test_an_indicator_of_which_nothing_is_known_is_not_assessed(scheme: rating.Scheme, one: rating.Indicator) -> None:
    unit = rating.rate(scheme, rating.FactTable(units=["park"], columns={})).unit(0)
    score = unit.indicators[one.id]
    assert (score.value, score.state) == (None, rating.UNKNOWN)
    assert score.reachable is not None and score.proven is not None
    assert score.proven == 0.0 < score.reachable


@EVERY
def test_a_better_value_never_scores_less(scheme: rating.Scheme, one: rating.Indicator) -> None:
    if one.score.method in {"checklist", "boolean"}:
        pytest.skip("a checklist and a test have no values in between")
    assert not looks_at_other_units(one.score.method, one.score.options)
    points = [x for x, _y in one.score.options.get("points", ())]
    points += [level["level"] for level in one.score.options.get("levels", ())]
    points += [one.score.options[key] for key in ("low", "high", "target") if key in one.score.options]
    low, high = min(points), max(points)
    values = np.array(sorted({*points, *np.linspace(low - 1, high + 1, 201)}))
    if one.score.method == "grade":
        values = np.array(sorted(points), dtype=float)
    scores = METHODS[one.score.method](values, one.score.options, one.direction)
    steps = np.diff(scores if one.direction != "lower" else scores[::-1])
    if one.direction == "target":
        # Up to the band and down after it: never up again once it fell.
        fell = np.flatnonzero(steps < 0)
        assert not (fell.size and (steps[fell[0] :] > 0).any())
    else:
        assert (steps >= 0).all()
    assert scores.min() >= 0.0
    assert scores.max() <= 100.0


@EVERY
def test_the_checklist_items_of_an_indicator_are_facts_with_names(scheme: rating.Scheme, one: rating.Indicator) -> None:
    items = one.score.options.get("items", ())
    assert bool(items) == (one.score.method == "checklist")
    for item in items:
        assert catalogue()[item["key"]]["kind"] == "boolean"
        assert set(item["name"]) >= LANGUAGES


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.id)
def test_a_scheme_says_what_it_is_in_three_languages(scheme: rating.Scheme) -> None:
    assert set(scheme.name) >= LANGUAGES
    assert set(scheme.notice) >= LANGUAGES
    assert len({node.id for node in scheme.nodes}) == len(scheme.nodes)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.id)
def test_gates_and_vetoes_read_facts_of_the_catalogue(scheme: rating.Scheme) -> None:
    for kind, tests in (("gate", scheme.outcome.gates), ("veto", scheme.outcome.vetoes)):
        for one in tests:
            assert scheme.expressions[f"{kind}:{one.id}"].columns <= set(catalogue())
            assert set(one.name) >= LANGUAGES
