"""What a park does in a round: it opens it, keeps a draft, and hands it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.assessment.services import find_entry_problems
from parkbrain.kernel import audit
from parkbrain.kernel.models import Document, User
from parkbrain.kernel.roles import Permission

from ..models import DataRound, Entry, Submission
from .checking import check_submissions


class CannotSubmit(Exception):
    """The answer cannot be kept or handed in; `problems` says what is wrong, by fact."""

    def __init__(self, message: str, problems: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.problems = dict(problems or {})


@dataclass(frozen=True)
class Given:
    """A fact as a park gives it; without a value it is not known, and without a file the one of before stays."""

    value: float | None
    remark: str = ""
    evidence: Document | None = None


def note_opened(*, submission: Submission, actor: User, at: datetime) -> None:
    """Remember when somebody who answers for the park first looked at what it is asked."""
    if submission.first_opened_at is None and actor.may(Permission.DECLARE_FACT, submission.park.branch.path):
        with transaction.atomic():
            fresh = Submission.objects.filter(pk=submission.pk, first_opened_at=None).update(first_opened_at=at)
            if fresh:
                audit.record("portfolio.submission.opened", target=submission, actor=actor, at=at, park=submission.park)


@transaction.atomic
def save_draft(*, submission: Submission, given: Mapping[str, Given], actor: User | None, at: datetime) -> Submission:
    """Keep what a park gives so far; facts that are not among `given` stay as they are.

    :raises CannotSubmit: the actor may not, the round does not take answers, or a fact is not asked.
    """
    one = _locked(submission, actor, at)
    _write(one, given)
    one.state = Submission.State.DRAFT if one.state == Submission.State.ASKED else one.state
    one.saved_at = at
    one.given_count = one.entries.exclude(value=None).count()
    one.save(update_fields=["state", "saved_at", "given_count"])
    audit.record("portfolio.submission.saved", target=one, actor=actor, at=at, park=one.park, given=one.given_count)
    return one


@transaction.atomic
def submit(*, submission: Submission, actor: User | None, at: datetime, check: bool = True) -> Submission:
    """Hand in what the draft holds; the hints that it gives are kept with it.

    Whoever hands in for many parks at once checks the round once at the end instead of each answer.

    :raises CannotSubmit: the actor may not, the round does not take answers, nothing is given, or a value is impossible.
    """
    one = _locked(submission, actor, at)
    values = {e.fact_key: e.value for e in one.entries.all() if e.value is not None}
    if not values:
        raise CannotSubmit(_("No value is given yet."))
    problems = find_entry_problems(park=one.park, values=values, cut_off_on=one.round.cut_off_on)
    if problems:
        raise CannotSubmit(_("Some values cannot be: they are named below. Nothing was handed in."), problems)
    one.state, one.submitted_by, one.submitted_at = Submission.State.SUBMITTED, actor, at
    one.decided_by = one.decided_at = None
    one.return_note = ""
    one.save()
    one.entries.exclude(objection="").update(objection="")
    found = check_submissions(data_round=one.round, submission_ids=[one.pk]) if check else 0
    one.refresh_from_db()
    audit.record(
        "portfolio.submission.submitted",
        target=one,
        actor=actor,
        at=at,
        park=one.park,
        given=len(values),
        hints=found,
    )
    return one


def _locked(submission: Submission, actor: User | None, at: datetime) -> Submission:
    """Return the submission read anew and locked, where the actor may write in it now."""
    rows = Submission.objects.select_for_update(of=("self",)).select_related("round__branch", "park__branch")
    one = rows.get(pk=submission.pk)
    if actor is not None and not actor.may(Permission.DECLARE_FACT, one.park.branch.path):
        raise CannotSubmit(_("You may not declare facts of this park."))
    if one.round.state == DataRound.State.CLOSED:
        raise CannotSubmit(_("This round is closed."))
    if not one.round.is_open_on(timezone.localdate(at)):
        raise CannotSubmit(_("This round is not open yet."))
    if one.state not in Submission.WAITING_STATES:
        raise CannotSubmit(_("It was handed in already; it can be changed when the bureau returns it."))
    return one


def _write(one: Submission, given: Mapping[str, Given]) -> None:
    known = {entry.fact_key: entry for entry in one.entries.all()}
    new: list[Entry] = []
    changed: list[Entry] = []
    for key, says in given.items():
        if key not in one.round.fact_keys:
            raise CannotSubmit(_("This round does not ask for “%(key)s”.") % {"key": key})
        if says.value is not None and says.value != says.value:
            raise CannotSubmit(_("“%(value)s” is no number.") % {"value": says.value}, {key: _("Enter a number.")})
        entry = known.get(key) or Entry(submission=one, fact_key=key)
        entry.value, entry.remark = says.value, says.remark[:300]
        entry.evidence = says.evidence or entry.evidence
        (changed if entry.pk else new).append(entry)
    Entry.objects.bulk_create(new)
    Entry.objects.bulk_update(changed, ["value", "remark", "evidence"])
