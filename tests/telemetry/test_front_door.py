"""The front door: what comes is stored once, what is wrong is set aside, who may not is refused."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from parkbrain import lake
from parkbrain.calc.wire.readings import MessageError
from parkbrain.lake.encoding import lake_folder
from parkbrain.lake.models import LakeState, Segment
from parkbrain.telemetry.api.push import MOST_BYTES, FrontDoor, read_request
from parkbrain.telemetry.models import KeptAside, Point, PushReceipt, Source, SourceMinute
from parkbrain.telemetry.queries import Directory, get_freshness, micros_of
from parkbrain.telemetry.services import (
    Message,
    create_device_token,
    put_messages,
    put_readings,
    readings,
    record_points,
    revoke_device_token,
)
from tests.factories import AT, make_point, make_source

from .conftest import columns

pytestmark = pytest.mark.django_db


def directory(at: Any = AT) -> Directory:
    found = Directory()
    found.refresh(at=at)
    return found


def stored(point: Point) -> list[tuple[int, float]]:
    series = lake.read_series(points=[point.pk], start_us=0, end_us=2**62).get(point.pk)
    return [] if series is None else list(zip(series.at_us.tolist(), series.value.tolist(), strict=True))


def message(source: Source, digest: str, *readings: tuple[str | int, float]) -> Message:
    return Message(source.pk, digest, "text/csv", columns(readings))


def test_readings_of_many_messages_are_one_segment_with_a_receipt_each() -> None:
    source = make_source()
    a, b = make_point(source=source, code="A"), make_point(source=source, code="B")
    outcomes = put_messages(
        messages=[message(source, "m1", ("A", 1.0), ("B", 2.0)), message(source, "m2", (b.pk, 3.0))],
        directory=directory(),
        at=AT,
    )
    assert [(o.taken, o.set_aside, o.is_repeat) for o in outcomes] == [(2, 0, False), (1, 0, False)]
    assert (Segment.objects.count(), PushReceipt.objects.count()) == (1, 2)
    assert [v for _at, v in stored(a)] == [1.0]
    minute = SourceMinute.objects.get()
    assert (minute.messages, minute.taken, minute.set_aside) == (2, 3, 0)
    source.refresh_from_db()
    assert source.last_message_at == AT


def test_message_that_comes_again_changes_nothing_and_gets_the_same_answer() -> None:
    source = make_source()
    point = make_point(source=source, code="A")
    first, again = (
        put_messages(messages=[message(source, "m1", ("A", 1.0), ("X", 2.0))], directory=directory(), at=AT)[0]
        for _ in range(2)
    )
    assert (first.taken, first.set_aside, first.is_repeat) == (1, 1, False)
    assert (again.taken, again.set_aside, again.is_repeat) == (1, 1, True)
    both = put_messages(
        messages=[message(source, "m2", ("A", 5.0)), message(source, "m2", ("A", 5.0))], directory=directory(), at=AT
    )
    assert [o.is_repeat for o in both] == [False, True]
    assert Segment.objects.count() == 2
    assert KeptAside.objects.get().times == 1
    assert get_freshness(points=[point], at=AT)[point.pk].value == 5.0


def test_another_source_may_use_the_same_key_and_the_same_address() -> None:
    here, there = make_source(), make_source()
    a, b = make_point(source=here, code="A"), make_point(source=there, code="A")
    put_messages(
        messages=[message(here, "m1", ("A", 1.0)), message(there, "m1", ("A", 2.0))], directory=directory(), at=AT
    )
    assert [v for _at, v in stored(a)] == [1.0]
    assert [v for _at, v in stored(b)] == [2.0]


def test_number_of_another_sources_point_is_unknown() -> None:
    source, other = make_source(), make_point(source=make_source(), code="A")
    outcome = put_messages(messages=[message(source, "m1", (other.pk, 9.0))], directory=directory(), at=AT)[0]
    assert (outcome.taken, outcome.reasons[0].reason) == (0, "unknown_address")
    assert stored(other) == []


def test_unknown_addresses_are_counted_by_address_and_what_was_sent_is_kept_within_limits() -> None:
    source = make_source()
    for number in range(3):
        put_readings(
            source=source,
            digest=f"m{number}",
            transport="x",
            found=columns([("U", float(i)) for i in range(600)]),
            at=AT,
        )
    kept = KeptAside.objects.get()
    assert (kept.times, kept.kept, kept.address) == (1800, 1000, "U")
    assert len(kept.payload) <= 64_000
    many = columns([(f"address {n}", 1.0) for n in range(1500)])
    put_readings(source=source, digest="many", transport="x", found=many, at=AT)
    assert KeptAside.objects.count() <= 1001
    assert sum(KeptAside.objects.values_list("times", flat=True)) == 3300


def test_message_that_cannot_be_read_is_set_aside_whole() -> None:
    source = make_source()
    broken = Message(source.pk, "m1", "text/csv", MessageError("truncated"), b"\x1f\x8b\x00\xff")
    outcome = put_messages(messages=[broken], directory=directory(), at=AT)[0]
    assert (outcome.taken, outcome.set_aside) == (0, 1)
    kept = KeptAside.objects.get()
    assert (kept.reason, kept.times) == ("truncated", 1)
    assert Segment.objects.count() == 0


def test_readings_older_than_what_is_kept_in_full_are_set_aside_and_the_rest_is_taken() -> None:
    source = make_source()
    point = make_point(source=source, code="A")
    LakeState.objects.update_or_create(pk=1, defaults={"thinned_before_us": micros_of(at=AT) - 90_000_000})
    outcome = put_messages(messages=[message(source, "m1", ("A", 1.0), ("A", 2.0))], directory=directory(), at=AT)[0]
    assert (outcome.taken, [r.reason for r in outcome.reasons]) == (1, ["too_old"])
    assert [v for _at, v in stored(point)] == [2.0]


def test_nothing_is_stored_where_the_transaction_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    source = make_source()
    point = make_point(source=source, code="A")

    def full(**_asked: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr("parkbrain.telemetry.services.readings.keep_aside", full)
    with pytest.raises(DatabaseError):
        put_messages(messages=[message(source, "m1", ("A", 1.0))], directory=directory(), at=AT)
    monkeypatch.undo()
    assert (stored(point), PushReceipt.objects.count()) == ([], 0)
    assert put_messages(messages=[message(source, "m1", ("A", 1.0))], directory=directory(), at=AT)[0].taken == 1


def test_directory_knows_revoked_expired_and_idle_tokens_and_new_points() -> None:
    source = make_source()
    secrets = [
        create_device_token(source=source, name="x", actor=None, at=AT, expires_at=ends)
        for ends in (None, AT + timedelta(days=2))
    ]
    known = directory()
    assert [known.source_of(secret=s.secret, at=AT) for s in secrets] == [source.pk, source.pk]
    assert known.source_of(secret=secrets[1].secret, at=AT + timedelta(days=2)) is None
    assert known.source_of(secret="pbd_guess", at=AT) is None
    revoke_device_token(token=secrets[0].token, actor=None, at=AT)
    known.refresh(at=AT)
    assert known.source_of(secret=secrets[0].secret, at=AT) is None
    record_points(park=source.park, rows=[{"code": "N", "unit": "M3", "source_code": source.code}], actor=None, at=AT)
    known.refresh(at=AT)
    assert put_messages(messages=[message(source, "n", ("N", 1.0))], directory=known, at=AT)[0].taken == 1
    Source.objects.filter(pk=source.pk).update(is_active=False)
    known.refresh(at=AT)
    assert known.source_of(secret=secrets[1].secret, at=AT) is None


def test_moved_address_is_found_at_its_new_point() -> None:
    source = make_source()
    old, new = make_point(source=source, code="A", address="7"), make_point(source=source, code="B", address="8")
    known = directory()
    known.refresh(at=AT)
    record_points(park=source.park, rows=[{"code": "A", "address": "9"}], actor=None, at=AT + timedelta(hours=1))
    record_points(park=source.park, rows=[{"code": "B", "address": "7"}], actor=None, at=AT + timedelta(hours=1))
    known.refresh(at=AT + timedelta(hours=1))
    put_messages(messages=[message(source, "m1", ("7", 1.0))], directory=known, at=AT)
    assert (stored(old), [v for _at, v in stored(new)]) == ([], [1.0])


def ask(
    door: FrontDoor,
    *,
    method: str = "POST",
    path: str = "/ingest",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> tuple[int, dict[str, Any]]:
    """Ask the front door as a server would, without storing: only what is answered before that."""
    sent: list[Any] = []
    given = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: Any) -> None:
        sent.append(event)

    asyncio.run(door({"type": "http", "method": method, "path": path, "headers": given}, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_front_door_refuses_before_it_reads() -> None:
    source = make_source()
    secret = create_device_token(source=source, name="x", actor=None, at=timezone.now()).secret
    door = FrontDoor(zone="Asia/Shanghai")
    door._directory.refresh(at=timezone.now())
    assert ask(door)[0] == 401
    assert ask(door, headers={"Authorization": "Bearer pbd_wrong"})[0] == 401
    assert ask(door, headers={"Authorization": f"Basic {secret}"})[0] == 401
    assert ask(door, path="/elsewhere")[0] == 404
    assert ask(door, method="GET")[0] == 405
    assert ask(door, method="GET", path="/healthz") == (200, {"status": "ok"})
    large = {"Authorization": f"Bearer {secret}", "Content-Length": str(MOST_BYTES + 1)}
    assert ask(door, headers=large)[0] == 413
    assert ask(door, headers={"Authorization": f"Bearer {secret}"}, body=bytes(MOST_BYTES + 1))[0] == 413


def test_same_bytes_are_the_same_message_unless_their_readings_have_no_time() -> None:
    def digest(body: bytes, **headers: str) -> str:
        given = {k.replace("_", "-").encode(): v.encode() for k, v in {"content_type": "text/plain", **headers}.items()}
        return read_request(source_id=1, headers=given, body=body, zone="UTC").digest

    timed, now = b"A value=1 1782777600", b"A value=1"
    assert digest(timed) == digest(timed) != digest(timed, content_type="text/csv")
    assert digest(now) != digest(now)
    assert digest(now, idempotency_key="k1") == digest(now, idempotency_key="k1") == digest(timed, idempotency_key="k1")


def test_request_with_a_broken_body_still_is_a_message() -> None:
    headers = {b"content-type": b"text/csv", b"content-encoding": b"gzip"}
    cut = gzip.compress(b"point,at,value\nA,1,1\n" * 50)[:-9]
    found = read_request(source_id=1, headers=headers, body=cut, zone="UTC").found
    assert isinstance(found, MessageError) and found.code == "truncated"


def test_message_stored_by_another_process_meanwhile_is_a_repeat_and_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = make_source()
    point = make_point(source=source, code="A")
    here = columns([("A", 1.0)])
    assert put_readings(source=source, digest="m1", transport="x", found=here, at=AT).taken == 1
    files = set(lake_folder().rglob("*.parquet"))
    look, looks = readings._receipts, []

    def look_too_early(messages: Any) -> Any:
        looks.append(len(messages))
        return {} if len(looks) == 1 else look(messages)

    monkeypatch.setattr(readings, "_receipts", look_too_early)
    again = put_readings(source=source, digest="m1", transport="x", found=here, at=AT)
    assert (again.taken, again.is_repeat, len(looks)) == (1, True, 2)
    assert set(lake_folder().rglob("*.parquet")) == files
    assert (Segment.objects.count(), PushReceipt.objects.count(), len(stored(point))) == (1, 1, 1)


def test_what_is_written_counts_only_once_it_is_appended() -> None:
    point = make_point(source=make_source(), code="A")
    table = lake.readings_table([point.pk], [micros_of(at=AT)], [4.0])
    written = lake.write_readings(table, at=AT)
    assert stored(point) == []
    assert lake.append_readings(written, batch_id="b", at=AT).is_new
    assert [v for _at, v in stored(point)] == [4.0]
