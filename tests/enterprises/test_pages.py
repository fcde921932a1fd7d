"""Pages of places and firms: what each role sees, and that nothing leaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.enterprises.models import Enterprise
from parkbrain.intake.models import Batch, Origin
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building, Premises
from tests.factories import (
    AT,
    ON,
    make_address,
    make_building,
    make_document,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_qualification,
    make_return,
    make_tenant_user,
    make_user,
)
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db


@dataclass
class Story:
    """A park with a let, a neighbour's and an empty place."""

    park: Park
    building: Building
    mine: Premises
    theirs: Premises
    empty: Premises
    firm: Enterprise
    neighbour: Enterprise


@pytest.fixture
def story() -> Story:
    park = make_park(leading_industries=["34"], opened_on=date(2019, 1, 1))
    building = make_building(park=park, completed_on=date(2019, 1, 1))
    mine = make_premises(building=building, level=1, code="A-101", designated_industry="34")
    theirs = make_premises(building=building, level=2, code="A-201")
    empty = make_premises(building=building, level=2, code="A-202")
    firm = make_enterprise(name_zh_hans="晨星机器人", name_en="Morningstar Robotics", founded_on=date(2020, 1, 1))
    neighbour = make_enterprise(name_zh_hans="邻座传感", name_en="Neighbour Sensing")
    make_occupancy(premises=mine, enterprise=firm, starts_on=date(2024, 1, 1), lease_ends_on=date(2026, 8, 1))
    make_occupancy(premises=theirs, enterprise=neighbour, starts_on=date(2023, 1, 1))
    make_return(enterprise=firm, output_wan=1200, staff_count=40)
    make_qualification(enterprise=firm, valid_to_on=date(2026, 7, 15))
    make_address(enterprise=firm, text="别处的路 1 号", park=make_park())
    return Story(park, building, mine, theirs, empty, firm, neighbour)


def get(user: User, name: str, *args: object, **params: object):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=args), {"on": ON.isoformat(), **params})


def text(response) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="ignore")


def everything(story: Story) -> list[tuple[str, tuple[int, ...], dict[str, str]]]:
    """Return every page and export that shows the story's park."""
    pages = [
        ("park_list", (), {}),
        ("park_detail", (story.park.pk,), {}),
        ("premises_list", (), {}),
        ("enterprise_list", (), {}),
        ("occupancy_list", (), {"state": "all"}),
        ("premises_list", (), {"format": "csv"}),
        ("enterprise_list", (), {"format": "csv"}),
        ("occupancy_list", (), {"format": "csv"}),
    ]
    pages += [
        ("building_detail", (story.building.pk,), {"colour": c}) for c in ("tenant", "industry", "lease_end", "use")
    ]
    pages += [("premises_detail", (p.pk,), {}) for p in (story.mine, story.theirs, story.empty)]
    pages += [("enterprise_detail", (e.pk,), {}) for e in (story.firm, story.neighbour)]
    return pages


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.BUREAU, Role.ASSESSOR, Role.ADMINISTRATOR])
def test_roles_that_see_firms_open_every_page(story: Story, role: str) -> None:
    user = make_user(role, story.park.branch)
    for name, args, params in everything(story):
        assert get(user, name, *args, **params).status_code == 200, name
    assert "Morningstar Robotics" in text(get(user, "building_detail", story.building.pk, colour="tenant"))


def test_another_parks_operator_finds_nothing_of_it(story: Story) -> None:
    stranger = make_user(Role.OPERATOR, make_park().branch)
    for name, args, params in everything(story):
        response = get(stranger, name, *args, **params)
        assert response.status_code == (404 if args else 200), name
        shown = text(response)
        for secret in ("Morningstar", "晨星", "A-101", story.park.code):
            assert secret not in shown, name


def test_service_provider_sees_let_and_vacant_but_no_firm(story: Story) -> None:
    provider = make_user(Role.SERVICE_PROVIDER, story.park.branch)
    for name, args, params in everything(story):
        response = get(provider, name, *args, **params)
        assert response.status_code == (404 if name == "enterprise_detail" else 200), name
        shown = text(response)
        for secret in ("Morningstar", "Neighbour", "晨星", "邻座", story.firm.uscc):
            assert secret not in shown, (name, params)
    section = text(get(provider, "building_detail", story.building.pk))
    assert "A-101" in section
    assert "vacant" in section


def test_tenant_sees_its_own_enterprise_and_premises_alone(story: Story) -> None:
    tenant = make_tenant_user(story.firm, story.park)
    for name, args, params in everything(story):
        response = get(tenant, name, *args, **params)
        hidden = args in {(story.theirs.pk,), (story.empty.pk,)} and name == "premises_detail"
        hidden |= args == (story.neighbour.pk,) and name == "enterprise_detail"
        assert response.status_code == (404 if hidden else 200), (name, args)
        shown = text(response)
        for secret in ("Neighbour", "邻座", story.neighbour.uscc):
            assert secret not in shown, (name, params)
    assert "Morningstar" in text(get(tenant, "enterprise_list"))
    assert "A-101" in text(get(tenant, "premises_list"))
    assert "A-201" not in text(get(tenant, "premises_list"))


def test_person_without_a_role_finds_empty_lists(story: Story) -> None:
    nobody = make_user(None)
    for name, args, params in everything(story):
        response = get(nobody, name, *args, **params)
        assert response.status_code == (404 if args else 200), name
        assert "A-101" not in text(response)


