"""A quick answer to “are the tables up to date?” and “are there parks?”, without starting the whole framework.

A second start must not cost the seconds of loading every module three times. The stamp names the migrations it was
written for; it is dropped by a restore, and any doubt means the full check.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import django
import django_tasks_db

PACKAGE_DIR = Path(__file__).resolve().parent.parent


def _home() -> Path:
    return Path(os.environ.get("PARKBRAIN_HOME", "var")).resolve()


def database_path() -> Path | None:
    """Return the embedded database's file, None where another database is set or there is none yet."""
    path = _home() / "parkbrain.sqlite3"
    if os.environ.get("PARKBRAIN_DATABASE") or not path.is_file() or not path.stat().st_size:
        return None
    return path


def _wanted() -> str:
    names = sorted(str(p.relative_to(PACKAGE_DIR)) for p in PACKAGE_DIR.glob("*/migrations/0*.py"))
    names += sorted(p.name for p in Path(django_tasks_db.__file__).parent.glob("migrations/0*.py"))
    return hashlib.sha256("\n".join([django.__version__, *names]).encode()).hexdigest()


def is_prepared() -> bool:
    """Tell whether the embedded database was brought up to these very migrations before."""
    stamp = _home() / "prepared"
    return database_path() is not None and stamp.is_file() and stamp.read_text() == _wanted()


def mark_prepared() -> None:
    """Remember that the tables are up to date."""
    if database_path() is not None:
        (_home() / "prepared").write_text(_wanted())


def forget_prepared() -> None:
    """Ask for the full check at the next start: another database was put in place."""
    (_home() / "prepared").unlink(missing_ok=True)


def has_parks() -> bool:
    """Tell whether the embedded database surely holds parks; False also where that is not known."""
    path = database_path()
    if path is None or not is_prepared():
        return False
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as database:
            return database.execute("select 1 from kernel_park limit 1").fetchone() is not None
    except sqlite3.Error:
        return False


def is_live_demo() -> bool:
    """Tell whether this is a demo whose meters go on pushing readings while the system runs."""
    return (_home() / "demo-meters.json").is_file()
