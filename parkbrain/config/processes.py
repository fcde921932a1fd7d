"""Start the processes of one installation, keep them alive, and stop them cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: A child that dies this often within a minute has a fault that a restart does not mend.
MAX_RESTARTS = 3
STOP_TIMEOUT_S = 15.0
#: A busy machine takes minutes to start; a process that cannot start dies, and is not waited for.
START_TIMEOUT_S = 300.0
#: More only wait for each other.
MOST_INGEST_WORKERS = 2


@dataclass
class Child:
    """One supervised process."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in its own session, so that Ctrl-C reaches only the supervisor, which then stops it in order."""
        self.process = subprocess.Popen(self.command, start_new_session=True, env=os.environ.copy())

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class ChildFailed(Exception):
    """A process kept dying."""


def children(*, host: str, port: int, workers: int, ingest_port: int, is_live_demo: bool = False) -> list[Child]:
    """Return the processes of one installation: web, both ways in for readings, worker, scheduler; the demo's meters."""
    granian = [sys.executable, "-m", "granian", "--host", host, "--no-ws", "--log-level", "warning"]
    web = ["--interface", "wsgi", "--port", str(port), "--workers", str(workers), "--blocking-threads", "1"]
    django = [sys.executable, "-m", "django"]
    found = [
        Child("web", [*granian, *web, "parkbrain.config.wsgi:application"]),
        Child("ingest", ingest_command(host=host, port=ingest_port)),
        Child("worker", [*django, "db_worker", "--interval", "0.5", "-v", "0"]),
        Child("scheduler", [*django, "scheduler"]),
        Child("collector", [*django, "collect"]),
    ]
    if is_live_demo:
        found.append(Child("meters of the demo", [*django, "demo_meters"]))
    return found


def ingest_command(*, host: str, port: int) -> list[str]:
    """Return what starts the front door of readings: as many processes as it pays, each stores at once what comes at once."""
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port)]
    granian += ["--workers", str(ingest_workers()), "--no-ws", "--log-level", "warning"]
    return [*granian, "parkbrain.config.ingest:application"]


def ingest_workers() -> int:
    """Return how many processes take readings: text is read on several cores, but the database takes one writer at a time."""
    return max(1, min(MOST_INGEST_WORKERS, os.cpu_count() or 1))


def wait_until_ready(*, url: str, alive: Callable[[], bool], timeout_s: float = START_TIMEOUT_S) -> bool:
    """Return True once the health address answers, False when time ran out or the process died."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until and alive():
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def supervise(processes: list[Child], *, ready: Callable[[], None], health_url: str) -> None:
    """Run the processes until Ctrl-C or SIGTERM; restart one that dies, give up on one that keeps dying.

    The first serves the pages. The others begin once it answers: all at once, the pages would come last on a machine
    with two cores.

    :raises ChildFailed: a process died too often; everything is stopped by then.
    """
    stopping = False

    def ask_to_stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    try:
        processes[0].start()
        web = processes[0].process
        if wait_until_ready(url=health_url, alive=lambda: not stopping and web is not None and web.poll() is None):
            ready()
            for child in processes[1:]:
                child.start()
        elif not stopping:
            raise ChildFailed(processes[0].name)
        while not stopping:
            time.sleep(0.2)
            for child in processes:
                if child.process is not None and child.process.poll() is not None:
                    _restart(child)
    finally:
        for child in processes:
            child.stop()


def _restart(child: Child) -> None:
    now = time.monotonic()
    child.deaths = [t for t in child.deaths if now - t < 60] + [now]
    if len(child.deaths) > MAX_RESTARTS:
        raise ChildFailed(child.name)
    child.start()
