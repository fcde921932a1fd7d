"""The collector: drivers that keep a connection, one thread a source, and one way for all of them into the store."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.db.models import Count, Max

from parkbrain.calc.wire.readings import MessageError, ReadingColumns

from ..drivers import DRIVERS, Driver, check_settings
from ..models import Point, Source
from ..queries import Directory
from .gathering import Gatherer, Waiting
from .readings import Message, Outcome
from .sources import report_fault

logger = logging.getLogger(__name__)

#: How often sources are looked at [s]: a change is followed without a restart.
LOOK_S = 2.0
#: A driver that failed begins again after this long [s].
AGAIN_S = 5.0


class SourceSink:
    """Takes what one source brings; see `drivers.contract.Sink`."""

    def __init__(self, source_id: int, transport: str, gatherer: Gatherer, faults: dict[int, str]) -> None:
        self._source_id, self._transport = source_id, transport
        self._gatherer, self._faults = gatherer, faults

    def put(
        self,
        found: ReadingColumns | MessageError,
        *,
        key: str,
        done: Callable[[Exception | None], None],
        body: bytes = b"",
    ) -> None:
        """Hand the readings on; `done` is called from another thread."""
        digest = hashlib.sha256(f"{self._transport}|{key}".encode()).hexdigest()
        message = Message(self._source_id, digest, self._transport, found, body)

        def answer(outcome: Outcome | Exception) -> None:
            done(outcome if isinstance(outcome, Exception) else None)

        size = max(len(body), 24 * found.count if isinstance(found, ReadingColumns) else 0, 200)
        self._gatherer.offer(Waiting(lambda: message, size, answer))

    def report(self, fault: str) -> None:
        """Remember how the connection is; the collector writes it down."""
        self._faults[self._source_id] = fault


@dataclass
class _Running:
    """The thread of a source, and by what it was started: anything else starts it anew."""

    made_of: str
    stop: threading.Event
    thread: threading.Thread


class Collector:
    """Keeps a thread for every active source whose driver keeps a connection."""

    def __init__(self, *, worker: int = 1) -> None:
        self._worker = worker
        self._gatherer = Gatherer(Directory(), answer_all=_answer_all)
        self._running: dict[int, _Running] = {}
        self._faults: dict[int, str] = {}

    def run(self, *, stop: threading.Event) -> None:
        """Collect until stopped; what has come by then is stored."""
        self._gatherer.start()
        try:
            while not stop.is_set():
                self.look()
                stop.wait(LOOK_S)
        finally:
            for running in self._running.values():
                running.stop.set()
            for running in self._running.values():
                running.thread.join(5)
            self._gatherer.stop()

    def look(self) -> None:
        """Start, stop and restart threads as the sources are now, and write down how their connections are."""
        close_old_connections()
        try:
            wanted = {source.pk: source for source in _sources()}
            self._write_faults()
            marks = _point_marks(list(wanted))
        except DatabaseError:
            # What runs goes on; in a moment it is looked again.
            logger.exception("the sources could not be read")
            return
        for source_id in [pk for pk in self._running if pk not in wanted]:
            self._running.pop(source_id).stop.set()
        for source in wanted.values():
            made_of = json.dumps([source.driver, source.settings, marks.get(source.pk)], sort_keys=True, default=str)
            running = self._running.get(source.pk)
            if running is not None and running.made_of == made_of:
                continue
            if running is not None:
                running.stop.set()
                running.thread.join(5)
            self._running[source.pk] = self._start(source, made_of)

    def _write_faults(self) -> None:
        while self._faults:
            source_id, fault = self._faults.popitem()
            report_fault(source_ids=[source_id], fault=fault)

    def _start(self, source: Source, made_of: str) -> _Running:
        stop = threading.Event()
        sink = SourceSink(source.pk, source.driver, self._gatherer, self._faults)
        settings = {**source.settings, "source": source.pk, "worker": self._worker}
        points = dict(Point.objects.filter(source=source).exclude(address="").values_list("address", "pk"))
        driver = DRIVERS[source.driver]
        thread = threading.Thread(
            target=_drive, args=(driver, settings, points, sink, stop), name=f"source {source.pk}", daemon=True
        )
        thread.start()
        return _Running(made_of, stop, thread)


def _answer_all(answers: Sequence[Callable[[], None]]) -> None:
    for answer in answers:
        try:
            answer()
        except Exception:
            # A peer that is gone hears nothing; it sends again.
            logger.exception("an acknowledgment could not be sent")


def _sources() -> list[Source]:
    keys = [driver.key for driver in DRIVERS.values() if driver.run is not None]
    return list(Source.objects.filter(is_active=True, driver__in=keys))


def _point_marks(sources: list[int]) -> dict[int, Any]:
    """Return per source how many points it has and when one changed last."""
    rows = Point.objects.filter(source__in=sources).order_by().values("source").annotate(Count("pk"), Max("changed_at"))
    return {row["source"]: [row["pk__count"], row["changed_at__max"]] for row in rows}


def _drive(
    driver: Driver, settings: Mapping[str, Any], points: Mapping[str, int], sink: SourceSink, stop: threading.Event
) -> None:
    given = {key: value for key, value in settings.items() if key not in {"source", "worker"}}
    if check_settings(driver, given):
        sink.report("settings")
        return
    while not stop.is_set():
        try:
            assert driver.run is not None
            driver.run(settings=settings, points=points, sink=sink, stop=stop)
        except Exception:
            # One source that fails never stops the others, nor itself for long.
            logger.exception("the driver %s of source %s failed", driver.key, settings.get("source"))
            sink.report("failed")
            stop.wait(AGAIN_S)
