"""Readings from a socket to the durable store: `python -m benchmarks.ingest [seconds]`, with wrk as the client.

The front door runs as `parkbrain run` starts it, on a data folder of its own; beside it, in the same run and with the same
line protocol and client, VictoriaMetrics where it is installed. Writes its section of docs/performance.md.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.report import machine, markdown_table, write_section

POINTS, BODIES = 1000, 16
#: Connections at a time: a durable store gathers what comes together, so their number matters to it.
CONNECTIONS = (16, 64)
HOME = tempfile.mkdtemp(prefix="parkbrain-bench-")
TYPES = {
    "arrow": ("Arrow IPC", "application/vnd.apache.arrow.stream"),
    "columns": ("JSON columns", "application/json"),
    "csv": ("CSV", "text/csv"),
    "ndjson": ("NDJSON", "application/x-ndjson"),
    "lines": ("line protocol", "text/plain"),
}
LUA = """
local bodies, n, run = {}, 0, tostring({}) .. os.time()
for k = 0, %(count)d - 1 do local f = io.open("%(folder)s/%(kind)s." .. k, "rb"); bodies[k] = f:read("*a"); f:close() end
function request()
  n = n + 1
  return wrk.format("POST", "%(path)s", {["Content-Type"] = "%(type)s", ["Authorization"] = "Bearer %(token)s",
    ["Idempotency-Key"] = run .. n}, bodies[n %% %(count)d])
end
"""


def write_bodies(folder: Path, rows: int) -> None:
    """Write messages of every format: different times in each, the same points."""
    folder.mkdir()
    draw, now = np.random.default_rng(1), int(time.time() * 1000)
    points = [f"E-T1-F{i % 23:02d}-{i:05d}" for i in range(POINTS)]
    for k in range(BODIES):
        point = [points[i % POINTS] for i in range(rows)]
        at = [now - 86_400_000 + k * 60_000 + i // POINTS * 1000 for i in range(rows)]
        value = np.round(draw.random(rows) * 1000, 2).tolist()
        table = pa.table({"point": point, "at": pa.array(at, pa.timestamp("ms", "UTC")), "value": value})
        with pa.OSFile(str(folder / f"arrow.{k}"), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)
        cells = list(zip(point, at, value, strict=True))
        (folder / f"columns.{k}").write_text(json.dumps({"point": point, "at": at, "value": value}))
        (folder / f"csv.{k}").write_text("point,at,value\n" + "\n".join(f"{p},{t},{v}" for p, t, v in cells))
        (folder / f"ndjson.{k}").write_text(
            "\n".join(json.dumps({"point": p, "at": t, "value": v}) for p, t, v in cells)
        )
        (folder / f"lines.{k}").write_text("\n".join(f"{p} value={v} {t}000000" for p, t, v in cells))


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def running(command: list[str], health: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(health, timeout=1).close()
                break
            except OSError:
                time.sleep(0.25)
        yield server
    finally:
        server.terminate()
        server.wait(30)


def cpu_seconds(pid: int) -> float:
    """Return what a process and its children have used of the processors [s]."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in {int(stat.parent.name), int(fields[1])}:
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def drive(url: str, pid: int, seconds: int, rows: int, connections: int, **lua: object) -> tuple[float, float, float]:
    """Push for some seconds; return readings/s, the slowest of 100 [ms] and processor seconds per million readings."""
    script = Path(HOME) / "push.lua"
    script.write_text(LUA % {"count": BODIES, **lua})
    before = cpu_seconds(pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    requests = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    amount, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]
    slow_ms = float(amount) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
    return per_second * rows, slow_ms, (cpu_seconds(pid) - before) / (requests * rows) * 1e6


def shown(found: tuple[float, float, float]) -> list[str]:
    """Return the three numbers as the table has them."""
    return [f"{number:,.{decimals}f}" for number, decimals in zip(found, (0, 0, 2), strict=True)]


def prepare() -> str:
    """Make a data folder with a source of points and return the secret of its device."""
    os.environ |= {"PARKBRAIN_HOME": HOME, "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from parkbrain.telemetry import services
    from tests.factories import make_park

    call_command("migrate", verbosity=0)
    park, at = make_park(), timezone.now()
    source = services.create_source(park=park, code="GW-1", driver="http", actor=None, at=at)
    rows = [{"code": f"E-T1-F{i % 23:02d}-{i:05d}", "unit": "KiloW-HR", "source_code": "GW-1"} for i in range(POINTS)]
    services.record_points(park=park, rows=rows, actor=None, at=at)
    return services.create_device_token(source=source, name="bench", actor=None, at=at).secret


def measured(url: str, pid: int, seconds: int, lua: dict[str, str], kinds: Iterable[str]) -> Iterator[list[str]]:
    """Yield format, size of message, connections and the numbers of everything that is pushed to one store."""
    for size in (1000, 10_000):
        for kind in kinds:
            label, media_type = TYPES[kind]
            # The peer takes line protocol alone; with it the number of connections is varied.
            for connections in CONNECTIONS if kind == "lines" else CONNECTIONS[-1:]:
                told = {"folder": f"{HOME}/b{size}", "kind": kind, "type": media_type, **lua}
                found = drive(url, pid, seconds, size, connections, **told)
                yield [label, f"{size:,}", str(connections), *shown(found)]


def main() -> None:
    """Measure every format at two sizes of message, then the peer."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    kinds = sys.argv[2].split(",") if len(sys.argv) > 2 else list(TYPES)
    secret, rows_of = prepare(), []
    from parkbrain.config.processes import ingest_command

    for size in (1000, 10_000):
        write_bodies(Path(HOME) / f"b{size}", size)
    url = f"http://127.0.0.1:{(port := free_port())}"
    with running(ingest_command(host="127.0.0.1", port=port), f"{url}/healthz") as door:
        for row in measured(url, door.pid, seconds, {"path": "/ingest", "token": secret}, kinds):
            rows_of.append(["ParkBrain, durable", *row])
            print(*rows_of[-1], sep=" | ", flush=True)
    if peer := shutil.which("victoria-metrics"):
        url = f"http://127.0.0.1:{(port := free_port())}"
        command = [peer, f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={HOME}/vm", "-loggerLevel=ERROR"]
        with running(command, f"{url}/health") as server:
            for row in measured(url, server.pid, seconds, {"path": "/write", "token": ""}, ["lines"]):
                rows_of.append(["VictoriaMetrics", *row])
                print(*rows_of[-1], sep=" | ", flush=True)
    heads = (
        "store",
        "format",
        "readings a message",
        "connections",
        "readings/s",
        "p99 ms",
        "CPU s per million readings",
    )
    table = markdown_table(heads, rows_of)
    said = (
        f"From the socket to the durable store (`python -m benchmarks.ingest`): {POINTS:,} points, wrk on the same "
        f"processors, {seconds} s each; an answer comes after file and manifest are written through, for all that came "
        f"together at once. VictoriaMetrics answers before its data are on the disk. {machine()}."
    )
    print(said, table, sep="\n")
    if kinds == list(TYPES):
        write_section("ingest", f"{said}\n\n{table}")
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
