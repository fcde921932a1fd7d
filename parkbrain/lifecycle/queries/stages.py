"""Stages: where each subject is, what holds it back, what it has been through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Building, within_period

from ..models import STAGES, LifeSubject, Project, Stage, StagePeriod
from .standing import DutyRow, list_duty_rows


@dataclass(frozen=True)
class GateProgress:
    """How far the duties are that a subject has to settle before it leaves its stage."""

    settled: int
    total: int

    @property
    def percent(self) -> float:
        """The settled share in percent; all of it where nothing gates."""
        return 100.0 * self.settled / self.total if self.total else 100.0


@dataclass(frozen=True)
class Card:
    """A subject on the board."""

    subject: LifeSubject
    stage: str
    since_on: date
    gates: GateProgress
    late: Sequence[DutyRow]
    left_over: int
    next_due_on: date | None

    @property
    def is_last(self) -> bool:
        """Whether no stage follows."""
        return self.stage == STAGES[-1]


@dataclass(frozen=True)
class Column:
    """A stage with the subjects that are in it."""

    stage: str
    label: str
    cards: Sequence[Card]


@dataclass(frozen=True)
class Board:
    """The life cycle of a park: what is in which stage, and what is late."""

    columns: Sequence[Column]
    late_count: int
    subject_count: int
    unkept_buildings: Sequence[Building]
    unkept_projects: Sequence[Project]
    keeps_park: bool


@dataclass(frozen=True)
class StageSheet:
    """One stage of a subject with its duties."""

    stage: str
    label: str
    period: StagePeriod | None
    rows: Sequence[DutyRow]
    is_present: bool

    @property
    def gates(self) -> GateProgress:
        """How far its gates are."""
        return _progress(self.rows)

    @property
    def open_gates(self) -> list[DutyRow]:
        """The duties that hold the subject back."""
        return [row for row in self.rows if row.duty.is_gate and not row.is_settled]


@dataclass(frozen=True)
class SubjectSheet:
    """A subject with its stages, duties and history."""

    subject: LifeSubject
    present: StagePeriod | None
    stages: Sequence[StageSheet]

    @property
    def rows(self) -> list[DutyRow]:
        """All its duties."""
        return [row for stage in self.stages for row in stage.rows]

    @property
    def late_count(self) -> int:
        """How many of its duties are late."""
        return sum(row.is_late for row in self.rows)

    @property
    def next_stage(self) -> str:
        """The stage that follows, empty in the last one."""
        if self.present is None:
            return ""
        index = STAGES.index(self.present.stage) + 1
        return STAGES[index] if index < len(STAGES) else ""

    @property
    def holding_back(self) -> list[DutyRow]:
        """The open duties that gate the next stage."""
        return next((stage.open_gates for stage in self.stages if stage.is_present), [])


def _progress(rows: Sequence[DutyRow]) -> GateProgress:
    gates = [row for row in rows if row.duty.is_gate]
    return GateProgress(sum(row.is_settled for row in gates), len(gates))


def existing_subjects_q(*, on: date, field: str = "") -> Q:
    """Return the filter of subjects that are there on a day; `field` leads to them ("subject__")."""
    begun = LifeSubject.objects.filter(stages__starts_on__lte=on).order_by().values("pk")
    there = Q(**{f"{field}building__isnull": True}) | within_period(on, field=f"{field}building__")
    return Q(**{f"{field}pk__in": begun}) & there


def list_subjects(*, park: Park, on: date) -> list[LifeSubject]:
    """Return the subjects of a park that are there on a day: the park, its buildings, its projects."""
    found = LifeSubject.objects.filter(existing_subjects_q(on=on), park=park)
    return sorted(
        found.select_related("park__branch", "building", "project").prefetch_related("stages"),
        key=lambda s: (s.kind != LifeSubject.Kind.PARK, s.kind, s.code),
    )


def find_subject(*, user: User, subject_id: int) -> QuerySet[LifeSubject]:
    """Return the subject of a number where the person may see it."""
    found = LifeSubject.objects.visible_to(user).filter(pk=subject_id)
    return found.select_related("park__branch", "building__site", "project__building")


def list_open_gates(*, subject: LifeSubject, stage: str, on: date) -> list[DutyRow]:
    """Return the duties of a stage that have to be settled before a subject leaves it, and are not."""
    rows = list_duty_rows(condition=Q(subject=subject, stage=stage, is_gate=True), on=on)
    return [row for row in rows if not row.is_settled]


def stage_on(*, subject: LifeSubject, on: date) -> StagePeriod | None:
    """Return the stage a subject was in on a day."""
    return next((one for one in subject.stages.all() if one.covers(on)), None)


def get_board(*, park: Park, on: date) -> Board:
    """Return the board of a park on a day: what is late stands first in its column."""
    subjects = list_subjects(park=park, on=on)
    rows: dict[int, list[DutyRow]] = {}
    for row in list_duty_rows(condition=Q(subject__in=[s.pk for s in subjects]), on=on):
        rows.setdefault(row.duty.subject_id, []).append(row)
    cards: dict[str, list[Card]] = {stage: [] for stage in STAGES}
    for subject in subjects:
        period = stage_on(subject=subject, on=on)
        if period is not None:
            cards[period.stage].append(_card(subject, period, rows.get(subject.pk, [])))
    columns = [
        Column(stage, str(Stage(stage).label), sorted(cards[stage], key=lambda c: -len(c.late))) for stage in STAGES
    ]
    shown = [card for column in columns for card in column.cards]
    buildings = Building.objects.filter(site__park=park, life=None).in_park_on(on).order_by("code")
    return Board(
        columns=columns,
        late_count=sum(len(card.late) for card in shown),
        subject_count=len(shown),
        unkept_buildings=list(buildings),
        unkept_projects=list(Project.objects.filter(park=park, life=None).order_by("code")),
        keeps_park=any(s.kind == LifeSubject.Kind.PARK for s in subjects),
    )


def _card(subject: LifeSubject, period: StagePeriod, rows: Sequence[DutyRow]) -> Card:
    index = STAGES.index(period.stage)
    of_stage = [row for row in rows if row.duty.stage == period.stage]
    reached = [row for row in rows if STAGES.index(row.duty.stage) <= index]
    coming = [row.duty.due_on for row in of_stage if not row.is_settled and row.duty.due_on]
    return Card(
        subject=subject,
        stage=period.stage,
        since_on=period.starts_on,
        gates=_progress(of_stage),
        late=[row for row in reached if row.is_late],
        left_over=sum(not row.is_settled for row in reached if row.duty.stage != period.stage),
        next_due_on=min(coming, default=None),
    )


def get_subject_sheet(*, subject: LifeSubject, on: date) -> SubjectSheet:
    """Return a subject with all its stages on a day."""
    periods: Mapping[str, StagePeriod] = {one.stage: one for one in subject.stages.all() if one.starts_on <= on}
    present = stage_on(subject=subject, on=on)
    by_stage: dict[str, list[DutyRow]] = {stage: [] for stage in STAGES}
    for row in list_duty_rows(condition=Q(subject=subject), on=on):
        by_stage[row.duty.stage].append(row)
    stages = [
        StageSheet(
            stage=stage,
            label=str(Stage(stage).label),
            period=periods.get(stage),
            rows=by_stage[stage],
            is_present=present is not None and present.stage == stage,
        )
        for stage in STAGES
    ]
    return SubjectSheet(subject, present, stages)
