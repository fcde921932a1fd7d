"""The city kept as columns: read back as it was rated, replaced for the same day, laid over by newer ratings."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import Rating, Snapshot
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.kernel.roles import Role
from tests.assessment.factories import declare_scheme, make_declaration
from tests.factories import AT, ON, make_branch, make_park, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def parks() -> list[Park]:
    found = [make_park(), make_park()]
    declare_scheme(park=found[0])
    services.refresh_ratings(on=ON, at=AT)
    return found


def ids(parks: list[Park]) -> np.ndarray:
    return np.array([park.pk for park in parks], dtype=np.int64)


def test_the_current_columns_are_the_ratings(parks: list[Park]) -> None:
    found = queries.get_columns(keys=["total", "fact.leasable_area_m2"])
    assert found.is_current
    stored = dict(Rating.objects.filter(scheme_id=queries.MAIN_SCHEME).values_list("park_id", "total_proven"))
    assert found.of("total", ids(parks)).tolist() == pytest.approx([stored[park.pk] for park in parks])
    assert math.isnan(found.of("fact.leasable_area_m2", ids(parks))[1])
    assert np.isnan(found.of("fact.of_no_scheme", ids(parks))).all()


def test_a_park_rated_after_the_nightly_run_shows_its_newer_total(parks: list[Park]) -> None:
    before = queries.get_columns(keys=["fact.leasable_area_m2"]).of("fact.leasable_area_m2", ids(parks))
    make_declaration(park=parks[1], value=4_321.0)
    services.refresh_ratings(park_ids=[parks[1].pk], on=ON, at=AT)
    after = queries.get_columns(keys=["fact.leasable_area_m2"]).of("fact.leasable_area_m2", ids(parks))
    assert after.tolist() == [before[0], 4_321.0]


def leasable(parks: list[Park]) -> list[float]:
    return queries.get_columns(keys=["fact.leasable_area_m2"]).of("fact.leasable_area_m2", ids(parks)).tolist()


def test_ratings_that_were_read_since_the_night_are_not_read_again(parks: list[Park]) -> None:
    parks[0].declarations.filter(fact_key="leasable_area_m2").update(value=1_000.0)
    make_declaration(park=parks[1], value=2_000.0)
    for park in parks:
        services.refresh_ratings(park_ids=[park.pk], on=ON, at=AT)
    assert leasable(parks) == [1_000.0, 2_000.0]
    parks[1].declarations.filter(fact_key="leasable_area_m2").update(value=2_500.0)
    services.refresh_ratings(park_ids=[parks[1].pk], on=ON, at=AT + timedelta(minutes=1))
    with CaptureQueriesContext(connection) as asked:
        assert leasable(parks) == [1_000.0, 2_500.0]
    newest = Rating.objects.get(park=parks[1], scheme_id=queries.MAIN_SCHEME, state=Rating.State.CURRENT)
    read = [q["sql"] for q in asked if '"inputs"' in q["sql"]]
    assert len(read) == 1 and f"({newest.pk})" in read[0], "the one that was made since, and no other"
    kept = queries.get_columns(keys=["total", "fact.leasable_area_m2"]).values
    cache.clear()
    for key, column in queries.get_columns(keys=["total", "fact.leasable_area_m2"]).values.items():
        assert np.array_equal(column, kept[key], equal_nan=True)


def test_ratings_that_were_rolled_back_leave_nothing_behind(parks: list[Park]) -> None:
    with transaction.atomic():
        make_declaration(park=parks[1], value=9_999.0)
        services.refresh_ratings(park_ids=[parks[1].pk], on=ON, at=AT)
        assert leasable(parks)[1] == 9_999.0
        state = queries.ratings_state()
        transaction.set_rollback(True)
    make_declaration(park=parks[1], value=3_333.0)
    services.refresh_ratings(park_ids=[parks[1].pk], on=ON, at=AT + timedelta(minutes=1))
    # Its rating may well have the number that the other one had.
    assert leasable(parks)[1] == 3_333.0
    assert queries.ratings_state() != state


def test_a_day_is_kept_once_and_read_from_that_day_on(parks: list[Park]) -> None:
    day = date(ON.year - 1, 12, 31)
    known = {"leasable_area_m2": np.array([100.0, np.nan])}
    services.keep_past_ratings(cut_off_on=day, park_ids=ids(parks).tolist(), facts=known, actor=None, at=AT)
    known = {"leasable_area_m2": np.array([250.0, 50.0])}
    services.keep_past_ratings(cut_off_on=day, park_ids=ids(parks).tolist(), facts=known, actor=None, at=AT)
    assert queries.list_kept_days() == [day]
    found = queries.get_columns(keys=["fact.leasable_area_m2"], before_on=day)
    assert (found.cut_off_on, found.is_current) == (day, False)
    assert found.of("fact.leasable_area_m2", ids(parks)).tolist() == [250.0, 50.0]
    assert queries.get_columns(keys=["total"], before_on=date(day.year, 1, 1)) is None
    assert [c.cut_off_on for c in queries.list_columns(keys=["total"])] == [day]
    assert AuditEvent.objects.filter(code="assessment.snapshot.kept").count() == 2


def test_what_is_refused_leaves_nothing(parks: list[Park]) -> None:
    day, later = date(ON.year - 1, 12, 31), date(ON.year + 9, 1, 1)
    operator = make_user(Role.OPERATOR, parks[0].branch)
    with pytest.raises(services.CannotKeepSnapshot, match="may not"):
        services.keep_snapshot(cut_off_on=day, actor=operator, at=AT)
    with pytest.raises(services.CannotKeepSnapshot, match="ahead"):
        services.keep_snapshot(cut_off_on=later, actor=None, at=AT)
    with pytest.raises(services.CannotKeepSnapshot, match="Nothing is known"):
        services.keep_snapshot(cut_off_on=date(1990, 1, 1), actor=make_user(Role.BUREAU, make_branch()), at=AT)
    assert not Snapshot.objects.filter(kind=Snapshot.Kind.KEPT).exists()


def test_a_quarter_is_kept_once_as_its_last_night_left_it(parks: list[Park]) -> None:
    """Facts that were still valid then and are not now would make every kept quarter look poor."""
    total = Rating.objects.get(park=parks[0], scheme_id=queries.MAIN_SCHEME).total_proven
    assert services.keep_due_snapshot(at=AT) is None, "the quarter has not ended"
    later = AT + timedelta(days=100)
    kept = services.keep_due_snapshot(at=later)
    assert kept is not None and kept.cut_off_on == ON and queries.list_kept_days() == [ON]
    assert services.keep_due_snapshot(at=later) is None
    services.refresh_ratings(on=ON + timedelta(days=400), at=AT + timedelta(days=400))
    found = queries.get_columns(keys=["total"], before_on=ON)
    assert found.of("total", ids(parks))[0] == pytest.approx(total) and total > 0
