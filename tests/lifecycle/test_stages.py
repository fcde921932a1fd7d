"""Stages and their gates: begun, left, taken back; the template adopted; what the board and a subject's page show."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from parkbrain import schemes
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle import queries, services
from parkbrain.lifecycle.models import STAGES, Duty, LifeSubject, Project, StagePeriod
from tests.factories import (
    AT,
    ON,
    make_building,
    make_duty,
    make_enterprise,
    make_life,
    make_park,
    make_project,
    make_tenant_user,
    make_user,
)

from .conftest import browser

pytestmark = pytest.mark.django_db

SINCE = [("PLAN", date(2016, 1, 1)), ("BUILD", date(2017, 5, 1)), ("OPERATE", date(2020, 3, 1))]


def test_a_life_begins_in_its_present_stage_with_the_duties_of_the_template(park: Park, operator: User) -> None:
    subject = services.begin_life(park=park, stages=SINCE, actor=operator, at=AT)
    assert [(p.stage, p.starts_on, p.ends_on) for p in subject.stages.all()] == [
        ("PLAN", date(2016, 1, 1), date(2017, 5, 1)),
        ("BUILD", date(2017, 5, 1), date(2020, 3, 1)),
        ("OPERATE", date(2020, 3, 1), None),
    ]
    expected = [d["key"] for d in schemes.shipped("duties.yaml")["duties"] if d["subject"] == "PARK"]
    assert list(subject.duties.order_by("position").values_list("code", flat=True)) == expected
    study = subject.duties.get(code="positioning_study")
    assert (study.due_on, study.is_gate, study.asked["A"]) == (date(2016, 7, 1), True, ["OWNER"])
    # What counts from a stage that is yet to come has no day.
    assert subject.duties.get(code="exit_rules").due_on is None
    events = AuditEvent.objects.filter(code__startswith="lifecycle.")
    assert list(events.order_by("pk").values_list("code", flat=True)) == [
        "lifecycle.life.begun",
        "lifecycle.template.adopted",
    ]


def test_duties_hang_on_the_kind_of_project_and_the_use_of_the_building(park: Park, operator: User) -> None:
    plan = [("PLAN", ON)]
    upstairs = make_project(
        park=park, kind=Project.Kind.UPSTAIRS, starts_on=date(2027, 1, 31), ends_on=date(2027, 12, 31)
    )
    renewal = make_project(park=park, kind=Project.Kind.RENEWAL)
    hostel = make_building(park=park, use="DORMITORY")
    codes = {}
    for name, thing in (("upstairs", upstairs), ("renewal", renewal)):
        life = services.begin_life(park=park, project=thing, stages=plan, actor=operator, at=AT)
        codes[name] = set(life.duties.values_list("code", flat=True))
    life = services.begin_life(park=park, building=hostel, stages=plan, actor=operator, at=AT)
    assert {"prj_freight_lifts", "prj_vibration", "prj_hoisting", "prj_exhaust"} <= codes["upstairs"]
    assert not {"prj_freight_lifts", "prj_vibration"} & codes["renewal"]
    assert life.duties.filter(code="bld_lodging_fire").exists()
    dates = dict(upstairs.life.duties.values_list("code", "due_on"))
    assert dates["prj_structural_review"] == date(2026, 11, 30)  # two months before the works, in a shorter month
    assert dates["prj_fire"] == date(2027, 12, 31)


def test_adopting_twice_changes_nothing_and_keeps_what_the_park_changed(park: Park, operator: User) -> None:
    subject = services.begin_life(park=park, stages=SINCE, actor=operator, at=AT)
    duty = subject.duties.get(code="metering")
    services.change_duty(duty=duty, values={"due_on": ON, "is_gate": False, "name_en": "Ours"}, actor=operator, at=AT)
    gone = subject.duties.get(code="hazard_ledger")
    gone.delete()
    count = AuditEvent.objects.count()
    new = services.adopt_template(subject=subject, actor=operator, at=AT)
    assert [d.code for d in new] == ["hazard_ledger"]
    assert services.adopt_template(subject=subject, actor=operator, at=AT) == []
    duty.refresh_from_db()
    assert (duty.due_on, duty.is_gate, duty.name_en) == (ON, False, "Ours")
    assert AuditEvent.objects.count() == count + 1


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [("BUILD", date(2020, 1, 1)), ("PLAN", date(2021, 1, 1))],
        [("PLAN", date(2021, 1, 1)), ("BUILD", date(2021, 1, 1))],
        [("PLAN", date(2021, 1, 1)), ("PLAN", date(2022, 1, 1))],
    ],
)
def test_stages_out_of_order_are_refused_and_leave_nothing(
    park: Park, operator: User, stages: list[tuple[str, date]]
) -> None:
    with pytest.raises(services.CannotMoveStage):
        services.begin_life(park=park, stages=stages, actor=operator, at=AT)
    assert not LifeSubject.objects.exists()


def test_a_life_begins_once_and_only_in_its_own_park(park: Park, operator: User, life: LifeSubject) -> None:
    with pytest.raises(services.CannotMoveStage, match="kept already"):
        services.begin_life(park=park, stages=SINCE, actor=operator, at=AT)
    with pytest.raises(services.CannotMoveStage, match="another park"):
        services.begin_life(park=park, building=make_building(), stages=SINCE, actor=operator, at=AT)


def test_a_gate_holds_and_names_what_is_missing(park: Park, operator: User) -> None:
    subject = make_life(park=park, stage="BUILD")
    fire = make_duty(subject=subject, stage="BUILD", name_en="Fire acceptance")
    make_duty(subject=subject, stage="BUILD", is_gate=False)
    make_duty(subject=subject, stage="OPERATE")
    with pytest.raises(services.CannotMoveStage, match="Fire acceptance") as refused:
        services.move_to_next_stage(subject=subject, on=ON, actor=operator, at=AT)
    assert list(refused.value.duties) == [fire]
    assert StagePeriod.objects.get(ends_on=None).stage == "BUILD"
    services.finish_duty(duty=fire, on=date(2026, 6, 1), actor=operator, at=AT)
    entered = services.move_to_next_stage(subject=subject, on=ON, actor=operator, at=AT)
    assert (entered.stage, entered.starts_on) == ("ATTRACT", ON)
    assert StagePeriod.objects.get(subject=subject, stage="BUILD").ends_on == ON
    event = AuditEvent.objects.get(code="lifecycle.stage.entered")
    assert (event.details["stage"], event.actor) == ("ATTRACT", operator)


def test_evidence_that_has_run_out_holds_the_gate(park: Park, operator: User) -> None:
    subject = make_life(park=park)
    duty = make_duty(subject=subject)
    services.finish_duty(duty=duty, on=date(2026, 1, 1), actor=operator, at=AT)
    from tests.factories import make_document

    services.give_evidence(
        duty=duty,
        document=make_document(park=park),
        valid_from_on=date(2025, 1, 1),
        valid_to_on=ON,
        actor=operator,
        at=AT,
    )
    with pytest.raises(services.CannotMoveStage):
        services.move_to_next_stage(subject=subject, on=ON, actor=operator, at=AT)


def test_days_that_count_from_a_stage_are_set_when_it_is_entered(park: Park, operator: User) -> None:
    subject = services.begin_life(park=park, stages=[("ATTRACT", date(2026, 1, 1))], actor=operator, at=AT)
    subject.duties.filter(stage="ATTRACT").update(is_gate=False)
    kept = subject.duties.get(code="metering")
    services.change_duty(duty=kept, values={"due_on": date(2030, 1, 1)}, actor=operator, at=AT)
    services.move_to_next_stage(subject=subject, on=ON, actor=operator, at=AT)
    dates = dict(subject.duties.values_list("code", "due_on"))
    assert dates["platform_handover"] == date(2026, 12, 30)
    assert dates["metering"] == date(2030, 1, 1)
    assert dates["exit_rules"] is None


def test_the_last_stage_is_the_last_and_a_day_before_the_present_stage_is_refused(park: Park, operator: User) -> None:
    subject = make_life(park=park, stage="EXIT")
    with pytest.raises(services.CannotMoveStage, match="last stage"):
        services.move_to_next_stage(subject=subject, on=ON, actor=operator, at=AT)
    other = make_life(park=park, building=make_building(park=park), since=ON)
    with pytest.raises(services.CannotMoveStage, match="2026-06-30"):
        services.move_to_next_stage(subject=other, on=ON, actor=operator, at=AT)


def test_a_stage_entered_by_mistake_is_taken_back_with_a_reason(park: Park, operator: User, life: LifeSubject) -> None:
    services.move_to_next_stage(subject=life, on=ON, actor=operator, at=AT)
    with pytest.raises(services.CannotMoveStage, match="why"):
        services.take_stage_back(subject=life, reason=" ", actor=operator, at=AT)
    services.take_stage_back(subject=life, reason="wrong building", actor=operator, at=AT)
    assert [(p.stage, p.ends_on) for p in life.stages.all()] == [("OPERATE", None)]
    with pytest.raises(services.CannotMoveStage, match="no stage before"):
        services.take_stage_back(subject=life, reason="again", actor=operator, at=AT)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_who_may_not_edit_moves_nothing(park: Park, life: LifeSubject, role: Role) -> None:
    person, count = make_user(role, park.branch), AuditEvent.objects.count()
    for act in (
        lambda: services.move_to_next_stage(subject=life, on=ON, actor=person, at=AT),
        lambda: services.take_stage_back(subject=life, reason="x", actor=person, at=AT),
        lambda: services.adopt_template(subject=life, actor=person, at=AT),
        lambda: services.begin_life(park=make_park(), stages=SINCE, actor=person, at=AT),
    ):
        with pytest.raises(services.CannotMoveStage, match="may not"):
            act()
    with pytest.raises(services.CannotRecordProject, match="may not"):
        services.record_projects(park=park, rows=[{"code": "P"}], actor=person, at=AT)
    assert AuditEvent.objects.count() == count


def test_the_board_shows_columns_gates_and_what_is_late_first(park: Park, operator: User, life: LifeSubject) -> None:
    make_duty(subject=life, name_en="Drill", due_on=date(2026, 6, 1))
    done = make_duty(subject=life)
    services.finish_duty(duty=done, on=date(2026, 5, 1), actor=operator, at=AT)
    make_duty(subject=life, stage="EXIT", due_on=date(2020, 1, 1))  # of a stage that is yet to come: not late
    make_duty(subject=life, stage="PLAN", is_gate=False)
    make_life(park=park, building=make_building(park=park))
    board = queries.get_board(park=park, on=ON)
    assert [c.stage for c in board.columns] == list(STAGES)
    first, second = board.columns[3].cards
    assert (first.subject, len(first.late), first.gates.settled, first.gates.total) == (life, 1, 1, 2)
    assert (first.left_over, second.late, board.late_count) == (1, [], 1)
    answer = browser(operator).get(reverse("life_board", args=[park.pk]), {"on": "2026-06-30"})
    assert b"Drill" in answer.content and b"gate 1 of 2" in answer.content


def test_the_board_of_an_earlier_day_shows_the_stage_of_then(park: Park, operator: User) -> None:
    services.begin_life(park=park, stages=SINCE, actor=operator, at=AT)
    board = queries.get_board(park=park, on=date(2018, 1, 1))
    assert [len(c.cards) for c in board.columns] == [0, 1, 0, 0, 0]
    assert queries.get_board(park=park, on=date(2015, 1, 1)).subject_count == 0


def test_a_subject_is_moved_on_its_page_and_a_refusal_keeps_what_was_typed(
    park: Park, operator: User, life: LifeSubject
) -> None:
    make_duty(subject=life, name_en="Evacuation plan")
    url = reverse("stage_move", args=[life.pk])
    refused = browser(operator).post(url, {"starts_on": "2026-06-30", "note": "as agreed"})
    assert refused.status_code == 422
    assert b"Evacuation plan" in refused.content and b"as agreed" in refused.content
    assert browser(operator).post(url, {"starts_on": "30.6."}).status_code == 422
    Duty.objects.all().delete()
    moved = browser(operator).post(url, {"starts_on": "2026-06-30"}, follow=True)
    assert moved.status_code == 200 and life.stages.get(ends_on=None).stage == "EXIT"


def test_beginning_on_the_page_takes_the_days_and_names_a_wrong_one(park: Park, operator: User) -> None:
    url = reverse("life_begin", args=[park.pk])
    assert browser(operator).post(url, {}).status_code == 422
    wrong = browser(operator).post(url, {"PLAN": "2020-01-01", "OPERATE": "2019-01-01"})
    assert wrong.status_code == 422 and b"after that of the stage before" in wrong.content
    right = browser(operator).post(url, {"PLAN": "2019-01-01", "OPERATE": "2020-01-01"}, follow=True)
    assert right.status_code == 200
    assert LifeSubject.objects.get(park=park).stages.get(ends_on=None).stage == "OPERATE"


def test_another_parks_person_and_a_tenant_find_no_subject(park: Park, life: LifeSubject) -> None:
    stranger = make_user(Role.OPERATOR)
    tenant = make_tenant_user(make_enterprise(), park)
    for person in (stranger, tenant):
        assert browser(person).get(reverse("life_subject", args=[life.pk])).status_code == 404
        assert browser(person).get(reverse("life_board", args=[park.pk])).status_code == 404
        assert browser(person).post(reverse("stage_move", args=[life.pk])).status_code == 404


def test_a_reader_sees_the_subject_without_buttons(park: Park, life: LifeSubject) -> None:
    bureau = make_user(Role.BUREAU, park.branch.parent)
    answer = browser(bureau).get(reverse("life_subject", args=[life.pk]))
    assert answer.status_code == 200
    assert b'<form method="post" class="form"' not in answer.content
    assert browser(bureau).post(reverse("stage_move", args=[life.pk]), {"starts_on": "2026-06-30"}).status_code == 403


def test_a_project_is_added_changed_and_kept_from_doubling(park: Park, operator: User) -> None:
    client, url = browser(operator), reverse("project_add", args=[park.pk])
    house = make_building(park=park, code="T1")
    values = {"code": "P-1", "name_en": "Upstairs", "kind": "UPSTAIRS", "building_code": "T1", "planned_area_m2": "900"}
    assert client.post(url, {**values, "building_code": "T9"}).status_code == 422
    assert client.post(url, {**values, "starts_on": "2026-02-01", "ends_on": "2026-01-01"}).status_code == 422
    assert client.post(url, values).status_code == 302
    project = Project.objects.get()
    assert (project.building, project.planned_area_m2) == (house, 900.0)
    again = client.post(url, values)
    assert again.status_code == 422 and b"There is a project P-1 already." in again.content
    changed = client.post(reverse("project_change", args=[project.pk]), {**values, "planned_area_m2": "950"})
    assert changed.status_code == 302
    project.refresh_from_db()
    assert project.planned_area_m2 == 950.0
    assert b"950" in client.get(reverse("project_detail", args=[project.pk])).content
