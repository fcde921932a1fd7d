"""A file of readings is taken back: what it brought counts no longer, what it replaced counts again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from parkbrain import lake
from parkbrain.energy import services as energy
from parkbrain.energy.models import DayUse
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from parkbrain.lake.models import LakeState
from parkbrain.telemetry.models import Point, ReadingsBatch
from parkbrain.telemetry.queries import micros_of
from parkbrain.telemetry.services import CannotTakeReadings, take_back_readings, take_readings_file
from tests.energy.make import FIRST_ON, MIDNIGHT, make_meter, put
from tests.factories import AT, make_park, make_point, make_source, make_user

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def stored(point: Point) -> list[float]:
    found = lake.read_series(points=[point.pk], start_us=0, end_us=2**62).get(point.pk)
    return [] if found is None else found.value.tolist()


def take(point: Point, name: str, *values: float) -> ReadingsBatch:
    """Take in a file with these values, one an hour, the first a day before now."""
    rows = [f"{point.code},{(AT - 24 * HOUR + n * HOUR).isoformat()},{value}" for n, value in enumerate(values)]
    content = "\n".join(["point,at,value", *rows]).encode()
    batch, _report = take_readings_file(park=point.park, name=name, content=content, actor=None, at=AT)
    assert batch is not None
    return batch


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def point() -> Point:
    return make_point(source=make_source(), code="A")


@pytest.mark.parametrize("is_in_order", [False, True], ids=["just arrived", "put in order"])
def test_what_a_file_replaced_counts_again_and_what_it_added_is_gone(point: Point, is_in_order: bool) -> None:
    other = make_point(source=point.source, code="B")
    at_us = [micros_of(at=AT - 24 * HOUR), micros_of(at=AT - 23 * HOUR)]
    lake.append_readings(lake.readings_table([point.pk] * 2, at_us, [1.0, 2.0]), batch_id="pushed", at=AT)
    lake.append_readings(lake.readings_table([other.pk] * 2, at_us, [7.0, 8.0]), batch_id="other", at=AT)
    batch = take(point, "a.csv", 10.0, 20.0, 30.0)
    assert stored(point) == [10.0, 20.0, 30.0]
    if is_in_order:
        lake.compact(at=AT)
    assert take_back_readings(batch=batch, actor=None, at=AT) == 3
    assert stored(point) == [1.0, 2.0]
    assert stored(other) == [7.0, 8.0]
    newest = lake.get_latest(points=[point.pk, other.pk])
    assert [newest[p.pk].value for p in (point, other)] == [2.0, 8.0]
    lake.compact(at=AT)
    assert (stored(point), stored(other)) == ([1.0, 2.0], [7.0, 8.0])
    batch.refresh_from_db()
    assert batch.taken_back_at == AT
    assert AuditEvent.objects.filter(code="telemetry.file.taken_back").count() == 1


@pytest.mark.parametrize("is_in_order", [False, True], ids=["just arrived", "put in order"])
def test_file_of_a_point_without_other_readings_leaves_nothing_and_can_come_again(
    point: Point, is_in_order: bool
) -> None:
    for _time in range(2):
        batch = take(point, "a.csv", 1.0, 2.0)
        if is_in_order:
            lake.compact(at=AT)
        take_back_readings(batch=batch, actor=None, at=AT)
        assert stored(point) == []
        assert lake.get_latest(points=[point.pk]) == {}
    take(point, "a.csv", 1.0, 2.0)
    assert stored(point) == [1.0, 2.0]


def test_correction_that_came_after_the_file_stays(point: Point) -> None:
    batch = take(point, "a.csv", 1.0, 2.0)
    lake.compact(at=AT)
    later = lake.readings_table([point.pk], [micros_of(at=AT - 23 * HOUR)], [5.0])
    lake.append_readings(later, batch_id="later", at=AT)
    assert take_back_readings(batch=batch, actor=None, at=AT) == 1
    assert stored(point) == [5.0]


def test_files_of_the_same_moments_are_taken_back_the_last_first(point: Point) -> None:
    first, second = take(point, "a.csv", 1.0, 2.0), take(point, "b.csv", 3.0)
    with pytest.raises(CannotTakeReadings, match=r"b\.csv"):
        take_back_readings(batch=first, actor=None, at=AT)
    first.refresh_from_db()
    assert first.taken_back_at is None
    take_back_readings(batch=second, actor=None, at=AT)
    assert stored(point) == [1.0, 2.0]
    take_back_readings(batch=first, actor=None, at=AT)
    assert stored(point) == []
    with pytest.raises(CannotTakeReadings, match="already"):
        take_back_readings(batch=first, actor=None, at=AT)


def test_nothing_is_taken_back_while_files_are_put_in_order_or_after_they_were_thinned(point: Point) -> None:
    batch = take(point, "a.csv", 1.0)
    LakeState.objects.update(compactor="x", compacting_until=AT + HOUR)
    with pytest.raises(CannotTakeReadings, match="minute"):
        take_back_readings(batch=batch, actor=None, at=AT)
    LakeState.objects.update(compactor="", compacting_until=None, thinned_before_us=micros_of(at=AT))
    with pytest.raises(CannotTakeReadings, match="hours"):
        take_back_readings(batch=batch, actor=None, at=AT)
    assert stored(point) == [1.0]


@pytest.mark.parametrize("is_in_order", [False, True], ids=["just arrived", "put in order"])
def test_days_are_worked_out_again(is_in_order: bool) -> None:
    park = make_park()
    point = make_point(park=park, code="E-1", unit="KiloW-HR")
    meter = make_meter(park=park, point=point)
    put(meter, np.arange(49) * 2.0)
    energy.recompute_use(at=AT)
    before = list(DayUse.objects.values_list("day", "use"))
    moment = MIDNIGHT + 26 * HOUR
    content = f"point,at,value\n{point.code},{moment.isoformat()},53.5".encode()
    later = MIDNIGHT + 60 * HOUR
    content += f"\n{point.code},{later.isoformat()},200".encode()
    batch, _report = take_readings_file(park=park, name="a.csv", content=content, actor=None, at=later)
    assert batch is not None
    energy.recompute_use(at=later)
    assert DayUse.objects.filter(day=FIRST_ON + timedelta(days=2)).exists()
    if is_in_order:
        lake.compact(at=later)
    take_back_readings(batch=batch, actor=None, at=later)
    energy.recompute_use(at=later)
    assert [row for row in DayUse.objects.values_list("day", "use") if row[1]] == before


def test_page_takes_back_and_says_so_and_refuses_others(client: Client, point: Point) -> None:
    batch = take(point, "a.csv", 1.0)
    address = reverse("readings_take_back", args=[point.park_id, batch.pk])
    for other in (make_user(Role.OPERATOR, make_park().branch), make_user(Role.ASSESSOR, point.park.branch)):
        client.force_login(other)
        assert client.post(address).status_code in {403, 404}
    assert stored(point) == [1.0]
    client.force_login(make_user(Role.OPERATOR, point.park.branch))
    page = reverse("readings_file", args=[point.park_id])
    assert address in client.get(page).content.decode()
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    said = client.get(page).content.decode()
    assert "Taken back" in said and address not in said
    assert stored(point) == []
