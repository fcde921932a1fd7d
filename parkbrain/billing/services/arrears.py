"""What is done about bills that are not paid: the ladder, its steps, pauses, and what two people give up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import name_fields

from ..models import Bill, BillingRules, DunningAct, DunningPause, DunningStep
from ..queries import list_arrears
from .common import CannotBill, CannotDun, check_firm, check_may, checked_reason


@transaction.atomic
def set_rules(*, park: Park, values: Mapping[str, Any], actor: User | None, at: datetime) -> BillingRules:
    """Set how a park bills.

    :raises CannotBill: a value is out of its range, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBill)
    rules = BillingRules.objects.filter(park=park).first() or BillingRules(park=park)
    changed = {name: value for name, value in values.items() if getattr(rules, name) != value}
    for name, value in changed.items():
        setattr(rules, name, value)
    if not 1 <= rules.run_by_day <= 28:
        raise CannotBill(_("The day by which the run is made lies between 1 and 28."))
    rules.save()
    if changed:
        audit.record("billing.rules.changed", target=rules, actor=actor, at=at, park=park, fields=sorted(changed))
    return rules


@transaction.atomic
def set_ladder(
    *, park: Park, steps: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[DunningStep]:
    """Set the park's ladder: days overdue with name and text; a step that was taken already cannot go.

    :raises CannotDun: a day stands twice or is no day, a step without a name, one that was taken is missing, or the
        actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotDun)
    days = [step["days_overdue"] for step in steps]
    if len(set(days)) != len(days) or any(day < 1 for day in days):
        raise CannotDun(_("Each step has its own number of days, one or more."))
    if any(not (step.get("name_zh_hans") or step.get("name_en")) for step in steps):
        raise CannotDun(_("Each step has a name."))
    found = {step.days_overdue: step for step in DunningStep.objects.filter(park=park)}
    gone = [step for day, step in found.items() if day not in days]
    if DunningAct.objects.filter(step__in=gone).exists():
        raise CannotDun(_("A step that was taken for a bill cannot be removed."))
    DunningStep.objects.filter(pk__in=[step.pk for step in gone]).delete()
    made = []
    for values in steps:
        step = found.get(values["days_overdue"], DunningStep(park=park, days_overdue=values["days_overdue"]))
        names = name_fields(zh_hans=values.get("name_zh_hans", ""), en=values.get("name_en", ""))
        texts = {name: values.get(name, "") for name in ("text_zh_hans", "text_en")}
        for name, value in {**names, **texts}.items():
            setattr(step, name, value)
        step.save()
        made.append(step)
    if made:
        audit.record("billing.ladder.set", target=made[0], actor=actor, at=at, park=park, steps=len(made))
    return made


@transaction.atomic
def set_billing(*, park: Park, values: Mapping[str, Any], actor: User | None, at: datetime) -> None:
    """Set how a park bills and its `ladder` at once.

    :raises CannotBill: as `set_rules`; CannotDun: as `set_ladder`.
    """
    rules = {name: value for name, value in values.items() if name != "ladder"}
    set_rules(park=park, values=rules, actor=actor, at=at)
    set_ladder(park=park, steps=values["ladder"], actor=actor, at=at)


@transaction.atomic
def take_due_steps(*, park: Park, done_on: date, actor: User | None, at: datetime) -> int:
    """Note that every step that is due on a day was taken; return how many.

    :raises CannotDun: the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotDun)
    due = [step for firm in list_arrears(park=park, on=done_on) for step in firm.steps]
    for one in due:
        take_step(bill=one.bill, step=one.step, done_on=done_on, actor=actor, at=at)
    return len(due)


@transaction.atomic
def take_step(
    *, bill: Bill, step: DunningStep, done_on: date, actor: User | None, at: datetime, note: str = ""
) -> DunningAct:
    """Note that a step of the ladder was taken for a bill.

    :raises CannotDun: the bill is not overdue so long, is paid, the step was taken, the firm is not dunned now, or the
        actor may not.
    """
    check_may(park=bill.park, actor=actor, refusal=CannotDun)
    bill = Bill.objects.select_for_update().select_related("park", "enterprise").get(pk=bill.pk)
    if step.park_id != bill.park_id:
        raise CannotDun(_("This step is another park's."))
    if bill.days_overdue(done_on) < step.days_overdue:
        raise CannotDun(_("The bill is not overdue for %(days)s days.") % {"days": step.days_overdue})
    if DunningAct.objects.filter(bill=bill, step=step).exists():
        raise CannotDun(_("This step was taken for the bill already."))
    pauses = DunningPause.objects.filter(park=bill.park_id, enterprise=bill.enterprise_id, undone_at__isnull=True)
    pause = pauses.filter(starts_on__lte=done_on, ends_on__gt=done_on).first()
    if pause is not None:
        raise CannotDun(
            _("The firm is not dunned until %(day)s: %(reason)s") % {"day": pause.ends_on, "reason": pause.reason}
        )
    act = DunningAct.objects.create(
        park_id=bill.park_id,
        enterprise_id=bill.enterprise_id,
        bill=bill,
        step=step,
        done_on=done_on,
        open_yuan=bill.open_yuan,
        note=note.strip()[:300],
        done_by=actor,
        recorded_at=at,
    )
    audit.record(
        "billing.dunning.step_taken", target=bill, actor=actor, at=at, park=bill.park, step=step.days_overdue,
        step_zh=step.name_zh_hans, step_en=step.name_en,
    )  # fmt: skip
    return act


@transaction.atomic
def pause_dunning(
    *,
    park: Park,
    enterprise: Enterprise,
    starts_on: date,
    ends_on: date,
    reason: str,
    actor: User | None,
    at: datetime,
) -> DunningPause:
    """Let a firm not be dunned for a time.

    :raises CannotDun: the time runs backward, another pause holds, no reason is given, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotDun)
    check_firm(park=park, enterprise=enterprise, refusal=CannotDun)
    if ends_on <= starts_on:
        raise CannotDun(_("The end has to lie after the beginning."))
    held = DunningPause.objects.filter(park=park, enterprise=enterprise, undone_at__isnull=True)
    if held.filter(starts_on__lt=ends_on, ends_on__gt=starts_on).exists():
        raise CannotDun(_("Another pause holds in this time."))
    pause = DunningPause.objects.create(
        park=park,
        enterprise=enterprise,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=checked_reason(reason=reason, refusal=CannotDun),
        set_by=actor,
        set_at=at,
    )
    audit.record(
        "billing.dunning.paused", target=enterprise, actor=actor, at=at, park=park, until=ends_on.isoformat(),
        reason=pause.reason,
    )  # fmt: skip
    return pause


@transaction.atomic
def end_pause(*, pause: DunningPause, reason: str, actor: User | None, at: datetime) -> None:
    """Take a pause back before its end.

    :raises CannotDun: it was taken back already, no reason is given, or the actor may not.
    """
    check_may(park=pause.park, actor=actor, refusal=CannotDun)
    pause = DunningPause.objects.select_for_update().select_related("park", "enterprise").get(pk=pause.pk)
    if not pause.holds:
        raise CannotDun(_("This was taken back already."))
    pause.undone_by, pause.undone_at, pause.undo_reason = actor, at, checked_reason(reason=reason, refusal=CannotDun)
    pause.save(update_fields=["undone_by", "undone_at", "undo_reason"])
    audit.record(
        "billing.dunning.pause_ended", target=pause.enterprise, actor=actor, at=at, park=pause.park,
        reason=pause.undo_reason,
    )  # fmt: skip
