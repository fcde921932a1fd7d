"""Readings from an MQTT publisher through a broker to the durable store: `python -m benchmarks.mqtt [messages]`.

A real Mosquitto with a password, quality of service 1, columnar JSON; the collector runs as `parkbrain run` starts it, on a
data folder of its own. A reading counts once the manifest names the file it is in. Writes its section of docs/performance.md.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.report import machine, markdown_table, write_section
from tests.telemetry.mosquitto import PASSWORD, USERNAME, Broker, is_installed

POINTS, ROWS = 1000, 1000
LIMIT_RATE, LIMIT_P99_MS = 200_000, 500.0
STEADY_RATE, STEADY_S = 40_000, 20
PREPARE = """
import django, json, sys; django.setup()
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from parkbrain.kernel.models import Branch, Park
from parkbrain.telemetry import services
branch = Branch.objects.create(kind="PARK", code="bench", path="/bench/")
park, at = Park.objects.create(code="bench", branch=branch), timezone.now()
services.create_source(park=park, code="MQ", driver="mqtt", settings=json.loads(sys.argv[1]), actor=None, at=at)
rows = [{"code": f"E-{n:04d}", "unit": "KiloW-HR", "source_code": "MQ"} for n in range(int(sys.argv[2]))]
services.record_points(park=park, rows=rows, actor=None, at=at)
"""


def payloads(count: int, first_ms: int) -> list[bytes]:
    """Return messages: every point once, each message of another second."""
    draw = np.random.default_rng(1)
    points = [f"E-{n:04d}" for n in range(POINTS)][:ROWS]
    values = [np.round(draw.random(ROWS) * 1000, 2).tolist() for _ in range(16)]
    return [
        json.dumps({"point": points, "at": first_ms + 1000 * n, "value": values[n % 16]}).encode() for n in range(count)
    ]


class Store:
    """Watches how many readings the manifest names."""

    def __init__(self, home: Path) -> None:
        self._database = sqlite3.connect(f"file:{home}/parkbrain.sqlite3?mode=ro", uri=True, check_same_thread=False)

    def rows(self) -> int:
        found = self._database.execute("SELECT coalesce(sum(rows), 0) FROM lake_segment WHERE level = 0").fetchone()
        return int(found[0])

    def fault(self) -> str | None:
        found = self._database.execute("SELECT last_error, changed_at FROM telemetry_source").fetchone()
        return str(found[0])


def publisher(port: int) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="bench", protocol=paho.MQTTv5)
    client.username_pw_set(USERNAME, PASSWORD)
    client.max_inflight_messages_set(200)
    client.connect("127.0.0.1", port)
    client.loop_start()
    return client


def flood(client: paho.Client, store: Store, bodies: list[bytes]) -> float:
    """Send all at once and return readings a second from the first one sent to the last one stored."""
    before, started = store.rows(), time.perf_counter()
    for body in bodies:
        client.publish("bench/x", body, qos=1)
    while store.rows() < before + len(bodies) * ROWS:
        time.sleep(0.01)
        assert time.perf_counter() - started < 300, "the store stands still"
    return len(bodies) * ROWS / (time.perf_counter() - started)


def steady(client: paho.Client, store: Store, bodies: list[bytes]) -> list[float]:
    """Send so many a second and return how long each message took until it was stored [ms]."""
    sent: list[float] = []
    stored: list[float] = []
    before = store.rows()

    def watch() -> None:
        while len(stored) < len(bodies):
            count = (store.rows() - before) // ROWS
            stored.extend([time.perf_counter()] * (count - len(stored)))
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    for number, body in enumerate(bodies):
        time.sleep(max(0.0, started + number * ROWS / STEADY_RATE - time.perf_counter()))
        sent.append(time.perf_counter())
        client.publish("bench/x", body, qos=1)
    watcher.join(60)
    return [(b - a) * 1000 for a, b in zip(sent, stored, strict=True)]


def main() -> int:
    """Measure both, print and write the section; exit 1 when a bar is missed."""
    if not is_installed():
        print("Mosquitto is not installed: apt-get install mosquitto")
        return 1
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    folder = Path(tempfile.mkdtemp(prefix="parkbrain-mqtt-"))
    broker = Broker(folder / "broker").start()
    settings = {
        "host": "127.0.0.1",
        "port": broker.port,
        "username": USERNAME,
        "password": PASSWORD,
        "topic": "bench/#",
    }
    environment = {**os.environ, "PARKBRAIN_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}
    prepare = [sys.executable, "-c", PREPARE, json.dumps(settings), str(POINTS)]
    subprocess.run(prepare, env=environment, check=True)
    collector = subprocess.Popen([sys.executable, "-m", "django", "collect"], env=environment)
    try:
        store, client = Store(folder), publisher(broker.port)
        now_ms = int(time.time() * 1000) - 86_400_000 * 3
        time.sleep(6)  # the collector has subscribed
        flood(client, store, payloads(50, now_ms))
        rate = flood(client, store, payloads(count, now_ms + 100_000))
        took = steady(client, store, payloads(STEADY_RATE * STEADY_S // ROWS, now_ms + 100_000_000))
        client.loop_stop()
    finally:
        collector.terminate()
        collector.wait(30)
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)
    p50, p99 = np.percentile(took, [50, 99])
    rows = [
        [f"all at once, {ROWS:,} readings a message", f"{rate:,.0f} readings/s", f"≥ {LIMIT_RATE:,}"],
        [f"{STEADY_RATE:,} readings/s, published until stored: half of the messages", f"{p50:.0f} ms", ""],
        ["… 99 of 100 messages", f"{p99:.0f} ms", f"< {LIMIT_P99_MS:.0f} ms"],
    ]
    text = "\n".join([
        f"Publisher → Mosquitto (QoS 1, password) → collector → store, columnar JSON of {POINTS:,} points; {machine()}; publisher, "
        "broker and collector share the cores.", "", markdown_table(["what", "measured", "bar"], rows),
    ])  # fmt: skip
    print(text)
    write_section("mqtt", f"## Readings over MQTT\n\n{text}")
    return 0 if rate >= LIMIT_RATE and p99 < LIMIT_P99_MS else 1


if __name__ == "__main__":
    sys.exit(main())
