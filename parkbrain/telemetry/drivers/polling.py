"""What drivers that ask share: a connection that is made again, rounds at an even pace, one message a round."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from parkbrain.calc.wire.frames import FrameError, cut_frame
from parkbrain.calc.wire.readings import Problem, RawRow, columns_of_rows
from parkbrain.calc.wire.tables import TableError

from .contract import Setting, Sink, Stop

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
#: A meter answers within this time [s].
ANSWER_S = 2.0
#: Why there is no value where nothing came back at all.
TIMEOUT = "timeout"


@dataclass(frozen=True)
class Answer:
    """What was asked for a point: its value, or why there is none, and when it was told."""

    point: str
    value: float | None
    why: str = ""
    at_us: int = field(default_factory=lambda: time.time_ns() // 1000)


class Line(Protocol):
    """An open connection to devices; raises OSError once it is gone."""

    def read(self) -> Iterator[Answer]:
        """Ask for everything once, one thing at a time."""

    def close(self) -> None:
        """Close the connection."""


def line_settings(*, port: int, every_s: int) -> tuple[Setting, Setting, Setting]:
    """Return the settings that every driver that asks has, with its usual port and pace."""
    return (
        Setting("host", _l("Device or gateway"), required=True, note=_l("Name or address.")),
        Setting("port", _l("Port"), "integer", default=port, minimum=1, maximum=65535),
        Setting("every_s", _l("Ask every (s)"), "number", default=every_s, minimum=1, maximum=86_400),
    )


def fault_of(error: Exception) -> str:
    """Return the key of what is wrong with a connection."""
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "host_unknown" if isinstance(error, socket.gaierror) else "unreachable"


def poll(*, every_s: float, sink: Sink, stop: Stop, connect: Callable[[], Line]) -> None:
    """Ask round by round until stopped; a device that goes away is found again."""
    pause_s, said = FIRST_PAUSE_S, None
    line: Line | None = None

    def say(fault: str) -> None:
        nonlocal said
        if fault != said:
            said = fault
            sink.report(fault)

    try:
        while not stop.is_set():
            began = time.monotonic()
            answers: list[Answer] = []
            try:
                line = line or connect()
                for answer in line.read():
                    answers.append(answer)
                    if stop.is_set():
                        break
            except OSError as error:
                say("lost" if line is not None else fault_of(error))
                if line is not None:
                    line.close()
                line = None
                # What was told before the connection broke is worth keeping.
                hand_on(answers, sink)
                stop.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            hand_on(answers, sink)
            say("silent" if answers and all(a.why == TIMEOUT for a in answers) else "")
            stop.wait(max(0.0, every_s - (time.monotonic() - began)))
    finally:
        if line is not None:
            line.close()


def hand_on(answers: Sequence[Answer], sink: Sink) -> None:
    """Give the answers of a round to the sink: values as readings, the others as what is set aside."""
    now_us = time.time_ns() // 1000
    numbered = list(enumerate(answers, start=1))
    rows = [
        RawRow(number, a.point, a.at_us / 1e6, a.value, 0, f"{a.point} {a.value}")
        for number, a in numbered
        if a.value is not None
    ]
    problems = [
        Problem(number, "no_value", a.point, f"{a.point}: {a.why}") for number, a in numbered if a.value is None
    ]
    if rows or problems:
        found = columns_of_rows(rows, now_us=now_us, zone="UTC", problems=problems)
        # Nothing is acknowledged to a meter: its register still stands when it is asked again.
        sink.put(found, key=str(now_us), done=lambda _error: None)


@dataclass(frozen=True)
class Framing:
    """Where the length of the data stands in the frames of a protocol, and how many bytes come before the data."""

    head: int
    length_at: int


class FrameLine:
    """A connection to a gateway behind which meters hang on a wire: one request, one frame back."""

    def __init__(self, host: str, port: int, framing: Framing) -> None:
        self._framing = framing
        self._socket = socket.create_connection((host, port), timeout=ANSWER_S)
        self._is_late = False

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the whole frame that answers, however many packets it came in.

        :raises FrameError: what came is no frame; ``too_short`` with length 0 where nothing came in time.
        :raises OSError: the connection is gone.
        """
        if self._is_late:
            self._forget_late()
        self._is_late = True
        self._socket.settimeout(ANSWER_S)
        self._socket.sendall(request)
        received, until = b"", time.monotonic() + ANSWER_S
        while (left_s := until - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                part = self._socket.recv(512)
            except TimeoutError:
                break
            if not part:
                raise ConnectionResetError("the other side closed")
            received = (received + part).lstrip(b"\xfe")
            head, length_at = self._framing.head, self._framing.length_at
            if len(received) > length_at and len(received) >= head + received[length_at] + 2:
                cut_frame(received, head=head, length_at=length_at)
                self._is_late = False
                return received
        raise FrameError("too_short", length=len(received))

    def _forget_late(self) -> None:
        """Throw away what still comes of an earlier answer."""
        self._socket.settimeout(0.05)
        try:
            while part := self._socket.recv(512):
                del part
        except TimeoutError:
            return
        raise ConnectionResetError("the other side closed")

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def why_of(error: FrameError) -> str:
    """Return why a frame gave no value, as it is written down."""
    return TIMEOUT if error.code == "too_short" and not error.params.get("length") else str(error)


def explain_table(error: TableError) -> str:
    """Return in words what is wrong with a table of a source."""
    place = {"row": error.row, "column": error.column, "value": error.value[:60]}
    sentences = {
        "empty": _("The table needs a heading and at least one row."),
        "missing_column": _("The column “%(column)s” is missing."),
        "missing": _("Row %(row)s has no “%(column)s”."),
        "unknown": _("Row %(row)s, column “%(column)s”: %(value)s is none of those that are known."),
        "no_number": _("Row %(row)s, column “%(column)s”: %(value)s is no number that fits."),
        "twice": _("Row %(row)s, column “%(column)s”: %(value)s stands there twice."),
    }
    return sentences[error.code] % place


def checked_by(read: Callable[[str], object]) -> Callable[[str], str]:
    """Return the check of a table setting: what is wrong with it in words, empty where nothing is."""

    def check(text: str) -> str:
        try:
            read(text)
        except TableError as error:
            return explain_table(error)
        return ""

    return check
