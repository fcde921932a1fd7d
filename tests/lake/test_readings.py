"""Readings go in once, come out in order, and the last to arrive counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parkbrain import lake
from parkbrain.lake.models import LatestReading, Segment

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY_US = 86_400_000_000
T0 = int(AT.timestamp()) * 1_000_000 // DAY_US * DAY_US
ALWAYS: dict[str, int] = {"start_us": 0, "end_us": 2**62}


def put(rows: list[tuple[int, int, float]], batch_id: str = "", at: datetime = AT, quality: int = lake.GOOD) -> Any:
    points, instants, values = zip(*rows, strict=True)
    name = batch_id or f"batch-{Segment.objects.count()}"
    return lake.append_readings(lake.readings_table(points, instants, values, quality), batch_id=name, at=at)


def rows(points: list[int]) -> list[tuple[int, int, float]]:
    table = lake.read_readings(points=points, **ALWAYS)
    return list(zip(*(table[name].to_pylist() for name in ("point", "at_us", "value")), strict=True))


def test_readings_come_out_sorted_whatever_order_they_came_in() -> None:
    put([(2, T0 + 5, 1.0), (1, T0 + 9, 2.0), (1, T0 + 3, 3.0)])
    assert rows([1, 2]) == [(1, T0 + 3, 3.0), (1, T0 + 9, 2.0), (2, T0 + 5, 1.0)]


def test_only_what_was_asked_for_comes_out() -> None:
    put([(1, T0, 1.0), (1, T0 + 10, 2.0), (2, T0, 9.0)])
    table = lake.read_readings(points=[1], start_us=T0, end_us=T0 + 10)
    assert table["value"].to_pylist() == [1.0]
    assert lake.read_readings(points=[], **ALWAYS).num_rows == 0
    assert lake.read_readings(points=[77], **ALWAYS).schema == lake.SCHEMA


def test_the_same_batch_twice_is_one_batch() -> None:
    assert put([(1, T0, 1.0)], "a") == lake.Appended(1, is_new=True)
    assert put([(1, T0, 1.0)], "a") == lake.Appended(1, is_new=False)
    assert Segment.objects.count() == 1
    assert rows([1]) == [(1, T0, 1.0)]


@pytest.mark.parametrize("compacted", [False, True])
def test_of_one_instant_the_last_to_arrive_counts(compacted: bool) -> None:
    put([(1, T0, 1.0), (1, T0, 2.0)])
    if compacted:
        lake.compact(at=AT)
    put([(1, T0, 3.0)], quality=lake.REPAIRED)
    if compacted:
        lake.compact(at=AT)
    series = lake.read_series(points=[1], **ALWAYS)[1]
    assert series.value.tolist() == [3.0]
    assert series.quality.tolist() == [lake.REPAIRED]


def test_a_transaction_that_is_undone_leaves_no_reading_and_its_file_is_swept(lake_dir: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        put([(1, T0, 1.0)], "undone")
        raise RuntimeError
    assert rows([1]) == []
    [stray] = lake_dir.rglob("*.parquet")
    assert lake.sweep(at=datetime.now(UTC)).stray == 0, "it may be one that is being written"
    assert lake.sweep(at=datetime.now(UTC) + timedelta(hours=2)).stray == 1
    assert not stray.exists()
    assert put([(1, T0, 1.0)], "undone").is_new


def test_the_newest_reading_of_a_point_is_known_and_a_late_one_does_not_become_it() -> None:
    put([(1, T0 + 10, 5.0), (1, T0 + 10, 6.0), (2, T0, 1.0)])
    put([(1, T0, 4.0)])
    assert lake.get_latest(points=[1, 2, 3]) == {1: lake.Latest(T0 + 10, 6.0, 0), 2: lake.Latest(T0, 1.0, 0)}
    assert LatestReading.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "instants"),
    [([float("nan")], [T0]), ([float("inf")], [T0]), ([1e13], [T0]), ([1.0], [-1])],
)
def test_what_is_no_reading_is_refused_whole(values: list[float], instants: list[int], lake_dir: Path) -> None:
    with pytest.raises(ValueError, match=r"number|1970"):
        lake.append_readings(lake.readings_table([1], instants, values), batch_id="bad", at=AT)
    assert not Segment.objects.exists()
    assert not list(lake_dir.rglob("*.parquet"))


def test_an_empty_cell_or_another_table_is_refused() -> None:
    empty = pa.table({"point": [1], "at_us": [T0], "value": pa.array([None], pa.float64()), "quality": [0]})
    with pytest.raises(ValueError, match="not readings"):
        lake.append_readings(empty, batch_id="x", at=AT)
    with pytest.raises(ValueError, match="not readings"):
        lake.append_readings(pa.table({"point": [1]}), batch_id="x", at=AT)


def test_no_reading_is_no_batch() -> None:
    assert lake.append_readings(lake.SCHEMA.empty_table(), batch_id="none", at=AT) == lake.Appended(0, is_new=False)
    assert not Segment.objects.exists()


def test_many_points_are_read_in_one_go() -> None:
    put([(n, T0 + n, float(n)) for n in range(1000)])
    assert lake.read_readings(points=range(0, 1000, 2), **ALWAYS).num_rows == 500


def test_what_arrived_since_a_marker_is_named_by_point_and_days() -> None:
    put([(1, T0, 1.0), (1, T0 + 5, 1.0)])
    marker, first = lake.list_touched(after=0)
    assert first == [lake.Touched(1, T0, T0 + 6)]
    assert lake.list_touched(after=marker) == (marker, [])
    put([(1, T0 - 40 * DAY_US, 1.0), (1, T0 + 7, 2.0), (2, T0, 1.0)])
    later, spans = lake.list_touched(after=marker)
    assert later == lake.get_marker() > marker
    early = T0 - 40 * DAY_US
    assert spans == [lake.Touched(1, early, early + 1), lake.Touched(1, T0 + 7, T0 + 8), lake.Touched(2, T0, T0 + 1)]


def test_what_arrived_is_named_also_after_it_was_sorted_and_its_file_removed() -> None:
    put([(1, T0, 1.0), (3, T0 + 5, 1.0)])
    lake.compact(at=AT)
    assert lake.list_touched(after=0)[1] == [lake.Touched(1, T0, T0 + 1), lake.Touched(3, T0 + 5, T0 + 6)]
    assert lake.sweep(at=AT + timedelta(hours=1)).dead == 1
    assert lake.list_touched(after=0)[1] == [lake.Touched(1, T0, T0 + 1), lake.Touched(3, T0 + 5, T0 + 6)]


READING = st.tuples(
    st.integers(1, 3), st.integers(0, 5).map(lambda n: T0 + n * DAY_US // 3), st.integers(-5, 5).map(float)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(READING, min_size=1, max_size=8), min_size=1, max_size=5), data=st.data())
def test_the_content_is_that_of_a_dictionary_written_in_order_of_arrival(batches: Any, data: Any) -> None:
    with transaction.atomic():
        expected: dict[tuple[int, int], float] = {}
        for number, batch in enumerate(batches):
            put(batch, f"{number}")
            if data.draw(st.booleans()):
                put(batch, f"{number}")  # again: nothing changes
            if data.draw(st.booleans()):
                lake.compact(at=AT)
            expected |= {(point, at_us): value for point, at_us, value in batch}
        assert rows([1, 2, 3]) == [(*key, value) for key, value in sorted(expected.items())]
        total = sum(expected.values())
        answer = lake.roll_up(start_us=0, end_us=2**62, step="day")
        assert np.isclose(sum(answer["total"].to_pylist()), total)
        assert sum(answer["count"].to_pylist()) == len(expected)
        transaction.set_rollback(True)
