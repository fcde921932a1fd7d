"""The front door of readings: `POST /ingest` as a raw ASGI application, in a process of its own beside the pages."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from parkbrain.calc.wire.readings import LIMIT_BYTES, MessageError, ReadingColumns, read_message

from ..queries import Directory
from ..services import Gatherer, Message, Outcome, Waiting

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = tuple[int, dict[str, Any]]

#: Longest body as it is sent [bytes], and all bodies that wait at a time.
MOST_BYTES, MOST_WAITING_BYTES = 16 * 1024 * 1024, 256 * 1024 * 1024
MAX_KEY = 200
_STATUS = {"unknown_format": 415, "unknown_encoding": 415, "too_large": 413}
_encode = msgspec.json.Encoder().encode


class FrontDoor:
    """Takes messages, hands them to the gatherer, and answers when their readings are stored for good."""

    def __init__(self, *, zone: str) -> None:
        self._zone = zone
        self._directory = Directory()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gatherer = Gatherer(self._directory, answer_all=self._answer_all)
        self._waiting_bytes = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, or begin and end with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                status, said = await self._handle(scope, receive)
            except _Gone:
                return
            await _send(send, status, said)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            event = await receive()
            if event["type"] == "lifespan.startup":
                await self.start()
                await send({"type": "lifespan.startup.complete"})
            elif event["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self._gatherer.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def start(self) -> None:
        """Read the directory and begin to take messages."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._directory.refresh, at=datetime.now(UTC))
        self._gatherer.start()

    async def stop(self) -> None:
        """Store what has come and end."""
        await asyncio.to_thread(self._gatherer.stop)

    async def _handle(self, scope: MutableMapping[str, Any], receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path == "/healthz" and method in {"GET", "HEAD"}:
            return 200, {"status": "ok"}
        if path.rstrip("/") != "/ingest":
            return 404, {"error": "not_found"}
        if method != "POST":
            return 405, {"error": "method_not_allowed"}
        headers = dict(scope["headers"])
        # Nobody sends us a body before we know who it is.
        source_id = self._directory.source_of(secret=_secret(headers), at=datetime.now(UTC))
        if source_id is None:
            return 401, {"error": "no_token"}
        if self._waiting_bytes > MOST_WAITING_BYTES:
            return 503, {"error": "busy"}
        body = await _body(headers, receive)
        if body is None:
            return 413, {"error": "too_large", "limit_bytes": MOST_BYTES}
        self._waiting_bytes += len(body)
        try:
            outcome = await self._stored(source_id, headers, body)
        finally:
            self._waiting_bytes -= len(body)
        return _said(outcome)

    async def _stored(
        self, source_id: int, headers: dict[bytes, bytes], body: bytes
    ) -> tuple[Message | None, Outcome | Exception]:
        assert self._loop is not None
        future: asyncio.Future[tuple[Message | None, Outcome | Exception]] = self._loop.create_future()
        read: list[Message] = []

        def done(outcome: Outcome | Exception) -> None:
            if not future.done():
                future.set_result((read[0] if read else None, outcome))

        def message() -> Message:
            read.append(read_request(source_id=source_id, headers=headers, body=body, zone=self._zone))
            return read[0]

        self._gatherer.offer(Waiting(message, len(body), done))
        return await future

    def _answer_all(self, answers: Sequence[Callable[[], None]]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(partial(_call_all, answers))


class _Gone(Exception):
    """The sender went away before its message was whole."""


def _call_all(answers: Sequence[Callable[[], None]]) -> None:
    for answer in answers:
        answer()


def read_request(*, source_id: int, headers: dict[bytes, bytes], body: bytes, zone: str) -> Message:
    """Return the message of a request: its readings, or why it cannot be read, and what tells it from others."""
    media_type = headers.get(b"content-type", b"application/x-ndjson").decode("latin-1")
    encoding = headers.get(b"content-encoding", b"").decode("latin-1")
    key = headers.get(b"idempotency-key", b"")[:MAX_KEY]
    now_us = time.time_ns() // 1_000
    found: ReadingColumns | MessageError
    try:
        found = read_message(
            body, media_type=media_type, encoding=encoding, now_us=now_us, zone=zone, limit=LIMIT_BYTES
        )
    except MessageError as error:
        found = error
    digest = hashlib.sha256(b"key\0" + key if key else b"\0".join((media_type.encode(), encoding.encode(), body)))
    if not key and isinstance(found, ReadingColumns) and bool((found.at_us == now_us).any()):
        # Readings without a time are of now: the same bytes a minute later are another message.
        digest.update(str(now_us).encode())
    return Message(source_id, digest.hexdigest(), media_type.partition(";")[0][:20] or "?", found, body[:1000])


def _secret(headers: dict[bytes, bytes]) -> str:
    scheme, _, value = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return value.strip() if scheme.lower() in {"bearer", "token"} else ""


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
    """Return the whole body, None where it is too long."""
    stated = headers.get(b"content-length", b"0")
    if stated.isdigit() and int(stated) > MOST_BYTES:
        return None
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _Gone
        part = event.get("body", b"")
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
        if not event.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _said(result: tuple[Message | None, Outcome | Exception]) -> Answer:
    message, outcome = result
    if isinstance(outcome, Exception):
        return 503, {"error": "not_stored"}
    said: dict[str, Any] = {"taken": outcome.taken, "set_aside": outcome.set_aside, "repeated": outcome.is_repeat}
    if outcome.reasons:
        said["reasons"] = [
            {"reason": r.reason, "address": r.address, "times": r.times, "rows": r.rows} for r in outcome.reasons[:100]
        ]
    if message is not None and isinstance(message.found, MessageError):
        return _STATUS.get(message.found.code, 400), {"error": message.found.code, **said}
    return 200, said


async def _send(send: Send, status: int, said: dict[str, Any]) -> None:
    body = _encode(said)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 503:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
