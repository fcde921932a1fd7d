"""A data round through the API: filled in, handed in, returned, accepted, published; and the plans of a park and a city."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override

from parkbrain.assessment.models import Declaration
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.names import street_name
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import services
from parkbrain.portfolio.models import Submission
from tests.factories import make_branch, make_park, make_user
from tests.portfolio.test_rounds import VALUES, City

from .conftest import Caller, caller_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Iterator[City]:
    with override("en"):
        yield City()


def entries(**changes: float | None) -> dict[str, Any]:
    return {"entries": [{"fact_key": key, "value": value} for key, value in {**VALUES, **changes}.items()]}


def test_a_park_keeps_a_draft_and_hands_it_in(city: City) -> None:
    park, place = caller_for(city.operator), f"parks/{city.parks[0].pk}/rounds/{city.round.pk}"
    assert park.get(f"parks/{city.parks[0].pk}/rounds").json()["items"][0]["state"] == "ASKED"
    assert park.post(f"{place}/hand-in").status_code == 409
    kept = park.ask("PUT", place, entries(total_kwh=None))
    assert kept.status_code == 200, kept.content
    assert (kept.json()["state"], kept.json()["given_count"]) == ("DRAFT", 4)
    given = {one["fact_key"]: one["value"] for one in kept.json()["entries"]}
    assert given == {**VALUES, "total_kwh": None}
    done = park.post(f"{place}/hand-in").json()
    assert (done["state"], done["hint_count"]) == ("SUBMITTED", 1)
    assert park.ask("PUT", place, entries()).status_code == 409
    assert AuditEvent.objects.filter(code="portfolio.submission.submitted", actor=city.operator).count() == 1


def test_what_cannot_be_is_named_by_fact_and_nothing_is_handed_in(city: City) -> None:
    park, place = caller_for(city.operator), f"parks/{city.parks[0].pk}/rounds/{city.round.pk}"
    park.ask("PUT", place, entries(leased_area_m2=99_999.0))
    refused = park.post(f"{place}/hand-in")
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["leased_area_m2"]
    assert park.ask("PUT", place, {"entries": [{"fact_key": "no_fact", "value": 1}]}).status_code == 409
    assert Submission.objects.get(pk=city.answer.pk).state == Submission.State.DRAFT


def test_the_bureau_returns_and_accepts(city: City) -> None:
    city.hand_in()
    bureau, place = caller_for(city.bureau), f"rounds/{city.round.pk}"
    assert bureau.get(place).json()["submitted_count"] == 1
    answers = bureau.get(f"{place}/answers?state=SUBMITTED").json()
    assert [one["park_id"] for one in answers["items"]] == [city.parks[0].pk]
    one = f"{place}/answers/{city.parks[0].pk}"
    assert bureau.post(f"{one}/return", {}).status_code == 409
    back = bureau.post(f"{one}/return", {"objections": {"total_tax_wan": "see the certificate"}}).json()
    assert back["state"] == "RETURNED"
    own = caller_for(city.operator).get(f"parks/{city.parks[0].pk}/rounds/{city.round.pk}").json()
    assert "see the certificate" in {entry["objection"] for entry in own["entries"]}
    city.hand_in()
    assert bureau.post(f"{one}/accept").json()["state"] == "ACCEPTED"
    assert bureau.post(f"{one}/accept").status_code == 409
    assert {d.declared_by for d in Declaration.objects.all()} == {city.operator}


def test_a_published_table_has_no_number_in_a_cell_that_is_kept_back(city: City) -> None:
    Park.objects.filter(pk=city.parks[0].pk).update(street="粤海街道")
    for n, one in enumerate(city.round.submissions.all()):
        city.hand_in({key: value * (1 + n / 10) + n for key, value in VALUES.items()}, answer=one)
    services.accept_submissions(submissions=list(city.round.submissions.all()), actor=city.bureau, at=city.now)
    services.close_round(data_round=city.round, actor=city.bureau, at=city.now)
    services.publish_round(data_round=city.round, actor=city.bureau, at=city.now)
    reader = caller_for(city.stranger)
    listed = reader.get("published-tables").json()["items"]
    table = reader.get(f"published-tables/{listed[0]['id']}").json()
    rows = {row["name"]: row["cells"][0] for row in table["rows"]}
    assert rows[street_name("粤海街道")] == {
        "fact_key": "leased_area_m2", "park_count": None, "sum": None, "median": None, "is_kept_back": True
    }  # fmt: skip
    assert rows["All parks"]["sum"] is not None


def test_rounds_of_others_are_not_there(city: City) -> None:
    place = f"rounds/{city.round.pk}"
    neighbour = caller_for(make_user(Role.BUREAU, make_branch()))
    assert neighbour.get(place).status_code == 404 and neighbour.get("rounds").json()["total"] == 0
    park = f"parks/{city.parks[0].pk}/rounds/{city.round.pk}"
    stranger = caller_for(city.stranger)
    assert stranger.get(park).status_code == 404 and stranger.get(place).status_code == 403
    assert caller_for(city.bureau).ask("PUT", park, entries()).status_code == 403
    assert stranger.post(f"{place}/answers/{city.parks[0].pk}/accept").status_code == 403
    reading = caller_for(city.bureau, ["city:read"])
    city.hand_in()
    assert reading.post(f"{place}/answers/{city.parks[0].pk}/accept").status_code == 403


def test_the_cheapest_plan_keeps_to_budget_months_and_what_is_ruled_out(demo_park: Park, as_role: Any) -> None:
    caller: Caller = as_role("operator")
    place = f"parks/{demo_park.pk}/next-star"
    free = caller.get(place).json()
    assert free["plan"]["steps"] and free["rank"] > free["class_proven"]
    assert free["plan"]["cost_yuan"] == sum(step["cost_yuan"] for step in free["plan"]["steps"])
    bound = caller.get(f"{place}?budget_yuan=1&certainty=0").json()
    assert bound["plan"]["cost_yuan"] <= 1 and not bound["is_reached"] and bound["blockers"]
    first = free["plan"]["steps"][0]["measure_id"]
    other = caller.get(f"{place}?without={first}").json()
    assert first not in {step["measure_id"] for step in other["plan"]["steps"]}
    assert first in {one["measure_id"] for one in other["unused"]}
    assert caller.get(f"{place}?rank=1").status_code == (422 if free["class_proven"] >= 1 else 200)
    assert caller.get(f"{place}?months=0").status_code == 422


def test_the_citys_plan_spends_no_more_than_its_budget(demo_park: Park, as_role: Any) -> None:
    assert demo_park and User.objects.filter(username="bureau").exists()
    plan = as_role("bureau").get("city/plan?budget_yuan=3000000&most=2").json()
    assert plan["spent_yuan"] <= 3_000_000 and plan["planned_count"] <= plan["park_count"]
    assert all(line["lifted_count"] <= 2 for line in plan["districts"])
    assert plan["lifted_count"] == sum(line["lifted_count"] for line in plan["districts"]) >= len(plan["lifted"])


@pytest.mark.parametrize("path", ["parks/{park}/rounds/{much}", "parks/{much}/rounds/1", "rounds/{much}"])
def test_a_number_that_no_row_can_have_is_not_found(path: str) -> None:
    park = make_park()
    user = make_user(Role.ADMINISTRATOR, park.branch.parent)
    answer = caller_for(user).get(f"{path.format(park=park.pk, much=5138398346018223554560)}")
    assert answer.status_code == 404
