"""Readings go in: many messages at once become one segment of the lake, each with a receipt of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from parkbrain import lake
from parkbrain.calc.wire.readings import MessageError, ReadingColumns
from parkbrain.kernel import bulk

from ..models import PushReceipt, Source, SourceMinute
from ..queries import Directory
from .aside import MOST_LINES, Aside, keep_aside

#: How long a message that comes again is known [time]; long after any sender has given up.
RECEIPTS_KEPT = timedelta(days=3)
#: Minutes of sources are kept for this long.
MINUTES_KEPT = timedelta(days=14)


@dataclass(frozen=True)
class Message:
    """Readings of one source that came together, or what was wrong with them as a whole; `digest` tells them apart."""

    source_id: int
    digest: str
    transport: str
    found: ReadingColumns | MessageError
    body: bytes = b""


@dataclass(frozen=True)
class AsideCount:
    """How many readings were set aside for a reason and an address, and the first rows they stood in."""

    reason: str
    address: str
    times: int
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a message: readings taken and set aside; a repeated one changed nothing."""

    taken: int
    set_aside: int
    reasons: tuple[AsideCount, ...] = field(default=())
    is_repeat: bool = False


@dataclass
class _Prepared:
    message: Message
    points: npt.NDArray[np.int64]
    columns: ReadingColumns | None
    asides: dict[tuple[str, str], Aside]
    rows: dict[tuple[str, str], list[int]]

    @property
    def set_aside(self) -> int:
        return sum(a.times for a in self.asides.values())

    def outcome(self) -> Outcome:
        reasons = [AsideCount(k[0], k[1], a.times, tuple(self.rows[k][:20])) for k, a in self.asides.items()]
        return Outcome(int(self.points.size), self.set_aside, tuple(reasons))


def put_messages(*, messages: Sequence[Message], directory: Directory, at: datetime) -> list[Outcome]:
    """Store the readings of messages for good, in one transaction, and return what became of each.

    A message whose source and digest were seen before changes nothing and gets the answer of the first time. Joins the
    caller's transaction, so that a consumer's position is stored with the readings or not at all.

    :raises IntegrityError: another process stored one of the messages at the same moment; asked again, it is a repeat.
    """
    prepared = [_prepare(message, directory) for message in messages]
    known = _receipts(messages)
    outcomes: list[Outcome] = []
    new: list[_Prepared] = []
    for item in prepared:
        key = (item.message.source_id, item.message.digest)
        if key in known:
            outcomes.append(known[key])
            continue
        outcome = item.outcome()
        known[key] = Outcome(outcome.taken, outcome.set_aside, outcome.reasons, is_repeat=True)
        new.append(item)
        outcomes.append(outcome)
    if not new:
        return outcomes
    # The file goes to the disk before the transaction begins: SQLite lets one process write at a time, and none should
    # wait for the disk of another.
    written = _written(new, at)
    try:
        with transaction.atomic():
            _store(new, written, at)
    except IntegrityError:
        # Undone for certain. After any other fault the file stays until it is swept: perhaps the commit went through.
        if written is not None:
            written.discard()
        raise
    return outcomes


def put_readings(*, source: Source, digest: str, transport: str, found: ReadingColumns, at: datetime) -> Outcome:
    """Store the readings of one message of a source; see `put_messages`."""
    directory = Directory()
    directory.refresh(at=at)
    message = Message(source.pk, digest, transport, found)
    try:
        return put_messages(messages=[message], directory=directory, at=at)[0]
    except IntegrityError:
        return put_messages(messages=[message], directory=directory, at=at)[0]


def put_point_readings(*, source: Source | None, table: pa.Table, batch_id: str, at: datetime) -> int:
    """Store readings that carry the numbers of their points already, and return how many were new.

    `table` has the lake's columns. The batch id tells them apart: the same again changes nothing.
    """
    with transaction.atomic():
        appended = lake.append_readings(table, batch_id=batch_id, at=at)
        if not appended.is_new:
            return 0
        if source is not None:
            _count({source.pk: (1, appended.rows, 0)}, at)
        return int(appended.rows)


def _receipts(messages: Sequence[Message]) -> dict[tuple[int, str], Outcome]:
    found: dict[tuple[int, str], Outcome] = {}
    # SQLite takes a limited number of values in one question.
    for start in range(0, len(messages), 400):
        digests = [m.digest for m in messages[start : start + 400]]
        marks = ", ".join(["%s"] * len(digests))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT source_id, digest, taken, set_aside FROM telemetry_pushreceipt WHERE digest IN ({marks})",
                digests,
            )
            for source_id, digest, taken, aside in cursor.fetchall():
                found[source_id, digest] = Outcome(taken, aside, is_repeat=True)
    return found


