"""Subjects and their stages: projects recorded, a life begun, a stage left for the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.space.models import Building
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated

from ..models import STAGES, Duty, LifeSubject, Project, Stage, StagePeriod
from ..queries.stages import list_open_gates
from ..queries.template import get_due_on, get_template_duty, get_template_version, list_template
from .common import change, check_may_edit, insert


class CannotRecordProject(Exception):
    """The project cannot be recorded."""


class CannotMoveStage(Exception):
    """The subject cannot begin, leave or return to a stage; `duties` are those that hold it back."""

    def __init__(self, message: str, duties: Sequence[Duty] = ()) -> None:
        super().__init__(message)
        self.duties = duties


@transaction.atomic
def record_projects(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Project]]:
    """Record projects by their code; a row may name `building_code`.

    :raises CannotRecordProject: a building is not there, the end lies before the beginning, or the actor may not.
    """
    check_may_edit(park=park, actor=actor, refusal=CannotRecordProject)
    buildings = {b.code: b for b in Building.objects.filter(site__park=park)}
    found = {p.code: p for p in Project.objects.filter(park=park, code__in=[r["code"] for r in rows])}
    wanted = []
    for row in rows:
        values = {name: value for name, value in row.items() if name != "building_code"}
        if "building_code" in row:
            if row["building_code"] and row["building_code"] not in buildings:
                raise CannotRecordProject(_("There is no building %(code)s.") % {"code": row["building_code"]})
            values["building"] = buildings.get(row["building_code"])
        current = found.get(row["code"])
        starts_on = values.get("starts_on", current.starts_on if current else None)
        ends_on = values.get("ends_on", current.ends_on if current else None)
        if starts_on and ends_on and ends_on <= starts_on:
            raise CannotRecordProject(_("The end has to lie after the beginning."))
        wanted.append((row["code"], {**values, "park": park}))
    recorded = upsert(model=Project, found=found, rows=wanted)
    audit.record_many("lifecycle.project.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("lifecycle.project.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def begin_life(
    *,
    park: Park,
    stages: Sequence[tuple[str, date]],
    actor: User | None,
    at: datetime,
    building: Building | None = None,
    project: Project | None = None,
) -> LifeSubject:
    """Keep the stages and duties of the park, or of a building or a project of it; the template's duties are taken.

    `stages` are those it has been through with the day it entered each, the present one last. What was left before the
    record began holds nothing back; duties of those stages can still be shown as done.

    :raises CannotMoveStage: its life is kept already, it is another park's, the stages do not follow on each other, or
        the actor may not.
    """
    check_may_edit(park=park, actor=actor, refusal=CannotMoveStage)
    kind = LifeSubject.Kind.BUILDING if building else LifeSubject.Kind.PROJECT if project else LifeSubject.Kind.PARK
    if (building and building.site.park_id != park.pk) or (project and project.park_id != park.pk):
        raise CannotMoveStage(_("This belongs to another park."))
    if LifeSubject.objects.filter(park=park, kind=kind, building=building, project=project).exists():
        raise CannotMoveStage(_("Its stages are kept already."))
    order = [(STAGES.index(stage), starts_on) for stage, starts_on in stages]
    if not order or any(later[0] <= sooner[0] or later[1] <= sooner[1] for sooner, later in pairwise(order)):
        raise CannotMoveStage(_("The stages have to follow on each other, each beginning after the one before."))
    subject = insert(row=LifeSubject(park=park, kind=kind, building=building, project=project))
    ends = [starts_on for _stage, starts_on in stages[1:]]
    for (stage, starts_on), ends_on in zip(stages, [*ends, None], strict=True):
        insert(row=StagePeriod(subject=subject, stage=stage, starts_on=starts_on, ends_on=ends_on))
    label = {"stage": stages[-1][0], "starts_on": stages[-1][1].isoformat()}
    audit.record("lifecycle.life.begun", target=subject.thing, actor=actor, at=at, park=park, **label)
    adopt_template(subject=subject, actor=actor, at=at)
    return subject


@transaction.atomic
def adopt_template(*, subject: LifeSubject, actor: User | None, at: datetime) -> list[Duty]:
    """Give a subject the duties of the template that it does not have yet, and return those.

    What it has is left as it is, also where the template now says otherwise.

    :raises CannotMoveStage: the actor may not.
    """
    check_may_edit(park=subject.park, actor=actor, refusal=CannotMoveStage)
    known = set(subject.duties.values_list("code", flat=True))
    stage_on = _stage_days(subject)
    new = []
    for one in list_template(subject=subject):
        if one.key in known:
            continue
        names = name_fields(zh_hans=one.name["zh-Hans"], zh_hant=one.name["zh-Hant"], en=one.name["en"])
        duty = Duty(
            subject=subject,
            code=one.key,
            template_key=one.key,
            stage=one.stage,
            is_gate=one.is_gate,
            position=one.position,
            due_on=get_due_on(duty=one, subject=subject, stage_on=stage_on),
            every_months=one.every_months,
            evidence_kind=one.evidence,
            asked=dict(one.parties),
            **names,
        )
        new.append(insert(row=duty))
    version = get_template_version()
    if subject.template_version != version:
        change(row=subject, template_version=version)
    if new:
        details = {"count": len(new), "version": version}
        audit.record(
            "lifecycle.template.adopted", target=subject.thing, actor=actor, at=at, park=subject.park, **details
        )
        registry.park_changed(park_ids=[subject.park_id], at=at)
    return new


def _stage_days(subject: LifeSubject) -> dict[str, date]:
    """Return when a subject entered each stage."""
    return dict(subject.stages.values_list("stage", "starts_on"))


@transaction.atomic
def move_to_next_stage(
    *, subject: LifeSubject, on: date, actor: User | None, at: datetime, note: str = ""
) -> StagePeriod:
    """Let a subject enter its next stage from a day on.

    :raises CannotMoveStage: duties that gate the next stage are open (they are named), it is in its last stage, the day
        does not lie after the one it entered its present stage, or the actor may not.
    """
    check_may_edit(park=subject.park, actor=actor, refusal=CannotMoveStage)
    present = StagePeriod.objects.select_for_update().get(subject=subject, ends_on=None)
    index = STAGES.index(present.stage)
    if index + 1 == len(STAGES):
        raise CannotMoveStage(_("This is the last stage."))
    if on <= present.starts_on:
        since = {"since": present.starts_on.isoformat()}
        raise CannotMoveStage(_("The day has to lie after %(since)s, when the present stage began.") % since)
    if waiting := list_open_gates(subject=subject, stage=present.stage, on=on):
        names = _("; ").join(row.duty.name for row in waiting)
        message = _("These duties have to be done or waived first: %(names)s.") % {"names": names}
        raise CannotMoveStage(message, [row.duty for row in waiting])
    change(row=present, ends_on=on)
    entered = insert(row=StagePeriod(subject=subject, stage=STAGES[index + 1], starts_on=on, note=note[:300]))
    _set_due_days(subject, entered)
    moved = {"stage": entered.stage, "starts_on": on.isoformat()}
    audit.record("lifecycle.stage.entered", target=subject.thing, actor=actor, at=at, park=subject.park, **moved)
    registry.park_changed(park_ids=[subject.park_id], at=at)
    return entered


def _set_due_days(subject: LifeSubject, entered: StagePeriod) -> None:
    """Set the due days that count from the stage that was entered; a day somebody set stays."""
    for duty in subject.duties.filter(stage=entered.stage, due_on=None, state=Duty.State.OPEN):
        rule = get_template_duty(key=duty.template_key)
        if rule is not None:
            stage_on = {entered.stage: entered.starts_on}
            change(row=duty, due_on=get_due_on(duty=rule, subject=subject, stage_on=stage_on))


@transaction.atomic
def take_stage_back(*, subject: LifeSubject, actor: User | None, at: datetime, reason: str) -> StagePeriod:
    """Take back that a subject entered its present stage: it is in the one before as if it had not left.

    :raises CannotMoveStage: there is no stage before, no reason is given, or the actor may not.
    """
    check_may_edit(park=subject.park, actor=actor, refusal=CannotMoveStage)
    if not reason.strip():
        raise CannotMoveStage(_("Say why it is taken back."))
    periods = list(StagePeriod.objects.select_for_update().filter(subject=subject).order_by("starts_on"))
    if len(periods) < 2:
        raise CannotMoveStage(_("There is no stage before this one."))
    before, present = periods[-2:]
    left = {"stage": present.stage, "reason": reason[:300]}
    present.delete()
    change(row=before, ends_on=None)
    audit.record("lifecycle.stage.taken_back", target=subject.thing, actor=actor, at=at, park=subject.park, **left)
    registry.park_changed(park_ids=[subject.park_id], at=at)
    return before


def say_stage(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return the stage that an event names, in the reader's language."""
    return {"stage": str(Stage(details["stage"]).label)} if details.get("stage") in Stage.values else {}
