"""Sorting, thinning and sweeping change no content, beside writers, and after a crash at any moment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parkbrain import lake
from parkbrain.lake import compaction
from parkbrain.lake.models import LakeState, Segment

from .test_readings import ALWAYS, AT, DAY_US, T0, put, rows

pytestmark = pytest.mark.django_db
HOUR_US = 3_600_000_000


def live() -> list[tuple[int, str, int]]:
    found = Segment.objects.filter(is_live=True).order_by("level", "partition", "arrival")
    return list(found.values_list("level", "partition", "rows"))


def test_what_arrived_becomes_a_file_a_day_and_settled_months_one_file() -> None:
    put([(1, T0 + n * 1000, float(n)) for n in range(10)])
    put([(1, T0 - 90 * DAY_US + n * DAY_US, float(n)) for n in range(20)])
    before = rows([1])
    assert lake.compact(at=AT).before == 2
    assert all(level == Segment.Level.SORTED for level, _partition, _rows in live())
    assert {len(partition) for _level, partition, _rows in live()} == {7, 10}
    assert rows([1]) == before


def test_days_become_a_month_once_the_month_is_over() -> None:
    for day in range(3):
        put([(1, T0 - day * DAY_US, float(day))])
    lake.compact(at=AT)
    assert len(live()) == 3
    before = rows([1])
    assert lake.compact(at=AT + timedelta(days=40)).after == 1
    assert [partition for _level, partition, _rows in live()] == ["2026-11"]
    assert rows([1]) == before


def test_a_late_reading_goes_into_the_file_of_its_month() -> None:
    put([(1, T0 - 100 * DAY_US, 1.0)])
    lake.compact(at=AT)
    put([(1, T0 - 100 * DAY_US + 1, 2.0)])
    lake.compact(at=AT)
    [(_level, partition, count)] = live()
    assert (len(partition), count) == (7, 2)


def test_nothing_is_done_while_another_process_sorts() -> None:
    put([(1, T0, 1.0)])
    with compaction.hold_lease(AT) as lease:
        assert lease
        assert lake.compact(at=AT) == compaction.Compacted()
    assert lake.compact(at=AT).after == 1


def test_the_lease_of_a_dead_process_ends_and_its_work_counts_no_more() -> None:
    put([(1, T0, 1.0)])
    LakeState.objects.get_or_create(pk=1)
    LakeState.objects.update(compactor="dead", compacting_until=AT - timedelta(seconds=1))
    [old] = Segment.objects.all()
    assert lake.compact(at=AT).after == 1
    with pytest.raises(compaction.LostLease):
        compaction.replace_segments(old=[old], new=[], at=AT, lease="dead")
    assert rows([1]) == [(1, T0, 1.0)]


def test_files_of_replaced_segments_stay_for_running_queries_and_go_afterwards(lake_dir: Path) -> None:
    put([(1, T0, 1.0)])
    lake.compact(at=AT)
    assert lake.sweep(at=AT + timedelta(minutes=5)).dead == 0
    assert len(list(lake_dir.rglob("*.parquet"))) == 2
    assert lake.sweep(at=AT + timedelta(minutes=20)).dead == 1
    assert len(list(lake_dir.rglob("*.parquet"))) == 1
    assert not put([(1, T0, 1.0)], "batch-0").is_new, "the batch is remembered without its file"


def test_old_readings_become_hours_and_their_sums_stay(settings: Any) -> None:
    old = T0 - 60 * DAY_US
    put([(1, old + n * HOUR_US // 4, n / 8) for n in range(16)])
    put([(1, T0, 7.0)])
    lake.compact(at=AT)
    before = lake.roll_up(start_us=0, end_us=2**62, step="day").sort_by("start_us")
    assert lake.apply_retention(at=AT) == 0, "kept for ever unless the setting says otherwise"
    settings.LAKE_KEEP_DAYS = 10
    assert lake.apply_retention(at=AT) == 1
    assert rows([1]) == [(1, T0, 7.0)]
    assert lake.roll_up(start_us=0, end_us=2**62, step="day").sort_by("start_us").equals(before)
    hours = lake.roll_up(points=[1], start_us=old, end_us=old + HOUR_US, step="hour").to_pylist()
    assert hours == [
        {"point": 1, "start_us": old, "total_micro": 750_000, "least": 0.0, "greatest": 0.375, "count": 4}
        | {"total": 0.75, "mean": 0.1875}
    ]
    with pytest.raises(ValueError, match="kept in full"):
        put([(1, old, 1.0)])


def test_a_roll_up_counts_what_replaced_something_once() -> None:
    put([(1, T0 + n * HOUR_US // 4, 1.0) for n in range(8)])
    lake.compact(at=AT)
    put([(1, T0, 5.0), (2, T0, 2.0)])
    answer = lake.roll_up(start_us=T0, end_us=T0 + DAY_US).sort_by([("point", "ascending"), ("start_us", "ascending")])
    assert answer["total"].to_pylist() == [8.0, 4.0, 2.0]
    assert answer["count"].to_pylist() == [4, 4, 1]
    assert answer["mean"].to_pylist() == [2.0, 1.0, 2.0]


def test_the_sums_do_not_depend_on_the_order_of_adding() -> None:
    random = np.random.default_rng(1)
    values = np.round(random.normal(0, 1e6, 5000), 3)
    order = random.permutation(values.size)
    first = lake.readings_table(np.full(values.size, 1), T0 + np.arange(values.size), values)
    second = lake.readings_table(np.full(values.size, 2), T0 + np.arange(values.size), values[order])
    lake.append_readings(first, batch_id="a", at=AT)
    lake.append_readings(second, batch_id="b", at=AT)
    one, two = lake.roll_up(start_us=0, end_us=2**62, step="day").to_pylist()
    assert one["total"] == two["total"] == round(sum(round(v * 1e6) for v in values.tolist()) / 1e6, 6)


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(ValueError, match="hour, day"):
        lake.roll_up(start_us=0, end_us=1, step="week")  # type: ignore[arg-type]


def test_where_nothing_is_there_the_answer_is_empty() -> None:
    assert lake.roll_up(start_us=0, end_us=1).num_rows == 0
    assert lake.get_latest(points=[]) == {}
    assert lake.list_touched(after=0) == (0, [])
    assert lake.compact(at=AT) == compaction.Compacted()
    assert lake.read_series(points=[1], **ALWAYS) == {}


def test_a_file_that_goes_away_while_it_is_asked_for_is_asked_for_again(monkeypatch: Any) -> None:
    put([(1, T0, 1.0)])
    lake.compact(at=AT)
    stale = [Segment(path="sorted/gone/x.parquet", arrival=1, level=1, rows=1, start_us=0, end_us=1)]
    from parkbrain.lake import reading

    real, calls = reading.list_segment_files, []

    def first_stale(**asked: Any) -> Any:
        calls.append(asked)
        if len(calls) == 1:
            return [reading.file_of(s) for s in stale]
        return real(**asked)

    monkeypatch.setattr(reading, "list_segment_files", first_stale)
    assert rows([1]) == [(1, T0, 1.0)]


def test_keeping_is_due_once_files_wait_long_or_are_many_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not lake.is_keeping_due(at=AT)
    put([(1, T0, 1.0)])
    assert not lake.is_keeping_due(at=AT)
    assert lake.is_keeping_due(at=AT + timedelta(hours=2))
    with monkeypatch.context() as few:
        few.setattr("parkbrain.lake.keeping.MOST_ARRIVED", 1)
        assert lake.is_keeping_due(at=AT)
    with monkeypatch.context() as few:
        few.setattr("parkbrain.lake.keeping.MOST_ROWS_ARRIVED", 1)
        assert lake.is_keeping_due(at=AT)
    before = rows([1])
    kept = lake.keep_in_order(at=AT + timedelta(hours=2))
    assert (kept.sorted_segments, kept.into_segments, kept.thinned, kept.swept.dead) == (1, 1, 0, 0)
    later = AT + timedelta(hours=3)
    assert lake.is_keeping_due(at=later), "the file of the dead segment is still there"
    assert lake.keep_in_order(at=later).swept.dead == 1
    assert not lake.is_keeping_due(at=later + timedelta(days=400))
    assert rows([1]) == before


def test_keeping_is_due_when_readings_are_old_enough_to_be_thinned(settings: Any) -> None:
    put([(1, T0, 1.0)])
    lake.compact(at=AT)
    assert lake.sweep(at=AT + timedelta(days=1)).dead == 1, "the file as it arrived"
    later = AT + timedelta(days=500)
    assert not lake.is_keeping_due(at=later)
    settings.LAKE_KEEP_DAYS = 365
    assert lake.is_keeping_due(at=later)
    assert lake.keep_in_order(at=later).thinned == 1
    assert lake.keep_in_order(at=later + timedelta(hours=1)).swept.dead == 2, (
        "the file of the day, and that of its month"
    )
    assert not lake.is_keeping_due(at=later + timedelta(hours=1))
