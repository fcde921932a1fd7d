"""A duty is shown, done, opened again, or waived by two persons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc.intervals import months_before
from parkbrain.kernel import approvals, audit, registry
from parkbrain.kernel.models import Approval, Document, User
from parkbrain.kernel.names import localized

from ..models import Duty, DutyOutcome, Evidence
from ..queries.mine import WAIVER, is_waiver_waiting
from .common import CannotChangeDuty, change, check_may_edit, check_may_settle, insert


@transaction.atomic
def give_evidence(
    *,
    duty: Duty,
    document: Document,
    valid_from_on: date,
    actor: User | None,
    at: datetime,
    valid_to_on: date | None = None,
    number: str = "",
    note: str = "",
) -> Evidence:
    """Attach a file that shows a duty.

    :raises CannotChangeDuty: the period runs backwards, or the actor neither edits the record nor answers for the duty.
    """
    check_may_settle(duty=duty, actor=actor, on=timezone.localdate(at))
    if valid_to_on and valid_to_on <= valid_from_on:
        raise CannotChangeDuty(_("The end has to lie after the beginning."))
    shown = Evidence(
        duty=duty,
        document=document,
        number=number[:80],
        valid_from_on=valid_from_on,
        valid_to_on=valid_to_on,
        note=note[:300],
    )
    insert(row=shown)
    audit.record(
        "lifecycle.evidence.given", target=duty, actor=actor, at=at, park=duty.subject.park, document=document.name
    )
    registry.park_changed(park_ids=[duty.subject.park_id], at=at)
    return shown


@transaction.atomic
def remove_evidence(*, evidence: Evidence, actor: User | None, at: datetime, reason: str) -> None:
    """Take a file away from a duty that it does not show; the file itself stays stored.

    :raises CannotChangeDuty: no reason is given, it is the only one of a duty that counts as done, or the actor may not.
    """
    duty = evidence.duty
    check_may_edit(park=duty.subject.park, actor=actor)
    if not reason.strip():
        raise CannotChangeDuty(_("Say why it is taken away."))
    if duty.state == Duty.State.DONE and duty.evidence.count() == 1:
        raise CannotChangeDuty(_("It is all that shows this duty: open the duty again first."))
    details = {"document": evidence.document.name, "reason": reason[:300]}
    evidence.delete()
    audit.record("lifecycle.evidence.removed", target=duty, actor=actor, at=at, park=duty.subject.park, **details)
    registry.park_changed(park_ids=[duty.subject.park_id], at=at)


@transaction.atomic
def finish_duty(*, duty: Duty, on: date, actor: User | None, at: datetime, note: str = "") -> DutyOutcome:
    """Record that a duty is done from a day on; one that comes again is due after its months, and may be done anew.

    :raises CannotChangeDuty: it is done or waived already, nothing valid shows it on the day though a kind of evidence
        is asked for, the day is yet to come, or the actor neither edits the record nor answers for the duty.
    """
    check_may_settle(duty=duty, actor=actor, on=timezone.localdate(at))
    if on > timezone.localdate(at):
        raise CannotChangeDuty(_("The day is yet to come."))
    if duty.state == Duty.State.WAIVED:
        raise CannotChangeDuty(_("This duty is waived: open it again first."))
    done = duty.outcomes.filter(ends_on=None).first()
    if done is not None and not _comes_again(duty, done, on):
        raise CannotChangeDuty(_("This duty is done already."))
    if duty.evidence_kind and not any(one.covers(on) for one in duty.evidence.all()):
        kind = {"kind": duty.get_evidence_kind_display(), "on": on.isoformat()}
        raise CannotChangeDuty(_("Nothing valid on %(on)s shows it: give the evidence first (%(kind)s).") % kind)
    if done is not None:
        change(row=done, ends_on=on)
    values: dict[str, Any] = {"state": Duty.State.DONE}
    if duty.every_months:
        values["due_on"] = months_before(on, -duty.every_months)
    change(row=duty, **values)
    outcome = insert(
        row=DutyOutcome(duty=duty, state=Duty.State.DONE, starts_on=on, reason=note[:300], settled_by=actor)
    )
    audit.record("lifecycle.duty.finished", target=duty, actor=actor, at=at, park=duty.subject.park, on=on.isoformat())
    registry.park_changed(park_ids=[duty.subject.park_id], at=at)
    return outcome


def _comes_again(duty: Duty, done: DutyOutcome, on: date) -> bool:
    """Tell whether a done duty may be done anew on a day: it comes again, or what showed it then has run out since."""
    if on <= done.starts_on:
        return False
    return bool(duty.every_months) or not any(
        one.covers(on) and one.covers(done.starts_on) for one in duty.evidence.all()
    )


@transaction.atomic
def reopen_duty(*, duty: Duty, on: date, actor: User | None, at: datetime, reason: str) -> None:
    """Open a duty again from a day on that was done or waived.

    :raises CannotChangeDuty: it is open, no reason is given, the day lies before it was settled or is yet to come, or
        the actor may not.
    """
    check_may_edit(park=duty.subject.park, actor=actor)
    if not reason.strip():
        raise CannotChangeDuty(_("Say why it is opened again."))
    outcome = duty.outcomes.select_for_update().filter(ends_on=None).first()
    if outcome is None:
        raise CannotChangeDuty(_("This duty is open."))
    if on < outcome.starts_on or on > timezone.localdate(at):
        raise CannotChangeDuty(_("The day has to lie between the one it was settled on and today."))
    change(row=outcome, ends_on=on)
    change(row=duty, state=Duty.State.OPEN)
    details = {"reason": reason[:300], "on": on.isoformat()}
    audit.record("lifecycle.duty.reopened", target=duty, actor=actor, at=at, park=duty.subject.park, **details)
    registry.park_changed(park_ids=[duty.subject.park_id], at=at)


@transaction.atomic
def waive_duty(*, duty: Duty, on: date, actor: User, at: datetime, reason: str) -> DutyOutcome | Approval:
    """Waive a duty with a reason: a second person is asked, and where there is none it is waived at once.

    :raises CannotChangeDuty: it is settled already, no reason is given, it waits for a second person already, or the
        actor may not.
    """
    park = duty.subject.park
    check_may_edit(park=park, actor=actor)
    if not reason.strip():
        raise CannotChangeDuty(_("Say why the duty is waived."))
    if duty.state != Duty.State.OPEN:
        raise CannotChangeDuty(_("Only an open duty is waived."))
    params = {
        "duty": duty.pk,
        "name": {"zh_hans": duty.name_zh_hans, "zh_hant": duty.name_zh_hant, "en": duty.name_en},
        "subject": duty.subject.code,
        "on": on.isoformat(),
        "reason": reason.strip()[:300],
    }
    if approvals.has_second_person(WAIVER, params=params, path=park.branch.path, actor=actor):
        if is_waiver_waiting(duty=duty, at=at):
            raise CannotChangeDuty(_("The waiver waits for a second person already."))
        return approvals.ask_approval(WAIVER, params=params, branch=park.branch, actor=actor, at=at, reason=reason)
    return _waive(duty, on, reason, asked_by=actor, agreed_by=None, at=at)


def _waive(duty: Duty, on: date, reason: str, *, asked_by: User, agreed_by: User | None, at: datetime) -> DutyOutcome:
    outcome = DutyOutcome(
        duty=duty,
        state=Duty.State.WAIVED,
        starts_on=on,
        reason=reason.strip()[:300],
        settled_by=asked_by,
        agreed_by=agreed_by,
    )
    insert(row=outcome)
    change(row=duty, state=Duty.State.WAIVED)
    details = {"reason": outcome.reason, "asked_by": asked_by.username}
    audit.record(
        "lifecycle.duty.waived", target=duty, actor=agreed_by or asked_by, at=at, park=duty.subject.park, **details
    )
    registry.park_changed(park_ids=[duty.subject.park_id], at=at)
    return outcome


def describe_waiver(*, params: Mapping[str, Any]) -> str:
    """Return what a request for a waiver asks for."""
    values = {"duty": localized(**params["name"]), "subject": params["subject"], "reason": params["reason"]}
    return _("Waive the duty “%(duty)s” of %(subject)s: %(reason)s") % values


@transaction.atomic
def carry_out_waiver(*, params: Mapping[str, Any], asked_by: User, decided_by: User, at: datetime) -> None:
    """Waive the duty that a second person agreed to waive.

    :raises CannotDecideApproval: the duty is gone, or settled by now.
    """
    duty = Duty.objects.select_related("subject__park__branch").filter(pk=params["duty"]).first()
    if duty is None or duty.state != Duty.State.OPEN:
        raise approvals.CannotDecideApproval(_("The duty is no longer open."))
    on = date.fromisoformat(params["on"])
    _waive(duty, on, params["reason"], asked_by=asked_by, agreed_by=decided_by, at=at)
