"""Prepare, open, extend and close a data round."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.assessment.queries import get_catalogue
from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Permission

from ..models import DataRound, Submission
from ..queries.rounds import asked_parks


class CannotRunRound(Exception):
    """The round cannot be prepared, opened, changed or closed so; `field` says what is wrong where one field is."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def check_may_run(*, branch: Branch, actor: User | None) -> None:
    """Refuse whoever may not run rounds of the branch.

    :raises CannotRunRound: the actor may not.
    """
    if actor is not None and not actor.may(Permission.RUN_ROUNDS, branch.path):
        raise CannotRunRound(_("You may not run data rounds of this branch."))


@transaction.atomic
def prepare_round(
    *,
    branch: Branch,
    values: Mapping[str, Any],
    actor: User | None,
    at: datetime,
    data_round: DataRound | None = None,
) -> DataRound:
    """Write down a round that is not open yet, or change one; parks see nothing of it.

    `values` holds fields of `DataRound`: names, days, the keys of the facts, and which parks are asked.

    :raises CannotRunRound: the actor may not, the round is open already, no fact or no park is asked, or days run
        backwards.
    """
    check_may_run(branch=branch, actor=actor)
    if data_round is not None and data_round.state != DataRound.State.DRAFT:
        raise CannotRunRound(_("A round that is open is not changed any more; only its last day can be moved."))
    one = data_round or DataRound(branch=branch, created_by=actor, created_at=at)
    one.branch = branch
    for name, value in values.items():
        setattr(one, name, value)
    unknown = [key for key in one.fact_keys if key not in get_catalogue()]
    if unknown:
        raise CannotRunRound(_("There is no fact “%(key)s” in the catalogue.") % {"key": unknown[0]}, "fact_keys")
    if not one.fact_keys:
        raise CannotRunRound(_("Choose at least one fact."), "fact_keys")
    if one.due_on < one.opens_on:
        raise CannotRunRound(_("The last day lies before the first."), "due_on")
    if not asked_parks(data_round=one).exists():
        raise CannotRunRound(_("No park of the branch is asked by these limits."))
    one.save()
    audit.record("portfolio.round.prepared", target=one, actor=actor, at=at, facts=len(one.fact_keys))
    return one


@transaction.atomic
def open_round(*, data_round: DataRound, actor: User | None, at: datetime) -> int:
    """Ask the parks: from the first day of the round each finds it among what needs it; return how many are asked.

    :raises CannotRunRound: the actor may not, it is open or closed already, or no park is left to ask.
    """
    one = _locked(data_round, actor)
    if one.state != DataRound.State.DRAFT:
        raise CannotRunRound(_("This round was opened before."))
    parks = list(asked_parks(data_round=one).values_list("pk", flat=True))
    if not parks:
        raise CannotRunRound(_("No park of the branch is asked by these limits."))
    Submission.objects.bulk_create([Submission(round=one, park_id=park) for park in parks], batch_size=500)
    one.state, one.opened_at = DataRound.State.OPEN, at
    one.save(update_fields=["state", "opened_at"])
    audit.record("portfolio.round.opened", target=one, actor=actor, at=at, parks=len(parks), due_on=str(one.due_on))
    return len(parks)


@transaction.atomic
def extend_round(*, data_round: DataRound, due_on: date, actor: User | None, at: datetime) -> DataRound:
    """Move the last day of an open round.

    :raises CannotRunRound: the actor may not, the round is not open, or the day lies before its first or today.
    """
    one = _locked(data_round, actor)
    if one.state != DataRound.State.OPEN:
        raise CannotRunRound(_("This round is not open."))
    if due_on < max(one.opens_on, timezone.localdate(at)):
        raise CannotRunRound(_("The last day lies before today or before the first."), "due_on")
    before, one.due_on = one.due_on, due_on
    one.save(update_fields=["due_on"])
    audit.record("portfolio.round.extended", target=one, actor=actor, at=at, old=str(before), new=str(due_on))
    return one


@transaction.atomic
def close_round(*, data_round: DataRound, actor: User | None, at: datetime) -> DataRound:
    """Close a round: nothing is taken any more; what was accepted stays.

    :raises CannotRunRound: the actor may not, or the round is not open.
    """
    one = _locked(data_round, actor)
    if one.state != DataRound.State.OPEN:
        raise CannotRunRound(_("This round is not open."))
    one.state, one.closed_at = DataRound.State.CLOSED, at
    one.save(update_fields=["state", "closed_at"])
    accepted = one.submissions.filter(state=Submission.State.ACCEPTED).count()
    audit.record("portfolio.round.closed", target=one, actor=actor, at=at, accepted=accepted)
    return one


def _locked(data_round: DataRound, actor: User | None) -> DataRound:
    """Return the round read anew and locked, for somebody who may run it."""
    check_may_run(branch=data_round.branch, actor=actor)
    return DataRound.objects.select_for_update().select_related("branch").get(pk=data_round.pk)
