"""Leases taken over from a register: a second person confirms each, or refuses it and says what to mend."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import approvals, audit, bulk
from parkbrain.kernel.models import Park, User

from ..models import Lease, LeaseVersion, TakenOver
from ..queries import versions_taken_over
from .approving import RULE
from .common import CannotChangeLease, check_may_lease

State = TakenOver.State
Told = list[tuple[models.Model, Mapping[str, Any]]]


class CannotConfirmLease(CannotChangeLease):
    """The lease cannot be confirmed or refused, by this person or not any more."""


def note_taken_over(*, leases: Sequence[Lease], actor: User | None, at: datetime) -> None:
    """Note that leases in force came from a register and wait for a second person."""
    waiting = [
        TakenOver(lease=x, taken_by=actor, taken_at=at)
        for x in leases
        if x.state in (Lease.State.SIGNED, Lease.State.ACTIVE)
    ]
    # It follows from the lease: a batch that is taken back takes it along.
    bulk.insert_unlogged(model=TakenOver, rows=waiting)


@transaction.atomic
def confirm_taken_over(*, park: Park, lease_ids: Collection[int], actor: User, at: datetime) -> int:
    """Confirm leases that somebody else took over, all of them or none; return how many.

    Where nobody else could confirm, the confirmation of the person who took them over counts, and the event says so.

    :raises CannotConfirmLease: one is not there, is confirmed already, or the actor took it over and a second person could
        confirm it.
    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=park, actor=actor)
    rows = _locked(park, lease_ids)
    done = next((r for r in rows if r.state == State.CONFIRMED), None)
    if done is not None:
        raise CannotConfirmLease(_("Lease %(number)s is confirmed already.") % {"number": done.lease.number})
    left = _for_a_second_person(park, rows, actor)
    if left:
        raise CannotConfirmLease(_own_words(left[0]))
    _confirm(park, rows, actor, at)
    return len(rows)


@dataclass(frozen=True)
class Confirmed:
    """How many leases were confirmed, and the numbers of those that wait on for a second person."""

    count: int
    left: Sequence[str]


@transaction.atomic
def confirm_what_may_be(*, park: Park, lease_ids: Collection[int], actor: User, at: datetime) -> Confirmed:
    """Confirm those of the leases that the person may confirm; those they took over themselves are left and named.

    :raises CannotConfirmLease: one is not there, or the person may confirm none of them.
    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=park, actor=actor)
    rows = [r for r in _locked(park, lease_ids) if r.state != State.CONFIRMED]
    left = _for_a_second_person(park, rows, actor)
    kept = {r.pk for r in left}
    mine = [r for r in rows if r.pk not in kept]
    if not mine:
        raise CannotConfirmLease(_own_words(left[0]) if left else _("Every one of these leases is confirmed already."))
    _confirm(park, mine, actor, at)
    return Confirmed(len(mine), [r.lease.number for r in left])


def _for_a_second_person(park: Park, rows: Sequence[TakenOver], actor: User) -> list[TakenOver]:
    """Return the rows that the actor took over and somebody else could confirm."""
    own = [r for r in rows if r.taken_by_id == actor.pk]
    return own if own and has_second_person(park=park, row=own[0], actor=actor) else []


def _own_words(row: TakenOver) -> str:
    text = _("You took lease %(number)s over yourself: a second person has to confirm it.")
    return text % {"number": row.lease.number}


def _confirm(park: Park, rows: Sequence[TakenOver], actor: User, at: datetime) -> None:
    for row in rows:
        row.state, row.reason, row.is_alone = State.CONFIRMED, "", row.taken_by_id == actor.pk
        _decide(row, actor, at)
    _approve(rows, actor, at)
    others: Told = [(r.lease, {}) for r in rows if not r.is_alone]
    audit.record_many("leasing.takeover.confirmed", targets=others, actor=actor, at=at, park=park)
    alone: Told = [(r.lease, {}) for r in rows if r.is_alone]
    audit.record_many("leasing.takeover.confirmed_alone", targets=alone, actor=actor, at=at, park=park)


def has_second_person(*, park: Park, row: TakenOver, actor: User) -> bool:
    """Tell whether anybody but the person could confirm the lease: whoever may approve its first version may."""
    first = row.lease.versions.order_by("number").values_list("pk", flat=True).first()
    return approvals.has_second_person(RULE, params={"version": first}, path=park.branch.path, actor=actor)


@transaction.atomic
def refuse_taken_over(*, park: Park, lease_ids: Collection[int], reason: str, actor: User, at: datetime) -> int:
    """Refuse leases that were taken over, also such as were confirmed, with what is to mend; return how many.

    A refused lease stays as it is: it is mended by a change, or its import is rolled back; then it can be confirmed.

    :raises CannotConfirmLease: one is not there, or no reason is given.
    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=park, actor=actor)
    said = reason.strip()[:300]
    if not said:
        raise CannotConfirmLease(_("Say what is wrong with the lease: somebody has to mend it."))
    rows = _locked(park, lease_ids)
    for row in rows:
        row.state, row.reason, row.is_alone = State.REFUSED, said, False
        _decide(row, actor, at)
    versions_taken_over(rows=rows).filter(state=LeaseVersion.State.APPROVED).update(approved_by=None, approved_at=None)
    told: Told = [(r.lease, {"reason": said}) for r in rows]
    audit.record_many("leasing.takeover.refused", targets=told, actor=actor, at=at, park=park)
    return len(rows)


def _locked(park: Park, lease_ids: Collection[int]) -> list[TakenOver]:
    """Return the rows of the leases, held so that two persons cannot both decide."""
    found = TakenOver.objects.select_for_update(of=("self",)).filter(lease__park=park, lease__in=lease_ids)
    rows = list(found.select_related("lease").order_by("lease__number"))
    if not rows or len(rows) != len(set(lease_ids)):
        raise CannotConfirmLease(_("Choose leases that were taken over in this park."))
    return rows


def _decide(row: TakenOver, actor: User, at: datetime) -> None:
    row.decided_by, row.decided_at = actor, at
    row.save(update_fields=["state", "reason", "is_alone", "decided_by", "decided_at"])


def _approve(rows: Sequence[TakenOver], actor: User, at: datetime) -> None:
    """Let the versions that came with the leases say who approved them."""
    versions = versions_taken_over(rows=rows).filter(state=LeaseVersion.State.APPROVED)
    versions.update(approved_by=actor, approved_at=at)
