"""SQLite databases that the test processes copy: one just migrated, one with the small demo.

Rendering the history of a hundred and fifty tables, and loading the demo, take half a minute each of every process and
module that needs them; copying the result takes a moment. What was made is kept until something that decides it changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "parkbrain"
DATABASE = "parkbrain.sqlite3"
#: The day the demo of the tests lives in; pages of it are asked for as of this day.
DEMO_ON = date(2026, 11, 23)
DEMO_SEED = 20260101
DEMO_SIZE = 40
SUMMARY = "summary.pickle"

_LOAD = f"""
import pickle, sys
from datetime import date
from pathlib import Path
import django
django.setup()
from django.test import override_settings
from parkbrain.demo.load import load_demo
with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
    summary = load_demo(
        seed={DEMO_SEED}, on=date.fromisoformat("{DEMO_ON.isoformat()}"), city_size={DEMO_SIZE}, metered_days=40
    )
Path(sys.argv[1]).write_bytes(pickle.dumps(summary))
"""


def _key(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted([*paths, ROOT / "requirements.lock", Path(__file__)]):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"PARKBRAIN_DATABASE", "PARKBRAIN_LAKE"}}
    return {**kept, "PARKBRAIN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}


def _kept(folder: Path, name: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the data folder of this name and key below `folder`, made once; processes wait for the one that makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / f"{name}-{key}"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in folder.glob(f"{name}-*"):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            being_made = folder / f"{name}.being-made"
            shutil.rmtree(being_made, ignore_errors=True)
            being_made.mkdir()
            make(being_made)
            being_made.rename(wanted)
    return wanted


def _close(home: Path) -> None:
    """Bring what still stands in the write-ahead log into the one file."""
    with sqlite3.connect(home / DATABASE) as database:
        database.execute("PRAGMA journal_mode=DELETE")


def migrated_database(folder: Path) -> Path:
    """Return the file of a migrated, empty database, made by `manage.py migrate` where it is not there yet."""

    def make(home: Path) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
        subprocess.run(command, env=_environment(home), check=True, cwd=ROOT)
        _close(home)

    sources = [*PACKAGE.glob("*/migrations/*.py"), *PACKAGE.glob("schemes/*.yaml")]
    return _kept(folder, "migrated", _key(sources), make) / DATABASE


def demo_home(folder: Path) -> Path:
    """Return a data folder with the small demo: its database, documents, readings, and what loading it answered."""

    def make(home: Path) -> None:
        shutil.copy(migrated_database(folder), home / DATABASE)
        command = [sys.executable, "-c", _LOAD, str(home / SUMMARY)]
        subprocess.run(command, env=_environment(home), check=True, cwd=ROOT)
        _close(home)

    files = [
        p for p in PACKAGE.rglob("*") if p.suffix in {".py", ".yaml", ".json", ".csv", ".geojson", ".html", ".txt"}
    ]
    return _kept(folder, "demo", _key(p for p in files if p.is_file()), make)


def fill_from(source: Path) -> None:
    """Make the connected SQLite database of the tests the same as that of a file."""
    from django.contrib.contenttypes.models import ContentType
    from django.core.cache import cache
    from django.db import connection

    connection.ensure_connection()
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as database:
        database.backup(connection.connection)
    database.close()
    # Numbers of rows mean other rows now.
    ContentType.objects.clear_cache()
    cache.clear()
