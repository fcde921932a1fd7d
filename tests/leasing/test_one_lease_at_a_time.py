"""One room let twice: the database refuses it, whoever asks and however many ask at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from parkbrain.leasing.models import Lease, Let
from tests.factories import make_enterprise, make_park, make_premises

pytestmark = pytest.mark.django_db


def make_let(premises, number: str, starts_on: date, ends_on: date) -> Let:
    lease = Lease.objects.create(
        park=premises.park,
        enterprise=make_enterprise(),
        number=number,
        state=Lease.State.SIGNED,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return Let.objects.create(lease=lease, premises=premises, starts_on=starts_on, ends_on=ends_on, area_m2=Decimal(9))


def test_the_database_refuses_the_same_room_twice_on_a_day() -> None:
    room = make_premises(park=make_park())
    make_let(room, "L-1", date(2026, 1, 1), date(2027, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        make_let(room, "L-2", date(2026, 12, 31), date(2028, 1, 1))
    assert Let.objects.count() == 1


def test_the_next_lease_may_begin_on_the_day_the_last_one_stops() -> None:
    room = make_premises(park=make_park())
    make_let(room, "L-1", date(2026, 1, 1), date(2027, 1, 1))
    make_let(room, "L-2", date(2027, 1, 1), date(2028, 1, 1))
    assert Let.objects.count() == 2


def test_moving_a_let_onto_another_is_refused_too() -> None:
    room = make_premises(park=make_park())
    make_let(room, "L-1", date(2026, 1, 1), date(2027, 1, 1))
    later = make_let(room, "L-2", date(2027, 1, 1), date(2028, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Let.objects.filter(pk=later.pk).update(starts_on=date(2026, 6, 1))


def test_the_rule_is_in_the_database_itself() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = 'let_one_at_a_time'")
        else:
            cursor.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'let_one_at_a_time_update'")
        assert cursor.fetchone()
