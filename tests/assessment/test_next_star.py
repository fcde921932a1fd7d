"""The way to the next star: plans that a park can act on, terms of its own, and who may see and change them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import MeasureChange, OwnMeasure, StarPlan
from parkbrain.calc import planning
from parkbrain.kernel.models import AuditEvent, Job, Park
from parkbrain.kernel.roles import Role
from parkbrain.ui.assets import DIST
from tests.assessment.factories import declare_scheme
from tests.factories import make_park, make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (DIST / "manifest.json").is_file(), reason="the front end is not built: make setup"),
]

#: What the test park lacks: three checklists and a meter rate.
WEAK = {
    "platform_policy": 0.0,
    "platform_analytics": 0.0,
    "platform_api": 0.0,
    "platform_djbh": 0.0,
    "data_series_delivered": 0.0,
    "drills_training_done": 0.0,
    "research_target_list": 0.0,
    "research_admission_use": 0.0,
    # Output and tax that reach the dimension's floor: no measure of the catalogue raises them.
    "total_output_wan": 2000.0,
    "leading_output_wan": 1500.0,
    "total_tax_wan": 200.0,
    "park_land_mu": 10.0,
    "ref_output_per_mu_wan": 100.0,
    "ref_tax_per_mu_wan": 10.0,
    "satisfaction_score": 92.0,
    "output_now_wan": 200.0,
    "output_3y_ago_wan": 150.0,
}


@pytest.fixture
def park() -> Park:
    park = make_park()
    declare_scheme(park=park, changed=WEAK, on=timezone.localdate(), at=timezone.now())
    return park


def sheet_of(park: Park) -> queries.StarSheet:
    return queries.get_star_sheet(park=park)


def client_of(park: Park, role: Role = Role.OPERATOR) -> Client:
    client = Client()
    client.force_login(make_user(role, park.branch))
    return client


def wish_of(park: Park, **more: object) -> planning.Wish:
    rank = queries.next_ranks(sheet=sheet_of(park))[0][0]
    return planning.Wish(rank, **more)  # type: ignore[arg-type]


def change(park: Park, measure_id: str, **more: object) -> MeasureChange:
    terms = {"cost_yuan": None, "months": None, "success": None, "is_off": False, "note": "", **more}
    return services.change_measure(park=park, measure_id=measure_id, actor=None, at=timezone.now(), **terms)  # type: ignore[arg-type]


def test_declaring_the_facts_of_a_plan_brings_the_star_it_promised(park: Park) -> None:
    before = sheet_of(park).unit
    found = queries.get_next_star(sheet=sheet_of(park), wish=wish_of(park))
    assert found.is_reached
    after = {move.key: move.after for step in found.plan.steps for move in step.moves}
    for key, value in after.items():
        assert value is not None
        services.declare_fact(
            park=park,
            fact_key=key,
            value=value,
            note="",
            evidence=None,
            cut_off_on=timezone.localdate(),
            actor=make_user(Role.OPERATOR, park.branch),
            at=timezone.now(),
        )
    now = sheet_of(park).unit
    assert now.class_proven >= found.target_rank > before.class_proven
    assert now.total_proven == pytest.approx(found.plan.total, abs=0.0051)


def test_the_page_says_the_plan_in_a_sentence_and_opens_every_fact_and_indicator(park: Park) -> None:
    page = client_of(park).get(reverse("next_star", args=[park.pk])).content.decode()
    found = queries.get_next_star(sheet=sheet_of(park), wish=wish_of(park, certainty=0.8))
    assert f"{found.plan.cost_yuan:,} yuan" in page
    for step in found.plan.steps:
        assert step.name in page
        for move in step.moves:
            assert reverse("fact_detail", args=[park.pk, move.key]) in page


def test_limits_are_in_the_address_and_kept_by_the_plan(park: Park) -> None:
    free = queries.get_next_star(sheet=sheet_of(park), wish=wish_of(park))
    page = client_of(park).get(
        reverse("next_star", args=[park.pk]), {"budget": free.plan.cost_yuan - 1, "certainty": 0}
    )
    assert page.status_code == 200
    assert "out of reach within these limits" in page.content.decode()
    assert f"{free.plan.cost_yuan:,} yuan would do" in page.content.decode()
    off = free.plan.steps[0].id
    other = queries.get_next_star(sheet=sheet_of(park), wish=wish_of(park, switched_off=frozenset({off})))
    assert off not in {step.id for step in other.plan.steps}


@pytest.mark.parametrize(
    "query", [{"budget": "lots"}, {"months": "0"}, {"certainty": "140"}, {"rank": "9"}, {"off": "no-such"}]
)
def test_what_is_no_limit_is_named_and_what_was_typed_is_kept(park: Park, query: dict[str, str]) -> None:
    answer = client_of(park).get(reverse("next_star", args=[park.pk]), query)
    assert answer.status_code == 422
    assert re.search(r'class="error" role="alert"|form-error', answer.content.decode())


def test_htmx_gets_the_plan_alone(park: Park) -> None:
    headers = {"HX-Request": "true", "HX-Target": "plan"}
    part = client_of(park).get(reverse("next_star", args=[park.pk]), headers=headers).content.decode()
    assert "<html" not in part
    assert 'id="steps"' in part


def test_a_park_that_is_not_rated_says_so() -> None:
    lone = make_park()
    for name in ("next_star", "measure_list"):
        assert client_of(lone).get(reverse(name, args=[lone.pk])).status_code == 200


def test_nobody_of_another_park_sees_a_plan(park: Park) -> None:
    stranger = client_of(make_park())
    for name in ("next_star", "measure_list"):
        assert stranger.get(reverse(name, args=[park.pk])).status_code == 404
    assert stranger.get(reverse("measure_change", args=[park.pk, "drills"])).status_code == 404


def test_an_assessor_sees_measures_and_changes_none(park: Park) -> None:
    assessor = client_of(park, Role.ASSESSOR)
    page = assessor.get(reverse("measure_list", args=[park.pk])).content.decode()
    assert reverse("measure_change", args=[park.pk, "drills"]) not in page
    assert assessor.post(reverse("measure_change", args=[park.pk, "drills"]), {}).status_code == 403
    assert not MeasureChange.objects.exists()


def test_the_quote_of_a_park_counts_and_going_back_restores_the_catalogue(park: Park) -> None:
    client, address = client_of(park), reverse("measure_change", args=[park.pk, "drills"])
    assert client.post(address, {"cost_yuan": "12345", "months": "9", "note": "quote"}).status_code == 302
    line = next(one for one in queries.list_measures(park=park, sheet=sheet_of(park)) if one.id == "drills")
    assert (line.cost_yuan, line.months) == (12345, 9)
    assert AuditEvent.objects.filter(code="assessment.measure.changed", park=park).count() == 1
    assert client.post(reverse("measure_reset", args=[park.pk, "drills"])).status_code == 302
    line = next(one for one in queries.list_measures(park=park, sheet=sheet_of(park)) if one.id == "drills")
    assert (line.cost_yuan, line.months) == (40_000, 4)


def test_a_wrong_quote_is_refused_beside_its_field(park: Park) -> None:
    address = reverse("measure_change", args=[park.pk, "drills"])
    answer = client_of(park).post(address, {"cost_yuan": "-5", "months": "999"})
    assert answer.status_code == 422
    assert not MeasureChange.objects.exists()
    with pytest.raises(services.CannotChangeMeasure):
        change(park, "no-such")
    with pytest.raises(services.CannotChangeMeasure):
        change(park, "drills", success=1.5)


def test_a_measure_switched_off_is_in_no_plan(park: Park) -> None:
    first = queries.get_next_star(sheet=sheet_of(park), wish=wish_of(park)).plan.steps[0].id
    change(park, first, is_off=True)
    found = queries.get_next_star(sheet=sheet_of(park), wish=wish_of(park))
    assert first not in {step.id for step in found.plan.steps}
    assert next(one.reason for one in found.unused if one.id == first) == "off"


def test_an_own_measure_takes_part_and_can_be_taken_out(park: Park) -> None:
    client = client_of(park)
    typed = {
        "name": "All in one",
        "cost_yuan": "1",
        "months": "1",
        "success": "100",
        "effects": "\n".join(f"{key} = 1" for key in WEAK if key.startswith(("platform", "research"))),
    }
    assert client.post(reverse("measure_add", args=[park.pk]), typed).status_code == 302
    own = OwnMeasure.objects.get(park=park)
    lines = queries.list_measures(park=park, sheet=sheet_of(park))
    assert lines[-1].own == own and lines[-1].cost_yuan == 1
    assert client.post(reverse("measure_remove", args=[park.pk, own.pk])).status_code == 302
    assert not OwnMeasure.objects.exists()


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ("just words", "Line 1"),
        ("nowhere = 1", "nowhere"),
        ("drills_training_done = drills +", "drills"),
        ("moveouts_12m = 3", "moveouts_12m"),
        ("drills_training_done = 1\ndrills_training_done = 2", "second time"),
    ],
)
def test_an_own_measure_with_wrong_effects_is_refused_whole(park: Park, effects: str, said: str) -> None:
    typed = {"name": "Mine", "cost_yuan": "10", "months": "2", "success": "90", "effects": effects}
    answer = client_of(park).post(reverse("measure_add", args=[park.pk]), typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not OwnMeasure.objects.exists()


def test_the_citys_planning_stores_what_each_park_gets_alone(park: Park) -> None:
    other = make_park()
    declare_scheme(park=other, on=timezone.localdate(), at=timezone.now())
    change(park, "data_reporting", cost_yuan=Decimal(77_000))
    services.add_own_measure(
        park=other,
        name="Own",
        cost_yuan=Decimal(5),
        months=1,
        success=1.0,
        effects={"satisfaction_score": "95"},
        actor=None,
        at=timezone.now(),
    )
    assert services.refresh_star_plans(at=timezone.now()) == 2
    for one in (park, other):
        stored, sheet = StarPlan.objects.get(park=one), sheet_of(one)
        ranks = queries.next_ranks(sheet=sheet)
        if not ranks:
            assert (stored.target, stored.cost_yuan) == (0, None)
            continue
        found = queries.get_next_star(sheet=sheet, wish=planning.Wish(ranks[0][0]))
        assert stored.target == ranks[0][0]
        assert stored.cost_yuan == (found.cheapest_yuan if found.is_reached else None)


def test_planning_again_changes_nothing_but_the_time(park: Park) -> None:
    services.refresh_star_plans(at=timezone.now())
    first = list(StarPlan.objects.values("park", "target", "cost_yuan", "measures", "facts_hash"))
    services.refresh_star_plans(at=timezone.now())
    assert list(StarPlan.objects.values("park", "target", "cost_yuan", "measures", "facts_hash")) == first


def test_only_who_oversees_the_city_starts_its_planning_and_once_at_a_time(park: Park) -> None:
    with pytest.raises(services.CannotChangeMeasure):
        services.start_planning(actor=make_user(Role.OPERATOR, park.branch), at=timezone.now())
    bureau = make_user(Role.BUREAU, park.branch)
    job = services.start_planning(actor=bureau, at=timezone.now())
    assert services.start_planning(actor=bureau, at=timezone.now()).pk == job.pk
    services.cancel_planning(actor=bureau)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
