"""Running hours by the counter that is bound to a machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction

from parkbrain import lake
from parkbrain.facilities import queries
from tests.factories import AT, ON, make_equipment, make_park, make_point

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, settings: Any) -> None:
    settings.LAKE_DIR = tmp_path / "lake"


def put(point: int, values: list[float]) -> None:
    start = datetime(2026, 6, 10, tzinfo=UTC)
    at = [int((start + timedelta(days=n)).timestamp() * 1e6) for n in range(len(values))]
    table = pa.table(
        {"point": [point] * len(values), "at_us": at, "value": values, "quality": [0] * len(values)}, schema=lake.SCHEMA
    )
    with transaction.atomic():
        lake.append_readings(table, batch_id=f"b{point}", at=AT)


def test_the_counter_says_the_hours_of_thirty_days_over_a_reset() -> None:
    park = make_park()
    point = make_point(park=park, code="CH-1.HOURS", unit="HR")
    machine = make_equipment(park=park, kind="CHILLER", hours_point_code="CH-1.HOURS")
    put(point.pk, [1000.0, 1012.0, 1030.5, 2.0, 9.0])
    found = queries.get_counter_hours(equipment=machine, on=ON)
    assert found is not None and found.hours == pytest.approx(30.5 + 7.0)


def test_without_two_readings_or_with_another_unit_the_hours_are_unknown() -> None:
    park = make_park()
    make_point(park=park, code="ONE", unit="HR")
    make_point(park=park, code="KWH")
    for code in ("ONE", "KWH", "NONE"):
        machine = make_equipment(park=park, hours_point_code=code)
        found = queries.get_counter_hours(equipment=machine, on=ON)
        assert found is not None and found.hours is None
    assert queries.get_counter_hours(equipment=make_equipment(park=park), on=ON) is None
