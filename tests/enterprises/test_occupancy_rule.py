"""One room is never let twice: the service says who is there, and the database refuses it by itself."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from parkbrain.enterprises.models import Occupancy
from parkbrain.enterprises.services import (
    CannotEndOccupancy,
    CannotRecordOccupancy,
    CannotStartOccupancy,
    end_occupancy,
    start_occupancy,
)
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_enterprise, make_occupancy, make_premises, make_user

pytestmark = pytest.mark.django_db


def test_premises_that_are_free_can_be_occupied_and_the_event_is_written() -> None:
    premises, firm = make_premises(), make_enterprise()
    operator = make_user(Role.OPERATOR, premises.park.branch)
    occupancy = start_occupancy(
        premises=premises, enterprise=firm, starts_on=date(2026, 1, 1), actor=operator, at=AT, lease_number="ZL-1"
    )
    assert occupancy.lease_number == "ZL-1"
    event = AuditEvent.objects.get(code="enterprises.occupancy.started")
    assert (event.actor, event.park, event.details["starts_on"]) == (operator, premises.park, "2026-01-01")


def test_premises_that_are_taken_are_refused_with_who_is_there_since_when() -> None:
    there = make_occupancy(starts_on=date(2025, 3, 1))
    with pytest.raises(CannotStartOccupancy) as refusal:
        start_occupancy(
            premises=there.premises, enterprise=make_enterprise(), starts_on=date(2026, 1, 1), actor=None, at=AT
        )
    assert there.enterprise.name in str(refusal.value)
    assert "2025-03-01" in str(refusal.value)
    assert Occupancy.objects.count() == 1


def test_next_firm_may_move_in_on_the_day_the_last_one_moved_out() -> None:
    there = make_occupancy(starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1))
    start_occupancy(
        premises=there.premises, enterprise=make_enterprise(), starts_on=date(2026, 1, 1), actor=None, at=AT
    )
    assert Occupancy.objects.count() == 2


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2025, 6, 1), date(2025, 7, 1)),  # inside
        (date(2024, 6, 1), date(2025, 1, 2)),  # over the first day
        (date(2025, 12, 31), None),  # over the last day
        (date(2024, 1, 1), None),  # around
    ],
)
def test_database_refuses_a_second_occupant_by_itself(starts_on: date, ends_on: date | None) -> None:
    there = make_occupancy(starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Occupancy.objects.create(
            premises=there.premises, enterprise=make_enterprise(), starts_on=starts_on, ends_on=ends_on
        )


def test_database_refuses_a_change_that_would_overlap() -> None:
    first = make_occupancy(starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1))
    make_occupancy(premises=first.premises, starts_on=date(2026, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Occupancy.objects.filter(pk=first.pk).update(ends_on=date(2026, 2, 1))
    Occupancy.objects.filter(pk=first.pk).update(ends_on=date(2025, 12, 1))


MOVE_IN = """
import sys, time, django
django.setup()
from datetime import UTC, date, datetime
from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.services import CannotStartOccupancy, start_occupancy
from parkbrain.space.models import Premises
firm, premises = Enterprise.objects.get(pk=sys.argv[1]), Premises.objects.get(pk=sys.argv[2])
time.sleep(max(0.0, float(sys.argv[3]) - time.time()))
try:
    start_occupancy(premises=premises, enterprise=firm, starts_on=date(2026, 1, 1), actor=None, at=datetime.now(UTC))
    print("in")
except CannotStartOccupancy as refusal:
    print(refusal)
"""


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_wins_and_the_other_is_told(tmp_path: Path) -> None:
    premises, firms = make_premises(), [make_enterprise(), make_enterprise()]
    environment = {
        **os.environ,
        "PARKBRAIN_HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    if connection.vendor == "sqlite":
        # Two processes need a file: the test database lives in memory.
        with sqlite3.connect(tmp_path / "parkbrain.sqlite3") as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        copy.close()
    else:
        pytest.importorskip("psycopg")
        url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
        environment["PARKBRAIN_DATABASE"] = url
    start = str(time.time() + 4)
    requests = [
        subprocess.Popen(
            [sys.executable, "-c", MOVE_IN, str(firm.pk), str(premises.pk), start],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for firm in firms
    ]
    answers = [request.communicate(timeout=60)[0].strip() for request in requests]
    assert [request.returncode for request in requests] == [0, 0]
    assert sorted(answer == "in" for answer in answers) == [False, True], answers
    told, winner = (answers[1], firms[0]) if answers[0] == "in" else (answers[0], firms[1])
    assert any(name and name in told for name in (winner.name_zh_hans, winner.name_en))


def test_rule_lives_in_the_database_after_all_migrations() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT contype FROM pg_constraint WHERE conname = 'occupancy_one_at_a_time'")
            assert cursor.fetchone() == ("x",)
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
            names = {row[0] for row in cursor.fetchall()}
            assert {"occupancy_one_at_a_time_insert", "occupancy_one_at_a_time_update"} <= names


def test_exclusion_constraint_holds_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the settings use SQLite: run with PARKBRAIN_DATABASE to test the exclusion constraint")
    there = make_occupancy(starts_on=date(2025, 1, 1))
    with pytest.raises(DatabaseError, match="occupancy_one_at_a_time"), transaction.atomic():
        make_occupancy(premises=there.premises, starts_on=date(2026, 1, 1))


def test_occupancy_ends_once_and_after_it_began() -> None:
    there = make_occupancy(starts_on=date(2025, 3, 1))
    with pytest.raises(CannotEndOccupancy):
        end_occupancy(occupancy=there, ends_on=date(2025, 3, 1), actor=None, at=AT)
    end_occupancy(occupancy=there, ends_on=date(2026, 3, 1), actor=None, at=AT)
    assert AuditEvent.objects.filter(code="enterprises.occupancy.ended").count() == 1
    with pytest.raises(CannotEndOccupancy, match="2026-03-01"):
        end_occupancy(occupancy=there, ends_on=date(2026, 4, 1), actor=None, at=AT)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_roles_that_only_read_cannot_move_firms(role: str) -> None:
    premises = make_premises()
    reader = make_user(role, premises.park.branch)
    with pytest.raises(CannotRecordOccupancy):
        start_occupancy(
            premises=premises, enterprise=make_enterprise(), starts_on=date(2026, 1, 1), actor=reader, at=AT
        )


def test_another_parks_operator_cannot_move_firms() -> None:
    premises, stranger = make_premises(), make_user(Role.OPERATOR)
    with pytest.raises(CannotRecordOccupancy):
        start_occupancy(
            premises=premises, enterprise=make_enterprise(), starts_on=date(2026, 1, 1), actor=stranger, at=AT
        )
    assert not AuditEvent.objects.exists()
