"""Meters on this machine that answer frames over TCP as a gateway does: for tests, and to try a source out."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable
from typing import Any

from .polling import Framing


class SimulatedWire:
    """Answers each whole request with `answer(request)`; None is silence.

    A frame leaves in packets of `packet_bytes`, as slow gateways send it; `spoil` changes what leaves.
    """

    def __init__(
        self,
        answer: Callable[[bytes], bytes | None],
        framing: Framing,
        *,
        port: int = 0,
        packet_bytes: int = 512,
        spoil: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self._answer, self._framing, self._wanted = answer, framing, port
        self._packet_bytes, self._spoil = packet_bytes, spoil
        self._open: set[Any] = set()
        self.port = 0

    def __enter__(self) -> SimulatedWire:
        wire = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                wire._open.add(self.request)
                try:
                    wire._serve(self.request)
                except OSError:
                    pass
                finally:
                    wire._open.discard(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self._wanted), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._open):
            connection.close()
        self._thread.join(5)

    def _serve(self, connection: Any) -> None:
        received = b""
        head, length_at = self._framing.head, self._framing.length_at
        while part := connection.recv(512):
            received += part
            while len(received) > length_at and len(received) >= (size := head + received[length_at] + 2):
                request, received = received[:size], received[size:]
                frame = self._answer(request)
                if frame is not None:
                    self._send(connection, self._spoil(frame) if self._spoil else frame)

    def _send(self, connection: Any, frame: bytes) -> None:
        for start in range(0, len(frame), self._packet_bytes):
            connection.sendall(frame[start : start + self._packet_bytes])
            if len(frame) > self._packet_bytes:
                time.sleep(0.005)
