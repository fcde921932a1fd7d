"""A duty: shown, done, lapsed, opened again, waived by two persons; who may do what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from parkbrain.kernel import approvals
from parkbrain.kernel.models import Approval, AuditEvent, Document, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle import queries, services
from parkbrain.lifecycle.models import Assignment, Duty, DutyOutcome, LifeSubject
from tests.factories import (
    AT,
    ON,
    make_assignment,
    make_document,
    make_duty,
    make_enterprise,
    make_occupancy,
    make_premises,
    make_tenant_user,
    make_user,
)

from .conftest import browser

pytestmark = pytest.mark.django_db


def standing(duty: Duty, on: date = ON) -> str:
    return queries.describe_duty(duty=Duty.objects.get(pk=duty.pk), on=on).standing


def show(duty: Duty, actor: User | None, *, start: date = date(2026, 1, 1), end: date | None = None) -> Document:
    document = make_document(park=duty.subject.park, name=f"{duty.code}.pdf")
    services.give_evidence(duty=duty, document=document, valid_from_on=start, valid_to_on=end, actor=actor, at=AT)
    return document


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        (None, "open"),
        (ON + timedelta(days=31), "open"),
        (ON + timedelta(days=30), "soon"),
        (ON, "soon"),
        (ON - timedelta(days=1), "overdue"),
    ],
)
def test_an_open_duty_is_overdue_the_day_after_it_was_due(
    life: LifeSubject, due_on: date | None, expected: str
) -> None:
    assert standing(make_duty(subject=life, due_on=due_on)) == expected


def test_a_duty_that_asks_for_evidence_is_not_done_without_it(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life, evidence_kind="REPORT")
    with pytest.raises(services.CannotChangeDuty, match="Report or plan"):
        services.finish_duty(duty=duty, on=ON, actor=operator, at=AT)
    show(duty, operator, start=date(2026, 1, 1), end=date(2026, 6, 1))
    with pytest.raises(services.CannotChangeDuty, match="Nothing valid"):
        services.finish_duty(duty=duty, on=ON, actor=operator, at=AT)
    show(duty, operator)
    services.finish_duty(duty=duty, on=ON, actor=operator, at=AT)
    assert standing(duty) == "done"
    assert duty.state == Duty.State.DONE


def test_what_showed_a_duty_runs_out_and_it_has_lapsed(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life)
    show(duty, operator, end=date(2026, 12, 31))
    services.finish_duty(duty=duty, on=date(2026, 2, 1), actor=operator, at=AT)
    assert [
        standing(duty, d) for d in (date(2026, 1, 31), date(2026, 2, 1), date(2026, 12, 30), date(2026, 12, 31))
    ] == [
        "open",
        "done",
        "done",
        "lapsed",
    ]
    row = queries.describe_duty(duty=duty, on=ON)
    assert row.lapses_on == date(2026, 12, 31)


def test_a_duty_that_comes_again_is_due_after_its_months_and_done_anew(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life, every_months=6, due_on=date(2026, 1, 31))
    services.finish_duty(duty=duty, on=date(2026, 1, 20), actor=operator, at=AT)
    assert Duty.objects.get(pk=duty.pk).due_on == date(2026, 7, 20)
    assert (standing(duty, date(2026, 7, 20)), standing(duty, date(2026, 7, 21))) == ("done", "lapsed")
    services.finish_duty(duty=duty, on=date(2026, 6, 10), actor=operator, at=AT)
    assert Duty.objects.get(pk=duty.pk).due_on == date(2026, 12, 10)
    assert DutyOutcome.objects.filter(duty=duty).count() == 2
    with pytest.raises(services.CannotChangeDuty, match="done already"):
        services.finish_duty(duty=duty, on=date(2026, 6, 10), actor=operator, at=AT)


def test_a_duty_is_done_once_and_not_in_the_future(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life)
    with pytest.raises(services.CannotChangeDuty, match="yet to come"):
        services.finish_duty(duty=duty, on=ON + timedelta(days=1), actor=operator, at=AT)
    show(duty, operator)
    services.finish_duty(duty=duty, on=date(2026, 3, 1), actor=operator, at=AT)
    with pytest.raises(services.CannotChangeDuty, match="done already"):
        services.finish_duty(duty=duty, on=ON, actor=operator, at=AT)


def test_opening_again_needs_a_reason_and_the_past_stays_as_it_was(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life, due_on=date(2026, 5, 1))
    with pytest.raises(services.CannotChangeDuty, match="is open"):
        services.reopen_duty(duty=duty, on=ON, reason="x", actor=operator, at=AT)
    services.finish_duty(duty=duty, on=date(2026, 3, 1), actor=operator, at=AT)
    with pytest.raises(services.CannotChangeDuty, match="why"):
        services.reopen_duty(duty=duty, on=ON, reason=" ", actor=operator, at=AT)
    with pytest.raises(services.CannotChangeDuty, match="between"):
        services.reopen_duty(duty=duty, on=date(2026, 2, 1), reason="x", actor=operator, at=AT)
    services.reopen_duty(
        duty=duty, on=date(2026, 6, 1), reason="the plan was of another building", actor=operator, at=AT
    )
    assert (standing(duty, date(2026, 5, 31)), standing(duty, ON)) == ("done", "overdue")
    assert (
        AuditEvent.objects.get(code="lifecycle.duty.reopened").details["reason"] == "the plan was of another building"
    )


def test_a_waiver_needs_a_second_person_where_there_is_one(park: Park, life: LifeSubject, operator: User) -> None:
    duty, second = make_duty(subject=life, name_en="Freight lifts"), make_user(Role.OPERATOR, park.branch.parent)
    with pytest.raises(services.CannotChangeDuty, match="why"):
        services.waive_duty(duty=duty, on=ON, reason="", actor=operator, at=AT)
    asked = services.waive_duty(duty=duty, on=ON, reason="no lift in this building", actor=operator, at=AT)
    assert isinstance(asked, Approval)
    assert "Freight lifts" in approvals.describe_approval(asked)
    assert (standing(duty), queries.is_waiver_waiting(duty=duty, at=AT)) == ("open", True)
    with pytest.raises(services.CannotChangeDuty, match="waits"):
        services.waive_duty(duty=duty, on=ON, reason="again", actor=operator, at=AT)
    with pytest.raises(approvals.CannotDecideApproval):
        approvals.decide_approval(approval=asked, approve=True, actor=operator, at=AT)
    approvals.decide_approval(approval=asked, approve=True, actor=second, at=AT)
    outcome = DutyOutcome.objects.get()
    assert (outcome.state, outcome.settled_by, outcome.agreed_by) == ("WAIVED", operator, second)
    assert standing(duty) == "waived"
    assert queries.list_open_gates(subject=life, stage="OPERATE", on=ON) == []


def test_a_waiver_that_was_refused_or_came_too_late_changes_nothing(
    park: Park, life: LifeSubject, operator: User
) -> None:
    second = make_user(Role.OPERATOR, park.branch.parent)
    refused, late = make_duty(subject=life), make_duty(subject=life)
    for duty in (refused, late):
        services.waive_duty(duty=duty, on=ON, reason="x", actor=operator, at=AT)
    first, other = Approval.objects.order_by("pk")
    approvals.decide_approval(approval=first, approve=False, actor=second, at=AT)
    services.finish_duty(duty=late, on=ON, actor=operator, at=AT)
    with pytest.raises(approvals.CannotDecideApproval, match="no longer open"):
        approvals.decide_approval(approval=other, approve=True, actor=second, at=AT)
    assert (standing(refused), standing(late)) == ("open", "done")


def test_a_lone_operator_waives_at_once_and_the_page_says_so(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life)
    outcome = services.waive_duty(duty=duty, on=ON, reason="does not apply", actor=operator, at=AT)
    assert isinstance(outcome, DutyOutcome) and outcome.agreed_by is None
    with pytest.raises(services.CannotChangeDuty, match="waived"):
        services.finish_duty(duty=duty, on=ON, actor=operator, at=AT)
    answer = browser(operator).get(reverse("duty_detail", args=[duty.pk]))
    assert b"without a second person" in answer.content


def test_one_is_responsible_at_a_time_and_who_was_before_ends_there(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life)
    for body, start in (("First Ltd", date(2024, 1, 1)), ("Second Ltd", date(2025, 7, 1))):
        services.assign_duty(
            duty=duty, role="R", party_kind="PROPERTY", body=body, starts_on=start, actor=operator, at=AT
        )
    held = list(duty.assignments.values_list("body", "starts_on", "ends_on"))
    assert held == [("First Ltd", date(2024, 1, 1), date(2025, 7, 1)), ("Second Ltd", date(2025, 7, 1), None)]
    with pytest.raises(services.CannotChangeDuty, match="holds this role from"):
        services.assign_duty(
            duty=duty, role="R", party_kind="OWNER", body="X", starts_on=date(2025, 1, 1), actor=operator, at=AT
        )
    for body in ("One", "Two"):
        services.assign_duty(
            duty=duty, role="C", party_kind="AUTHORITY", body=body, starts_on=ON, actor=operator, at=AT
        )
    assert duty.assignments.filter(role="C", ends_on=None).count() == 2


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"body": " "}, "Name a firm"),
        ({"body": "X", "ends_on": date(2026, 1, 1)}, "after the beginning"),
        ({"body": "X", "role": "Z"}, "no such role"),
        ({"body": "X", "party_kind": "FRIEND"}, "no such role"),
    ],
)
def test_a_wrong_assignment_is_refused(life: LifeSubject, operator: User, values: dict[str, object], why: str) -> None:
    given = {"role": "R", "party_kind": "OWNER", "starts_on": ON, **values}
    with pytest.raises(services.CannotChangeDuty, match=why):
        services.assign_duty(duty=make_duty(subject=life), actor=operator, at=AT, **given)
    assert not Assignment.objects.exists()


def test_the_database_itself_refuses_nobody_and_two_bodies(life: LifeSubject) -> None:
    duty = make_duty(subject=life)
    for wrong in ({"body": ""}, {"body": "X", "enterprise": make_enterprise()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.create(duty=duty, role="R", party_kind="OWNER", starts_on=ON, **wrong)


def test_the_responsible_person_gives_evidence_though_not_editing_the_record(park: Park, life: LifeSubject) -> None:
    duty, person = make_duty(subject=life, evidence_kind="REPORT"), make_user(Role.SERVICE_PROVIDER, park.branch)
    client = browser(person)
    url = reverse("evidence_add", args=[duty.pk])
    file = {"file": SimpleUploadedFile("plan.pdf", b"%PDF"), "valid_from_on": "2026-01-01", "finishes": "on"}
    assert client.post(url, file).status_code == 404
    make_assignment(duty=duty, person=person)
    assert client.post(url, {**file, "file": SimpleUploadedFile("plan.pdf", b"%PDF")}).status_code == 302
    assert Duty.objects.get(pk=duty.pk).state == "DONE"
    shown = duty.evidence.get()
    paper = client.get(reverse("duty_paper", args=[duty.pk, shown.document_id]))
    assert b"".join(paper.streaming_content) == b"%PDF"
    # What belongs to the record stays with who keeps it.
    for name in ("duty_reopen", "duty_waive", "duty_change", "duty_assign"):
        assert client.post(reverse(name, args=[duty.pk]), {"on": "2026-06-30", "reason": "x"}).status_code == 403


def test_a_firm_named_for_a_duty_sees_it_as_its_own(park: Park, life: LifeSubject) -> None:
    firm = make_enterprise()
    make_occupancy(premises=make_premises(park=park), enterprise=firm)
    tenant, duty, other = make_tenant_user(firm, park), make_duty(subject=life), make_duty(subject=life)
    make_assignment(duty=duty, enterprise=firm, party_kind="ENTERPRISE")
    make_assignment(duty=other)
    answer = browser(tenant).get(reverse("my_duties"))
    assert duty.name.encode() in answer.content and other.name.encode() not in answer.content
    assert browser(tenant).get(reverse("duty_detail", args=[duty.pk])).status_code == 200
    assert browser(tenant).get(reverse("duty_detail", args=[other.pk])).status_code == 404
    home = browser(tenant).get("/")
    assert duty.name.encode() in home.content


def test_wrong_evidence_is_refused_beside_its_field_and_nothing_is_stored(life: LifeSubject, operator: User) -> None:
    duty, client = make_duty(subject=life, evidence_kind="REPORT"), browser(operator)
    url = reverse("evidence_add", args=[duty.pk])
    empty = client.post(url, {"file": SimpleUploadedFile("x.pdf", b""), "valid_from_on": "2026-01-01"})
    backwards = client.post(
        url,
        {
            "file": SimpleUploadedFile("x.pdf", b"1"),
            "valid_from_on": "2026-05-01",
            "valid_to_on": "2026-05-01",
            "number": "N-7",
        },
    )
    old = client.post(
        url,
        {
            "file": SimpleUploadedFile("x.pdf", b"1"),
            "valid_from_on": "2020-05-01",
            "valid_to_on": "2021-05-01",
            "finishes": "on",
        },
    )
    assert (empty.status_code, backwards.status_code, old.status_code) == (422, 422, 422)
    assert b"N-7" in backwards.content and b"has to lie after" in backwards.content
    assert b"Nothing valid on" in old.content
    assert not Document.objects.exists()
    assert Duty.objects.get().state == "OPEN"


def test_a_file_that_alone_shows_a_done_duty_is_not_taken_away(life: LifeSubject, operator: User) -> None:
    duty = make_duty(subject=life)
    show(duty, operator)
    services.finish_duty(duty=duty, on=ON, actor=operator, at=AT)
    only = duty.evidence.get()
    with pytest.raises(services.CannotChangeDuty, match="all that shows"):
        services.remove_evidence(evidence=only, reason="x", actor=operator, at=AT)
    show(duty, operator)
    services.remove_evidence(evidence=only, reason="wrong file", actor=operator, at=AT)
    assert duty.evidence.count() == 1
    assert Document.objects.count() == 2  # the file itself stays stored


def test_a_park_adds_duties_of_its_own_after_those_of_the_template(park: Park, operator: User) -> None:
    subject = services.begin_life(park=park, stages=[("OPERATE", ON)], actor=operator, at=AT)
    client, url = browser(operator), reverse("duty_add", args=[subject.pk])
    values = {
        "code": "roof-pad",
        "name_en": "Roof pad",
        "stage": "OPERATE",
        "responsible": "PROPERTY",
        "accountable": "OWNER",
    }
    assert client.post(url, {**values, "code": "metering"}).status_code == 422
    assert client.post(url, {**values, "name_en": ""}).status_code == 422
    assert client.post(url, values).status_code == 302
    added = Duty.objects.get(code="roof-pad")
    assert added.is_own and added.asked == {"R": ["PROPERTY"], "A": ["OWNER"]}
    last = subject.duties.filter(stage="OPERATE").order_by("-position").first()
    assert last == added


def test_only_people_with_a_role_on_the_park_can_be_named(park: Park, life: LifeSubject, operator: User) -> None:
    inside, stranger = make_user(Role.SERVICE_PROVIDER, park.branch), make_user(Role.OPERATOR)
    people = set(queries.list_nameable_people(park=park))
    assert {inside, operator} <= people and stranger not in people
    duty = make_duty(subject=life)
    answer = browser(operator).post(
        reverse("duty_assign", args=[duty.pk]),
        {"role": "R", "party_kind": "OPERATOR", "person": stranger.pk, "starts_on": "2026-01-01"},
    )
    assert answer.status_code == 422 and not Assignment.objects.exists()


def test_assigning_on_the_page_stores_the_letter(park: Park, life: LifeSubject, operator: User) -> None:
    duty, client = make_duty(subject=life), browser(operator)
    url = reverse("duty_assign", args=[duty.pk])
    values = {"role": "R", "party_kind": "PROPERTY", "body": "Property Ltd", "starts_on": "2026-01-01"}
    assert client.get(url).status_code == 200
    assert client.post(url, {**values, "uscc": "91440300MA5DEM0006"}).status_code == 422
    assert client.post(url, {**values, "body": "", "uscc": "91440300MA5DEM0006"}).status_code == 422
    assert client.post(url, {**values, "letter": SimpleUploadedFile("letter.pdf", b"L")}).status_code == 302
    held = Assignment.objects.get()
    assert held.letter is not None and held.letter.name == "letter.pdf"
    ended = client.post(reverse("assignment_end", args=[duty.pk, held.pk]))
    assert ended.status_code == 302
    held.refresh_from_db()
    assert held.ends_on is not None
