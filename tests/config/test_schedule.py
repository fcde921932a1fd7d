"""What runs by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from parkbrain import lake
from parkbrain.config import schedule
from parkbrain.lake.models import Segment
from parkbrain.telemetry.jobs import keep_lake

NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)  # 12:00 in Shenzhen


def test_daily_entry_is_due_once_a_local_day() -> None:
    entry = schedule.Entry("daily", lambda now: None)
    assert entry.is_due(None, NOON)
    assert not entry.is_due(NOON, NOON + timedelta(hours=11))  # 23:00, the same local day
    assert entry.is_due(NOON, NOON + timedelta(hours=13))  # 01:00 of the next local day, though the UTC day is the same


def test_repeating_entry_waits_its_interval() -> None:
    entry = schedule.Entry("often", lambda now: None, every=timedelta(minutes=1))
    assert not entry.is_due(NOON, NOON + timedelta(seconds=59))
    assert entry.is_due(NOON, NOON + timedelta(seconds=60))


def test_a_failing_entry_does_not_stop_the_others_and_a_restart_remembers(
    settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME_DIR = tmp_path  # type: ignore[attr-defined]
    ran: list[str] = []

    def fail(now: datetime) -> None:
        raise RuntimeError("broken")

    entries = (
        schedule.Entry("broken", fail, every=timedelta(hours=1)),
        schedule.Entry("sound", lambda now: ran.append("sound"), every=timedelta(hours=1)),
    )
    monkeypatch.setattr(schedule, "ENTRIES", entries)
    assert schedule.run_due() == ["broken", "sound"]
    assert ran == ["sound"]
    assert schedule.run_due() == []
    assert set(schedule.last_runs()) == {"broken", "sound"}


def test_a_damaged_state_file_only_means_that_everything_is_due(settings: object, tmp_path: Path) -> None:
    settings.HOME_DIR = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "schedule.json").write_text("{half")
    assert schedule.last_runs() == {}


@pytest.mark.django_db
def test_the_store_of_readings_keeps_itself_in_order(settings: Any, tmp_path: Path) -> None:
    settings.LAKE_DIR = tmp_path / "lake"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    [entry] = [e for e in schedule.ENTRIES if e.name == "keep_lake"]
    assert entry.every is not None and entry.every <= timedelta(minutes=10)
    lake.append_readings(lake.readings_table([1], [1_000_000], [2.5]), batch_id="one", at=NOON)
    entry.run(NOON + timedelta(minutes=5))
    assert not DBTaskResult.objects.exists(), "nothing waits long enough"
    entry.run(NOON + timedelta(hours=2))
    assert DBTaskResult.objects.get().task_path == "parkbrain.telemetry.jobs.keep_lake"
    assert keep_lake.call() == 1
    assert [s.level for s in Segment.objects.filter(is_live=True)] == [Segment.Level.SORTED]
