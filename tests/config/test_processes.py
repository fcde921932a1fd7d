"""The supervisor starts, restarts, gives up and stops cleanly."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
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
