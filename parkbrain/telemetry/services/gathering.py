"""Group commit: messages that come at the same time are stored together, and each is answered once that is done."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from ..queries import Directory
from .readings import Message, Outcome, put_messages

logger = logging.getLogger(__name__)

#: What one commit takes at most [readings, messages].
MOST_READINGS, MOST_MESSAGES = 400_000, 2_000
#: Attempts of one commit when another process was faster or the database was busy.
ATTEMPTS = 5
REFRESH_S = 1.0

#: Called with what became of the message, or with why it could not be stored.
Done = Callable[[Outcome | Exception], None]


@dataclass(frozen=True)
class Waiting:
    """A message on its way, how large it is, and who wants to know."""

    read: Callable[[], Message]
    size: int
    done: Done


class Gatherer:
    """Two threads: one reads what came (bytes to columns), the other stores it; while one waits the other works.

    What comes while a commit is under way is gathered into the next one: nobody waits for a clock.
    """

    def __init__(self, directory: Directory, *, answer_all: Callable[[Sequence[Callable[[], None]]], None]) -> None:
        self._directory = directory
        self._answer_all = answer_all
        self._came: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._read: queue.Queue[list[tuple[Message, Done]] | None] = queue.Queue(maxsize=1)
        self._threads = [
            threading.Thread(target=self._read_messages, name="read", daemon=True),
            threading.Thread(target=self._store_messages, name="store", daemon=True),
        ]

    def start(self) -> None:
        """Begin to take messages."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Store what has come and end."""
        self._came.put(None)
        for thread in self._threads:
            thread.join(30)

    def offer(self, waiting: Waiting) -> None:
        """Take a message; its `done` is called from another thread."""
        self._came.put(waiting)

    def _read_messages(self) -> None:
        ending = False
        while not ending:
            first = self._came.get()
            if first is None:
                break
            group: list[tuple[Message, Done]] = []
            refused: list[Callable[[], None]] = []
            waiting: Waiting | None = first
            size = 0
            while waiting is not None:
                try:
                    group.append((waiting.read(), waiting.done))
                except Exception as error:
                    logger.exception("a message could not be read")
                    refused.append(_answer(waiting.done, error))
                size += waiting.size
                if size >= MOST_READINGS * 10 or len(group) >= MOST_MESSAGES:
                    break
                # Reading on while the last commit is still under way costs nobody anything.
                try:
                    waiting = self._came.get_nowait() if not self._read.full() else self._came.get(timeout=0.002)
                except queue.Empty:
                    if self._read.full():
                        continue
                    break
                if waiting is None:
                    ending = True
            if refused:
                self._answer_all(refused)
            if group:
                self._read.put(group)
        self._read.put(None)

    def _store_messages(self) -> None:
        refreshed = float("-inf")
        while True:
            try:
                group = self._read.get(timeout=REFRESH_S)
            except queue.Empty:
                group = []
            if group is None:
                return
            if time.monotonic() - refreshed >= REFRESH_S:
                self._refresh()
                refreshed = time.monotonic()
            if group:
                self._answer_all(self._stored(group))

    def _refresh(self) -> None:
        close_old_connections()
        try:
            self._directory.refresh(at=timezone.now())
        except DatabaseError:
            # What is known serves on; the next second it is tried again.
            logger.exception("the directory could not be read")

    def _stored(self, group: list[tuple[Message, Done]]) -> list[Callable[[], None]]:
        messages = [message for message, _done in group]
        outcomes: Sequence[Outcome | Exception]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _hold_through_power_loss()
                outcomes = put_messages(messages=messages, directory=self._directory, at=timezone.now())
                break
            except DatabaseError as error:
                # The same message came to another process at the same moment, or the database was busy.
                if attempt == ATTEMPTS:
                    logger.exception("readings could not be stored")
                    outcomes = [error] * len(messages)
                close_old_connections()
                time.sleep(0.05 * attempt)
            except Exception as error:
                logger.exception("readings could not be stored")
                outcomes = [error] * len(messages)
                break
        return [_answer(done, outcome) for (_message, done), outcome in zip(group, outcomes, strict=True)]


def _hold_through_power_loss() -> None:
    """Let SQLite write through to the disk before it says that it has: what is answered is never lost."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")


def _answer(done: Done, outcome: Outcome | Exception) -> Callable[[], None]:
    return lambda: done(outcome)
