"""What runs by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parkbrain.config import schedule

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
