"""Stages, duties and who answers for them."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    AsOf,
    Day,
    In,
    Names,
    Out,
    Page,
    Slice,
    choice,
    found,
    given,
    id_filter,
    names_of,
    paged,
    refusals,
    require,
)

from .. import queries, services
from ..models import Assignment, EvidenceKind, LifeSubject, PartyKind, Stage

router = Router()


class AssignmentOut(Out):
    """Who has a role in a duty on the day."""

    role: str = Field(description="R responsible, A accountable, C consulted, I informed.")
    party_kind: str
    who: str
    enterprise_id: int | None
    starts_on: date
    ends_on: date | None


class DutyOut(Out):
    """A duty on a day."""

    id: int
    park_id: int
    subject_id: int
    subject_kind: str
    subject_code: str
    code: str
    names: Names
    stage: str
    is_gate: bool
    is_own: bool = Field(description="Whether the park added it to the template.")
    standing: str = Field(description="open, soon, overdue, done, lapsed or waived on the day.")
    due_on: date | None
    every_months: int | None
    evidence_kind: str
    evidence_count: int = Field(description="Files that are valid on the day.")
    assignments: list[AssignmentOut]


class StageOut(Out):
    """A stage of a subject."""

    stage: str
    starts_on: date
    ends_on: date | None


class SubjectOut(Out):
    """A park, building or project with its stages."""

    id: int
    park_id: int
    kind: str
    code: str
    names: Names
    stage: str | None = Field(description="The stage on the day; null before the first.")
    stages: list[StageOut]


class DutyParams(AsOf, Slice):
    """Which duties."""

    park: int | None = id_filter("Duties of this park.")
    subject: int | None = id_filter("Duties of this subject.")
    stage: str = choice(Stage.values, "Duties of this stage.")


class SubjectParams(AsOf, Slice):
    """Which subjects."""

    park: int | None = id_filter("Subjects of this park.")


class DutyIn(In):
    """A duty; only the given fields are touched."""

    subject_kind: str = choice(LifeSubject.Kind.values, "Of the park, a building or a project.", default=None)
    subject_code: str = Field("", max_length=40, description="The building's or project's code; empty for the park.")
    code: str = Field(min_length=1, max_length=60)
    name_zh_hans: str = Field("", max_length=160)
    name_en: str = Field("", max_length=200)
    stage: str = choice(Stage.values, "Needed for a new duty.")
    is_gate: bool = False
    due_on: Day | None = None
    every_months: int | None = Field(None, ge=1, le=240)
    evidence_kind: str = choice(EvidenceKind.values, "What shows it.")
    basis: str = Field("", max_length=300)
    party_kind: str = choice(PartyKind.values, "What kind of party is responsible.")
    body: str = Field("", max_length=160)
    uscc: str | None = Field(None, max_length=18)
    username: str | None = Field(None, max_length=60)
    assigned_on: Day | None = None


class DutyRecordedOut(Out):
    """What happened."""

    id: int
    action: str


def _assignment(one: Assignment) -> AssignmentOut:
    same = "role party_kind who enterprise_id starts_on ends_on"
    return AssignmentOut(**{name: getattr(one, name) for name in same.split()})


def _duty(row: queries.DutyRow) -> DutyOut:
    duty = row.duty
    same = "code stage is_gate is_own due_on every_months evidence_kind subject_id"
    return DutyOut(
        id=duty.pk,
        park_id=duty.subject.park_id,
        subject_kind=duty.subject.kind,
        subject_code=duty.subject.code,
        names=names_of(duty),
        standing=row.standing,
        evidence_count=len(row.valid_evidence),
        assignments=[_assignment(one) for one in row.assignments],
        **{name: getattr(duty, name) for name in same.split()},
    )


def _subject(subject: LifeSubject, on: date) -> SubjectOut:
    present = queries.stage_on(subject=subject, on=on)
    stages = [StageOut(stage=p.stage, starts_on=p.starts_on, ends_on=p.ends_on) for p in subject.stages.all()]
    return SubjectOut(
        id=subject.pk,
        park_id=subject.park_id,
        kind=subject.kind,
        code=subject.code,
        names=names_of(subject.thing),
        stage=present.stage if present else None,
        stages=stages,
    )


@router.get("/duties", response=Page[DutyOut], summary="Duties")
def list_duties(request: HttpRequest, part: Query[DutyParams]) -> Page[DutyOut]:
    """The duties of your parks as of the day, and those that you or your firm answer for."""
    rows = queries.list_duties(user=request.user).filter(queries.existing_subjects_q(on=part.day, field="subject__"))
    if part.park:
        rows = rows.filter(subject__park=found(Park.objects.visible_to(request.user), pk=part.park))
    if part.subject:
        rows = rows.filter(subject=part.subject)
    if part.stage:
        rows = rows.filter(stage=part.stage)
    prepare = lambda items: queries.duty_rows(duties=items, on=part.day)  # noqa: E731
    return paged(Page[DutyOut], request, rows.order_by("subject", "position", "pk"), part, _duty, prepare=prepare)


@router.get("/duties/{int:duty_id}", response=DutyOut, summary="One duty")
def get_duty(request: HttpRequest, duty_id: int, part: Query[AsOf]) -> DutyOut:
    """A duty with where it stands and who answers for it, as of a day."""
    duty = found(queries.list_duties(user=request.user), pk=duty_id)
    return _duty(queries.describe_duty(duty=duty, on=part.day))


@router.get("/life-subjects", response=Page[SubjectOut], summary="Parks, buildings and projects in their stages")
def list_subjects(request: HttpRequest, part: Query[SubjectParams]) -> Page[SubjectOut]:
    """What of your parks goes through the stages, and when it entered each."""
    rows = LifeSubject.objects.visible_to(request.user).select_related("park", "building", "project")
    if part.park:
        rows = rows.filter(park=found(Park.objects.visible_to(request.user), pk=part.park))
    rows = rows.prefetch_related("stages").order_by("park", "kind", "pk")
    return paged(Page[SubjectOut], request, rows, part, lambda s: _subject(s, part.day))


@router.post("/parks/{int:park_id}/duties", response=DutyRecordedOut, summary="Record a duty")
def record_duty(request: HttpRequest, park_id: int, values: DutyIn) -> DutyRecordedOut:
    """Record a duty by its subject and code: a new one, or the given fields of the one that is there."""
    park = found(Park.objects.visible_to(request.user), pk=park_id)
    require(request.user.may(Permission.EDIT_RECORD, park.branch.path))
    with refusals(services.CannotChangeDuty):
        recorded = services.record_duties(park=park, rows=[given(values)], actor=request.user, at=timezone.now())
    return DutyRecordedOut(id=recorded[0].row.pk, action=recorded[0].action)
