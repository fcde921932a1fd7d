"""One signed request to one webhook: as the Standard Webhooks specification says, no redirects, never longer than told."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import datetime

from .addresses import Address, resolve_address

#: For connecting and for each answer of the socket [s], and for the whole exchange [s].
TIMEOUT_S, DEADLINE_S = 8.0, 15.0
SECRET_MARK = "whsec_"


class CannotSend(Exception):
    """The request did not get through; the message says why, in a word for the log."""


@dataclass(frozen=True)
class Answer:
    """What the receiver answered."""

    status: int
    duration_ms: int


class _Pinned(http.client.HTTPConnection):
    """A connection to the IP address that was checked, not to whatever the name means a moment later."""

    def __init__(self, address: Address) -> None:
        super().__init__(address.host, address.port, timeout=TIMEOUT_S)
        self.address = address

    def connect(self) -> None:
        """Connect to the checked IP address; the certificate is still held against the name."""
        self.sock = socket.create_connection((self.address.ip, self.address.port), TIMEOUT_S)
        if self.address.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.address.host)

    def abort(self) -> None:
        """Break the connection off, whatever it waits for."""
        with contextlib.suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


def sign_message(*, secret: str, message_id: str, at: datetime, body: str) -> str:
    """Return the signature over id, time and body: HMAC-SHA256, base64, with its version before it."""
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    signed = f"{message_id}.{int(at.timestamp())}.{body}".encode()
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def send_message(*, url: str, secret: str, message_id: str, body: str, at: datetime) -> Answer:
    """Post a message and return the status of the answer, of whatever kind; its content is not read.

    :raises CannotReachAddress: the address is refused before anything is sent.
    :raises CannotSend: no answer came.
    """
    connection = _Pinned(resolve_address(url=url))
    watchdog = threading.Timer(DEADLINE_S, connection.abort)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ParkBrain-Webhook/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign_message(secret=secret, message_id=message_id, at=at, body=body),
    }
    started = time.monotonic()
    watchdog.start()
    try:
        connection.request("POST", connection.address.target, body.encode(), headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise CannotSend(str(error) or type(error).__name__) from error
    finally:
        watchdog.cancel()
        connection.close()
    return Answer(status, round((time.monotonic() - started) * 1000))
