"""The front door dies in the middle of its work: what it acknowledged is there, and nothing is there twice."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from parkbrain.config.processes import ingest_command
from parkbrain.telemetry.drivers.http import push

ROUNDS, READINGS, SENDERS = 3, 200, 4

PREPARE = """
import django; django.setup()
from django.utils import timezone
from tests.factories import make_park
from parkbrain.telemetry import services
park, at = make_park(), timezone.now()
source = services.create_source(park=park, code="GW", driver="http", actor=None, at=at)
services.record_points(park=park, rows=[{"code": "A", "unit": "M3", "source_code": "GW"}], actor=None, at=at)
print(services.create_device_token(source=source, name="x", actor=None, at=at).secret)
"""
COUNT = """
import django, json; django.setup()
from parkbrain import lake
from parkbrain.lake.models import Segment
from parkbrain.telemetry.models import Point, PushReceipt
table = lake.read_readings(points=[Point.objects.get().pk], start_us=0, end_us=2**62)
print(json.dumps([sum(Segment.objects.values_list("rows", flat=True)), table["at_us"].to_pylist(), PushReceipt.objects.count()]))
"""


@pytest.fixture
def home(tmp_path: Path, migrated: Path) -> Iterator[dict[str, str]]:
    shutil.copy(migrated, tmp_path / "parkbrain.sqlite3")
    environment = {**os.environ, "PARKBRAIN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}
    for name in ("PARKBRAIN_DATABASE", "PARKBRAIN_LAKE"):
        environment.pop(name, None)
    yield environment


def run(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def start(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(ingest_command(host="127.0.0.1", port=port), env=environment, start_new_session=True)
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return server
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the front door did not open")


def kill(server: subprocess.Popen[bytes]) -> None:
    # The whole group, as the machine would: granian's worker is a process of its own.
    os.killpg(server.pid, signal.SIGKILL)
    server.wait(30)


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_nine_and_nothing_is_there_twice(home: dict[str, str]) -> None:
    secret = run(PREPARE, home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    url = f"http://127.0.0.1:{port}/ingest"
    now_s = int(time.time()) - 1_000_000
    acknowledged: set[int] = set()
    sent: dict[str, range] = {}
    waiting: dict[str, range] = {}
    numbers = itertools.count()
    stop = threading.Event()

    def body(span: range) -> bytes:
        return "\n".join(f"A value={n} {(now_s + n) * 1_000_000_000}" for n in span).encode()

    def ask(key: str, span: range) -> bool:
        try:
            status, said = push(url=url, token=secret, body=body(span), media_type="text/plain", key=key)
        except OSError:
            return False
        assert status in {200, 503}, said
        return status == 200

    def send(sender: int, round_number: int) -> None:
        number = 0
        while not stop.is_set():
            first = next(numbers) * READINGS
            key, span = f"{round_number}-{sender}-{number}", range(first, first + READINGS)
            sent[key] = span
            if ask(key, span):
                acknowledged.update(span)
            else:
                waiting[key] = span
            number += 1

    for round_number in range(ROUNDS):
        server = start(port, home)
        stop.clear()
        # What was on its way when it died is sent again: nobody knows whether it was stored.
        for key, span in list(waiting.items()):
            if ask(key, span):
                acknowledged.update(span)
                del waiting[key]
        senders = [threading.Thread(target=send, args=(s, round_number)) for s in range(SENDERS)]
        for sender in senders:
            sender.start()
        time.sleep(1.0 + 0.37 * round_number)
        kill(server)
        stop.set()
        for sender in senders:
            sender.join(30)
    rows, found_us, receipts = json.loads(run(COUNT, home))
    found = {at_us // 1_000_000 - now_s for at_us in found_us}
    assert len(acknowledged) >= READINGS * ROUNDS
    assert acknowledged <= found
    assert found <= {n for span in sent.values() for n in span}
    assert rows == receipts * READINGS == len(found), "a message was stored twice, or in part"
