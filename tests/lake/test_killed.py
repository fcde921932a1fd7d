"""Processes are killed at any moment; what was acknowledged is there, once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .worker import POINTS

ROUNDS = 4
COUNT = """
import django; django.setup()
import json
from parkbrain import lake
from parkbrain.lake.models import Segment
table = lake.read_readings(points=range(1, 100), start_us=0, end_us=2**62)
rolled = lake.roll_up(start_us=0, end_us=2**62, step="hour")
print(json.dumps({
    "values": sorted(set(table["value"].to_pylist())), "rows": table.num_rows,
    "in_files": sum(Segment.objects.filter(is_live=True, level__lt=2).values_list("rows", flat=True)),
    "levels": sorted(set(Segment.objects.filter(is_live=True).values_list("level", flat=True))),
    "counted": sum(rolled["count"].to_pylist()), "total": sum(rolled["total"].to_pylist()),
}))
"""


def start(*arguments: str, home: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.lake.worker", *arguments]
    return subprocess.Popen(command, env=home, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def kill(process: subprocess.Popen[str]) -> list[str]:
    process.send_signal(signal.SIGKILL)
    lines = (process.communicate()[0] or "").splitlines()
    return lines


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PARKBRAIN_")}
    environment = {
        **kept,
        "PARKBRAIN_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "lake", "-v0"], env=environment, check=True)
    return environment


def count(home: dict[str, str]) -> dict[str, object]:
    answer = subprocess.run([sys.executable, "-c", COUNT], env=home, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(answer.stdout)
    return found


def run_rounds(home: dict[str, str]) -> int:
    """Kill writer and keeper again and again; return the number of the last batch that was acknowledged."""
    chance, acknowledged = random.Random(11), -1
    for number in range(ROUNDS):
        writer = start("write", str(acknowledged + 1), home=home)
        keeper = start("keep", str(number + 1), home=home)
        assert writer.stdout and keeper.stdout
        seen = [int(writer.stdout.readline())]
        keeper.stdout.readline()
        if number == ROUNDS // 2:
            # However slow the machine is, one sorting ends well: what follows builds upon it.
            keeper.stdout.readline()
        time.sleep(0.3 + chance.random())
        kill(keeper)
        seen += [int(line) for line in kill(writer) if line.strip().isdigit()]
        assert seen[-1] > acknowledged
        acknowledged = seen[-1]
    return acknowledged


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(home: dict[str, str]) -> None:
    acknowledged = run_rounds(home)
    found = count(home)
    values = found["values"]
    assert isinstance(values, list)
    assert values[: acknowledged + 1] == [float(n) for n in range(acknowledged + 1)], "lost"
    assert len(values) <= acknowledged + 2, "one batch may have been durable before it was said"
    assert found["rows"] == found["in_files"] == found["counted"] == POINTS * len(values), "doubled, or half a batch"
    assert 1 in found["levels"]  # type: ignore[operator]


@pytest.mark.slow
def test_killed_while_thinning_nothing_is_lost_and_nothing_doubled(home: dict[str, str]) -> None:
    home = {**home, "PARKBRAIN_LAKE_KEEP_DAYS": "20000"}
    writer = start("write", "0", home=home)
    assert writer.stdout
    writer.stdout.readline()
    time.sleep(1.5)
    kill(writer)
    written = count(home)
    home["PARKBRAIN_LAKE_KEEP_DAYS"] = "1"
    for number in range(ROUNDS):
        keeper = start("keep", str(24 * (400 + number)), home=home)
        assert keeper.stdout
        keeper.stdout.readline()
        time.sleep(0.02 + 0.15 * number)
        kill(keeper)
    found = count(home)
    assert (found["counted"], found["total"]) == (written["counted"], written["total"])
    assert 2 in found["levels"]  # type: ignore[operator]
