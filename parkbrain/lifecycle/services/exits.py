"""Exits: opened with a notice, taken step by step, ended with the deposit; the stay and the lease end with the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.billing.queries import get_deposit
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.enterprises.services import CannotRecordOccupancy, end_occupancy
from parkbrain.kernel import audit, registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Park, User
from parkbrain.leasing.models import Lease
from parkbrain.leasing.services import CannotChangeLease, end_lease
from parkbrain.space.models import Premises
from parkbrain.ui import formats

from ..models import ExitCase, ExitSpace, ExitStep, ExitTrigger, InspectionItem, LowEfficiencySpace
from .efficiency import CannotClassify, check_may_lease
from .triggers import Upload

Kind, Reason, State = ExitStep.Kind, ExitCase.Reason, ExitCase.State
#: Days between the day of vacating and the day a step is due; the deposit's are the case's own.
DUE_DAYS = {
    Kind.SETTLEMENT: -3,
    Kind.RESTORATION: 0,
    Kind.HAZARDOUS_WASTE: 0,
    Kind.LICENCE_ADDRESS: 0,
    Kind.HANDOVER: 0,
}
#: Steps that may be said not to be needed: the others belong to every exit.
MAY_WAIVE = (Kind.HAZARDOUS_WASTE, Kind.LICENCE_ADDRESS, Kind.DEPOSIT_SETTLED)
#: Steps that have to be done, or said not to be needed, before the keys are handed over.
BEFORE_KEYS = (Kind.NOTICE, Kind.SETTLEMENT, Kind.RESTORATION, Kind.HAZARDOUS_WASTE)


class CannotExit(Exception):
    """The exit cannot be opened or taken further."""


def _check(park: Park, actor: User | None) -> None:
    try:
        check_may_lease(park=park, actor=actor)
    except CannotClassify as refusal:
        raise CannotExit(str(refusal)) from refusal


@transaction.atomic
def open_exit(
    *,
    park: Park,
    enterprise: Enterprise,
    premises: Sequence[Premises],
    reason: str,
    notice_on: date,
    planned_on: date,
    actor: User | None,
    at: datetime,
    note: str = "",
    deposit_days: int = 30,
    has_hazardous_waste: bool = False,
    trigger: ExitTrigger | None = None,
    notice: Upload | None = None,
) -> ExitCase:
    """Open the exit of a firm from premises with its notice; its steps are due by the day of vacating.

    :raises CannotExit: the firm is not in the premises, leaves them already, dates run backwards, a termination was not
        decided, or the actor may not.
    """
    on = timezone.localdate(at)
    trigger = trigger or _deciding_trigger(park, enterprise, reason)
    _check_opening(park, reason, notice_on, planned_on, trigger, on, actor)
    stays = _stays(park, enterprise, premises, on)
    case = ExitCase.objects.create(
        park=park,
        enterprise=enterprise,
        lease=_lease_of(park, enterprise, stays),
        trigger=trigger,
        reason=reason,
        note=note.strip()[:300],
        opened_on=on,
        opened_by=actor,
        notice_on=notice_on,
        planned_on=planned_on,
        deposit_days=deposit_days,
        has_hazardous_waste=has_hazardous_waste,
    )
    _cover(case, stays)
    _make_steps(case, notice, actor, at)
    days = {"notice_on": notice_on.isoformat(), "planned_on": planned_on.isoformat()}
    audit.record("lifecycle.exit.opened", target=case, actor=actor, at=at, park=park, **days)
    registry.park_changed(park_ids=[park.pk], at=at)
    return case


def _check_opening(
    park: Park,
    reason: str,
    notice_on: date,
    planned_on: date,
    trigger: ExitTrigger | None,
    on: date,
    actor: User | None,
) -> None:
    _check(park, actor)
    if notice_on > on:
        raise CannotExit(_("The notice cannot be of a day that lies ahead."))
    if planned_on < notice_on:
        raise CannotExit(_("The day of vacating lies before the notice."))
    if reason == Reason.TERMINATION and (trigger is None or trigger.decision != ExitTrigger.Decision.TERMINATION):
        raise CannotExit(_("A termination is opened from an exit trigger that was decided so by two persons."))


def _cover(case: ExitCase, stays: Sequence[Occupancy]) -> None:
    ExitSpace.objects.bulk_create(
        [ExitSpace(case=case, occupancy=s, premises=s.premises, area_m2=s.premises.billing_area_m2) for s in stays]
    )


def _deciding_trigger(park: Park, enterprise: Enterprise, reason: str) -> ExitTrigger | None:
    """Return the newest decision that the exit follows from, where there is one."""
    if reason not in {Reason.TERMINATION, Reason.NON_RENEWAL}:
        return None
    wanted = ExitTrigger.Decision.TERMINATION if reason == Reason.TERMINATION else ExitTrigger.Decision.NON_RENEWAL
    found = ExitTrigger.objects.filter(park=park, enterprise=enterprise, decision=wanted, cases=None)
    return found.order_by("-decided_on").first()


def _stays(park: Park, enterprise: Enterprise, premises: Sequence[Premises], on: date) -> list[Occupancy]:
    if not premises:
        raise CannotExit(_("Choose the premises that are vacated."))
    current = Occupancy.objects.filter(premises__park=park, enterprise=enterprise, premises__in=premises)
    stays = list(current.current_on(on).filter(ends_on=None).select_related("premises").order_by("premises__code"))
    if len(stays) != len({p.pk for p in premises}):
        message = _("%(firm)s is not in all of these premises, or its day is set already.")
        raise CannotExit(message % {"firm": enterprise.name})
    taken = ExitSpace.objects.filter(occupancy__in=stays, case__state=State.OPEN).select_related("premises").first()
    if taken is not None:
        raise CannotExit(_("%(premises)s is in a running exit already.") % {"premises": taken.premises.code})
    return stays


def _lease_of(park: Park, enterprise: Enterprise, stays: Sequence[Occupancy]) -> Lease | None:
    numbers = {stay.lease_number for stay in stays if stay.lease_number}
    if len(numbers) != 1:
        return None
    found = Lease.objects.filter(park=park, enterprise=enterprise, number=numbers.pop(), state__in=Lease.BINDING)
    return found.exclude(state=Lease.State.ENDED).first()


def _make_steps(case: ExitCase, notice: Upload | None, actor: User | None, at: datetime) -> None:
    steps = []
    for position, kind in enumerate(Kind.values):
        if kind == Kind.HAZARDOUS_WASTE and not case.has_hazardous_waste:
            continue
        if kind == Kind.NOTICE:
            due_on = case.notice_on
        elif kind == Kind.DEPOSIT_SETTLED:
            due_on = case.planned_on + timedelta(days=case.deposit_days)
        else:
            due_on = max(case.notice_on, case.planned_on + timedelta(days=DUE_DAYS[Kind(kind)]))
        steps.append(ExitStep(case=case, kind=kind, position=position, due_on=due_on))
    first = steps[0]
    first.done_on, first.done_by, first.note = case.notice_on, actor, case.note
    if notice is not None:
        first.evidence = store_document(name=notice[0], chunks=notice[1], actor=actor, at=at, park=case.park)
    ExitStep.objects.bulk_create(steps)


@transaction.atomic
def complete_step(
    *,
    step: ExitStep,
    done_on: date,
    actor: User | None,
    at: datetime,
    note: str = "",
    values: Mapping[str, Any] | None = None,
    evidence: Upload | None = None,
) -> ExitStep:
    """Say that a step of an exit was done on a day; the handover ends the stays and the lease.

    :raises CannotExit: the exit does not run, the step is done, the day lies ahead or before the notice, what must come
        before is open, or the actor may not.
    """
    step = open_step(step=step, actor=actor)
    case, on = step.case, timezone.localdate(at)
    if not case.notice_on <= done_on <= on:
        raise CannotExit(
            _("The day lies between the notice on %(day)s and today.") % {"day": case.notice_on.isoformat()}
        )
    _check_order(step, values or {})
    step.done_on, step.done_by, step.note = done_on, actor, note.strip()[:300]
    step.values = {name: str(value) for name, value in (values or {}).items() if value not in (None, "")}
    if evidence is not None:
        step.evidence = store_document(name=evidence[0], chunks=evidence[1], actor=actor, at=at, park=case.park)
    step.save()
    if step.kind == Kind.HANDOVER:
        _vacate(case, done_on, actor, at)
    what = {"step": step.kind, "done_on": done_on.isoformat()}
    audit.record("lifecycle.exit.step_done", target=case, actor=actor, at=at, park=case.park, **what)
    _close_where_done(case, on, actor, at)
    registry.park_changed(park_ids=[case.park_id], at=at)
    return step


@transaction.atomic
def waive_step(*, step: ExitStep, reason: str, actor: User | None, at: datetime) -> ExitStep:
    """Say that a step is not needed, and why.

    :raises CannotExit: every exit has the step, no reason is given, the exit does not run, or the actor may not.
    """
    step = open_step(step=step, actor=actor)
    if step.kind not in MAY_WAIVE:
        raise CannotExit(_("This step belongs to every exit."))
    if not reason.strip():
        raise CannotExit(_("Give the reason."))
    on = timezone.localdate(at)
    step.is_waived, step.done_on, step.done_by, step.note = True, on, actor, reason.strip()[:300]
    step.save()
    what = {"step": step.kind, "reason": step.note}
    audit.record("lifecycle.exit.step_waived", target=step.case, actor=actor, at=at, park=step.case.park, **what)
    _close_where_done(step.case, on, actor, at)
    registry.park_changed(park_ids=[step.case.park_id], at=at)
    return step


def open_step(*, step: ExitStep, actor: User | None) -> ExitStep:
    """Return a step that may be worked on, its exit locked.

    :raises CannotExit: the exit does not run, the step is done, or the actor may not.
    """
    _check(step.case.park, actor)
    case = ExitCase.objects.select_for_update().select_related("park__branch", "enterprise").get(pk=step.case_id)
    step = ExitStep.objects.get(pk=step.pk)
    step.case = case
    if case.state != State.OPEN:
        raise CannotExit(_("This exit is not running any more."))
    if step.done_on is not None:
        raise CannotExit(_("This step was done on %(day)s.") % {"day": step.done_on.isoformat()})
    return step


def _check_order(step: ExitStep, values: Mapping[str, Any]) -> None:
    done = set(step.case.steps.filter(done_on__isnull=False).values_list("kind", flat=True))
    present = set(step.case.steps.values_list("kind", flat=True))
    if step.kind == Kind.HANDOVER:
        missing = [str(Kind(k).label) for k in BEFORE_KEYS if k in present and k not in done]
        if missing:
            raise CannotExit(
                _("Still open before the keys are handed over: %(steps)s.") % {"steps": ", ".join(missing)}
            )
    if step.kind == Kind.DEPOSIT_SETTLED and Kind.HANDOVER not in done:
        raise CannotExit(_("The deposit is settled after the handover."))
    if step.kind == Kind.DEPOSIT_SETTLED:
        _check_deposit(step.case)
    if step.kind == Kind.SETTLEMENT and not values.get("readings"):
        raise CannotExit(_("Write down the final readings, or that there is no meter."))
    if step.kind == Kind.RESTORATION and not step.items.exists():
        raise CannotExit(_("The sheet of the joint inspection has no line yet."))
    if (
        step.kind == Kind.RESTORATION
        and step.items.filter(finding=InspectionItem.Finding.DEFECT, cost_yuan=None).exists()
    ):
        raise CannotExit(_("A defect is neither mended nor has a cost that the firm bears."))


def _check_deposit(case: ExitCase) -> None:
    """Refuse to call a deposit settled of which the books still hold something, where the firm has left the park."""
    held = get_deposit(park=case.park, enterprise_id=case.enterprise_id).held_yuan
    stays = Occupancy.objects.filter(premises__park=case.park, enterprise=case.enterprise)
    if held > 0 and not stays.filter(ends_on=None).exists():
        raise CannotExit(
            _("%(held)s yuan of the deposit are still held: book what was given back, set off or forfeited first.")
            % {"held": formats.number(float(held), 2)}
        )


def _vacate(case: ExitCase, vacated_on: date, actor: User | None, at: datetime) -> None:
    """End the lease and the stays, and close what stood on the list of low-efficiency space."""
    case.vacated_on = vacated_on
    case.save(update_fields=["vacated_on"])
    spaces = list(case.spaces.select_related("occupancy__premises__park__branch"))
    try:
        if case.lease is not None and case.reason != Reason.LESS_AREA and case.lease.ends_on >= vacated_on:
            end_lease(lease=case.lease, ends_on=vacated_on, reason=case.get_reason_display(), actor=actor, at=at)
        for space in spaces:
            space.occupancy.refresh_from_db()
            if space.occupancy.ends_on is None:
                end_occupancy(occupancy=space.occupancy, ends_on=vacated_on, actor=actor, at=at)
    except (CannotChangeLease, CannotRecordOccupancy) as refusal:
        raise CannotExit(str(refusal)) from refusal
    disposal = LowEfficiencySpace.Disposal
    listed = LowEfficiencySpace.objects.filter(
        park=case.park, premises__in=[s.premises_id for s in spaces], disposed_on=None, listed_on__lte=vacated_on
    )
    listed.update(
        disposal=disposal.MOVED if case.reason == Reason.LESS_AREA else disposal.LEFT,
        disposed_on=vacated_on,
        disposed_by=actor,
        note=str(case.get_reason_display()),
    )


def _close_where_done(case: ExitCase, on: date, actor: User | None, at: datetime) -> None:
    if case.steps.filter(done_on=None).exists():
        return
    case.state, case.closed_on = State.CLOSED, on
    case.save(update_fields=["state", "closed_on"])
    audit.record("lifecycle.exit.closed", target=case, actor=actor, at=at, park=case.park)


@transaction.atomic
def change_exit(
    *, case: ExitCase, actor: User | None, at: datetime, is_shared: bool | None = None, cost_yuan: Decimal | None = None
) -> ExitCase:
    """Show an exit to its firm or no more, or say what the change of tenant cost the owner.

    :raises CannotExit: a cost is negative, or the actor may not.
    """
    _check(case.park, actor)
    if cost_yuan is not None and cost_yuan < 0:
        raise CannotExit(_("A cost is not negative."))
    if is_shared is not None:
        case.is_shared = is_shared
    if cost_yuan is not None:
        case.cost_yuan = cost_yuan
    case.save(update_fields=["is_shared", "cost_yuan"])
    audit.record("lifecycle.exit.changed", target=case, actor=actor, at=at, park=case.park, shared=case.is_shared)
    return case


@transaction.atomic
def cancel_exit(*, case: ExitCase, reason: str, actor: User | None, at: datetime) -> ExitCase:
    """Take an exit back before the keys are handed over.

    :raises CannotExit: it does not run, the space was vacated, no reason is given, or the actor may not.
    """
    _check(case.park, actor)
    if case.state != State.OPEN or case.vacated_on is not None:
        raise CannotExit(_("This exit cannot be taken back any more."))
    if not reason.strip():
        raise CannotExit(_("Give the reason."))
    case.state, case.note, case.closed_on = State.CANCELLED, reason.strip()[:300], timezone.localdate(at)
    case.save(update_fields=["state", "note", "closed_on"])
    audit.record("lifecycle.exit.cancelled", target=case, actor=actor, at=at, park=case.park, reason=case.note)
    registry.park_changed(park_ids=[case.park_id], at=at)
    return case
