"""Two people: who drafts a lease or a change asks, and somebody else approves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import approvals, audit, registry
from parkbrain.kernel.approvals import CannotDecideApproval
from parkbrain.kernel.models import Approval, AuditEvent, User

from ..models import Lease, LeaseVersion
from ..queries import rents_on
from .common import CannotChangeLease
from .drafting import CannotDraftLease, check_draft
from .lets import follow_with_occupancies, hold_premises
from .reserving import check_unreserved

RULE = "leasing.version"
Kind, State = LeaseVersion.Kind, LeaseVersion.State


@transaction.atomic
def submit_version(*, version: LeaseVersion, actor: User | None, at: datetime, reason: str = "") -> LeaseVersion:
    """Ask a second person to approve a draft. Where nobody else could, it is approved at once, and the event says so.

    :raises CannotDraftLease: it is no draft, names no premises, or owes nothing because no clause sets a price.
    """
    check_draft(version=version, actor=actor)
    if not version.premises.exists():
        raise CannotDraftLease(_("The lease names no premises."))
    if not version.clauses.filter(kind="RENT").exists():
        raise CannotDraftLease(_("The lease has no clause on the rent."))
    check_unreserved(version=version)
    lease = version.lease
    params, path = {"version": version.pk}, lease.park.branch.path
    if actor is None or not approvals.has_second_person(RULE, params=params, path=path, actor=actor):
        approve_version(version=version, approved_by=actor, at=at, is_alone=True)
        return version
    try:
        version.approval = approvals.ask_approval(
            RULE, params=params, branch=lease.park.branch, actor=actor, at=at, reason=reason
        )
    except approvals.CannotAskApproval as waits:
        raise CannotDraftLease(str(waits)) from waits
    version.state = State.WAITING
    version.save(update_fields=["approval", "state"])
    audit.record("leasing.version.submitted", target=version, actor=actor, at=at, park=lease.park)
    return version


def describe_version(*, params: Mapping[str, Any]) -> str:
    """Return what a request for approval asks for."""
    version = LeaseVersion.objects.filter(pk=params["version"]).select_related("lease__enterprise").first()
    if version is None:
        return _("A version of a lease that is no longer there")
    values = {
        "number": version.lease.number,
        "enterprise": version.lease.enterprise.name,
        "day": version.effective_on.isoformat(),
    }
    if version.kind == Kind.ORIGINAL:
        return _("Lease %(number)s with %(enterprise)s from %(day)s") % values
    return _("Change of lease %(number)s with %(enterprise)s from %(day)s") % values


def carry_out_version(*, params: Mapping[str, Any], asked_by: User, decided_by: User, at: datetime) -> None:
    """Approve the version that a second person agreed to.

    :raises CannotDecideApproval: it is not there, is not waiting any more, or its premises were let meanwhile.
    """
    version = LeaseVersion.objects.filter(pk=params["version"], state=State.WAITING).first()
    if version is None:
        raise CannotDecideApproval(_("This version no longer waits for approval."))
    try:
        approve_version(version=version, approved_by=decided_by, at=at)
    except CannotChangeLease as refusal:
        raise CannotDecideApproval(str(refusal)) from refusal


@transaction.atomic
def approve_version(
    *, version: LeaseVersion, approved_by: User | None, at: datetime, is_alone: bool = False
) -> LeaseVersion:
    """Let a version hold: the first one makes the lease approved, a later one changes a lease that is in force.

    :raises CannotChangeLease: premises of a change are let to somebody else; the message says to whom.
    """
    lease = Lease.objects.select_for_update().select_related("park__branch", "enterprise").get(pk=version.lease_id)
    check_unreserved(version=version)
    version.state, version.approved_by, version.approved_at = State.APPROVED, approved_by, at
    version.save(update_fields=["state", "approved_by", "approved_at"])
    if version.kind == Kind.ORIGINAL:
        lease.state = Lease.State.APPROVED
        lease.save(update_fields=["state"])
    else:
        settle_versions(lease=lease, actor=approved_by, at=at)
    details = {"number": version.number, "alone": is_alone}
    if is_alone:
        audit.record(
            "leasing.version.approved_alone", target=version, actor=approved_by, at=at, park=lease.park, **details
        )
    else:
        audit.record("leasing.version.approved", target=version, actor=approved_by, at=at, park=lease.park, **details)
    registry.park_changed(park_ids=[lease.park_id], at=at)
    return version


def settle_versions(*, lease: Lease, actor: User | None, at: datetime) -> None:
    """Bring term, let premises and occupancies of a lease in step with its approved versions."""
    last = lease.versions.filter(state=State.APPROVED).order_by("number").last()
    if last is not None:
        lease.ends_on = last.ends_on
        lease.save(update_fields=["ends_on"])
    hold_premises(lease=lease)
    if lease.state == Lease.State.ACTIVE:
        rents = rents_on(lease=lease, on=timezone.localdate(at))
        follow_with_occupancies(lease=lease, rents=dict(rents), actor=actor, at=at)


@transaction.atomic
def follow_approvals(*, events: Sequence[AuditEvent]) -> None:
    """Make a version a draft again when the request for its approval was refused or taken back."""
    codes = {"kernel.approval.refused", "kernel.approval.withdrawn"}
    closed = [int(e.target_id) for e in events if e.code in codes and e.target_id.isdigit()]
    if closed:
        approved = Approval.objects.filter(pk__in=closed, kind=RULE)
        LeaseVersion.objects.filter(approval__in=approved, state=State.WAITING).update(state=State.DRAFT)
