"""Similarities are symmetric, lie between 0 and 1, and call the same the same; verdicts say why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.matching import Entity, dice, jaro_winkler, match_entities, plain_addresses, plain_names
from parkbrain.calc.matching.names import tokens_of

TEXT = st.text(max_size=60)


@given(TEXT, TEXT)
def test_jaro_winkler_is_symmetric_and_in_range(first: str, second: str) -> None:
    found = jaro_winkler(first, second)
    assert found == jaro_winkler(second, first)
    assert 0 <= found <= 1


@given(TEXT)
def test_a_text_is_like_itself(text: str) -> None:
    assert jaro_winkler(text, text) == pytest.approx(1)
    assert dice(tokens_of(text), tokens_of(text)) == 1


@given(TEXT, TEXT)
def test_dice_is_symmetric_and_in_range(first: str, second: str) -> None:
    a, b = tokens_of(first), tokens_of(second)
    assert 0 <= dice(a, b) == dice(b, a) <= 1


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_many_texts_are_made_plain_as_each_alone(texts: list[str]) -> None:
    for plain in (plain_names, plain_addresses):
        assert plain(texts) == [plain([t])[0] for t in texts]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    # Winkler 1990 and Jaro 1989, as printed.
    [("martha", "marhta", 0.9611), ("dwayne", "duane", 0.84), ("dixon", "dicksonx", 0.8133), ("abc", "xyz", 0.0)],
)
def test_published_values_are_met(first: str, second: str, expected: float) -> None:
    assert jaro_winkler(first, second) == pytest.approx(expected, abs=5e-5)


def test_identifier_goes_before_likeness_and_contradiction_is_asked() -> None:
    known = [Entity("A", keys={"code": "1", "ubid": "x"}), Entity("B", keys={"code": "2", "ubid": "y"})]
    by_key, asked, new = match_entities(
        [Entity("B", keys={"code": "1"}), Entity(keys={"code": "1", "ubid": "y"}), Entity("A", keys={"code": "3"})],
        known,
    )
    assert (by_key.outcome, by_key.record) == ("joined", 0)
    assert (asked.outcome, asked.candidates) == ("decide", (0, 1))
    assert (new.outcome, new.parts[0].kind) == ("new", "other_key")


def test_neighbors_are_not_one() -> None:
    known = [Entity("East Hall", "11 Ninth Street", area_m2=100.0)]
    found = match_entities([Entity("West Hall", "12 9th St", area_m2=100.0)], known)[0]
    assert found.outcome == "new"


def test_traditional_and_simplified_and_legal_form_are_one_name() -> None:
    known = [Entity("深圳市星河机器人有限公司")]
    assert match_entities([Entity("深圳市星河機器人（集團）股份有限公司")], known)[0].outcome == "joined"
