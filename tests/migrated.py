"""A migrated SQLite database that the test processes copy, kept until a migration or what it reads changes.

Rendering the history of a hundred and fifty tables takes half a minute of each process that needs a database; copying
the result takes a moment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _sources() -> list[Path]:
    """Return every file that decides what migrating an empty database gives."""
    package = ROOT / "parkbrain"
    found = [*package.glob("*/migrations/*.py"), *package.glob("schemes/*.yaml"), ROOT / "requirements.lock"]
    return sorted(found)


def _key() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def migrated_database(folder: Path) -> Path:
    """Return the file of the migrated database in the folder, made by `manage.py migrate` where it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / f"migrated-{_key()}.sqlite3"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in folder.glob("migrated-*.sqlite3"):
                old.unlink()
            with tempfile.TemporaryDirectory(dir=folder) as home:
                _migrate(Path(home), wanted)
    return wanted


def _migrate(home: Path, wanted: Path) -> None:
    environment = {**os.environ, "PARKBRAIN_HOME": str(home)}
    environment.pop("PARKBRAIN_DATABASE", None)
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, env=environment, check=True, cwd=ROOT)
    # One file, whole: what still stands in the write-ahead log comes along.
    with sqlite3.connect(home / "parkbrain.sqlite3") as source, sqlite3.connect(home / "whole.sqlite3") as target:
        source.backup(target)
    (home / "whole.sqlite3").replace(wanted)
