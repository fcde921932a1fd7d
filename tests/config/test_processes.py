"""The supervisor starts, restarts, gives up and stops cleanly."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from parkbrain.config import processes

PARKBRAIN = Path(sys.executable).with_name("parkbrain")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_a_process_that_keeps_dying_is_given_up() -> None:
    child = processes.Child("dying", [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(processes.ChildFailed):
        for _ in range(processes.MAX_RESTARTS + 1):
            processes._restart(child)
    child.stop()


def test_system_starts_answers_and_stops_on_interrupt(tmp_path: Path, migrated: Path) -> None:
    shutil.copy(migrated, tmp_path / "parkbrain.sqlite3")
    port = free_port()
    environment = {**os.environ, "PARKBRAIN_HOME": str(tmp_path), "PORT": str(port), "PARKBRAIN_LANGUAGE": "en"}
    for name in ("PARKBRAIN_TASKS", "PARKBRAIN_DATABASE"):
        environment.pop(name, None)
    system = subprocess.Popen([PARKBRAIN, "run"], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert processes.wait_until_ready(
            url=f"http://127.0.0.1:{port}/healthz", timeout_s=180, alive=lambda: system.poll() is None
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=10) as answer:
            assert answer.status == 200
        second = subprocess.run([PARKBRAIN, "run"], env=environment, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert "already runs" in second.stderr
        started = time.monotonic()
        system.send_signal(signal.SIGINT)
        out, _ = system.communicate(timeout=30)
        assert system.returncode == 0
        assert time.monotonic() - started < 20
        assert f":{port}" in out and "Stopped." in out
        with pytest.raises(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
    finally:
        if system.poll() is None:
            system.kill()


def test_the_others_begin_once_the_pages_answer(tmp_path: Path) -> None:
    port, began = free_port(), tmp_path / "began"
    serving = f"h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    slow = f"import http.server as h, time; time.sleep(1); {serving}"
    other = f"import pathlib, time; pathlib.Path({str(began)!r}).touch(); time.sleep(60)"
    children = [
        processes.Child("pages", [sys.executable, "-c", slow]),
        processes.Child("other", [sys.executable, "-c", other]),
    ]
    had_begun: list[bool] = []

    def ready() -> None:
        had_begun.append(children[1].process is not None)
        threading.Thread(target=stop_once_both_run, daemon=True).start()

    def stop_once_both_run() -> None:
        until = time.monotonic() + 30
        while not began.exists() and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        processes.supervise(children, ready=ready, health_url=f"http://127.0.0.1:{port}/")
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert had_begun == [False] and began.exists()
    assert all(child.process is not None and child.process.poll() is not None for child in children)
