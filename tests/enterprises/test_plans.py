"""Site and floor plans: who may see them, what they show with and without drawings, and what they do not tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.intake.services import import_file
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building, Space, Storey
from tests.factories import (
    AT,
    ON,
    make_building,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_storey,
    make_tenant_user,
    make_user,
)
from tests.ifc_files import make_ifc
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[114.046, 22.717], [114.0465, 22.717], [114.0465, 22.7175], [114.046, 22.7175], [114.046, 22.717]]
    ],
}
DAY = {"on": ON.isoformat()}


@pytest.fixture
def park() -> Park:
    """A park of two buildings, one of them drawn and let to a firm."""
    park = make_park()
    drawn = make_building(park=park, code="T1", footprint=SQUARE, footprint_area_m2=2848.0)
    make_building(park=park, code="T2")
    premises = make_premises(building=drawn, level=3, code="T1-301", area_m2=400.0)
    make_occupancy(premises=premises, enterprise=make_enterprise(name_zh_hans="沧海机器人", name_en="Canghai Robotics"))
    return park


def page(client: Client, name: str, key: int, **params: str) -> str:
    """Return the text of a page."""
    response = client.get(reverse(name, args=[key]), {**DAY, **params})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def operator(client: Client, park: Park) -> Client:
    """The client of a person who runs the park."""
    client.force_login(make_user(Role.OPERATOR, park.branch.parent))
    return client


def test_site_plan_draws_footprints_and_names_what_has_none(operator: Client, park: Park) -> None:
    text = page(operator, "site_plan", park.pk)
    assert reverse("building_detail", args=[Building.objects.get(code="T1").pk]) in text
    assert "plan-drawing" in text
    assert "Without an outline:" in text
    assert "Schematic" not in text
    assert "2,848" in text


def test_site_plan_without_footprints_is_a_scheme_of_the_tables(operator: Client, park: Park) -> None:
    Building.objects.update(footprint=None, footprint_area_m2=None)
    text = page(operator, "site_plan", park.pk)
    assert "Schematic: no footprints yet." in text
    assert "North is up" not in text


def test_site_plan_of_an_empty_park_says_what_to_do(client: Client) -> None:
    park = make_park()
    client.force_login(make_user(Role.OPERATOR, park.branch.parent))
    assert "GeoJSON" in page(client, "site_plan", park.pk)


@pytest.mark.parametrize("colour", ["tenants", "vacancy", "use", "age", "nonsense"])
def test_every_colour_of_the_site_is_shown(operator: Client, park: Park, colour: str) -> None:
    assert 'class="legend"' in page(operator, "site_plan", park.pk, colour=colour)


def test_part_of_the_site_plan_is_a_slice_of_the_page(operator: Client, park: Park) -> None:
    url = reverse("site_plan", args=[park.pk])
    part = operator.get(
        url, {**DAY, "colour": "use"}, headers={"HX-Request": "true", "HX-Target": "plan"}
    ).content.decode()
    assert part.strip().startswith('<div class="stack-s" id="plan">')
    assert "<html" not in part


def test_park_page_carries_the_site_plan(operator: Client, park: Park) -> None:
    assert reverse("site_plan", args=[park.pk]) in page(operator, "park_detail", park.pk)


def test_storey_is_a_strip_until_a_drawing_shows_it(operator: Client, park: Park, tmp_path: Path) -> None:
    storey = Storey.objects.get(level=3)
    assert "No drawing of this storey yet" in page(operator, "storey_detail", storey.pk)
    plan = {"type": "Polygon", "coordinates": [[[0, 0], [20, 0], [20, 20], [0, 20], [0, 0]]]}
    Space.objects.filter(storey=storey).update(plan=plan, zone="Z-1", clear_height_m=4.5)
    text = page(operator, "storey_detail", storey.pk)
    assert "plan-drawing" in text
    assert "Canghai Robotics" in text
    assert "4.5" in text


def test_imported_storey_opens_with_its_origin(client: Client, tmp_path: Path) -> None:
    park = make_park()
    actor = make_user(Role.OPERATOR, park.branch.parent)
    import_file(path=make_ifc(tmp_path / "plan.ifc"), actor=actor, at=AT, park_code=park.code)
    client.force_login(actor)
    storey = Storey.objects.get(level=2)
    text = page(client, "storey_detail", storey.pk)
    assert "IfcBuildingStorey" in text
    assert storey.source_guid in text
    assert "Laboratory" in text
    building = page(client, "building_detail", storey.building_id)
    assert reverse("storey_detail", args=[storey.pk]) in building
    assert "with a plan" in building


def test_another_parks_person_sees_no_plan(client: Client, park: Park) -> None:
    client.force_login(make_user(Role.OPERATOR))
    for name, key in (("site_plan", park.pk), ("storey_detail", Storey.objects.get(level=3).pk)):
        assert client.get(reverse(name, args=[key])).status_code == 404


def test_tenant_learns_nothing_of_other_firms(client: Client, park: Park) -> None:
    client.force_login(make_tenant_user(make_enterprise(), park))
    for name, key in (("site_plan", park.pk), ("storey_detail", Storey.objects.get(level=3).pk)):
        text = page(client, name, key, colour="tenants")
        assert "Canghai" not in text
        # What they asked for themselves stays in the links of the page; it is not offered.
        assert 'href="?colour=tenant' not in text.replace('href="?colour=tenants">Back to today', "")


def test_height_comes_from_elevations_where_none_is_recorded(operator: Client, park: Park) -> None:
    building = Building.objects.get(code="T2")
    make_storey(building=building, level=1, height_m=None, elevation_m=0.0)
    make_storey(building=building, level=2, height_m=None, elevation_m=7.35)
    assert "7.35 m" in page(operator, "building_detail", building.pk)


def test_plans_need_no_more_statements_for_more_buildings(operator: Client, park: Park) -> None:
    for _ in range(6):
        make_storey(building=make_building(park=park))
    with pinned_queries("site_plan"):
        page(operator, "site_plan", park.pk)
    with pinned_queries("storey_detail"):
        page(operator, "storey_detail", Storey.objects.get(level=3).pk)
