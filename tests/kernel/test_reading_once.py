"""Shared questions: asked once inside a block, and never answered by a namesake."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType

from parkbrain.kernel.reading import read_once, shared


def _question(module: str, answers: list[str]) -> Callable[..., str]:
    def question(*, of: int) -> str:
        answers.append(module)
        return f"{module} {of}"

    assert isinstance(question, FunctionType)
    question.__module__ = module
    return shared(question)


def test_a_question_is_answered_once_inside_the_block_and_anew_after_it() -> None:
    asked: list[str] = []
    question = _question("one", asked)
    with read_once():
        assert [question(of=1), question(of=1), question(of=2)] == ["one 1", "one 1", "one 2"]
    assert len(asked) == 2
    question(of=1)
    assert len(asked) == 3


def test_a_block_within_another_one_shares_its_answers() -> None:
    asked: list[str] = []
    question = _question("one", asked)
    with read_once():
        question(of=1)
        with read_once():
            question(of=1)
        question(of=1)
    assert len(asked) == 1


def test_functions_of_the_same_name_in_two_modules_do_not_answer_for_each_other() -> None:
    asked: list[str] = []
    one, other = _question("one", asked), _question("other", asked)
    with read_once():
        assert (one(of=1), other(of=1)) == ("one 1", "other 1")
