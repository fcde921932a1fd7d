"""Backups can be put back, and only sound ones."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.db import connection

PARKBRAIN = Path(sys.executable).with_name("parkbrain")

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="the embedded database's own backup path")


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PARKBRAIN_HOME": str(home), "PARKBRAIN_LANGUAGE": "en"}
    environment.pop("PARKBRAIN_DATABASE", None)
    return subprocess.run([PARKBRAIN, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    with sqlite3.connect(folder / "parkbrain.sqlite3") as database:
        database.execute("create table note (text)")
        database.execute("insert into note values ('before')")
    (folder / "documents" / "ab").mkdir(parents=True)
    content = b"evidence"
    digest = hashlib.sha256(content).hexdigest()
    (folder / "documents" / digest[:2]).mkdir(exist_ok=True)
    (folder / "documents" / digest[:2] / digest).write_bytes(content)
    return folder


def note(home: Path) -> str:
    with sqlite3.connect(home / "parkbrain.sqlite3") as database:
        return str(database.execute("select text from note").fetchone()[0])


def test_restore_brings_back_database_and_documents_and_keeps_what_was_there(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    assert run(home, "backup", str(archive)).returncode == 0
    with sqlite3.connect(home / "parkbrain.sqlite3") as database:
        database.execute("update note set text = 'after'")
    for document in (home / "documents").glob("*/*"):
        document.unlink()
    answer = run(home, "restore", str(archive), "--yes")
    assert answer.returncode == 0, answer.stderr
    assert note(home) == "before"
    assert [p.read_bytes() for p in (home / "documents").glob("*/*")] == [b"evidence"]
    kept = next(home.glob("before-restore-*"))
    assert note(kept) == "after"


def test_a_file_that_is_no_backup_is_refused_and_nothing_changes(home: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tar.gz"
    wrong.write_bytes(b"not an archive")
    answer = run(home, "restore", str(wrong), "--yes")
    assert answer.returncode == 1
    assert "is not a backup of ParkBrain" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert note(home) == "before"


def test_a_damaged_backup_is_refused(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    run(home, "backup", str(archive))
    folder = tmp_path / "unpacked"
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (folder / "database").write_bytes(b"flipped")
    with tarfile.open(archive, "w:gz") as file:
        for name in ("manifest.json", "database", "documents"):
            file.add(folder / name, name)
    answer = run(home, "restore", str(archive), "--yes")
    assert answer.returncode == 1
    assert "damaged" in answer.stderr
    assert note(home) == "before"


def test_restore_waits_for_the_running_system_to_stop(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    run(home, "backup", str(archive))
    with (home / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = run(home, "restore", str(archive), "--yes")
    assert answer.returncode == 1
    assert "Stop the system first" in answer.stderr


@pytest.fixture
def with_readings(home: Path) -> Path:
    """A lake with a live file, one that was sorted into it, and one that no manifest names."""
    with sqlite3.connect(home / "parkbrain.sqlite3") as database:
        database.execute("create table lake_segment (id integer, path text, size_bytes integer, is_live integer)")
        database.execute(
            "insert into lake_segment values (1, 'in/a/dead.parquet', 4, 0), (2, 'day/b/live.parquet', 4, 1)"
        )
    for path in ("in/a/dead.parquet", "day/b/live.parquet", "in/a/stray.parquet"):
        (home / "lake" / path).parent.mkdir(parents=True, exist_ok=True)
        (home / "lake" / path).write_bytes(b"PAR1")
    return home


def files_of(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*.parquet"))


def test_backup_holds_the_readings_that_its_database_names_and_brings_them_back(
    with_readings: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar.gz"
    answer = run(with_readings, "backup", str(archive))
    assert answer.returncode == 0, answer.stderr
    assert not list(with_readings.glob("backup-*")), "nothing is left behind"
    (with_readings / "lake" / "day/b/live.parquet").write_bytes(b"gone")
    (with_readings / "lake" / "day/b/later.parquet").write_bytes(b"new!")
    answer = run(with_readings, "restore", str(archive), "--yes")
    assert answer.returncode == 0, answer.stderr
    assert files_of(with_readings / "lake") == ["day/b/live.parquet"]
    assert (with_readings / "lake" / "day/b/live.parquet").read_bytes() == b"PAR1"
    kept = next(with_readings.glob("before-restore-*"))
    assert "day/b/later.parquet" in files_of(kept / "lake")


def test_backup_without_a_file_of_readings_is_not_written(with_readings: Path, tmp_path: Path) -> None:
    (with_readings / "lake" / "day/b/live.parquet").unlink()
    answer = run(with_readings, "backup", str(tmp_path / "backup.tar.gz"))
    assert answer.returncode == 1
    assert "day/b/live.parquet" in answer.stderr and "Traceback" not in answer.stderr
    assert not list(tmp_path.glob("backup*"))


def test_backup_with_damaged_readings_is_refused(with_readings: Path, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    run(with_readings, "backup", str(archive))
    folder = tmp_path / "unpacked"
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (folder / "lake" / "day/b/live.parquet").write_bytes(b"XXXX")
    with tarfile.open(archive, "w:gz") as file:
        for name in ("manifest.json", "database", "documents", "lake"):
            file.add(folder / name, name)
    answer = run(with_readings, "restore", str(archive), "--yes")
    assert answer.returncode == 1
    assert "day/b/live.parquet" in answer.stderr
    assert (with_readings / "lake" / "in/a/stray.parquet").exists(), "nothing was touched"