def test_search_and_attention_stay_within_the_scope(story: Story) -> None:
    operator, provider = (make_user(r, story.park.branch) for r in (Role.OPERATOR, Role.SERVICE_PROVIDER))

    def hits(user: User, words: str) -> list[str]:
        return [h.label for find in registry.search for h in find(user, words, 5)]

    assert "Morningstar Robotics" in hits(operator, "Morningstar") or "晨星机器人" in hits(operator, "Morningstar")
    assert hits(provider, "Morningstar") == []
    found = ("enterprises.leases", "enterprises.certificates", "enterprises.vacancy")
    for key in found:
        kind = registry.attention.get(key)
        assert kind is not None
        assert len(kind.ask(user=operator, park=story.park, on=ON)) == 1, key
        assert kind.ask(user=provider, park=story.park, on=ON) == [], key


def test_park_without_premises_says_unknown_and_not_zero() -> None:
    park = make_park()
    shown = text(get(make_user(Role.OPERATOR, park.branch), "park_detail", park.pk))
    assert "unknown" in shown
    assert "0.0%" not in shown


def test_page_shows_the_day_that_was_asked_for(story: Story) -> None:
    user = make_user(Role.OPERATOR, story.park.branch)
    assert "Morningstar" not in text(get(user, "building_detail", story.building.pk, on="2023-06-30", colour="tenant"))
    assert "Neighbour" in text(get(user, "building_detail", story.building.pk, on="2023-06-30", colour="tenant"))


def test_day_that_is_no_day_is_told_and_today_is_shown(story: Story) -> None:
    user = make_user(Role.OPERATOR, story.park.branch)
    response = get(user, "park_detail", story.park.pk, on="2026-02-31")
    assert response.status_code == 200
    assert "2026-02-31" in text(response)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"state": "vacant"}, {"A-202"}),
        ({"state": "let"}, {"A-101", "A-201"}),
        ({"q": "A-2"}, {"A-201", "A-202"}),
        ({"load_min": "5"}, set()),
        ({"area_min": "abc"}, {"A-101", "A-201", "A-202"}),
    ],
)
def test_premises_are_narrowed_by_state_code_and_known_properties(
    story: Story, params: dict[str, str], expected: set[str]
) -> None:
    user = make_user(Role.OPERATOR, story.park.branch)
    shown = text(get(user, "premises_list", **params))
    assert {code for code in ("A-101", "A-201", "A-202") if code in shown} == expected


def test_part_of_a_list_is_a_slice_of_the_page(story: Story) -> None:
    client = Client()
    client.force_login(make_user(Role.OPERATOR, story.park.branch))

    def shown(name: str, **headers: str) -> str:
        # The token against forged forms is masked anew each time it is written.
        return re.sub(
            r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", client.get(reverse(name), headers=headers).content.decode()
        )

    for name in (
        "park_list",
        "premises_list",
        "enterprise_list",
        "occupancy_list",
        "audit_trail",
        "import_list",
    ):
        whole, part = shown(name), shown(name, **{"HX-Request": "true", "HX-Target": "list"})
        assert part.strip() in whole, name
        assert "<html" not in part


def test_name_that_looks_like_a_formula_is_no_formula_in_a_file(story: Story) -> None:
    Enterprise.objects.filter(pk=story.firm.pk).update(name_en="=1+1", name_zh_hans="=1+1")
    user = make_user(Role.OPERATOR, story.park.branch)
    assert "'=1+1" in text(get(user, "enterprise_list", format="csv"))


def test_firm_page_tells_segment_certificate_and_addresses_that_lie_elsewhere(story: Story) -> None:
    shown = text(get(make_user(Role.OPERATOR, story.park.branch), "enterprise_detail", story.firm.pk))
    assert "neither leading nor a young small firm" in shown
    assert "expires in 15 days" in shown
    assert "elsewhere" in shown


@pytest.mark.parametrize("name", ["park_list", "premises_list", "enterprise_list", "occupancy_list"])
def test_lists_need_the_same_statements_at_any_length(story: Story, name: str) -> None:
    user = make_user(Role.OPERATOR, story.park.branch)
    for number in range(12):
        stay = make_occupancy(premises=make_premises(park=story.park, code=f"Z-{number}"), starts_on=date(2025, 1, 1))
        make_return(enterprise=stay.enterprise, output_wan=10)
    with pinned_queries(f"enterprises.{name}"):
        assert get(user, name).status_code == 200


@pytest.mark.parametrize("name", ["park_detail", "building_detail", "premises_detail", "enterprise_detail"])
def test_pages_need_a_bounded_number_of_statements(story: Story, name: str) -> None:
    user = make_user(Role.OPERATOR, story.park.branch)
    target = {"park": story.park, "building": story.building, "premises": story.mine, "enterprise": story.firm}
    key = target[name.removesuffix("_detail")].pk
    with pinned_queries(f"enterprises.{name}"):
        assert get(user, name, key).status_code == 200


def test_page_tells_from_which_cell_a_field_came_to_those_who_may_import(story: Story) -> None:
    operator = make_user(Role.OPERATOR, story.park.branch)
    batch = Batch.objects.create(
        park=story.park, document=make_document(name="台账.xlsx"), created_by=operator, created_at=AT, applied_at=AT
    )
    Origin.objects.create(
        batch=batch,
        sheet="房源",
        row_number=7,
        cells={"billing_area_m2": "F7"},
        target_label="space.premises",
        target_id=story.mine.pk,
    )
    shown = text(get(operator, "premises_detail", story.mine.pk))
    assert all(words in shown for words in ("台账.xlsx", "房源", "F7"))
    assert "台账.xlsx" not in text(
        get(make_user(Role.SERVICE_PROVIDER, story.park.branch), "premises_detail", story.mine.pk)
    )
