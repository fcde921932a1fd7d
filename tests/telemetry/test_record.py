"""What the database itself holds of sources, points and their factors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.factories import make_park, make_point, make_point_factor, make_source

pytestmark = pytest.mark.django_db


def test_point_code_stands_once_in_a_park_and_may_stand_in_another() -> None:
    park = make_park()
    make_point(park=park, code="E-MAIN-1")
    make_point(code="E-MAIN-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_point(park=park, code="E-MAIN-1")


def test_address_stands_once_at_a_source_and_points_without_one_are_not_held_against_each_other() -> None:
    source = make_source()
    make_point(source=source, address="40001")
    make_point(source=source, address="")
    make_point(source=source, address="")
    make_point(source=make_source(park=source.park), address="40001")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_point(source=source, address="40001")


def test_number_of_a_deleted_point_is_not_given_again() -> None:
    gone = make_point()
    number = gone.pk
    gone.delete()
    assert make_point().pk > number


def test_two_factors_of_a_point_may_meet_and_may_not_overlap() -> None:
    point = make_point()
    cut = datetime(2026, 1, 1, tzinfo=UTC)
    first = make_point_factor(point=point, ct_ratio=40.0, end_at=cut)
    make_point_factor(point=point, ct_ratio=60.0, start_at=cut)
    make_point_factor(point=make_point(), ct_ratio=60.0)
    for start, end in ((datetime(2025, 6, 1, tzinfo=UTC), None), (datetime(2023, 1, 1, tzinfo=UTC), first.end_at)):
        with pytest.raises(DatabaseError), transaction.atomic():
            make_point_factor(point=point, start_at=start, end_at=end)
    first.end_at = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    with pytest.raises(DatabaseError), transaction.atomic():
        first.save()


def test_rule_of_one_factor_at_a_time_is_in_the_database() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'point_factor_one_at_a_time'")
            assert cursor.fetchone() == (1,)
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'telemetry_pointfactor'"
            )
            assert {row[0] for row in cursor.fetchall()} == {
                "point_factor_one_at_a_time_insert",
                "point_factor_one_at_a_time_update",
            }
