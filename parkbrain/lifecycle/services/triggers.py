"""Exit triggers: the monthly check, what people raise themselves, and the decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import approvals, audit, registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.roles import Permission

from ..models import ExitTrigger, TriggerRun
from ..queries.findings import Finding, list_findings
from .efficiency import CannotClassify, check_may_lease

Decision = ExitTrigger.Decision
#: A file as a form gives it: its name and its content.
Upload = tuple[str, Iterable[bytes]]
#: Days until a trigger has to be decided, and days in which a decided one is not raised again by itself.
DECISION_DAYS, QUIET_DAYS = 30, 180
#: The approval rule of terminations.
TERMINATION_RULE = "lifecycle.termination"


class CannotDecideTrigger(Exception):
    """The trigger cannot be raised or decided."""


def _check(park: Park, actor: User | None) -> None:
    try:
        check_may_lease(park=park, actor=actor)
    except CannotClassify as refusal:
        raise CannotDecideTrigger(str(refusal)) from refusal


@transaction.atomic
def check_triggers(*, park: Park, on: date, actor: User | None, at: datetime) -> TriggerRun:
    """Check the rules of exit for a park's tenants on a day and raise what they find; the check itself is logged.

    A second check of the same day changes nothing.

    :raises CannotDecideTrigger: the actor may not.
    """
    _check(park, actor)
    known: TriggerRun | None = TriggerRun.objects.filter(park=park, on=on).first()
    if known is not None:
        return known
    findings = list_findings(park=park, on=on)
    run = TriggerRun.objects.create(
        park=park,
        on=on,
        checked=len(findings.firms),
        raised=0,
        unchecked=list(findings.unchecked),
        made_by=actor,
        made_at=at,
    )
    raised = []
    for rows in findings.found.values():
        raised += [trigger for row in rows if (trigger := _raise_found(park, run, row, on, at)) is not None]
    run.raised = len(raised)
    run.save(update_fields=["raised"])
    audit.record(
        "lifecycle.triggers.checked", target=run, actor=actor, at=at, park=park, firms=run.checked, raised=run.raised
    )
    registry.park_changed(park_ids=[park.pk], at=at)
    return run


def _raise_found(park: Park, run: TriggerRun, row: Finding, on: date, at: datetime) -> ExitTrigger | None:
    same = ExitTrigger.objects.filter(park=park, enterprise=row.enterprise_id, kind=row.kind)
    last = same.order_by("-raised_on").first()
    if last is not None:
        if last.decided_on is None:
            return None
        quiet_until = last.follow_up_on or last.decided_on + timedelta(days=QUIET_DAYS)
        if on < quiet_until:
            return None
    return ExitTrigger.objects.create(
        park=park,
        enterprise_id=row.enterprise_id,
        kind=row.kind,
        run=run,
        facts=dict(row.facts),
        raised_on=on,
        due_on=on + timedelta(days=DECISION_DAYS),
    )


@transaction.atomic
def raise_trigger(
    *, park: Park, enterprise: Enterprise, kind: str, note: str, actor: User | None, at: datetime
) -> ExitTrigger:
    """Raise what a person saw: sub-letting, a major hazard, idle space.

    :raises CannotDecideTrigger: the firm is no tenant, nothing is said of what was seen, it waits already, or the actor
        may not.
    """
    _check(park, actor)
    on = timezone.localdate(at)
    if not note.strip():
        raise CannotDecideTrigger(_("Say what was seen."))
    if not Occupancy.objects.filter(premises__park=park, enterprise=enterprise).current_on(on).exists():
        raise CannotDecideTrigger(_("%(firm)s is no tenant of the park today.") % {"firm": enterprise.name})
    try:
        with transaction.atomic():
            trigger = ExitTrigger.objects.create(
                park=park,
                enterprise=enterprise,
                kind=kind,
                facts={"note": note.strip()[:300]},
                raised_on=on,
                raised_by=actor,
                due_on=on + timedelta(days=DECISION_DAYS),
            )
    except IntegrityError as error:
        raise CannotDecideTrigger(_("The same waits for a decision already.")) from error
    audit.record("lifecycle.trigger.raised", target=trigger, actor=actor, at=at, park=park, note=trigger.facts["note"])
    registry.park_changed(park_ids=[park.pk], at=at)
    return trigger


@transaction.atomic
def decide_trigger(
    *,
    trigger: ExitTrigger,
    decision: str,
    reason: str,
    actor: User,
    at: datetime,
    follow_up_on: date | None = None,
    minutes: Upload | None = None,
) -> ExitTrigger:
    """Decide on a trigger with a reason; a termination is asked for and decided by a second person.

    :raises CannotDecideTrigger: it is decided, waits for the second person, lacks a reason, a termination lacks its
        minutes, the next look lies behind, or the actor may not.
    """
    _check(trigger.park, actor)
    trigger = ExitTrigger.objects.select_for_update().select_related("park__branch", "enterprise").get(pk=trigger.pk)
    on = timezone.localdate(at)
    _check_decision(trigger, decision, reason, minutes is not None, follow_up_on, on)
    document = None
    if minutes is not None:
        document = store_document(name=minutes[0], chunks=minutes[1], actor=actor, at=at, park=trigger.park)
    values = {"trigger": trigger.pk, "reason": reason.strip()[:300], "minutes": document.pk if document else None}
    if decision == Decision.TERMINATION and approvals.has_second_person(
        TERMINATION_RULE, params=values, path=trigger.park.branch.path, actor=actor
    ):
        try:
            approval = approvals.ask_approval(
                TERMINATION_RULE, params=values, branch=trigger.park.branch, actor=actor, at=at, reason=reason
            )
        except approvals.CannotAskApproval as refusal:
            raise CannotDecideTrigger(str(refusal)) from refusal
        trigger.approval = approval
        trigger.save(update_fields=["approval"])
        return trigger
    return _decide(trigger, decision, reason, follow_up_on, document, actor, None, at)


def _check_decision(
    trigger: ExitTrigger, decision: str, reason: str, has_minutes: bool, follow_up_on: date | None, on: date
) -> None:
    if trigger.decided_on is not None:
        raise CannotDecideTrigger(_("This was decided on %(day)s.") % {"day": trigger.decided_on.isoformat()})
    if trigger.approval_id and trigger.approval and trigger.approval.state == "WAITING":
        raise CannotDecideTrigger(_("A termination waits for the second person."))
    if not reason.strip():
        raise CannotDecideTrigger(_("Give the reason."))
    if decision not in Decision.values:
        raise CannotDecideTrigger(_("Choose a decision."))
    if decision == Decision.TERMINATION and not has_minutes:
        raise CannotDecideTrigger(_("A termination needs the minutes of the decision."))
    if decision == Decision.RECTIFICATION and follow_up_on is None:
        raise CannotDecideTrigger(_("A rectification plan needs the day on which it is looked at again."))
    if follow_up_on is not None and follow_up_on <= on:
        raise CannotDecideTrigger(_("The day to look at it again lies ahead."))


def _decide(
    trigger: ExitTrigger,
    decision: str,
    reason: str,
    follow_up_on: date | None,
    minutes: Document | None,
    actor: User,
    agreed_by: User | None,
    at: datetime,
) -> ExitTrigger:
    trigger.decision, trigger.decision_reason = decision, reason.strip()[:300]
    trigger.decided_on, trigger.decided_by, trigger.agreed_by = timezone.localdate(at), actor, agreed_by
    trigger.follow_up_on, trigger.minutes = follow_up_on, minutes
    trigger.save()
    audit.record(
        "lifecycle.trigger.decided",
        target=trigger,
        actor=actor,
        at=at,
        park=trigger.park,
        decision=decision,
        reason=trigger.decision_reason,
    )
    registry.park_changed(park_ids=[trigger.park_id], at=at)
    return trigger


def carry_out_termination(*, params: Mapping[str, Any], asked_by: User, decided_by: User, at: datetime) -> None:
    """Record a termination that a second person agreed to.

    :raises CannotDecideApproval: the trigger was decided otherwise meanwhile.
    """
    trigger = ExitTrigger.objects.select_for_update().select_related("park__branch", "enterprise").get(
        pk=params["trigger"]
    )  # fmt: skip
    if trigger.decided_on is not None:
        raise approvals.CannotDecideApproval(_("This was decided otherwise meanwhile."))
    minutes = Document.objects.filter(pk=params["minutes"]).first()
    _decide(trigger, Decision.TERMINATION, str(params["reason"]), None, minutes, asked_by, decided_by, at)


def describe_termination(*, params: Mapping[str, Any]) -> str:
    """Return what is asked for as a sentence."""
    trigger = ExitTrigger.objects.filter(pk=params["trigger"]).select_related("enterprise", "park").first()
    name = trigger.enterprise.name if trigger else "?"
    return _("End the lease of %(firm)s: %(reason)s") % {"firm": name, "reason": params["reason"]}


def termination_rule() -> approvals.Rule:
    """Return the rule that a termination is decided by two persons."""
    return approvals.Rule(
        describe=describe_termination,
        permission=Permission.MANAGE_LEASES,
        carry_out=carry_out_termination,
        link=lambda params: reverse("exit_trigger", args=[params["trigger"]]),
    )


def check_due_parks(*, on: date, at: datetime) -> int:
    """Check the rules of exit for every park with tenants that was not checked in the month of a day; return how many."""
    checked = TriggerRun.objects.filter(on__gte=on.replace(day=1), on__lte=on).order_by().values("park")
    with_tenants = Occupancy.objects.all().current_on(on).order_by().values("premises__park")
    parks = list(Park.objects.filter(pk__in=with_tenants).exclude(pk__in=checked).select_related("branch"))
    for park in parks:
        check_triggers(park=park, on=on, actor=None, at=at)
    return len(parks)
