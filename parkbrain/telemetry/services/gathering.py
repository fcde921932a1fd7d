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

#: What one commit takes at most [bytes as sent, messages].
MOST_BYTES, MOST_MESSAGES = 64 * 1024 * 1024, 2_000
#: From this size on a commit begins though more is waiting to be read [bytes as sent].
GOOD_BYTES = 2 * 1024 * 1024
#: Attempts of one commit when another process was faster or the database was busy.
ATTEMPTS = 5
REFRESH_S = 1.0
#: How long a commit waits for those that came together last time: a share of what a commit takes, and never more [s].
WAIT_SHARE, MOST_WAIT_S = 0.5, 0.02

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

    What comes while a commit is under way is gathered into the next one. Senders that were answered together come back
    together: the next commit waits for as many, though never longer than a share of what a commit takes.
    """

    def __init__(self, directory: Directory, *, answer_all: Callable[[Sequence[Callable[[], None]]], None]) -> None:
        self._directory = directory
        self._answer_all = answer_all
        self._came: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        # What was read and waits for the next commit, and whether more may come.
        self._ready: list[tuple[Message, Done]] = []
        self._ready_bytes = 0
        self._ended = False
        # How many messages the last commit had, and how long it took [s].
        self._last_count, self._last_s = 1, 0.0
        self._changed = threading.Condition()
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
        while (waiting := self._came.get()) is not None:
            try:
                read = waiting.read()
            except Exception as error:
                logger.exception("a message could not be read")
                self._answer_all([_answer(waiting.done, error)])
                continue
            with self._changed:
                # Reading far ahead of a slow disk would only fill the memory.
                self._changed.wait_for(lambda: self._ready_bytes < MOST_BYTES and len(self._ready) < MOST_MESSAGES)
                self._ready.append((read, waiting.done))
                self._ready_bytes += waiting.size
                if len(self._ready) == 1 or self._is_worth_it():
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _store_messages(self) -> None:
        refreshed = float("-inf")
        while True:
            with self._changed:
                # A commit costs much the same for one message and for a hundred: what is about to come goes with it.
                if self._changed.wait_for(lambda: self._ended or bool(self._ready), timeout=REFRESH_S):
                    self._changed.wait_for(self._is_worth_it, timeout=min(MOST_WAIT_S, self._last_s * WAIT_SHARE))
                group, self._ready, self._ready_bytes = self._ready, [], 0
                ended = self._ended
                self._changed.notify_all()
            if time.monotonic() - refreshed >= REFRESH_S:
                self._refresh()
                refreshed = time.monotonic()
            if group:
                started = time.monotonic()
                answers = self._stored(group)
                self._last_count, self._last_s = len(group), time.monotonic() - started
                self._answer_all(answers)
            elif ended:
                return

    def _is_worth_it(self) -> bool:
        return self._ended or len(self._ready) >= self._last_count or self._ready_bytes >= GOOD_BYTES

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
