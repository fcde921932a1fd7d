"""How a list reads its rows: the same ones from either end, as models would give them, in one statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from parkbrain.enterprises.models import Occupancy
from parkbrain.enterprises.tables import OCCUPANCIES, PREMISES
from parkbrain.kernel.models import AuditEvent, User
from parkbrain.kernel.roles import Role
from parkbrain.lists import Ask, ListSpec, find_rows, lists, read_rows
from parkbrain.space.models import Premises
from parkbrain.ui.table import read_state
from tests.factories import AT, ON, make_building, make_occupancy, make_park, make_premises, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def person() -> User:
    building = make_building(park=make_park())
    for n in range(23):
        premises = make_premises(
            building=building, area_m2=100.0 + n % 4, floor_load_kn_m2=None if n % 3 == 0 else float(n % 5)
        )
        make_occupancy(premises=premises, rent_yuan_per_m2_month=None if n % 4 == 0 else 40 + n % 3)
    return make_user(Role.ADMINISTRATOR, building.site.park.branch.parent)


def pages(spec: ListSpec, user: User, query: str, per: int = 5) -> list[int]:
    """Return the keys of all pages, one after the other."""
    ask = Ask(user, ON)
    state = read_state(spec.columns(ask), QueryDict(query))
    found = find_rows(spec, ask, (), state)
    count = found.rows.count()
    return [key for n in range(1, -(-count // per) + 1) for key in found.page(number=n, per=per, count=count)[1]]


@pytest.mark.parametrize("query", ["", "sort=area", "sort=-area", "sort=load", "sort=-load", "sort=building,-area"])
def test_pages_read_from_the_end_go_on_where_those_from_the_start_end(person: User, query: str) -> None:
    ask = Ask(person, ON)
    found = find_rows(PREMISES, ask, (), read_state(PREMISES.columns(ask), QueryDict(query)))
    assert pages(PREMISES, person, query) == [row.premises.pk for row in found.every()]
    assert len(set(pages(PREMISES, person, query))) == 23


@pytest.mark.parametrize("query", ["", "sort=rent", "sort=-rent", "sort=lease_ends_on"])
def test_rows_with_unknown_values_stand_last_from_either_end(person: User, query: str) -> None:
    ask = Ask(person, ON)
    found = find_rows(OCCUPANCIES, ask, (), read_state(OCCUPANCIES.columns(ask), QueryDict(query)))
    keys = pages(OCCUPANCIES, person, query)
    assert keys == [row.pk for row in found.every()]
    if "rent" in query:
        rents = [Occupancy.objects.get(pk=key).rent_yuan_per_m2_month for key in keys]
        assert None not in rents[: 23 - rents.count(None)]


def test_rows_are_what_the_model_would_give_with_what_they_belong_to(person: User) -> None:
    rows = Premises.objects.order_by("-code")
    with CaptureQueriesContext(connection) as queries:
        read = read_rows(rows, related=["building__site", "park__branch"])
        seen = [(r.pk, r.building.name, r.building.site.code, r.park.branch.path, r.get_use_display()) for r in read]
    assert len(queries) == 1
    assert seen == [
        (r.pk, r.building.name, r.building.site.code, r.park.branch.path, r.get_use_display()) for r in rows
    ]
    assert read == list(rows)
    assert len({id(r.park) for r in read}) == 1, "a park that many rows share is one object"


def test_fields_that_were_not_read_are_read_when_asked_for(person: User) -> None:
    only = {"": ("code", "building"), "building": ("code",)}
    (row, *_rest) = read_rows(Premises.objects.order_by("pk"), related=["building"], only=only)
    whole = Premises.objects.select_related("building").get(pk=row.pk)
    with CaptureQueriesContext(connection) as queries:
        assert (row.code, row.building.code) == (whole.code, whole.building.code)
        assert len(queries) == 0
        assert row.billing_area_m2 == whole.billing_area_m2
    assert len(queries) == 1


def test_event_without_park_or_actor_has_none() -> None:
    AuditEvent.objects.create(code="x", at=AT, position=1, previous_hash="0", hash="1")
    (event,) = read_rows(AuditEvent.objects.all(), related=["actor", "park"])
    assert (event.actor, event.park, event.code) == (None, None, "x")


def test_every_list_names_the_fields_that_its_columns_read(person: User) -> None:
    fields = {spec.key: (spec.only, spec.related) for spec in lists if spec.only}
    assert fields
    for only, related in fields.values():
        paths = {"__".join(path.split("__")[: n + 1]) for path in related for n in range(path.count("__") + 1)}
        assert set(only) - {""} <= paths


def test_premises_of_a_building_that_left_are_on_no_list_from_that_day_on() -> None:
    building = make_building(removed_on=date(2026, 1, 1))
    make_premises(building=building)
    assert Premises.objects.in_park_on(date(2025, 12, 31)).count() == 1
    assert Premises.objects.in_park_on(date(2026, 1, 1)).count() == 0
    late = make_building(added_on=date(2026, 3, 1))
    make_premises(building=late)
    assert Premises.objects.in_park_on(date(2026, 2, 28)).count() == 0
    assert Premises.objects.in_park_on(date(2026, 3, 1)).count() == 1
