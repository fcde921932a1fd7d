"""Readings over a real MQTT broker: every format, a broker that restarts, workers that are killed, wrong passwords, TLS."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from parkbrain.calc.wire.readings import MessageError
from parkbrain.calc.wire.sparkplug import SparkplugReader, payload_class, read_topic
from parkbrain.telemetry.drivers.mqtt import publish, read_json_message

from .mosquitto import PASSWORD, USERNAME, Broker, is_installed

needs_broker = pytest.mark.skipif(not is_installed(), reason="Mosquitto is not installed here")
NOW_S = int(time.time()) - 500_000
BATCH = 5

PREPARE = """
import django, json, sys; django.setup()
from django.utils import timezone
from tests.factories import make_park
from parkbrain.telemetry import services
park, at, given = make_park(), timezone.now(), json.loads(sys.argv[1])
for code, settings in given.items():
    services.create_source(park=park, code=code, driver="mqtt", settings=settings, actor=None, at=at)
rows = [("A", "GW", "A"), ("B", "GW", "park/meters/B"), ("S", "SP", "Park/Edge1/E-1/energy")]
services.record_points(park=park, rows=[dict(code=c, unit="M3", source_code=s, address=a) for c, s, a in rows], actor=None, at=at)
"""
COUNT = """
import django, json; django.setup()
from parkbrain import lake
from parkbrain.lake.models import Segment
from parkbrain.telemetry.models import Point
found = {}
for point in Point.objects.all():
    table = lake.read_readings(points=[point.pk], start_us=0, end_us=2**62)
    found[point.code] = [table["at_us"].to_pylist(), table["value"].to_pylist()]
