"""The fictional groups: the largest has as many parks and lines as the one the article tells of."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from parkbrain.demo import groups
from parkbrain.kernel.models import Branch, Park
from parkbrain.kernel.roles import Role
from parkbrain.portfolio.models import LinePlace, OperatorGroup
from tests.factories import make_branch, make_park, make_user

ON, AT = date(2026, 6, 30), datetime(2026, 6, 30, 8, tzinfo=UTC)
KINDS = ("PRODUCTION", "MIXED", "RND", "UPSTAIRS", "LOGISTICS")


def load_groups(sizes: list[int]) -> None:
    """Make the groups of a city whose operators have so many parks, beside the living one."""
    city = make_branch(Branch.Kind.CITY)
    living = make_park(operator=make_branch(parent=city), kind="UPSTAIRS")
    operators = [make_branch(parent=city) for _size in sizes]
    for operator, size in zip(operators, sizes, strict=True):
        for number in range(size):
            make_park(operator=operator, kind=KINDS[number % 5], opened_on=date(2010 + number % 15, 1, 1))
    groups.load(on=ON, park=living, operators=operators, actor=make_user(Role.ADMINISTRATOR, city), at=AT)


def parks_of(code: str) -> list[Park]:
    group = OperatorGroup.objects.get(code=code)
    return list(Park.objects.filter(branch__parent__group_place__group=group))


@pytest.mark.django_db
def test_in_a_large_city_the_largest_group_has_sixty_seven_parks_all_in_three_lines() -> None:
    load_groups([15, 17, 14, 16, 15, 13, 18, *[12] * 14])
    own = parks_of("qisheng")
    assert len(own) == 67 and all(len(parks_of(code)) < 67 for code in ("lanhe", "yuanbo"))
    group = OperatorGroup.objects.get(code="qisheng")
    assert "演示" in group.name_zh_hans and "demo" in group.name_en
    placed = LinePlace.objects.filter(line__group=group).current_on(ON)
    assert {one.park_id for one in placed} == {park.pk for park in own}
    by_line = Counter(one.line_id for one in placed)
    assert len(by_line) == 3 and sum(by_line.values()) == 67


@pytest.mark.django_db
def test_in_a_small_city_the_group_has_a_few_operators() -> None:
    load_groups([4, 3, 5, 2, 4, 3, 2, 1])
    assert len(parks_of("qisheng")) == 1 + 4 + 3 + 5 + 2
    assert len(parks_of("lanhe")) == 4 + 3


@pytest.mark.parametrize(
    ("counts", "to", "keys"),
    [({1: 3, 2: 4, 3: 2}, 5, [1, 3]), ({1: 3, 2: 4}, 5, []), ({1: 0, 2: 5}, 5, [2]), ({}, 5, []), ({1: 5}, -2, [])],
)
def test_operators_are_found_whose_parks_add_up(counts: dict[int, int], to: int, keys: list[int]) -> None:
    assert groups.add_up(counts=counts, to=to) == keys
