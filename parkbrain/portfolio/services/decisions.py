"""What the bureau decides on an answer: it returns it with remarks, or accepts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.assessment.services import CannotDeclareFact, FactEntry, declare_facts
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission

from ..models import DataRound, Submission

#: Answers that are accepted in one transaction: on SQLite nobody else writes meanwhile.
BLOCK = 50


class CannotDecide(Exception):
    """The answer cannot be returned or accepted."""


@transaction.atomic
def return_submission(
    *, submission: Submission, note: str, objections: Mapping[str, str], actor: User | None, at: datetime
) -> Submission:
    """Give an answer back to its park: with a note, and with what is to be mended by fact.

    :raises CannotDecide: the actor may not, it is not handed in, nothing says what is to be mended, or a fact is not asked.
    """
    one = _locked(submission.pk, actor)
    said = {key: text.strip()[:300] for key, text in objections.items() if text.strip()}
    unknown = sorted(set(said) - set(one.round.fact_keys))
    if unknown:
        raise CannotDecide(_("This round does not ask for “%(key)s”.") % {"key": unknown[0]})
    if not said and not note.strip():
        raise CannotDecide(_("Say what is to be mended."))
    entries = {entry.fact_key: entry for entry in one.entries.all()}
    for key, text in said.items():
        entry = entries.get(key) or one.entries.create(fact_key=key)
        entry.objection = text
        entry.save(update_fields=["objection"])
    one.state, one.return_note = Submission.State.RETURNED, note.strip()[:1000]
    one.decided_by, one.decided_at = actor, at
    one.save(update_fields=["state", "return_note", "decided_by", "decided_at"])
    audit.record(
        "portfolio.submission.returned", target=one, actor=actor, at=at, park=one.park, facts=len(said), note=note[:300]
    )
    return one


@transaction.atomic
def accept_submissions(*, submissions: Sequence[Submission], actor: User | None, at: datetime) -> int:
    """Accept answers, all or none: their values become declared facts of their parks; return how many.

    What an assessor verified stays: it stands beside what is declared and wins.

    :raises CannotDecide: the actor may not, one is not handed in, or a value cannot be declared any more.
    """
    parks = []
    for submission in submissions:
        one = _locked(submission.pk, actor)
        _declare(one, at)
        one.state, one.decided_by, one.decided_at = Submission.State.ACCEPTED, actor, at
        one.save(update_fields=["state", "decided_by", "decided_at"])
        audit.record(
            "portfolio.submission.accepted", target=one, actor=actor, at=at, park=one.park, given=one.given_count
        )
        parks.append(one.park_id)
    if parks:
        registry.park_changed(park_ids=parks, at=at)
    return len(parks)


def accept_clean(
    *,
    data_round: DataRound,
    actor: User | None,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Accept every answer of a round that was handed in and gave no hint, block by block; return how many.

    Whoever stops it midway keeps what was accepted so far.

    :raises CannotDecide: the actor may not, or a value cannot be declared any more; the blocks before stay accepted.
    """
    clean = data_round.submissions.filter(state=Submission.State.SUBMITTED, finding_count=0)
    keys = list(clean.order_by("pk").values_list("pk", flat=True))
    count = 0
    for start in range(0, len(keys), BLOCK):
        if progress:
            progress(start, len(keys))
        # What was returned or accepted meanwhile is not touched.
        block = list(clean.filter(pk__in=keys[start : start + BLOCK]).order_by("pk"))
        count += accept_submissions(submissions=block, actor=actor, at=at)
    return count


def _declare(one: Submission, at: datetime) -> None:
    """State the values as the person who handed them in: acceptance makes nobody of the bureau a declarer."""
    origin = _("Data round “%(round)s”") % {"round": one.round.name}
    entries = [
        FactEntry(e.fact_key, e.value, f"{origin} {e.remark}".strip()[:300], e.evidence)
        for e in one.entries.select_related("evidence")
        if e.value is not None
    ]
    try:
        declare_facts(
            park=one.park,
            entries=entries,
            cut_off_on=one.round.cut_off_on,
            actor=one.submitted_by,
            at=at,
            follow=False,
        )
    except CannotDeclareFact as refusal:
        raise CannotDecide(_("%(park)s: %(reason)s") % {"park": one.park.name, "reason": refusal}) from refusal


def _locked(pk: int, actor: User | None) -> Submission:
    """Return a submission that was handed in, read anew and locked, where the actor decides on it."""
    rows = Submission.objects.select_for_update(of=("self",)).select_related(
        "round__branch", "park__branch", "submitted_by"
    )
    one = rows.get(pk=pk)
    if actor is not None and not actor.may(Permission.RUN_ROUNDS, one.round.branch.path):
        raise CannotDecide(_("You may not run data rounds of this branch."))
    if one.round.state != DataRound.State.OPEN:
        raise CannotDecide(_("This round is not open."))
    if one.state != Submission.State.SUBMITTED:
        raise CannotDecide(_("%(park)s has not handed in its values.") % {"park": one.park.name})
    return one
