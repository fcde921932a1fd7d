"""The positioning check: shares by area, output and firms, the trend, the city, leads."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from parkbrain.kernel.models import Branch, Park
from parkbrain.kernel.roles import Role
from parkbrain.leasing.models import Lead
from parkbrain.lifecycle import queries
from tests.factories import (
    ON,
    make_branch,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_return,
    make_tenant_user,
    make_user,
)

from .conftest import browser

pytestmark = pytest.mark.django_db


def let(park: Park, code: str, area_m2: float, *, since: date = date(2020, 1, 1), output: int | None = None) -> None:
    firm = make_enterprise(industry_code=code)
    make_occupancy(premises=make_premises(park=park, area_m2=area_m2), enterprise=firm, starts_on=since)
    if output is not None:
        make_return(enterprise=firm, year=ON.year - 1, output_wan=output)


def test_the_share_is_taken_of_what_has_an_industry_and_says_how_much_that_is() -> None:
    park = make_park(leading_industries=["34", "391"])
    let(park, "3491", 600, output=900)
    let(park, "3919", 200, output=100)
    let(park, "3971", 200)
    let(park, "", 1000)
    found = queries.get_positioning(park=park, on=ON)
    area, output, firms = (found.share_by(m) for m in queries.MEASURES)
    assert (area.share, area.known, area.leading, area.total) == (0.8, 0.5, 800.0, 2000.0)
    assert (output.share, firms.share) == (1.0, pytest.approx(2 / 3))
    assert found.unassessed == ""
    # Divisions 34 with 600 and 39 with 400 of 1,000 square metres.
    assert found.concentration == pytest.approx(0.52)


def test_the_trend_shows_each_year_end_and_the_day_itself() -> None:
    park = make_park(leading_industries=["34"])
    let(park, "3491", 100, since=date(2023, 6, 1))
    let(park, "6510", 100, since=date(2025, 6, 1))
    area = queries.get_positioning(park=park, on=ON).share_by(queries.AREA)
    assert area.trend == [
        (date(2022, 12, 31), None),
        (date(2023, 12, 31), 1.0),
        (date(2024, 12, 31), 1.0),
        (date(2025, 12, 31), 0.5),
        (ON, 0.5),
    ]
    assert area.change_points == -50.0


@pytest.mark.parametrize("leading", [[], ["34"]])
def test_a_park_without_leading_industries_or_firms_is_not_assessed_with_the_reason(leading: list[str]) -> None:
    park = make_park(leading_industries=leading)
    if not leading:
        let(park, "3491", 100)
    found = queries.get_positioning(park=park, on=ON)
    assert found.share_by(queries.AREA).share is None
    person = make_user(Role.OPERATOR, park.branch.parent)
    answer = browser(person).get(reverse("life_positioning", args=[park.pk]))
    assert b"Not assessed" in answer.content and str(found.unassessed).encode() in answer.content


def city_park(city: Branch, code: str, firms: int, park: Park | None = None) -> Park:
    park = park or make_park(operator=make_branch(parent=city), leading_industries=["34"])
    for _n in range(firms):
        let(park, code, 100)
    return park


def test_specialization_is_held_against_the_city_where_enough_is_recorded() -> None:
    city = make_branch(Branch.Kind.CITY)
    own = city_park(city, "3491", 4)
    city_park(city, "6510", 1, own)
    for _n in range(3):
        city_park(city, "6510", 5)
    found = queries.get_positioning(park=own, on=ON)
    assert (found.city, found.city_parks, found.city_firms, found.quotient_refusal) == (city, 3, 20, "")
    # 4 of 5 firms here against 4 of 20 in the city.
    assert found.lines[0].quotient == pytest.approx(4.0)


@pytest.mark.parametrize(("parks", "firms", "why"), [(2, 30, "fewer than three"), (3, 2, "fewer than twenty")])
def test_a_city_of_which_little_is_recorded_is_not_compared_with(parks: int, firms: int, why: str) -> None:
    city = make_branch(Branch.Kind.CITY)
    own = city_park(city, "3491", 2)
    for _n in range(parks):
        city_park(city, "6510", firms)
    found = queries.get_positioning(park=own, on=ON)
    assert why in str(found.quotient_refusal)
    assert found.lines[0].quotient is None
    assert "belongs to no city" in str(queries.get_positioning(park=make_park(), on=ON).quotient_refusal)


def test_open_leads_are_held_against_the_leading_industries() -> None:
    park = make_park(leading_industries=["34"])
    for number, (code, stage) in enumerate((("3491", "NEW"), ("6510", "QUOTED"), ("", "NEW"), ("3491", "SIGNED"))):
        Lead.objects.create(
            park=park, number=f"L{number}", company_name="x", industry_code=code, stage=stage, received_on=ON
        )
    person = make_user(Role.OPERATOR, park.branch.parent)
    lines = {line.is_leading: (line.count, line.unsized) for line in queries.list_leads_by_fit(user=person, park=park)}
    assert lines == {True: (1, 1), False: (1, 1), None: (1, 1)}
    assert queries.list_leads_by_fit(user=make_user(Role.OPERATOR), park=park) == []


def test_only_who_sees_firms_opens_the_check() -> None:
    park = make_park()
    for person in (make_user(Role.OPERATOR), make_tenant_user(make_enterprise(), park), make_user(None)):
        assert browser(person).get(reverse("life_positioning", args=[park.pk])).status_code == 404
