"""The audit trail is a chain of hashes: whatever is done to a link shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils.translation import override

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


def test_a_rehearsal_changes_nothing_and_the_chain_goes_on_behind_it() -> None:
    park = write_events(2)
    head = audit.get_head()
    with audit.rehearse():
        Park.objects.filter(pk=park.pk).update(name_en="Rehearsed")
        event = audit.record(CODE, target=park, actor=None, at=NOON, park=park, number=9)
        audit.record_many(CODE, targets=[(park, {}), (park, {})], actor=None, at=NOON, park=park)
        assert (event.pk, event.code) == (None, CODE)
        with pytest.raises(LookupError):
            audit.record_many("no.such.event", targets=[], actor=None, at=NOON)
    assert Park.objects.get(pk=park.pk).name_en != "Rehearsed"
    assert audit.get_head() == head
    audit.record(CODE, target=park, actor=None, at=NOON, park=park)
    assert at(3).previous_hash == head
    assert audit.verify_chain().holds


def test_a_rehearsal_that_fails_leaves_nothing_and_is_over() -> None:
    park = write_events(1)
    with pytest.raises(ValueError, match="stop"), audit.rehearse():
        Park.objects.filter(pk=park.pk).update(name_en="Rehearsed")
        raise ValueError("stop")
    assert Park.objects.get(pk=park.pk).name_en != "Rehearsed"
    audit.record(CODE, target=park, actor=None, at=NOON, park=park)
    assert AuditEvent.objects.count() == 2


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_many_events_at_once_are_the_same_links_as_one_by_one(language: str) -> None:
    park, actor = write_events(1), make_user(Role.OPERATOR)
    rows = [{"fields": {"height_m": [1.5, 2.0]}}, {}, {"note": "樓 “A”", "days": ["2026-01-01", None]}]
    with override(language):
        audit.record_many(CODE, targets=[(park, row) for row in rows], actor=actor, at=NOON, park=park)
        events = list(AuditEvent.objects.filter(position__gt=1).order_by("position"))
        assert [(audit.details_of(e), e.actor, e.park, audit.target_name(e)) for e in events] == [
            (row, actor, park, str(park)) for row in rows
        ]
    assert audit.verify_chain().holds


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
    assert (event.at, event.actor, event.park, audit.details_of(event)) == (NOON, actor, park, {"n": 1099})
    audit.record_many(CODE, targets=[], actor=actor, at=NOON)
    assert audit.verify_chain() == audit.ChainState(1200, at(1200).hash)


def test_the_values_of_masked_fields_stand_hidden_in_the_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Park, "masked_fields", {"address": Masked()}, raising=False)
    fields = {"address": [None, "4000021109200123456"], "street": ["a", "b"]}
    event = audit.record(CODE, target=make_park(), actor=None, at=NOON, fields=fields)
    assert event.details["fields"] == {"address": [None, f"{BULLETS} 3456"], "street": ["a", "b"]}


WRITER = """
import sys, django
django.setup()
from datetime import UTC, datetime
from django.db import transaction
from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch
branch = Branch.objects.get()
for number in range(15):
    with transaction.atomic():
        audit.record("accounts.branch.created", target=branch, actor=None, at=datetime.now(UTC), number=number)
        targets = [(branch, {"who": sys.argv[1]})] * 2
        audit.record_many("accounts.branch.created", targets=targets, actor=None, at=datetime.now(UTC))
"""


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Return the environment of an empty database: SQLite in a file of its own, PostgreSQL beside that of the tests."""
    environment = {**os.environ, "PARKBRAIN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "parkbrain.config.settings"}
    url, name = os.environ.get("PARKBRAIN_DATABASE", ""), f"chain_{os.getpid()}"
    if not url.startswith("postgres"):
        yield environment
        return
    environment["PARKBRAIN_DATABASE"] = url.rsplit("/", 1)[0] + f"/{name}"
    subprocess.run(["psql", "-qc", f"CREATE DATABASE {name}", url], check=True)
    try:
        yield environment
    finally:
        subprocess.run(["psql", "-qc", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", url], check=True)


def python(code: str, environment: dict[str, str], *arguments: str) -> str:
    """Run code with Django set up and return what it prints."""
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


WALK = """
from parkbrain.kernel.audit import verify_chain
from parkbrain.kernel.models import AuditEvent
state = verify_chain()
print(state.holds, state.length, *AuditEvent.objects.values_list("actor_name", flat=True))
"""
BEFORE_THE_CHAIN = """
from datetime import UTC, datetime
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
call_command("migrate", "kernel", "0001", verbosity=0)
old = MigrationExecutor(connection).loader.project_state([("kernel", "0001_initial")]).apps
user = old.get_model("kernel", "User").objects.create(username="ada")
for _number in range(3):
    old.get_model("kernel", "AuditEvent").objects.create(
        code="accounts.branch.created", at=datetime(2026, 6, 1, 4, tzinfo=UTC), actor=user, target_name="园",
        details={"n": 1.0},
    )
call_command("migrate", "kernel", verbosity=0)
"""


@pytest.mark.slow
def test_processes_that_write_at_the_same_time_make_one_chain(
    own_database: dict[str, str], tmp_path: Path, migrated: Path
) -> None:
    if connection.vendor == "sqlite":
        shutil.copy(migrated, tmp_path / "parkbrain.sqlite3")
    else:
        python("from django.core.management import call_command as c; c('migrate', verbosity=0)", own_database)
    python(
        "from parkbrain.kernel.models import Branch; Branch.objects.create(kind='CITY', code='c', path='/c/')",
        own_database,
    )
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(n)], env=own_database) for n in range(3)]
    assert [w.wait(60) for w in writers] == [0, 0, 0]
    assert python(WALK, own_database).split()[:2] == ["True", str(3 * 15 * 3)]


@pytest.mark.slow
def test_events_from_before_the_chain_are_chained_by_the_migration(own_database: dict[str, str]) -> None:
    python(BEFORE_THE_CHAIN, own_database)
    assert python(WALK, own_database).split() == ["True", "3", "ada", "ada", "ada"]


def test_target_is_named_in_the_language_of_the_reader_not_of_who_acted() -> None:
    park = make_park(code="tri")
    actor = make_user(Role.OPERATOR, park.branch)
    Park.objects.filter(pk=park.pk).update(name_zh_hans="智园", name_zh_hant="智園", name_en="Wise Park")
    park.refresh_from_db()
    for acting in ("en", "zh-hans"):
        with override(acting):
            event = audit.record(CODE, target=park, actor=actor, at=NOON, n=1)
        event.refresh_from_db()
        assert event.target_name == "智园"
        for language, name in (("en", "Wise Park"), ("zh-hant", "智園"), ("zh-hans", "智园")):
            with override(language):
                assert audit.target_name(event) == name and name in audit.sentence(event)
    assert audit.verify_chain().holds
