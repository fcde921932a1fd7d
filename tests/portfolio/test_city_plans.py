"""One budget for many parks: the page of the city's plans, its limits, and who may see and start it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.assessment.models import StarPlan
from parkbrain.kernel.models import Branch, Job, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import queries
from tests.factories import make_user

PLANS = "/city/plans/"


def open_as(user: User, path: str = PLANS, **params: str) -> object:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client.get(path, params)


@pytest.fixture
def bureau(demo_park: Park) -> User:
    return User.objects.get(username="bureau")


def test_the_demo_is_planned_and_its_living_park_has_a_way_to_its_next_star(bureau: User, demo_park: Park) -> None:
    plan = StarPlan.objects.get(park=demo_park)
    assert plan.cost_yuan and len(plan.measures) >= 2
    page = open_as(bureau)
    assert page.status_code == 200
    assert page.context["lifting"].planned_count >= 5


def test_a_budget_lifts_no_more_than_it_pays_for_and_more_money_no_fewer(bureau: User) -> None:
    counts = []
    for budget in (0, 1_000_000, 20_000_000, 10**10):
        lifting = queries.get_lifting(user=bureau, budget_yuan=budget, least=0, most=None)
        assert lifting.spent_yuan <= budget
        assert lifting.lifted_count == sum(line.lifted_count for line in lifting.districts)
        counts.append(lifting.lifted_count)
    assert counts == sorted(counts)
    assert counts[-1] == lifting.planned_count


def test_every_lifted_park_stands_on_a_page(bureau: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parkbrain.portfolio.queries.lifting.LIFTS_SHOWN", 3)
    monkeypatch.setattr(queries, "LIFTS_SHOWN", 3)
    named: list[int] = []
    url = "?budget=10000000000"
    while url:
        page = open_as(bureau, PLANS + url.split("#")[0])
        named += [one.plan.park_id for one in page.context["lifting"].lifted]
        url = page.context["pages"].next_url
    assert len(named) == len(set(named)) == page.context["lifting"].lifted_count > 3


def test_fairness_gives_every_district_its_least_and_holds_each_below_its_most(bureau: User) -> None:
    lifting = queries.get_lifting(user=bureau, budget_yuan=10**10, least=1, most=2)
    for line in lifting.districts:
        assert min(1, line.planned_count) <= line.lifted_count <= 2


def test_a_district_bureau_spends_on_its_own_parks_alone(bureau: User) -> None:
    district = Branch.objects.get(code="440306")
    lifting = queries.get_lifting(user=make_user(Role.BUREAU, district), budget_yuan=10**10, least=0, most=None)
    assert {one.plan.park.district_code for one in lifting.lifted} <= {"440306"}


@pytest.mark.parametrize("query", [{"budget": "much"}, {"least": "5", "most": "2"}, {"most": "-1"}])
def test_a_wrong_limit_is_named(bureau: User, query: dict[str, str]) -> None:
    page = open_as(bureau, **query)
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize("username", ["operator", "assessor", "tenant", "provider"])
def test_nobody_without_a_city_sees_or_starts_its_plans(demo_park: Park, username: str) -> None:
    user = User.objects.get(username=username)
    assert open_as(user).status_code == 403
    client = Client()
    client.force_login(user)
    for name in ("plan_parks", "stop_planning"):
        assert client.post(reverse(name)).status_code == 403
    assert not Job.objects.filter(kind="assessment.plans").exists()


def test_the_city_says_how_sure_its_stars_are_and_lists_the_least_sure(bureau: User, demo_park: Park) -> None:
    page = open_as(bureau, "/city/certainty/")
    sureness = page.context["sureness"]
    assert page.status_code == 200
    assert sureness.park_count >= 5
    assert sum(line.proven_count for line in sureness.lines) == sureness.park_count
    assert sum(line.expected_count for line in sureness.lines) == pytest.approx(sureness.park_count, rel=0.001)
    certainties, errors = [one.certainty for one, _error in sureness.parks], [error for _one, error in sureness.parks]
    assert certainties == sorted(certainties)
    assert all(
        error == pytest.approx((p * (1 - p) / 10_000) ** 0.5) for p, error in zip(certainties, errors, strict=True)
    )
    assert "counted in 10,000 draws, 0.5% at most" in page.content.decode()
    for line in sureness.lines:
        assert line.sure_count + line.likely_count + line.doubtful_count == line.proven_count


def test_the_citys_list_sorts_by_the_certainty_of_the_star(bureau: User, demo_park: Park) -> None:
    page = open_as(bureau, "/city/", sort="certainty")
    assert page.status_code == 200
    assert "Certainty of the star" in page.content.decode()


def test_who_does_not_oversee_the_city_neither_sees_nor_starts_its_drawing(demo_park: Park) -> None:
    operator = User.objects.get(username="operator")
    assert open_as(operator, "/city/certainty/").status_code == 403
    client = Client()
    client.force_login(operator)
    assert client.post(reverse("draw_parks")).status_code == 403
    assert client.post(reverse("stop_drawing")).status_code == 403
    assert not Job.objects.filter(kind="assessment.certainty").exists()


def test_the_bureau_starts_the_drawing_once_and_can_stop_it(bureau: User, demo_park: Park) -> None:
    client = Client()
    client.force_login(bureau)
    for _twice in range(2):
        assert client.post(reverse("draw_parks")).status_code == 302
    assert Job.objects.filter(kind="assessment.certainty").count() == 1
    assert client.post(reverse("stop_drawing")).status_code == 302
