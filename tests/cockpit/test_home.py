"""Home pages and search: each role finds its own work first, and nothing of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.cockpit import queries
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from tests.demo_fixtures import DEMO_ON
from tests.factories import make_branch, make_enterprise, make_park, make_user
from tests.query_counts import pinned_queries


def open_as(username: str, path: str = "/", **params: str) -> object:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(User.objects.get(username=username))
    return client.get(path, params)


def contents(page: object) -> dict[str, Any]:
    return {one.key: one.content for one, _body in page.context["tiles"]}


def test_the_operator_sees_what_is_due_first_then_what_weighs_most(demo_park: Park) -> None:
    user = User.objects.get(username="operator")
    items, hidden = queries.list_attention(user=user, park=demo_park, on=DEMO_ON)
    tones = [item.tone for item in items]
    assert tones == sorted(tones, key=["bad", "warn", "info"].index)
    dated = [item.due_on for item in items if item.tone == "bad" and item.due_on]
    assert dated == sorted(dated)
    assert len(items) <= queries.SHOWN and sum(more.count for more in hidden) > 0


def test_every_figure_of_the_operators_home_is_a_door(demo_park: Park) -> None:
    page = open_as("operator")
    text = page.content.decode()
    for name, args in (
        ("stars", [demo_park.pk]),
        ("fact_detail", [demo_park.pk, "tenants_active"]),
        ("fact_detail", [demo_park.pk, "leased_area_m2"]),
        ("indicator_detail", [demo_park.pk, "five-star-reference", "F1.1"]),
    ):
        assert f'href="{reverse(name, args=args)}"' in text


def test_every_item_that_needs_somebody_opens(demo_park: Park) -> None:
    client = Client()
    client.force_login(User.objects.get(username="operator"))
    for item in contents(client.get("/"))["cockpit.needs"]["items"]:
        assert client.get(item.url).status_code == 200, item.url


def test_the_bureau_sees_its_city_and_the_assessor_what_waits(demo_park: Park) -> None:
    assert contents(open_as("bureau"))["portfolio.totals"]["figures"][0].value == "37"
    waiting = contents(open_as("assessor"))["cockpit.verify"]["lines"]
    points = [item.points for item in waiting]
    assert points == sorted(points, reverse=True) and points[0] > 0
    assert len({(i.line.park.pk, i.line.fact.key) for i in waiting}) == len(waiting)


def test_a_tenant_sees_their_own_premises_and_the_kept_star_alone(demo_park: Park) -> None:
    page = open_as("tenant")
    shown = contents(page)
    own = shown["cockpit.enterprise"]["enterprises"]
    assert len(own) == 1
    stays = queries.list_own_occupancies(user=User.objects.get(username="tenant"), on=DEMO_ON)
    assert {stay.enterprise_id for stay in (*stays, *shown["cockpit.premises"]["stays"])} == {own[0].pk}
    others = Enterprise.objects.exclude(pk=own[0].pk)
    text = page.content.decode()
    assert not [e for e in others if e.name_en in text]
    assert [row.state for _park, row in shown["cockpit.parks"]["parks"]] == ["FROZEN"]


def test_a_service_provider_sees_parks_and_no_firm(demo_park: Park) -> None:
    shown = contents(open_as("provider"))
    assert [park.pk for park, _row in shown["cockpit.parks"]["parks"]] == [demo_park.pk]
    assert not shown.get("cockpit.enterprise") and not shown.get("cockpit.premises")


@pytest.mark.parametrize("username", ["admin", "bureau", "operator", "assessor", "tenant", "provider"])
def test_every_role_has_a_home_in_a_fixed_number_of_statements(demo_park: Park, username: str) -> None:
    open_as(username)
    with pinned_queries(f"cockpit.home.{username}"):
        assert open_as(username).status_code == 200


@pytest.mark.django_db
def test_an_operator_without_a_park_is_told_how_to_begin() -> None:
    user = make_user(Role.OPERATOR, make_branch())
    client = Client()
    client.force_login(user)
    page = client.get("/")
    assert reverse("import_template") in page.content.decode()


@pytest.mark.django_db
def test_a_visitor_is_asked_to_sign_in() -> None:
    for path in ("/", "/search/"):
        answer = Client().get(path)
        assert answer.status_code == 302 and "sign-in" in answer.url


def hits(page: object) -> list[str]:
    return [hit.label for _kind, found in page.context["groups"] for hit in found]


def test_search_finds_parks_firms_premises_indicators_and_facts(demo_park: Park) -> None:
    firm = Occupancy.objects.filter(premises__park=demo_park).current_on(DEMO_ON)[0].enterprise
    assert any(firm.name_en in label for label in hits(open_as("operator", "/search/", q=firm.name_en[:30])))
    assert any("Xingting" in label for label in hits(open_as("operator", "/search/", q="Xingting")))
    assert any("T1-0501" in label for label in hits(open_as("operator", "/search/", q="T1-0501")))
    assert hits(open_as("operator", "/search/", q="occupancy"))


def test_search_finds_the_pages_one_may_open_and_no_others(demo_park: Park) -> None:
    assert "City" in hits(open_as("bureau", "/search/", q="city"))
    assert "City" not in hits(open_as("operator", "/search/", q="city"))
    assert "Import" in hits(open_as("operator", "/search/", q="import"))
    assert "Import" not in hits(open_as("tenant", "/search/", q="import"))


def test_search_leaks_no_firm_to_tenants_and_service_providers(demo_park: Park) -> None:
    own = User.objects.get(username="tenant").memberships.get().subject
    other = Occupancy.objects.exclude(enterprise__uscc=own).current_on(DEMO_ON)[0].enterprise
    for username in ("tenant", "provider"):
        for text in (other.name_en, other.name_zh_hans, other.uscc):
            assert hits(open_as(username, "/search/", q=text)) == []


def test_search_stays_inside_the_branch(demo_park: Park) -> None:
    make_park(name_en="Faraway Park", name_zh_hans="远方园")
    make_enterprise(name_en="Faraway Robotics")
    assert hits(open_as("operator", "/search/", q="Faraway")) == []


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "'; DROP TABLE", "<script>", "x" * 500, "机器人"])
def test_any_words_are_answered(demo_park: Park, text: str) -> None:
    page = open_as("operator", "/search/", q=text)
    assert page.status_code == 200
    assert "<script>" not in page.context["text"] or "&lt;script&gt;" in page.content.decode()


def test_the_palette_gets_the_hits_alone(demo_park: Park) -> None:
    client = Client(headers={"hx-request": "true", "hx-target": "search-hits"})
    client.force_login(User.objects.get(username="operator"))
    part = client.get("/search/", {"q": "T1-05"}).content.decode()
    assert "<html" not in part and "T1-05" in part


def test_the_folder_of_the_demo_holds_its_documents(demo_park: Park, loaded_demo: tuple[object, Path]) -> None:
    document = demo_park.documents.filter(name__startswith="safety-2").first()
    assert document is not None
    answer = open_as("operator", reverse("document_download", args=[document.pk]))
    assert answer.status_code == 200 and b"".join(answer.streaming_content)
    assert open_as("tenant", reverse("document_download", args=[document.pk])).status_code == 404
