"""The store of readings at rest and under load: `python -m benchmarks.lake [millions of readings]`.

A year of registers of 1,000 points goes in by days as collectors write it, is put in order, and is asked: hours of 50 million
readings, a week of one point out of all, several processes that write and read at once. Beside it, in the same run, the
same first readings as line protocol over one HTTP client into InfluxDB and VictoriaMetrics where they are installed, and as
rows into a table with an index. Writes its section of docs/performance.md.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ingest import free_port, running
from benchmarks.report import machine, markdown_table, run_seconds, write_section

HOME = Path(tempfile.mkdtemp(prefix="parkbrain-lake-"))
POINTS, DAY_US, WEEK_US = 1000, 86_400_000_000, 7 * 86_400_000_000
START = datetime(2025, 1, 1, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
#: Readings of a point a day: one every 450 s, so that a year of all is 70 million.
PER_DAY = 192
PEER_DAYS, LINES = 14, 10_000
LIMITS = {"hours": "< 3 s", "week": "< 50 ms", "bytes": "≤ 4"}
WRITE = """
import django, sys; django.setup()
import numpy as np, time
from django.utils import timezone
from parkbrain import lake
number, seconds, rows = int(sys.argv[1]), float(sys.argv[2]), 0
start_us, until, n = int(sys.argv[3]), time.monotonic() + seconds, 0
while time.monotonic() < until:
    at_us = np.full(5000, start_us + number * 10**12 + n * 1_000_000)
    points = np.arange(1, 5001) + 10_000 * (number + 1)
    lake.append_readings(lake.readings_table(points, at_us, np.arange(5000.0)), batch_id=f"w{number}-{n}", at=timezone.now())
    rows, n = rows + 5000, n + 1
print(rows)
"""
READ = """
import django, sys; django.setup()
import time
from parkbrain import lake
seconds, start_us, week_us, points = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
until, took = time.monotonic() + seconds, []
while time.monotonic() < until:
    started = time.perf_counter()
    point = len(took) % points + 1
    assert lake.read_readings(points=[point], start_us=start_us, end_us=start_us + week_us).num_rows
    took.append(time.perf_counter() - started)
print(len(took), sorted(took)[len(took) // 2] * 1000)
"""


def day_of_readings(day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points, instants [µs] and registers [kWh, hundredths] of a day, as they arrive: moment by moment."""
    draw = np.random.default_rng(day)
    steps = np.round(draw.gamma(2.0, 0.8, size=(PER_DAY, POINTS)), 2)
    registers = np.round(1000.0 * np.arange(1, POINTS + 1) + 307.2 * day + np.cumsum(steps, axis=0), 2)
    at_us = START_US + day * DAY_US + np.arange(PER_DAY) * (DAY_US // PER_DAY)
    return np.tile(np.arange(1, POINTS + 1), PER_DAY), np.repeat(at_us, POINTS), registers.ravel()


def prepare() -> None:
    """Make the data folder."""
    os.environ |= {"PARKBRAIN_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def fill(days: int) -> tuple[float, float]:
    """Write the days and put them in order; return both times [s]."""
    from parkbrain import lake

    started = time.perf_counter()
    for day in range(days):
        points, at_us, values = day_of_readings(day)
        arrived_at = START + timedelta(days=day + 1)
        lake.append_readings(lake.readings_table(points, at_us, values), batch_id=f"day-{day}", at=arrived_at)
    written_s, started = time.perf_counter() - started, time.perf_counter()
    after = START + timedelta(days=days + 60)
    lake.keep_in_order(at=after)
    lake.sweep(at=after + timedelta(days=1))
    return written_s, time.perf_counter() - started


def at_once(seconds: float) -> tuple[int, int, float]:
    """Let two processes write and two read; return readings written a second, weeks read a second, median [ms]."""
    environment = {**os.environ}
    start_us = START_US + 10**15
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(n), str(seconds), str(start_us)], env=environment, stdout=-1)
        for n in range(2)
    ]
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READ, str(seconds), str(START_US), str(WEEK_US), str(POINTS)],
            env=environment,
            stdout=-1,
        )
        for _ in range(2)
    ]
    written = sum(int(w.communicate()[0]) for w in writers)
    found = [r.communicate()[0].split() for r in readers]
    from parkbrain import lake

    stored = lake.roll_up(points=None, start_us=start_us, end_us=start_us + 10**14, step="day")
    assert int(np.sum(stored["count"].to_numpy())) == written, "every reading written is there once"
    return (
        int(written / seconds),
        int(sum(int(f[0]) for f in found) / seconds),
        float(np.median([float(f[1]) for f in found])),
    )


