"""One search over everything: grouped, within the scope, of the park one works in, and quick."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from parkbrain.calc.uscc import complete
from parkbrain.cockpit.queries import search_everything
from parkbrain.intake.models import Batch
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from tests.factories import (
    AT,
    make_branch,
    make_building,
    make_contact,
    make_document,
    make_enterprise,
    make_enterprise_document,
    make_occupancy,
    make_park,
    make_point,
    make_premises,
    make_qualification,
    make_tenant_user,
    make_user,
)
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def park() -> Park:
    park = make_park(name_en="Lighthouse Park")
    building = make_building(park=park, code="LX9", name_en="Lantern House")
    stay = make_occupancy(premises=make_premises(building=building, code="LX9-0701"))
    firm = stay.enterprise
    make_qualification(enterprise=firm, number="GR-LX-4711")
    make_enterprise_document(enterprise=firm, kind="FIRE", document=make_document(park=park, name="lx-fire.pdf"))
    make_contact(enterprise=firm, park=park, name="欧阳灯", phone="0755-2601 7788", email="ouyang@lx.example")
    Batch.objects.create(
        park=park, document=make_document(name="lx-book.xlsx"), created_by=make_user(None), created_at=AT
    )
    return park


def found(user: User, text: str, park: Park | None = None) -> dict[str, list[str]]:
    groups = search_everything(user=user, text=text, park=park)
    return {kind: [f"{hit.label} | {hit.detail} | {hit.url}" for hit in hits] for kind, hits in groups}


def test_each_kind_of_thing_is_found_in_a_group_of_its_own(park: Park) -> None:
    user = make_user(Role.OPERATOR, park.branch.parent, username="lx-operator")
    firm = park.premises.get().occupancies.get().enterprise
    expected = {
        "Lighthouse": "Park",
        "Lantern": "Building",
        "LX9-07": "Premises",
        firm.uscc: "Enterprise",
        "4711": "Certificate",
        "lx-fire": "Document",
        "欧阳": "Contact",
        "lx-book": "Import",
        "lx-oper": "Person",
    }
    for text, kind in expected.items():
        assert list(found(user, text)) == [kind], text


def test_kinds_whose_hits_begin_with_what_was_typed_stand_first(park: Park) -> None:
    user = make_user(Role.OPERATOR, park.branch.parent)
    point = make_point(park=park, code="E-LX9-0701", name_en="Meter LX9-0701")
    groups = list(found(user, "LX9-07"))
    assert set(groups) == {"Premises", "Measuring point"}, point
    assert groups[0] == "Premises"
    assert next(iter(found(user, "E-LX9"))) == "Measuring point"


def test_nothing_of_it_is_found_from_outside_or_by_those_who_see_no_firms(park: Park) -> None:
    words = ("Lantern", "LX9-07", "4711", "lx-fire", "欧阳", "lx-book", "7788")
    stranger = make_user(Role.OPERATOR, make_park().branch)
    assert [found(stranger, text) for text in words] == [{}] * len(words)
    provider = make_user(Role.SERVICE_PROVIDER, park.branch)
    assert [text for text in words if found(provider, text)] == ["Lantern", "LX9-07"]


def test_number_behind_a_mask_is_neither_shown_nor_found(park: Park) -> None:
    operator, bureau = (make_user(role, park.branch) for role in (Role.OPERATOR, Role.BUREAU))
    assert "0755-2601 7788" in found(operator, "2601 77")["Contact"][0]
    assert found(bureau, "2601 77") == {} and found(bureau, "ouyang@lx") == {}
    hit = found(bureau, "欧阳")["Contact"][0]
    assert "•••• 7788" in hit and "2601" not in hit
    firm = park.premises.get().occupancies.get().enterprise
    assert "0755-2601 7788" in found(make_tenant_user(firm, park), "欧阳")["Contact"][0]


def test_people_are_found_by_those_who_manage_them(park: Park) -> None:
    make_user(Role.TENANT, park.branch, username="lx-guest", subject="91440300MA5DEM0006")
    assert "Person" in found(make_user(Role.OPERATOR, park.branch), "lx-guest")
    assert found(make_user(Role.BUREAU, park.branch), "lx-guest") == {}


def test_indicators_and_facts_open_in_the_park_one_works_in(park: Park) -> None:
    first, second = make_park(), park
    user = make_user(Role.BUREAU)
    for each in (first, second):
        user.memberships.create(branch=each.branch, role=Role.BUREAU)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("park_detail", args=[second.pk])).status_code == 200
    shown = client.get(reverse("search"), {"q": "occupancy"}).content.decode()
    assert f"/parks/{second.pk}/" in shown and f"/parks/{first.pk}/" not in shown
    assert client.get(reverse("park_detail", args=[first.pk])).status_code == 200
    assert f"/parks/{first.pk}/" in client.get(reverse("search"), {"q": "occupancy"}).content.decode()


def test_without_a_park_indicators_lead_to_their_scheme(park: Park) -> None:
    user = make_user(Role.BUREAU)
    for each in (park, make_park()):
        user.memberships.create(branch=each.branch, role=Role.BUREAU)
    hits = found(user, "occupancy")
    assert hits["Indicators"] and all("/schemes/" in hit for hit in hits["Indicators"])
    assert "Facts" not in hits


def test_park_whose_ratings_one_may_not_see_is_not_opened(park: Park) -> None:
    user = make_user(Role.BUREAU, make_park().branch)
    assert not any(f"/parks/{park.pk}/" in hit for hits in found(user, "occupancy", park).values() for hit in hits)
    assert found(make_user(Role.SERVICE_PROVIDER, park.branch), "occupancy", park) == {}


def test_search_needs_a_bounded_number_of_statements(park: Park) -> None:
    user = make_user(Role.OPERATOR, park.branch.parent)
    for number in range(10):
        stay = make_occupancy(premises=make_premises(park=park, code=f"LX9-{number}"))
        make_qualification(enterprise=stay.enterprise, number=f"LX9-{number}")
        make_contact(enterprise=stay.enterprise, park=park, name=f"LX9 {number}")
    with pinned_queries("cockpit.search"):
        assert search_everything(user=user, text="LX9", park=park)


@pytest.mark.parametrize("typed", ["灯塔科技", "燈塔科技", "dengta", "dtkj", "deng ta"])
def test_either_script_pinyin_and_initials_find_firm_park_building_and_people(typed: str) -> None:
    operator = make_branch()
    park = make_park(operator=operator, name_zh_hans="灯塔科技园")
    building = make_building(park=park, name_zh_hans="灯塔科技楼")
    firm = make_enterprise(name_zh_hans="深圳灯塔科技有限公司", name_zh_hant="")
    make_occupancy(premises=make_premises(building=building), enterprise=firm)
    make_contact(enterprise=firm, park=park, name="灯塔科技联系人")
    person = make_user(Role.ADMINISTRATOR, operator, full_name="灯塔科技经理")
    groups = found(person, typed)
    assert {"Park", "Building", "Enterprise", "Contact", "Person"} <= set(groups)
    stranger = make_user(Role.ADMINISTRATOR, make_branch())
    assert found(stranger, typed) == {}


def test_names_that_begin_with_what_was_typed_stand_first() -> None:
    operator = make_branch()
    building = make_building(park=make_park(operator=operator))
    for number, name in enumerate(["中科华微电子", "华微电子"]):
        firm = make_enterprise(uscc=complete(f"91440300MA9{number:06d}"), name_zh_hans=name, name_zh_hant="")
        make_occupancy(premises=make_premises(building=building), enterprise=firm)
    hits = found(make_user(Role.ADMINISTRATOR, operator), "hwdz")["Enterprise"]
    with override("zh-hans"):
        names = found(make_user(Role.ADMINISTRATOR, operator), "hwdz")
    assert len(hits) == 2
    assert next(iter(names.values()))[0].startswith("华微电子")
