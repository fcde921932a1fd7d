"""Reports on a schedule: they are set up, made within each recipient's own scope, mailed, tried again and stopped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from parkbrain import lists
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile

from ..models import ReportDelivery, ReportSchedule
from ..queries.reports import list_due, list_people, list_retries, next_run, permission_of

logger = logging.getLogger(__name__)

MOST_SCHEDULES = 50
MOST_TRIES = 5
#: A mail that failed is tried again after so long, and after twice, three times as long.
RETRY_AFTER = timedelta(minutes=15)
#: A result larger than this is neither kept nor mailed.
MOST_BYTES = 20 * 1024 * 1024


class CannotScheduleReport(Exception):
    """The report cannot be set up or changed like that."""


class NotPermittedError(Exception):
    """The report is no longer open to somebody; the message says why."""


@transaction.atomic
def schedule_report(
    *,
    name: str,
    list_key: str = "",
    query: str = "",
    report_key: str = "",
    park: Park | None = None,
    kind: str,
    every: str,
    weekday: int = 0,
    month_day: int = 1,
    hour: int = 7,
    people: Sequence[User] = (),
    actor: User,
    at: datetime,
) -> ReportSchedule:
    """Set a report up for the person and for others of the park who may see it.

    :raises CannotScheduleReport: no such list or report, it is not open to the person, or one of the people may not.
    """
    name = name.strip()
    _check_form(name, list_key, report_key, query, kind)
    _check_time(every, weekday, month_day, hour)
    if ReportSchedule.objects.filter(owner=actor).count() >= MOST_SCHEDULES:
        raise CannotScheduleReport(_("You keep %(count)s scheduled reports already.") % {"count": MOST_SCHEDULES})
    permission = permission_of(list_key=list_key, report_key=report_key)
    if not actor.may(permission, park.branch.path if park else None):
        raise CannotScheduleReport(_("This report is not open to you."))
    if not {x.pk for x in people} <= {x.pk for x in list_people(user=actor, park=park, permission=permission)}:
        raise CannotScheduleReport(_("One of the people may not see this."))
    made = ReportSchedule.objects.create(
        owner=actor,
        name=name,
        list_key=list_key,
        query=query,
        report_key=report_key,
        park=park,
        kind=kind,
        every=every,
        weekday=weekday,
        month_day=month_day,
        hour=hour,
        next_at=next_run(every=every, weekday=weekday, month_day=month_day, hour=hour, after=at),
        created_at=at,
    )
    made.recipients.set([actor, *people])
    told = {"every": every, "people": len(people) + 1}
    audit.record("cockpit.report.scheduled", target=made, actor=actor, at=at, park=park, **told)
    return made


def _check_form(name: str, list_key: str, report_key: str, query: str, kind: str) -> None:
    if not name or len(name) > 120:
        raise CannotScheduleReport(_("A report needs a name of at most 120 characters."))
    spec, report = lists.lists.get(list_key), registry.page_reports.get(report_key)
    if (spec is None) == (report is None) or (report is not None and kind != ReportSchedule.Kind.PDF):
        raise CannotScheduleReport(_("There is no such list or report."))
    if kind not in ReportSchedule.Kind.values or len(query) > 2000:
        raise CannotScheduleReport(_("The list holds more than can be kept."))


def _check_time(every: str, weekday: int, month_day: int, hour: int) -> None:
    if every not in ReportSchedule.Every.values or not (0 <= weekday < 7 and 1 <= month_day <= 28 and 0 <= hour < 24):
        raise CannotScheduleReport(_("Choose an hour from 0 to 23 and a day of the month from 1 to 28."))


def _own(schedule_id: int, actor: User) -> ReportSchedule:
    found = ReportSchedule.objects.filter(pk=schedule_id, owner=actor).select_related("owner", "park__branch").first()
    if found is None:
        raise CannotScheduleReport(_("There is no such report, or it is not yours."))
    return found


@transaction.atomic
def pause_report(*, schedule_id: int, actor: User, at: datetime) -> None:
    """Send a report no longer until it is taken up again."""
    found = _own(schedule_id, actor)
    if found.state != ReportSchedule.State.ACTIVE:
        raise CannotScheduleReport(_("The report is not active."))
    found.state, found.next_at = ReportSchedule.State.PAUSED, None
    found.save(update_fields=["state", "next_at"])
    audit.record("cockpit.report.paused", target=found, actor=actor, at=at, park=found.park)


@transaction.atomic
def resume_report(*, schedule_id: int, actor: User, at: datetime) -> None:
    """Send a paused or stopped report again from the next time on."""
    found = _own(schedule_id, actor)
    if found.state == ReportSchedule.State.ACTIVE:
        raise CannotScheduleReport(_("The report is active already."))
    found.state, found.reason, found.next_at = ReportSchedule.State.ACTIVE, "", _after(found, at)
    found.save(update_fields=["state", "reason", "next_at"])
    audit.record("cockpit.report.resumed", target=found, actor=actor, at=at, park=found.park)


@transaction.atomic
def delete_report(*, schedule_id: int, actor: User, at: datetime) -> None:
    """Take a schedule away with its last results."""
    found = _own(schedule_id, actor)
    audit.record("cockpit.report.deleted", target=found, actor=actor, at=at, park=found.park)
    found.delete()


def send_report_now(*, schedule_id: int, actor: User, at: datetime) -> None:
    """Make and send a report at once; its next time stays as it is.

    :raises CannotScheduleReport: it is not the person's own, or it had to be stopped.
    """
    found = _own(schedule_id, actor)
    if found.state == ReportSchedule.State.STOPPED:
        raise CannotScheduleReport(found.reason)
    _run(found, at)
    if found.state == ReportSchedule.State.STOPPED:
        raise CannotScheduleReport(found.reason)


def send_due_reports(*, at: datetime) -> int:
    """Make and send what is due, and try again what failed; return how many schedules ran."""
    count = 0
    for schedule in list_due(at=at):
        # First the next time, so that a report that breaks does not come back every minute; who sets it makes the report,
        # another worker at the same moment finds it set.
        next_at = _after(schedule, at)
        if not ReportSchedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at).update(next_at=next_at):
            continue
        schedule.next_at, count = next_at, count + 1
        try:
            _run(schedule, at)
        except Exception:
            logger.exception("the report %s could not be made", schedule.pk)
            schedule.reason = _("The report could not be made; it is tried again the next time.")
            schedule.save(update_fields=["reason"])
    for delivery in list_retries(at=at):
        _mail(delivery, at)
    return count


def _after(schedule: ReportSchedule, at: datetime) -> datetime:
    return next_run(
        every=schedule.every, weekday=schedule.weekday, month_day=schedule.month_day, hour=schedule.hour, after=at
    )


def _run(schedule: ReportSchedule, at: datetime) -> None:
    """Make the report for each recipient within their own scope; where one lost the permission it ends for them."""
    for user in schedule.recipients.order_by("pk"):
        try:
            with override(user.language):
                made = _make(schedule, user, at)
        except (NotPermittedError, lists.CannotMakeFile) as lost:
            _lost(schedule, user, str(lost), at)
            if schedule.state == ReportSchedule.State.STOPPED:
                return
            continue
        delivery = _keep(schedule, user, made, at)
        _mail(delivery, at)
    schedule.last_at, schedule.reason = at, ""
    schedule.save(update_fields=["last_at", "reason"])


def _make(schedule: ReportSchedule, user: User, at: datetime) -> ReportFile:
    permission = permission_of(list_key=schedule.list_key, report_key=schedule.report_key)
    park, today = schedule.park, timezone.localdate(at)
    if not user.is_active or not user.may(permission, park.branch.path if park else None):
        raise NotPermittedError(_("%(person)s may no longer see this.") % {"person": user})
    spec, report = lists.lists.get(schedule.list_key), registry.page_reports.get(schedule.report_key)
    if spec is not None:
        file = lists.make_list_file(spec=spec, query=schedule.query, kind=schedule.kind, user=user, today=today)
        made = ReportFile(file.name, file.content, file.content_type, _row_text(file.row_count))
    elif report is not None:
        made = report.make(user=user, park=park, on=today)
    else:
        raise NotPermittedError(_("There is no such list or report any more."))
    if len(made.content) > MOST_BYTES:
        raise NotPermittedError(_("The report is larger than 20 MB: narrow the list."))
    return made


def _row_text(count: int) -> str:
    return _("Rows: %(count)s") % {"count": count}


@transaction.atomic
def _lost(schedule: ReportSchedule, user: User, why: str, at: datetime) -> None:
    if user.pk == schedule.owner_id:
        schedule.state, schedule.reason, schedule.next_at = ReportSchedule.State.STOPPED, why[:300], None
        schedule.save(update_fields=["state", "reason", "next_at"])
        audit.record("cockpit.report.stopped", target=schedule, actor=None, at=at, park=schedule.park, reason=why)
        return
    schedule.recipients.remove(user)
    ReportDelivery.objects.filter(schedule=schedule, user=user).delete()
    audit.record(
        "cockpit.report.recipient_lost",
        target=schedule,
        actor=None,
        at=at,
        park=schedule.park,
        person=str(user),
        reason=why,
    )


@transaction.atomic
def _keep(schedule: ReportSchedule, user: User, made: ReportFile, at: datetime) -> ReportDelivery:
    values = {
        "state": ReportDelivery.State.KEPT,
        "made_at": at,
        "as_of_on": timezone.localdate(at),
        "file_name": made.name[:200],
        "content_type": made.content_type,
        "content": made.content,
        "text": made.text,
        "html": made.html,
        "attempts": 0,
        "error": "",
        "retry_at": None,
    }
    kept, _created = ReportDelivery.objects.update_or_create(schedule=schedule, user=user, defaults=values)
    audit.record(
        "cockpit.report.made", target=schedule, actor=None, at=at, park=schedule.park, person=str(user), file=made.name
    )
    return kept


def _mail(delivery: ReportDelivery, at: datetime) -> None:
    """Mail a result that is kept; without a mail server or an address it stays for download."""
    user = delivery.user
    if not settings.EMAIL_HOST or not user.email:
        return
    with override(user.language):
        subject = f"ParkBrain: {delivery.schedule.name} · {delivery.as_of_on.isoformat()}"
        body = delivery.text or _("The report is attached.")
    mail = EmailMultiAlternatives(subject.replace("\n", " "), body, None, [user.email])
    if delivery.html:
        mail.attach_alternative(delivery.html, "text/html")
    mail.attach(delivery.file_name, bytes(delivery.content), delivery.content_type.split(";")[0])
    delivery.attempts += 1
    try:
        mail.send()
    except (OSError, SMTPException) as failure:
        logger.warning("the report %s could not be mailed: %s", delivery.schedule_id, failure)
        delivery.state, delivery.error = ReportDelivery.State.FAILED, str(failure)[:300]
        again = delivery.attempts < MOST_TRIES
        delivery.retry_at = at + RETRY_AFTER * delivery.attempts if again else None
    else:
        delivery.state, delivery.error, delivery.retry_at = ReportDelivery.State.SENT, "", None
    delivery.save(update_fields=["state", "error", "attempts", "retry_at"])
