"""Where each duty stands on a day, who answers for it, what shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from ..models import STAGES, Assignment, Duty, DutyOutcome, Evidence, RaciRole
from .template import get_basis

#: Days before a duty is due in which it is said to come.
SOON_DAYS = 30
OPEN, SOON, OVERDUE, DONE, LAPSED, WAIVED = "open", "soon", "overdue", "done", "lapsed", "waived"
#: What needs somebody now, and what is settled.
LATE = frozenset({OVERDUE, LAPSED})
SETTLED = frozenset({DONE, WAIVED})


@dataclass(frozen=True)
class DutyRow:
    """A duty on a day."""

    duty: Duty
    on: date
    standing: str
    outcome: DutyOutcome | None
    evidence: Sequence[Evidence]
    assignments: Sequence[Assignment]

    @property
    def is_late(self) -> bool:
        """Whether it is overdue, or what showed it has run out."""
        return self.standing in LATE

    @property
    def is_settled(self) -> bool:
        """Whether it is done, and still is, or waived."""
        return self.standing in SETTLED

    @property
    def responsible(self) -> Assignment | None:
        """Who does it."""
        return next((a for a in self.assignments if a.role == RaciRole.RESPONSIBLE), None)

    @property
    def accountable(self) -> Assignment | None:
        """Who answers for it."""
        return next((a for a in self.assignments if a.role == RaciRole.ACCOUNTABLE), None)

    @property
    def valid_evidence(self) -> list[Evidence]:
        """The evidence that is valid on the day."""
        return [one for one in self.evidence if one.covers(self.on)]

    @property
    def lapses_on(self) -> date | None:
        """The day from which what shows it is no longer valid; None where nothing runs out."""
        valid = self.valid_evidence
        if not valid or any(one.valid_to_on is None for one in valid):
            return None
        return max(one.valid_to_on for one in valid if one.valid_to_on)

    @property
    def is_reached(self) -> bool:
        """Whether the subject is in the stage of the duty on the day, or past it."""
        index = STAGES.index(self.duty.stage)
        return any(p.starts_on <= self.on and STAGES.index(p.stage) >= index for p in self.duty.subject.stages.all())

    @property
    def basis(self) -> str:
        """What it rests on, in the active language."""
        return get_basis(key=self.duty.template_key, stated=self.duty.basis)


def get_standing(*, duty: Duty, outcome: DutyOutcome | None, evidence: Iterable[Evidence], on: date) -> str:
    """Return where a duty stands on a day.

    Done is done while some of its evidence is valid, and until it has to be done again; with neither it has lapsed.
    """
    if outcome is not None and outcome.state == Duty.State.WAIVED:
        return WAIVED
    late = duty.due_on is not None and duty.due_on < on
    if outcome is not None:
        papers = list(evidence)
        if papers and not any(one.covers(on) for one in papers):
            return LAPSED
        return LAPSED if duty.every_months and late else DONE
    if late:
        return OVERDUE
    return SOON if duty.due_on is not None and duty.due_on <= on + timedelta(days=SOON_DAYS) else OPEN


def describe_duty(*, duty: Duty, on: date) -> DutyRow:
    """Return a duty with where it stands on a day; its outcomes, evidence and assignments are fetched before."""
    outcome = next((one for one in duty.outcomes.all() if one.covers(on)), None)
    evidence = list(duty.evidence.all())
    assignments = [one for one in duty.assignments.all() if one.covers(on)]
    standing = get_standing(duty=duty, outcome=outcome, evidence=evidence, on=on)
    return DutyRow(duty, on, standing, outcome, evidence, assignments)


#: What `describe_duty` reads of a duty beside its row.
FETCHED = ("outcomes", "evidence__document", "assignments__enterprise", "assignments__person", "subject__stages")
RELATED = ("subject__park__branch", "subject__building", "subject__project")


#: What counting needs of that: no names of firms, persons, buildings, projects or files.
COUNTED = ("outcomes", "evidence", "assignments", "subject__stages")


def list_duty_rows(*, condition: Q, on: date, is_named: bool = True) -> list[DutyRow]:
    """Return the duties that a condition keeps, with where each stands on a day, in their order.

    Without `is_named` what they are about and who is named is not read: for counting them.
    """
    found = Duty.objects.filter(condition).select_related(*(RELATED if is_named else ("subject",)))
    found = found.prefetch_related(*(FETCHED if is_named else COUNTED))
    return [describe_duty(duty=one, on=on) for one in found.order_by("subject", "position", "code")]


def duty_rows(*, duties: Sequence[Duty], on: date) -> list[DutyRow]:
    """Return duties with where each stands on a day; for rows that are at hand."""
    found = {row.duty.pk: row for row in list_duty_rows(condition=Q(pk__in=[d.pk for d in duties]), on=on)}
    return [found[duty.pk] for duty in duties]


def late_q(*, on: date) -> Q:
    """Return the filter of duties that are late on a day: open past their day, or done and lapsed."""
    dead = Evidence.objects.filter(valid_to_on__lte=on).order_by().values("duty")
    alive = Evidence.objects.filter(valid_from_on__lte=on).filter(Q(valid_to_on__isnull=True) | Q(valid_to_on__gt=on))
    lapsed = Q(pk__in=dead) & ~Q(pk__in=alive.order_by().values("duty"))
    again = Q(every_months__isnull=False, due_on__lt=on)
    return Q(state=Duty.State.OPEN, due_on__lt=on) | (Q(state=Duty.State.DONE) & (lapsed | again))