found["rows"] = sum(Segment.objects.values_list("rows", flat=True))
print(json.dumps(found))
"""


def run(code: str, environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    found = Broker(tmp_path_factory.mktemp("broker")).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    found = Broker(tmp_path_factory.mktemp("secure"), has_tls=True).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, broker: Broker, secure: Broker, migrated: Path) -> dict[str, str]:
    """An installation with sources at the broker: right ones, one with a wrong password, ones over TLS."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copy(migrated, folder / "parkbrain.sqlite3")
    environment = {**os.environ, "PARKBRAIN_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}
    for name in ("PARKBRAIN_DATABASE", "PARKBRAIN_LAKE"):
        environment.pop(name, None)
    right = {"host": "127.0.0.1", "port": broker.port, "username": USERNAME, "password": PASSWORD}
    tls = {**right, "port": secure.port, "security": "tls", "topic": "x"}
    sources = {
        "GW": {**right, "topic": "park/meters/#"},
        "SP": {**right, "topic": "spBv1.0/#", "format": "sparkplug"},
        "WRONG": {**right, "password": "guessed", "topic": "x"},
        "AWAY": {**right, "port": 1, "topic": "x"},
        "TLS": {**tls, "ca_file": str(secure.ca_file)},
        "UNTRUSTED": tls,
    }
    run(PREPARE, environment, json.dumps(sources))
    return environment


@pytest.fixture
def collect(home: dict[str, str]) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start(worker: int = 1) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "django", "collect", "--worker", str(worker)]
        started.append(subprocess.Popen(command, env=home, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def ask(home: dict[str, str], question: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{home['PARKBRAIN_HOME']}/parkbrain.sqlite3?mode=ro", uri=True, timeout=30) as database:
        return database.execute(question).fetchall()


def wait_until(is_so: Callable[[], object], seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.2)


def send(broker: Broker, topic: str, payload: bytes | str) -> None:
    data = payload if isinstance(payload, bytes) else payload.encode()
    publish(host="127.0.0.1", port=broker.port, topic=topic, payload=data, username=USERNAME, password=PASSWORD)


def messages_of(home: dict[str, str], code: str) -> int:
    [(count,)] = ask(
        home,
        "SELECT coalesce(sum(m.messages), 0) FROM telemetry_sourceminute m JOIN telemetry_source s ON s.id = m.source_id "
        f"WHERE s.code = '{code}'",
    )
    return int(count)


def wait_for_a_session(broker: Broker, topic: str, payload: str) -> None:
    """Wait until the broker has someone to keep the topic for: before, it lets go of what it is given.

    The payload has arrived once then: MQTT 5 says of each message whether anyone was there for it.
    """
    answers: list[int] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.username_pw_set(USERNAME, PASSWORD)
    client.on_publish = lambda _client, _data, _message, reason, _properties: answers.append(reason.value)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()

    def is_kept() -> bool:
        sent = len(answers) + 1
        client.publish(topic, payload, qos=1)
        wait_until(lambda: len(answers) >= sent)
        return answers[-1] == 0

    wait_until(is_kept)
    client.disconnect()
    client.loop_stop()


@needs_broker
@pytest.mark.slow
def test_every_format_is_taken_and_what_cannot_be_read_is_set_aside(
    home: dict[str, str], broker: Broker, collect: Callable[[int], subprocess.Popen[bytes]]
) -> None:
    collect(1)
    wait_until(lambda: ask(home, "SELECT 1 FROM telemetry_source WHERE code = 'WRONG' AND last_error = 'refused'"))
    time.sleep(1)  # the others subscribed with it
    before = messages_of(home, "GW")
    send(broker, "park/meters/x", json.dumps([{"point": "A", "at": NOW_S, "value": 1.5}]))
    send(broker, "park/meters/x", json.dumps({"point": "A", "at": [NOW_S + 60, NOW_S + 120], "value": [2.5, 3.5]}))
    send(broker, "park/meters/B", json.dumps({"at": NOW_S, "value": 7.25}))
    send(broker, "park/meters/B", "8.5")
    send(broker, "park/meters/x", b"\xff not JSON")
    send(broker, "park/meters/x", json.dumps({"point": "nobody", "at": NOW_S, "value": 1}))
    wait_until(lambda: messages_of(home, "GW") >= before + 6)
    birth = payload_class()(timestamp=NOW_S * 1000, seq=0)
    birth.metrics.add(name="energy", alias=7, datatype=10, double_value=12.5)
    data = payload_class()(timestamp=(NOW_S + 60) * 1000, seq=1)
    data.metrics.add(alias=7, datatype=10, double_value=13.0)
    send(broker, "spBv1.0/Park/DBIRTH/Edge1/E-1", birth.SerializeToString())
    send(broker, "spBv1.0/Park/DDATA/Edge1/E-1", data.SerializeToString())
    wait_until(lambda: messages_of(home, "SP") >= 2)
    found = json.loads(run(COUNT, home))
    assert found["A"][1][:3] == [1.5, 2.5, 3.5]
    assert found["B"][1] == [7.25, 8.5], "the topic is the address, and a bare number is of now"
    assert found["S"] == [[NOW_S * 1_000_000, (NOW_S + 60) * 1_000_000], [12.5, 13.0]]
    aside = ask(home, "SELECT reason, address, payload FROM telemetry_keptaside ORDER BY reason")
    assert [(reason, address) for reason, address, _payload in aside] == [
        ("unknown_address", "nobody"),
        ("unreadable", ""),
    ]
    assert "not JSON" in aside[1][2]


@needs_broker
@pytest.mark.slow
def test_connections_say_how_they_are(home: dict[str, str], collect: Callable[[int], subprocess.Popen[bytes]]) -> None:
    collect(1)
    wanted = {"WRONG": "refused", "AWAY": "unreachable", "UNTRUSTED": "tls", "TLS": "", "GW": ""}
    wait_until(
        lambda: {k: v for k, v in ask(home, "SELECT code, last_error FROM telemetry_source") if k in wanted} == wanted
    )


@needs_broker
@pytest.mark.slow
def test_workers_and_broker_die_and_nothing_is_lost_or_doubled(
    home: dict[str, str], broker: Broker, collect: Callable[[int], subprocess.Popen[bytes]]
) -> None:
    chance = random.Random(5)
    workers = {number: collect(number) for number in (1, 2)}
    sent: list[int] = []
    began = messages_of(home, "GW") + 1
    wait_for_a_session(broker, "park/meters/x", json.dumps({"point": "A", "at": NOW_S + 9_000, "value": 1}))
    for round_number in range(3):
        for _ in range(25):
            first = NOW_S + 10_000 + len(sent)
            times = list(range(first, first + BATCH))
            send(broker, "park/meters/x", json.dumps({"point": "A", "at": times, "value": [float(t) for t in times]}))
            sent += times
        time.sleep(chance.random())
        number = 1 + round_number % 2
        os.killpg(workers[number].pid, signal.SIGKILL)
        workers[number].wait(30)
        workers[number] = collect(number)
    broker.stop()
    broker.start()
    wait_until(lambda: messages_of(home, "GW") >= began + len(sent) // BATCH)
    for worker in workers.values():
        worker.terminate()
        worker.wait(30)
    found = json.loads(run(COUNT, home))
    here = [at // 1_000_000 for at in found["A"][0] if at // 1_000_000 >= NOW_S + 10_000]
    assert here == sent, "lost"
    assert found["rows"] == sum(len(found[code][0]) for code in "ABS"), "doubled"


def test_reading_without_a_point_is_the_topics_and_one_without_a_time_is_of_now() -> None:
    found, has_time = read_json_message("park/B", b'{"value": 2}', now_us=5_000_000_000_000_000)
    assert (found.keys, found.at_us.tolist(), has_time) == (("park/B",), [5_000_000_000_000_000], False)
    body = b'{"at": [1782777600, 1782777660], "value": [1, 2]}'
    found, has_time = read_json_message("park/B", body, now_us=1_782_777_700_000_000)
    assert (found.count, has_time) == (2, True)
    for wrong in (b"", b"true", b'"x"', b"{", b"[1"):
        with pytest.raises(MessageError):
            read_json_message("park/B", wrong, now_us=0)


def test_sparkplug_tells_signed_numbers_and_leaves_out_what_is_none() -> None:
    message = payload_class()(timestamp=1_782_777_600_000, seq=0)
    message.metrics.add(name="low", datatype=3, int_value=2**32 - 5)
    message.metrics.add(name="wide", datatype=4, long_value=2**64 - 7)
    message.metrics.add(name="tiny", datatype=1, int_value=2**32 - 1)
    message.metrics.add(name="on", datatype=11, boolean_value=True)
    message.metrics.add(name="text", datatype=12)
    message.metrics.add(name="gone", datatype=10, is_null=True)
    found = SparkplugReader().read("spBv1.0/G/NBIRTH/N", message.SerializeToString())
    assert dict(zip(found.keys, found.value.tolist(), strict=True)) == {
        "G/N/low": -5.0, "G/N/wide": -7.0, "G/N/tiny": -1.0, "G/N/on": 1.0,
    }  # fmt: skip


def test_sparkplug_asks_for_the_birth_of_a_node_whose_aliases_it_does_not_know() -> None:
    reader = SparkplugReader()
    message = payload_class()(timestamp=1_782_777_600_000, seq=3)
    message.metrics.add(alias=9, datatype=10, double_value=1.0)
    found = reader.read("spBv1.0/G/DDATA/N/D", message.SerializeToString())
    assert (found.count, [p.code for p in found.problems], reader.unknown_nodes) == (0, ["no_address"], {"G/N"})
    assert reader.read("spBv1.0/G/NDEATH/N", b"").count == 0
    for topic, payload in (("other/G/DDATA/N/D", b""), ("spBv1.0/G/DDATA/N/D", b"\xff\xff")):
        with pytest.raises(MessageError):
            reader.read(topic, payload)
    assert read_topic("spBv1.0/G/NBIRTH/N").place == "G/N"
