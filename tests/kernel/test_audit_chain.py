"""The audit trail is a chain of hashes: whatever is done to a link shows."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent, AuditHead, Park
from parkbrain.kernel.roles import Role
from parkbrain.kernel.scope import BULLETS, Masked
from tests.factories import make_park, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
CODE = "space.park.changed"


def write_events(count: int) -> Park:
    park = make_park()
    actor = make_user(Role.OPERATOR, park.branch)
    for number in range(count):
        audit.record(CODE, target=park, actor=actor, at=NOON + timedelta(minutes=number), park=park, number=number)
    return park


def at(position: int) -> AuditEvent:
    return AuditEvent.objects.get(position=position)


def test_an_untouched_chain_holds_and_names_its_head() -> None:
    write_events(5)
    state = audit.verify_chain()
    assert (state.holds, state.length, state.head_hash) == (True, 5, at(5).hash)
    assert [e.previous_hash for e in AuditEvent.objects.order_by("position")] == [
        audit.GENESIS,
        *[at(p).hash for p in range(1, 5)],
    ]


def test_an_empty_trail_holds() -> None:
    assert audit.verify_chain() == audit.ChainState(0, audit.GENESIS)


@pytest.mark.parametrize(
    "change",
    [
        {"target_name": "Another"},
        {"details": {"number": 99}},
        {"actor_name": "someone.else"},
        {"park_code": ""},
        {"at": NOON + timedelta(days=1)},
        {"code": "space.park.added"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_event_is_the_first_broken_link(change: dict[str, object]) -> None:
    write_events(5)
    AuditEvent.objects.filter(position=3).update(**change)
    state = audit.verify_chain()
    assert (state.holds, state.broken_at) == (False, 3)


def test_an_edit_that_also_rewrites_its_own_hash_breaks_the_next_link() -> None:
    write_events(5)
    event = at(3)
    event.target_name = "Another"
    AuditEvent.objects.filter(position=3).update(target_name="Another", hash=audit.hash_event(event))
    assert audit.verify_chain().broken_at == 4


def test_a_deleted_event_leaves_a_gap() -> None:
    write_events(5)
    at(2).delete()
    assert audit.verify_chain().broken_at == 2


def test_events_cut_off_at_the_end_are_missed() -> None:
    write_events(5)
    at(5).delete()
    assert audit.verify_chain().broken_at == 5
    AuditEvent.objects.all().delete()
    assert audit.verify_chain().broken_at == 1


def test_an_inserted_event_does_not_follow_from_the_one_before() -> None:
    write_events(4)
    AuditEvent.objects.filter(position=4).update(position=5)
    forged = at(3)
    forged.pk, forged.position, forged.target_name = None, 4, "Forged"
    forged.hash = audit.hash_event(forged)
    forged.save(force_insert=True)
    AuditHead.objects.update(position=5)
    assert audit.verify_chain().broken_at == 4


def test_two_events_that_changed_places_are_found() -> None:
    write_events(5)
    AuditEvent.objects.filter(position=2).update(position=99)
    AuditEvent.objects.filter(position=3).update(position=2)
    AuditEvent.objects.filter(position=99).update(position=3)
    assert audit.verify_chain().broken_at == 2


def test_a_whole_chain_redone_holds_but_not_against_the_hash_noted_outside() -> None:
    write_events(3)
    noted = audit.verify_chain().head_hash
    assert audit.verify_chain(expect=noted).holds
    AuditEvent.objects.all().delete()
    AuditHead.objects.all().delete()
    write_events(3)
    assert audit.verify_chain().holds
    state = audit.verify_chain(expect=noted)
    assert (state.holds, state.fault != "") == (False, True)


def test_only_the_newest_events_are_walked_when_asked() -> None:
    write_events(8)
    AuditEvent.objects.filter(position=2).update(target_name="Another")
    assert audit.verify_chain(last=4).holds
    assert audit.verify_chain(last=8).broken_at == 2
    AuditEvent.objects.filter(position=6).update(target_name="Another")
    assert audit.verify_chain(last=4).broken_at == 6


def test_a_removed_park_and_a_renamed_one_break_nothing() -> None:
    park = write_events(3)
    Park.objects.filter(pk=park.pk).update(code="renamed")
    AuditEvent.objects.update(park=None)
    assert audit.verify_chain().holds


@pytest.mark.parametrize(
    "details",
    [
        {"area_m2": 2.0, "small": 1e-07, "huge": 1e22, "text": "园区\u2028 “quoted”", "none": None},
        {"nested": {"b": [1, 2.5, (3, 4)], "a": True}, "fields": {"n": [None, -0.0]}},
        {},
    ],
)
def test_the_hash_is_the_same_after_the_database_gave_the_event_back(details: dict[str, object]) -> None:
    park = make_park()
    audit.record(CODE, target=park, actor=None, at=NOON, **details)
    audit.record_many(CODE, targets=[(park, details)] * 3, actor=None, at=NOON.replace(microsecond=123), park=park)
    assert audit.verify_chain().holds
    assert audit.verify_chain().length == 4


def test_many_events_at_once_read_like_single_ones() -> None:
    park = make_park()
    actor = make_user(Role.OPERATOR, park.branch)
    audit.record_many(CODE, targets=[(park, {"n": n}) for n in range(1200)], actor=actor, at=NOON, park=park)
    event = at(1100)
    assert (event.at, event.actor, event.park, event.details) == (NOON, actor, park, {"n": 1099})
    audit.record_many(CODE, targets=[], actor=actor, at=NOON)
    assert audit.verify_chain() == audit.ChainState(1200, at(1200).hash)


def test_the_values_of_masked_fields_stand_hidden_in_the_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Park, "masked_fields", {"address": Masked()}, raising=False)
    fields = {"address": [None, "4000021109200123456"], "street": ["a", "b"]}
    event = audit.record(CODE, target=make_park(), actor=None, at=NOON, fields=fields)
    assert event.details["fields"] == {"address": [None, f"{BULLETS} 3456"], "street": ["a", "b"]}


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_chain() -> None:
    park = make_park()
    failures: list[Exception] = []

    def work(who: int) -> None:
        try:
            for number in range(10):
                with transaction.atomic():
                    audit.record(CODE, target=park, actor=None, at=NOON, park=park, who=who, number=number)
                    audit.record_many(CODE, targets=[(park, {"who": who})] * 2, actor=None, at=NOON, park=park)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert audit.verify_chain().holds
    assert audit.verify_chain().length == 4 * 10 * 3


@pytest.mark.django_db(transaction=True)
def test_events_from_before_the_chain_are_chained_by_the_migration() -> None:
    from django.db.migrations.executor import MigrationExecutor

    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate([("kernel", "0001_initial")])
        old = MigrationExecutor(connection).loader.project_state([("kernel", "0001_initial")]).apps
        user = old.get_model("kernel", "User").objects.create(username="ada")
        events = old.get_model("kernel", "AuditEvent").objects
        for number in range(3):
            events.create(code=CODE, at=NOON, actor=user, target_name="园", details=json.loads('{"n": 1.0}'))
    finally:
        MigrationExecutor(connection).migrate(leaves)
    state = audit.verify_chain()
    assert (state.holds, state.length) == (True, 3)
    assert at(3).actor_name == "ada"
