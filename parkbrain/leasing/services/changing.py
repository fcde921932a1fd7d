"""Changes from a day on, corrections of what was written wrongly, undoing them, and renewal."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import User

from ..models import Lease, LeaseVersion
from .approving import settle_versions
from .common import CannotChangeLease, check_may_lease, check_state
from .drafting import PlaceRow, clause_rows, draft_lease, place_rows, write_clauses, write_places

Kind, State = LeaseVersion.Kind, LeaseVersion.State


def _check_change(lease: Lease, effective_on: date, reason: str, actor: User | None) -> None:
    check_may_lease(park=lease.park, actor=actor)
    message = _("Lease %(number)s is in the state “%(state)s” and cannot be changed.")
    check_state(lease=lease, allowed=(Lease.State.SIGNED, Lease.State.ACTIVE), message=message)
    if not lease.starts_on <= effective_on < lease.stops_on:
        values = {"start": lease.starts_on.isoformat(), "end": lease.stops_on.isoformat()}
        raise CannotChangeLease(_("The day has to lie in the term from %(start)s until %(end)s.") % values)
    if not reason.strip():
        raise CannotChangeLease(_("A change needs a reason."))
    if lease.versions.filter(state__in=(State.DRAFT, State.WAITING)).exists():
        raise CannotChangeLease(_("Another change of this lease is being drafted or waits for approval."))


@transaction.atomic
def draft_change(
    *,
    lease: Lease,
    effective_on: date,
    reason: str,
    actor: User | None,
    at: datetime,
    kind: str = Kind.CHANGE,
) -> LeaseVersion:
    """Begin a change of a signed lease from a day on, or a correction of what holds on that day.

    The draft has what governs that day; it is then changed, submitted and approved like a new lease.

    :raises CannotChangeLease: the lease does not run, the day lies outside its term, or another change is being drafted.
    """
    _check_change(lease, effective_on, reason, actor)
    versions = list(lease.versions.filter(state=State.APPROVED).order_by("number"))
    spans = calc.governing_spans([v.effective_on for v in versions], lease.starts_on, lease.stops_on)
    basis = versions[next(n for n, begin, end in spans if begin <= effective_on < end)]
    if kind == Kind.CORRECTION:
        # A correction holds from where the wrong words held from.
        effective_on = basis.effective_on
    last = lease.versions.order_by("number").last()
    version = LeaseVersion.objects.create(
        lease=lease,
        number=(last.number if last else 0) + 1,
        kind=kind,
        effective_on=effective_on,
        ends_on=lease.ends_on,
        terms=basis.terms,
        reason=reason.strip(),
        made_by=actor,
        made_at=at,
    )
    rows = [r for r in place_rows(version=basis) if kind == Kind.CORRECTION or (r.ends_on or date.max) > effective_on]
    write_places(version=version, rows=rows)
    write_clauses(version=version, rows=clause_rows(version=basis))
    audit.record(
        "leasing.version.drafted",
        target=version,
        actor=actor,
        at=at,
        park=lease.park,
        effective_on=effective_on.isoformat(),
        reason=reason,
    )
    return version


@transaction.atomic
def undo_version(*, version: LeaseVersion, reason: str, actor: User | None, at: datetime) -> LeaseVersion:
    """Undo a change or correction, drafted or approved: what it replaced holds again. The version stays to be read.

    :raises CannotChangeLease: it is the first version, was undone before, or no reason is given.
    """
    lease = (
        Lease.objects.select_for_update(of=("self",))
        .select_related("park__branch", "enterprise")
        .get(pk=version.lease_id)
    )
    check_may_lease(park=lease.park, actor=actor)
    if version.kind == Kind.ORIGINAL or version.state == State.UNDONE:
        raise CannotChangeLease(_("Only a change or correction that holds or is drafted can be undone."))
    if version.state == State.WAITING:
        raise CannotChangeLease(_("The change waits for approval: take the request back first."))
    if not reason.strip():
        raise CannotChangeLease(_("Undoing needs a reason."))
    was_approved = version.state == State.APPROVED
    version.state, version.undone_by, version.undo_reason = State.UNDONE, actor, reason.strip()
    version.save(update_fields=["state", "undone_by", "undo_reason"])
    if was_approved:
        settle_versions(lease=lease, actor=actor, at=at)
    audit.record("leasing.version.undone", target=version, actor=actor, at=at, park=lease.park, reason=reason)
    registry.park_changed(park_ids=[lease.park_id], at=at)
    return version


@transaction.atomic
def renew_lease(*, lease: Lease, number: str, ends_on: date, actor: User | None, at: datetime) -> Lease:
    """Draft the lease that follows this one: same premises and clauses from the day it stops. Deposits carry over.

    Free periods, fit-out and concessions of the old term are not taken over: they were given for it.

    :raises CannotChangeLease: it does not run, or is renewed already.
    """
    check_may_lease(park=lease.park, actor=actor)
    message = _("Lease %(number)s is in the state “%(state)s” and cannot be renewed.")
    check_state(lease=lease, allowed=(Lease.State.SIGNED, Lease.State.ACTIVE, Lease.State.ENDED), message=message)
    if lease.renewals.exists():
        raise CannotChangeLease(_("Lease %(number)s is renewed already.") % {"number": lease.number})
    last = lease.versions.filter(state=State.APPROVED).order_by("effective_on", "number").last()
    if last is None:
        raise CannotChangeLease(_("Lease %(number)s has no version that holds.") % {"number": lease.number})
    given = {"RENT_FREE", "FIT_OUT", "CONCESSION", "RENT_STEP"}
    places = [
        PlaceRow(p.premises, None, None, p.area_basis, p.area_m2)
        for p in place_rows(version=last)
        if (p.ends_on or date.max) >= lease.stops_on
    ]
    renewal = draft_lease(
        park=lease.park,
        enterprise=lease.enterprise,
        number=number,
        starts_on=lease.stops_on,
        ends_on=ends_on,
        actor=actor,
        at=at,
        terms=last.terms,
        premises=places,
        clauses=[c for c in clause_rows(version=last) if c.kind not in given],
        renewed_from=lease,
    )
    audit.record("leasing.lease.renewed", target=lease, actor=actor, at=at, park=lease.park, renewal=number)
    return renewal