def own(millions: int) -> list[tuple[str, str, str]]:
    """Measure the product's store."""
    from parkbrain import lake
    from parkbrain.lake.models import Segment

    days = max(PEER_DAYS, round(millions * 1_000_000 / (POINTS * PER_DAY)))
    rows = days * POINTS * PER_DAY
    written_s, ordered_s = fill(days)
    live = Segment.objects.filter(is_live=True)
    size = sum(live.values_list("size_bytes", flat=True))
    whole_days = min(days, -(-50_000_000 // (POINTS * PER_DAY)))
    hours_s = run_seconds(lambda: lake.roll_up(start_us=START_US, end_us=START_US + whole_days * DAY_US), 3)
    draw, weeks = np.random.default_rng(5), []
    for point in draw.integers(1, POINTS + 1, size=60).tolist():
        first = START_US + int(draw.integers(0, days - 7)) * DAY_US
        started = time.perf_counter()
        table = lake.read_readings(points=[point], start_us=first, end_us=first + WEEK_US)
        weeks.append((time.perf_counter() - started) * 1000)
        assert table.num_rows == 7 * PER_DAY
    writes, reads, read_ms = at_once(10)
    counted = f"{whole_days * POINTS * PER_DAY / 1e6:,.0f} M"
    return [
        (f"{rows / 1e6:,.0f} M readings written by days, durable", f"{rows / written_s:,.0f} readings/s", ""),
        ("… put in order: a file a month", f"{rows / ordered_s:,.0f} readings/s", ""),
        ("size once in order", f"{size / rows:.2f} bytes a reading", LIMITS["bytes"]),
        (f"hourly roll-up of {counted} readings", f"{float(np.median(hours_s)):.2f} s", LIMITS["hours"]),
        (
            "a week of one point out of all, median (slowest of 60)",
            f"{np.median(weeks[5:]):.0f} ms ({max(weeks[5:]):.0f} ms)",
            LIMITS["week"],
        ),
        (
            "two processes write, two read, at once",
            f"{writes:,} readings/s in, {reads:,} weeks/s out (median {read_ms:.0f} ms)",
            "nothing lost",
        ),
    ]


def bodies() -> list[bytes]:
    """Return the first days as line protocol, in order of time."""
    lines: list[str] = []
    for day in range(PEER_DAYS):
        columns = day_of_readings(day)
        lines += [f"m,p={p} value={v:.2f} {t}000" for p, t, v in zip(*(c.tolist() for c in columns), strict=True)]
    return ["\n".join(lines[n : n + LINES]).encode() for n in range(0, len(lines), LINES)]


def push(port: int, path: str, sent: list[bytes]) -> float:
    """Send every body over one connection and return the time [s]."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    for body in sent:
        client.request("POST", path, body)
        answer = client.getresponse()
        answer.read()
        assert answer.status < 300, answer.status
    return time.perf_counter() - started


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def get_json(port: int, path: str, query: dict[str, str]) -> Any:
    """Return what a server answers."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.request("GET", f"{path}?{urllib.parse.urlencode(query)}")
    return json.loads(client.getresponse().read())


@contextmanager
def victoria(folder: Path) -> Iterator[tuple[int, str, Callable[[int], int]]]:
    """Run VictoriaMetrics; yield its port, where to write, and a query of a week that returns its number of readings."""
    port = free_port()
    command = [
        "victoria-metrics",
        f"-httpListenAddr=127.0.0.1:{port}",
        f"-storageDataPath={folder}",
        "-loggerLevel=ERROR",
    ]
    command += ["-retentionPeriod=10y"]

    def week(point: int) -> int:
        asked = {
            "match[]": f'm_value{{p="{point}"}}',
            "start": str(START_US // 10**6),
            "end": str((START_US + WEEK_US) // 10**6 - 1),
        }
        return len(get_json(port, "/api/v1/export", asked)["values"])

    with running(command, f"http://127.0.0.1:{port}/health"):
        yield port, "/write", week


@contextmanager
def influx(folder: Path) -> Iterator[tuple[int, str, Callable[[int], int]]]:
    """Run InfluxDB 1.x; yield its port, where to write, and a query of a week."""
    port, other = free_port(), free_port()
    folder.mkdir(parents=True)
    (folder / "influx.conf").write_text(
        f'reporting-disabled = true\nbind-address = "127.0.0.1:{other}"\n[meta]\ndir = "{folder}/meta"\n'
        f'[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\nquery-log-enabled = false\n[http]\n'
        f'bind-address = "127.0.0.1:{port}"\nlog-enabled = false\n[logging]\nlevel = "error"\n'
    )

    def week(point: int) -> int:
        text = f"SELECT value FROM m WHERE p = '{point}' AND time >= {START_US}000 AND time < {START_US + WEEK_US}000"
        return len(get_json(port, "/query", {"db": "b", "q": text})["results"][0]["series"][0]["values"])

    with running(["influxd", "-config", str(folder / "influx.conf")], f"http://127.0.0.1:{port}/ping"):
        client = http.client.HTTPConnection("127.0.0.1", port)
        client.request("POST", "/query?q=CREATE+DATABASE+b")
        client.getresponse().read()
        yield port, "/write?db=b", week


def median_week_ms(week: Callable[[int], int]) -> float:
    """Return the median time of a week of one point [ms]."""
    took = []
    for point in np.random.default_rng(5).integers(1, POINTS + 1, size=30).tolist():
        started = time.perf_counter()
        assert week(point) == 7 * PER_DAY
        took.append((time.perf_counter() - started) * 1000)
    return float(np.median(took))


def peers() -> list[tuple[str, str, str, str]]:
    """Measure the other stores with the first days: one client, one text format."""
    sent, found = bodies(), []
    rows = PEER_DAYS * PER_DAY * POINTS
    for name, program, run in (("VictoriaMetrics", "victoria-metrics", victoria), ("InfluxDB 1.6", "influxd", influx)):
        if shutil.which(program) is None:
            continue
        folder = HOME / program
        with run(folder) as (port, path, week):
            took_s = push(port, path, sent)
            time.sleep(5)  # what is in memory becomes visible
            week_ms = median_week_ms(week)
        found.append((name, f"{rows / took_s:,.0f}", f"{folder_size(folder) / rows:.2f}", f"{week_ms:.1f}"))
    return [*found, rows_in_a_table()]


def rows_in_a_table() -> tuple[str, str, str, str]:
    """Measure rows in a relational table whose key is point and instant."""
    path, rows = HOME / "rows.sqlite3", PEER_DAYS * PER_DAY * POINTS
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE reading (point, at_us, value, quality, PRIMARY KEY (point, at_us)) WITHOUT ROWID")
    started = time.perf_counter()
    for day in range(PEER_DAYS):
        columns = [c.tolist() for c in day_of_readings(day)]
        with database:
            database.executemany("INSERT INTO reading VALUES (?, ?, ?, 0)", zip(*columns, strict=True))
    took_s = time.perf_counter() - started

    def week(point: int) -> int:
        asked = "SELECT at_us, value FROM reading WHERE point = ? AND at_us >= ? AND at_us < ?"
        return len(database.execute(asked, (point, START_US, START_US + WEEK_US)).fetchall())

    week_ms = median_week_ms(week)
    database.close()
    return (
        "rows in a table (SQLite), no text read",
        f"{rows / took_s:,.0f}",
        f"{path.stat().st_size / rows:.2f}",
        f"{week_ms:.1f}",
    )


def main() -> None:
    """Measure, then write the section."""
    millions = int(sys.argv[1]) if len(sys.argv) > 1 else 70
    prepare()
    mine = own(millions)
    others = peers()
    head = (
        f"Registers of {POINTS:,} points every {DAY_US // PER_DAY // 10**6} s (`python -m benchmarks.lake {millions}`); "
        f"{machine()}; files are in the page cache."
    )
    given = f"{PEER_DAYS} days ({PEER_DAYS * PER_DAY * POINTS / 1e6:.1f} M readings)"
    said = f"Other stores, {given}, one client, {LINES:,} lines a request:"
    tables = (
        markdown_table(("what", "measured", "bar"), mine),
        markdown_table(("store", "readings/s in", "bytes a reading", "a week of one point ms"), others),
    )
    print(head, tables[0], said, tables[1], sep="\n\n")
    write_section("lake", f"## The store of readings\n\n{head}\n\n{tables[0]}\n\n{said}\n\n{tables[1]}")
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
