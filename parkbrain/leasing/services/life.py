"""From approved to active: signing binds both sides and lets the rooms; activating lets the firm in."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Document, User

from ..models import Lease, LeaseDocument, LeaseVersion
from ..queries import rents_on
from .common import CannotChangeLease, check_may_lease, check_state
from .leads import sign_lead
from .lets import follow_with_occupancies, hold_premises
from .reserving import check_unreserved
from .security import ask_deposits, file_document

State = Lease.State


class CannotSignLease(CannotChangeLease):
    """The lease cannot be signed."""


class CannotActivateLease(CannotChangeLease):
    """The lease cannot become active."""


def locked(*, lease: Lease) -> Lease:
    """Return the lease read anew and locked, so that two persons cannot both decide."""
    return Lease.objects.select_for_update(of=("self",)).select_related("park__branch", "enterprise").get(pk=lease.pk)


@transaction.atomic
def sign_lease(
    *, lease: Lease, signed_on: date, actor: User | None, at: datetime, document: Document | None = None
) -> Lease:
    """Sign an approved lease: its premises are let from now on, and nobody else may have them.

    :raises CannotSignLease: it is not approved.
    :raises CannotLetPremises: another lease holds premises on some of the days; the message says which.
    """
    check_may_lease(park=lease.park, actor=actor)
    lease = locked(lease=lease)
    if lease.state != State.APPROVED:
        raise CannotSignLease(
            _("Lease %(number)s is not approved yet or was signed before.") % {"number": lease.number}
        )
    for version in lease.versions.filter(state=LeaseVersion.State.APPROVED):
        check_unreserved(version=version)
    lease.state, lease.signed_on = State.SIGNED, signed_on
    lease.save(update_fields=["state", "signed_on"])
    hold_premises(lease=lease)
    if document is not None:
        kind, first = LeaseDocument.Kind.SIGNED, lease.versions.first()
        file_document(lease=lease, document=document, kind=kind, version=first, actor=actor, at=at)
    audit.record(
        "leasing.lease.signed", target=lease, actor=actor, at=at, park=lease.park, signed_on=signed_on.isoformat()
    )
    sign_lead(lease=lease, actor=actor, at=at)
    registry.park_changed(park_ids=[lease.park_id], at=at)
    return lease


@transaction.atomic
def activate_lease(*, lease: Lease, actor: User | None, at: datetime) -> Lease:
    """Make a signed lease active: the firm's stays begin, with its number, end and rent.

    :raises CannotActivateLease: it is not signed.
    :raises CannotChangeLease: somebody else is still in the premises; the message says who.
    """
    check_may_lease(park=lease.park, actor=actor)
    lease = locked(lease=lease)
    if lease.state != State.SIGNED:
        raise CannotActivateLease(_("Lease %(number)s is not signed or is active already.") % {"number": lease.number})
    lease.state = State.ACTIVE
    lease.save(update_fields=["state"])
    rents = rents_on(lease=lease, on=timezone.localdate(at))
    follow_with_occupancies(lease=lease, rents=dict(rents), actor=actor, at=at)
    ask_deposits(lease=lease, actor=actor, at=at)
    audit.record("leasing.lease.activated", target=lease, actor=actor, at=at, park=lease.park)
    registry.park_changed(park_ids=[lease.park_id], at=at)
    return lease


@transaction.atomic
def discard_draft(*, lease: Lease, actor: User | None, at: datetime) -> None:
    """Throw a draft away; its event stays.

    :raises CannotChangeLease: the lease is not a draft, or waits for approval.
    """
    check_may_lease(park=lease.park, actor=actor)
    message = _("Lease %(number)s is in the state “%(state)s” and cannot be thrown away.")
    check_state(lease=lease, allowed=(State.DRAFT,), message=message)
    if lease.versions.filter(state=LeaseVersion.State.WAITING).exists():
        raise CannotChangeLease(_("The lease waits for approval: take the request back first."))
    audit.record("leasing.lease.discarded", target=lease, actor=actor, at=at, park=lease.park)
    lease.delete()
