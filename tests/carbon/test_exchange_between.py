"""What firms of one park could send to those of another: found within reach, within the person's parks, drawn as flows."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from parkbrain.carbon.queries import list_matches_between
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.portfolio.charts import map_flows
from parkbrain.portfolio.queries import list_shapes
from tests.factories import make_branch, make_enterprise, make_offer, make_park, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 1)
HERE, NEAR, FAR = (114.00, 22.55), (114.10, 22.60), (116.50, 24.20)


def a_park(operator: Branch, place: tuple[float, float] | None = HERE) -> Park:
    longitude, latitude = place or (None, None)
    return make_park(operator=operator, longitude=longitude, latitude=latitude)


def an_offer(park: Park, direction: str = "OFFER", **fields: object) -> int:
    values = {"kind": "BYPRODUCT", "substance": "铝屑", "unit": "t", "per_month": 2.0, "starts_on": date(2026, 1, 1)}
    offer = make_offer(park=park, enterprise=make_enterprise(), direction=direction, **{**values, **fields})
    return offer.pk


@pytest.fixture
def operator() -> Branch:
    return make_branch()


@pytest.fixture
def person(operator: Branch) -> User:
    return make_user(Role.OPERATOR, operator)


def pairs_of(user: User, on: date = DAY) -> list[tuple[int, int]]:
    return [(one.offer.pk, one.need.pk) for one in list_matches_between(user=user, on=on)]


def test_an_offer_finds_the_needs_of_other_parks_within_reach(operator: Branch, person: User) -> None:
    here, near, far, nowhere = (a_park(operator, place) for place in (HERE, NEAR, FAR, None))
    offer = an_offer(here)
    need = an_offer(near, "NEED", per_month=4.0)
    an_offer(here, "NEED")
    an_offer(far, "NEED")
    an_offer(nowhere, "NEED")
    (match,) = list_matches_between(user=person, on=DAY)
    assert (match.offer.pk, match.need.pk, match.filled) == (offer, need, 0.5)
    assert match.distance_km == pytest.approx(11.7, abs=0.2)


def test_heat_is_carried_less_far_than_goods(operator: Branch, person: User) -> None:
    here, near = a_park(operator), a_park(operator, NEAR)
    for kind, unit in (("WASTE_HEAT", "MJ"), ("PACKAGING", "pcs")):
        an_offer(here, kind=kind, unit=unit)
        an_offer(near, "NEED", kind=kind, unit=unit)
    assert [one.offer.kind for one in list_matches_between(user=person, on=DAY)] == ["PACKAGING"]


def test_only_parks_that_a_person_sees_are_compared_and_only_what_has_not_ended(operator: Branch, person: User) -> None:
    here, near, other = a_park(operator), a_park(operator, NEAR), a_park(make_branch(), NEAR)
    offer = an_offer(here)
    an_offer(other, "NEED")
    need = an_offer(near, "NEED", ends_on=date(2026, 12, 1))
    assert pairs_of(person) == [(offer, need)]
    assert pairs_of(person, date(2026, 12, 1)) == []
    assert pairs_of(make_user(None)) == []


def test_the_page_shows_all_pairs_and_those_of_two_parks(operator: Branch, person: User) -> None:
    here, near, third = a_park(operator), a_park(operator, NEAR), a_park(operator, (114.2, 22.7))
    an_offer(here)
    an_offer(near, "NEED")
    an_offer(third, "NEED")
    client = Client()
    client.force_login(person)
    address = reverse("exchange_between")
    whole = client.get(address)
    assert whole.context["count"] == 2 and 'data-figures="exchange.between=2"' in whole.content.decode()
    part = client.get(address, {"from": here.pk, "to": near.pk})
    assert [one.need.park for one in part.context["matches"]] == [near]
    assert client.get(address, {"kind": "SOLVENT"}).context["count"] == 0
    stranger = a_park(make_branch())
    for wrong in ("x", "²", "999999", str(stranger.pk)):
        assert client.get(address, {"from": wrong}).status_code == 404
    client.force_login(make_user(None))
    assert client.get(address).status_code == 403


def test_pairs_are_handed_out_as_the_page_shows_them_and_a_kind_that_is_none_is_named(
    operator: Branch, person: User
) -> None:
    here, near = a_park(operator), a_park(operator, NEAR)
    for kind, unit in (("BYPRODUCT", "t"), ("PACKAGING", "pcs")):
        an_offer(here, kind=kind, unit=unit)
        an_offer(near, "NEED", kind=kind, unit=unit, contact="周工 0755-1")
    client = Client()
    client.force_login(person)
    lines = client.get(reverse("exchange_between_file", args=["csv"])).content.decode().splitlines()
    assert len(lines) == 3 and all(near.name in line and "周工 0755-1" in line for line in lines[1:])
    chosen = client.get(reverse("exchange_between_file", args=["csv"]), {"kind": "PACKAGING", "to": near.pk})
    assert len(chosen.content.decode().splitlines()) == 2
    for kind, begins in (("xlsx", b"PK"), ("pdf", b"%PDF")):
        assert client.get(reverse("exchange_between_file", args=[kind])).content.startswith(begins)
    assert client.get(reverse("exchange_between_file", args=["doc"])).status_code == 404
    with override("en"):
        refused = client.get(reverse("exchange_between"), {"kind": "WISHES"}, headers={"Accept-Language": "en"})
    assert refused.status_code == 422 and "WISHES" in refused.content.decode() and refused.context["count"] == 0
    assert client.get(reverse("exchange_between_file", args=["csv"]), {"kind": "WISHES"}).status_code == 302


def test_flows_join_parks_in_both_directions_apart_and_open_their_pairs(operator: Branch, person: User) -> None:
    here, near = a_park(operator), a_park(operator, NEAR)
    an_offer(here)
    an_offer(here, substance="木托盘", kind="PACKAGING", unit="pcs")
    an_offer(near, "NEED")
    an_offer(near, "NEED", substance="木托盘", kind="PACKAGING", unit="pcs")
    an_offer(near, substance="铜屑", kind="BYPRODUCT")
    an_offer(here, "NEED", substance="铜屑", kind="BYPRODUCT")
    flows = map_flows(shapes=list_shapes(), matches=list_matches_between(user=person, on=DAY))
    assert flows[0].path.split("Q")[1].split(" ")[0] != flows[1].path.split("Q")[1].split(" ")[0]
    client = Client()
    client.force_login(person)
    assert [client.get(flow.url).context["count"] for flow in flows] == [2, 1]
