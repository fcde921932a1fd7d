"""Shared questions: asked once inside a block, and never answered by a namesake."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType

import pytest
from pytest_django import DjangoAssertNumQueries

from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import among, first_found, read_once, shared
from tests.factories import make_park


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


@pytest.mark.django_db
def test_thousands_of_keys_find_the_same_rows_as_a_list_of_them() -> None:
    parks = [make_park() for _number in range(3)]
    asked = {parks[0].pk, parks[2].pk}
    many = asked | set(range(1_000_000, 1_005_000))
    for keys in (asked, many):
        assert set(Park.objects.filter(pk__in=among(keys))) == {parks[0], parks[2]}
        assert list(Park.objects.exclude(pk__in=among(keys))) == [parks[1]]
        assert Park.objects.filter(premises__park__in=among(keys)).count() == 0
    assert list(Park.objects.filter(pk__in=among([]))) == []
    assert len(Park.objects.filter(pk__in=among(many)).query.sql_with_params()[1]) == 1


@pytest.mark.django_db
def test_the_first_found_keep_their_order_and_nothing_more_is_asked_where_nothing_is_found(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    parks = [make_park(code=code) for code in ("b", "a", "c")]
    with django_assert_num_queries(2):
        found = first_found(Park.objects.order_by("-code"), limit=2).select_related("branch")
        assert [park.branch for park in found] == [parks[2].branch, parks[0].branch]
    with django_assert_num_queries(1):
        assert list(first_found(Park.objects.filter(code="d").order_by("code"), limit=2)) == []