def _prepare(message: Message, directory: Directory) -> _Prepared:
    """Tell the readings of known points from what has to be set aside."""
    found = message.found
    prepared = _Prepared(message, np.empty(0, dtype=np.int64), None, {}, {})
    if isinstance(found, MessageError):
        text = message.body[:1000].decode("utf-8", "replace")
        _set_aside(prepared, found.code, "", 1, [text], [found.row or 1], found.params)
        return prepared
    for problem in found.problems:
        _set_aside(prepared, problem.code, problem.address, 1, [problem.text], [problem.row])
    if found.count and int(found.at_us.min()) < directory.kept_from_us:
        found = _without(prepared, found, found.at_us < directory.kept_from_us, "too_old")
    numbers = directory.points_of(source_id=message.source_id, columns=found)
    if numbers.size and not numbers.all():
        found = _without(prepared, found, numbers[found.key_index] == 0, "unknown_address")
    prepared.columns = found
    prepared.points = numbers[found.key_index] if found.count else prepared.points
    return prepared


def _without(prepared: _Prepared, found: ReadingColumns, wrong: npt.NDArray[np.bool_], reason: str) -> ReadingColumns:
    """Set aside the marked readings, by address, and return the others."""
    left = found.taken(wrong)
    for key in np.unique(left.key_index):
        places = np.flatnonzero(left.key_index == key)
        lines = [left.text_of(int(place)) for place in places[:MOST_LINES]]
        rows = left.row[places[:20]].tolist()
        _set_aside(prepared, reason, str(found.keys[int(key)]), int(places.size), lines, rows)
    return found.taken(~wrong)


def _set_aside(
    prepared: _Prepared,
    reason: str,
    address: str,
    times: int,
    lines: list[str],
    rows: list[int],
    params: Mapping[str, object] | None = None,
) -> None:
    key = (reason, address)
    entry = prepared.asides.get(key)
    if entry is None:
        message = prepared.message
        entry = Aside(message.source_id, message.transport, reason, address, params=params or {})
        prepared.asides[key], prepared.rows[key] = entry, []
    entry.times += times
    if len(entry.lines) < MOST_LINES:
        entry.lines += lines
    prepared.rows[key] += rows


def _written(new: Sequence[_Prepared], at: datetime) -> lake.Written | None:
    with_readings = [item for item in new if item.points.size and item.columns is not None]
    if not with_readings:
        return None
    columns = [item.columns for item in with_readings if item.columns is not None]
    table = pa.table(
        {
            "point": np.concatenate([item.points for item in with_readings]),
            "at_us": np.concatenate([c.at_us for c in columns]),
            "value": np.concatenate([c.value for c in columns]),
            "quality": np.concatenate([c.quality for c in columns]),
        },
        schema=lake.SCHEMA,
    )
    return lake.write_readings(table, at=at)


def _store(new: Sequence[_Prepared], written: lake.Written | None, at: datetime) -> None:
    if written is not None:
        lake.append_readings(written, batch_id=f"push-{uuid.uuid4().hex}", at=at)
    bulk.insert_values(
        model=PushReceipt,
        columns=("source_id", "digest", "received_at", "taken", "set_aside"),
        rows=[(item.message.source_id, item.message.digest, at, int(item.points.size), item.set_aside) for item in new],
    )
    keep_aside(entries=[a for item in new for a in item.asides.values()], at=at)
    counts: dict[int, tuple[int, int, int]] = {}
    for item in new:
        messages, taken, aside = counts.get(item.message.source_id, (0, 0, 0))
        counts[item.message.source_id] = (messages + 1, taken + int(item.points.size), aside + item.set_aside)
    _count(counts, at)


def _count(counts: Mapping[int, tuple[int, int, int]], at: datetime) -> None:
    """Add messages, readings taken and set aside to the minute of each source."""
    minute = at.replace(second=0, microsecond=0)
    # Ordered, so that two processes that count the same sources do not wait for each other in a ring.
    rows = [(source_id, minute, *numbers) for source_id, numbers in sorted(counts.items())]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO telemetry_sourceminute (source_id, minute_at, messages, taken, set_aside) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (source_id, minute_at) DO UPDATE SET "
            "messages = telemetry_sourceminute.messages + excluded.messages, "
            "taken = telemetry_sourceminute.taken + excluded.taken, "
            "set_aside = telemetry_sourceminute.set_aside + excluded.set_aside",
            rows,
        )
    stale = Q(last_message_at=None) | Q(last_message_at__lt=at - timedelta(seconds=1))
    Source.objects.filter(stale, pk__in=list(counts)).update(last_message_at=at)


def sweep_receipts(*, at: datetime) -> int:
    """Forget receipts and minutes that nobody asks for any more and return how many."""
    gone = PushReceipt.objects.filter(received_at__lt=at - RECEIPTS_KEPT)._raw_delete(PushReceipt.objects.db)
    return int(gone) + SourceMinute.objects.filter(minute_at__lt=at - MINUTES_KEPT).delete()[0]
