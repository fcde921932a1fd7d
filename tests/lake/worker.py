"""A process that writes or sorts until it is killed: `python -m tests.lake.worker write|keep FIRST`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")
POINTS = 7
START = datetime(2026, 1, 1, tzinfo=UTC)
STEP_US = 3_600_000_000


def write(first: int) -> None:
    """Append batch after batch and say each number once it is durable."""
    from parkbrain import lake

    for number in range(first, 1_000_000):
        at_us = int(START.timestamp()) * 1_000_000 + number * STEP_US
        table = lake.readings_table(range(1, POINTS + 1), [at_us] * POINTS, [float(number)] * POINTS)
        lake.append_readings(table, batch_id=f"batch {number}", at=datetime.now(UTC))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def keep(first: int) -> None:
    """Sort, thin and sweep again and again; `first` moves the clock on, past the lease of a dead process."""
    from parkbrain import lake
    from parkbrain.lake.engine import connect_engine

    connect_engine().sql("SELECT 1 AS one").to_pyarrow()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        at = datetime.now(UTC) + timedelta(hours=first)
        lake.compact(at=at)
        lake.apply_retention(at=at)
        lake.sweep(at=datetime.now(UTC))
        sys.stdout.write("round\n")
        sys.stdout.flush()


if __name__ == "__main__":
    django.setup()
    {"write": write, "keep": keep}[sys.argv[1]](int(sys.argv[2]))
