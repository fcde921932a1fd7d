"""How a lease ends: on its last day, or earlier by agreement, notice or exit."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Occupancy
from parkbrain.enterprises.services import record_occupancies
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import User

from ..models import Lease, Let
from .common import CannotChangeLease, check_may_lease, check_state
from .lets import hold_premises

State = Lease.State


class CannotEndLease(CannotChangeLease):
    """The lease cannot end on that day."""


@transaction.atomic
def end_lease(*, lease: Lease, ends_on: date, reason: str, actor: User | None, at: datetime) -> Lease:
    """End a lease: `ends_on` is the first day that it does not cover. Nothing is owed for days from then on.

    The firm's stays in its premises end that day too, where no other lease of the firm takes them on. A lease whose
    day lies ahead stays active until then; `close_leases` closes it.

    :raises CannotEndLease: it does not run, or the day lies outside its term.
    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=lease.park, actor=actor)
    lease = Lease.objects.select_for_update().select_related("park__branch", "enterprise").get(pk=lease.pk)
    message = _("Lease %(number)s is in the state “%(state)s” and cannot end.")
    check_state(lease=lease, allowed=(State.SIGNED, State.ACTIVE), message=message)
    if not lease.starts_on < ends_on <= lease.ends_on:
        raise CannotEndLease(
            _("The end has to lie after %(start)s and not after %(end)s.")
            % {"start": lease.starts_on.isoformat(), "end": lease.ends_on.isoformat()}
        )
    held = list(lease.lets.values_list("premises", flat=True))
    lease.ended_on = ends_on if ends_on < lease.ends_on else None
    lease.end_reason = reason
    if ends_on <= timezone.localdate(at):
        lease.state = State.ENDED
    lease.save(update_fields=["ended_on", "end_reason", "state"])
    hold_premises(lease=lease)
    _end_stays(lease, held, ends_on, actor, at)
    audit.record(
        "leasing.lease.ended",
        target=lease,
        actor=actor,
        at=at,
        park=lease.park,
        ends_on=ends_on.isoformat(),
        reason=reason,
    )
    registry.park_changed(park_ids=[lease.park_id], at=at)
    return lease


def _end_stays(lease: Lease, held: list[int], ends_on: date, actor: User | None, at: datetime) -> None:
    """End the firm's stays by this lease, but those that another lease of the firm carries on."""
    carried = Let.objects.filter(
        lease__enterprise=lease.enterprise, premises__in=held, starts_on__lte=ends_on, ends_on__gt=ends_on
    ).exclude(lease=lease)
    stays = (
        Occupancy.objects.filter(enterprise=lease.enterprise, premises__in=held, lease_number=lease.number)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on), starts_on__lt=ends_on)
        .exclude(premises__in=carried.values("premises"))
        .select_related("premises")
    )
    rows = [
        {
            "premises_code": o.premises.code,
            "uscc": lease.enterprise.uscc,
            "starts_on": o.starts_on,
            "ends_on": ends_on,
            "lease_ends_on": ends_on,
        }
        for o in stays
    ]
    if rows:
        record_occupancies(park=lease.park, rows=rows, actor=actor, at=at)


@transaction.atomic
def close_leases(*, on: date, at: datetime) -> int:
    """Close the leases that are over; return how many.

    Over is a lease whose agreed early end has come, and one past its term whose firm has handed the premises over, or is
    there by another lease. One whose firm is still in without a lease waits for a person.
    """
    early = Lease.objects.filter(state=State.ACTIVE, ended_on__lte=on)
    past = Lease.objects.filter(state=State.ACTIVE, ended_on__isnull=True, ends_on__lte=on)
    closed = [*early.select_related("park"), *(x for x in past.select_related("park") if _is_left(x, on))]
    for lease in closed:
        lease.state = State.ENDED
        lease.save(update_fields=["state"])
    audit.record_many("leasing.lease.closed", targets=[(lease, {}) for lease in closed], actor=None, at=at)
    if closed:
        registry.park_changed(park_ids=sorted({lease.park_id for lease in closed}), at=at)
    return len(closed)


def _is_left(lease: Lease, on: date) -> bool:
    """Tell whether the firm is in none of the premises of a lease any more, unless another lease lets them to it."""
    held = set(lease.lets.filter(ends_on=lease.ends_on).values_list("premises", flat=True))
    if not held:
        return True
    stays = Occupancy.objects.filter(enterprise=lease.enterprise_id, premises__in=held)
    known = set(stays.filter(starts_on__lt=lease.ends_on).values_list("premises", flat=True))
    still = set(stays.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on)).values_list("premises", flat=True))
    others = Let.objects.filter(lease__enterprise=lease.enterprise_id, starts_on__lte=on, ends_on__gt=on)
    carried = set(others.filter(premises__in=held).exclude(lease=lease).values_list("premises", flat=True))
    # A stay that nobody recorded says nothing about a handover.
    return held - carried <= known - still
