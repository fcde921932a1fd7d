"""A real broker for tests: Mosquitto, started on a free port of this machine with a password, and with TLS if asked for."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

USERNAME, PASSWORD = "gateway", "a password of the tests"


def is_installed() -> bool:
    return _program() is not None and shutil.which("mosquitto_passwd") is not None


def _program() -> str | None:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Broker:
    """Mosquitto with its data in a folder: what it holds outlives it."""

    folder: Path
    has_tls: bool = False
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def ca_file(self) -> Path:
        return self.folder / "server.crt"

    def start(self) -> Broker:
        self.folder.mkdir(exist_ok=True)
        passwords = self.folder / "passwords"
        if not passwords.exists():
            subprocess.run(
                ["mosquitto_passwd", "-b", "-c", str(passwords), USERNAME, PASSWORD], check=True, capture_output=True
            )
        lines = [
            "user root",
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {passwords}",
            "persistence true",
            f"persistence_location {self.folder}/",
            "max_inflight_messages 2000",
            "max_queued_messages 0",
            *(self._certificates() if self.has_tls else []),
        ]
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        self.process = subprocess.Popen([str(_program()), "-c", str(config)], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the broker did not open")

    def _certificates(self) -> list[str]:
        key = self.folder / "server.key"
        if not key.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key),
                 "-out", str(self.ca_file), "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                check=True, capture_output=True,
            )  # fmt: skip
        return [f"certfile {self.ca_file}", f"keyfile {key}"]

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            self.process = None
