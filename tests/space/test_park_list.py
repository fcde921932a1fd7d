"""The list of parks: as of a day, in either script, within the scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Role
from tests.factories import make_branch, make_building, make_park, make_premises, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def operator() -> Branch:
    operator = make_branch()
    old = make_park(operator=operator, code="old", name_zh_hans="灯塔园", opened_on=date(2010, 1, 1))
    standing = make_building(park=old, added_on=date(2012, 1, 1))
    make_premises(building=standing, area_m2=300.0)
    make_premises(building=make_building(site=standing.site, removed_on=date(2020, 1, 1)), area_m2=200.0)
    make_park(operator=operator, code="young", name_zh_hans="星河园", opened_on=date(2024, 1, 1))
    make_park(operator=operator, code="planned", opened_on=timezone.localdate() + timedelta(days=400))
    make_park(operator=operator, code="undated", opened_on=None)
    return operator


def opened(user: User, query: str) -> Any:
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client.get(f"/parks/?cols=code,buildings,lettable&sort=code&{query}")


def cells(user: User, query: str) -> dict[str, tuple[str, str]]:
    rows = opened(user, query).context["list"].table.rows
    return {code.text: (buildings.text, lettable.text) for code, buildings, lettable in rows}


@pytest.fixture
def person(operator: Branch) -> User:
    return make_user(Role.OPERATOR, operator)


def test_parks_that_opened_later_were_not_there(person: User) -> None:
    assert set(cells(person, "on=2015-06-30")) == {"old", "undated"}
    assert set(cells(person, "on=2024-01-01")) == {"old", "undated", "young"}


def test_park_still_to_open_is_on_the_list_of_today(person: User) -> None:
    assert set(cells(person, "view=0")) == {"old", "undated", "young", "planned"}


@pytest.mark.parametrize(
    ("on", "shown"), [("2011-01-01", ("1", "200")), ("2015-06-30", ("2", "500")), ("2025-01-01", ("1", "300"))]
)
def test_buildings_and_lettable_area_are_those_of_the_day(person: User, on: str, shown: tuple[str, str]) -> None:
    assert cells(person, f"on={on}")["old"] == shown
    view = opened(person, f"on={on}").context["list"]
    assert view.totals["lettable"] == (float(shown[1]), view.table.count - 1)


def test_page_has_the_control_for_the_day_and_its_links_keep_it(person: User) -> None:
    text = opened(person, "on=2015-06-30&cols=name").content.decode()
    assert 'name="on" value="2015-06-30"' in text
    assert "?on=2015-06-30" in text.split("<tbody>")[1]


@pytest.mark.parametrize("typed", ["灯塔", "燈塔", "dengta", "dty"])
def test_parks_are_found_in_either_script_by_pinyin_and_by_initials(person: User, typed: str) -> None:
    assert set(cells(person, f"q={typed}")) == {"old"}


def test_another_operators_parks_are_not_found(operator: Branch) -> None:
    assert cells(make_user(Role.OPERATOR, make_branch()), "q=dengta") == {}
