"""What a city's pages keep between requests is formed anew as soon as what it was formed of changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from parkbrain.assessment.queries import ratings_state
from parkbrain.enterprises import services as enterprises
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.portfolio import queries
from parkbrain.space import services as space
from tests.factories import make_enterprise, make_park, make_premises

pytestmark = pytest.mark.django_db


def firms_of(park: Park, ago: int = 0) -> int:
    return queries.count_firms(on=timezone.localdate() - timedelta(days=ago)).get(park.pk, 0)


def stay_row(stay: Occupancy, **changed: object) -> dict[str, object]:
    row = {"premises_code": stay.premises.code, "uscc": stay.enterprise.uscc, "starts_on": stay.starts_on}
    return row | {"ends_on": stay.ends_on} | changed


def test_firm_counts_follow_every_way_a_firm_moves() -> None:
    park = make_park()
    today, now = timezone.localdate(), timezone.now()
    long_ago = today - timedelta(days=900)
    assert firms_of(park) == 0
    stay = enterprises.start_occupancy(
        premises=make_premises(park=park), enterprise=make_enterprise(), starts_on=long_ago, actor=None, at=now
    )
    other = enterprises.start_occupancy(
        premises=make_premises(park=park), enterprise=make_enterprise(), starts_on=long_ago, actor=None, at=now
    )
    assert firms_of(park) == 2
    enterprises.end_occupancy(occupancy=stay, ends_on=today - timedelta(days=100), actor=None, at=now)
    assert firms_of(park) == 1
    assert firms_of(park, ago=150) == 2
    # A day that was typed wrong is moved: as many stays, as many of them ended, the last end the same.
    enterprises.end_occupancy(occupancy=other, ends_on=today + timedelta(days=300), actor=None, at=now)
    moved = today - timedelta(days=200)
    enterprises.record_occupancies(park=park, rows=[stay_row(stay, ends_on=moved)], actor=None, at=now)
    assert Occupancy.objects.get(pk=stay.pk).ends_on == moved
    assert firms_of(park, ago=150) == 1
    firm = make_enterprise()
    new = {"premises_code": make_premises(park=park).code, "uscc": firm.uscc, "starts_on": long_ago}
    enterprises.record_occupancies(park=park, rows=[new], actor=None, at=now)
    assert firms_of(park) == 2


def test_ground_of_the_city_follows_a_park_that_is_renamed(demo_park: Park) -> None:
    bureau = User.objects.get(username="bureau")
    # Names are kept by language: another test may have left one in force.
    with override("zh-hans"):
        before = ratings_state()
        assert demo_park.name in queries.get_ground(user=bureau).names
        space.record_park(values={"code": demo_park.code, "name_zh_hans": "改名园"}, actor=None, at=timezone.now())
        assert ratings_state() != before
        assert any("改名园" in name for name in queries.get_ground(user=bureau).names)
