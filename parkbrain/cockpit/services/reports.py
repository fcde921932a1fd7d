"""Reports on a schedule: they are set up, made within each recipient's own scope, mailed, tried again and stopped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from parkbrain import lists
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile
from parkbrain.ui.said import say

from ..models import ReportDelivery, ReportSchedule
from ..queries.reports import list_due, list_people, list_retries, may_receive, next_run, span_of

logger = logging.getLogger(__name__)

MOST_SCHEDULES = 50
MOST_TRIES = 5
#: A mail that failed is tried again after so long, and after twice, three times as long.
RETRY_AFTER = timedelta(minutes=15)
#: A result larger than this is neither kept nor mailed.
MOST_BYTES = 20 * 1024 * 1024
_HIDDEN = gettext_noop("%(person)s may no longer see this.")
#: What is gone looks like what is hidden: nobody learns here which of the two it is.
_GONE = gettext_noop("%(person)s may no longer see this, or it is no longer there.")


class CannotScheduleReport(Exception):
    """The report cannot be set up or changed like that."""


class NotPermittedError(Exception):
    """The report is no longer open to somebody; `key` with its values says why in every language."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key, values)
        self.key, self.values = key, values

    def __str__(self) -> str:
        return say(key=self.key, values=self.values)


@transaction.atomic
def schedule_report(
    *,
    name: str,
    list_key: str = "",
    query: str = "",
    report_key: str = "",
    subject_number: int | None = None,
    park: Park | None = None,
    kind: str,
    period: str = "",
    every: str,
    weekday: int = 0,
    month_day: int = 1,
    hour: int = 7,
    people: Sequence[User] = (),
    actor: User,
    at: datetime,
) -> ReportSchedule:
    """Set a report up for the person and for others of the park who may see it; of one thing where it has a number.

    :raises CannotScheduleReport: no such list or report, it is not open to the person, or one of the people may not.
    """
    name = name.strip()
    _check_form(name, list_key, report_key, query, kind)
    period = _checked_period(report_key, period)
    _check_time(every, weekday, month_day, hour)
    if ReportSchedule.objects.filter(owner=actor).count() >= MOST_SCHEDULES:
        raise CannotScheduleReport(_("You keep %(count)s scheduled reports already.") % {"count": MOST_SCHEDULES})
    what: dict[str, Any] = {"list_key": list_key, "report_key": report_key, "park": park}
    what["subject_number"] = subject_number
    _check_people(actor, people, what)
    made = ReportSchedule.objects.create(
        owner=actor,
        name=name,
        query=query,
        **what,
        kind=kind,
        period=period,
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
    if (spec is None) == (report is None) or (report is not None and kind not in report.kinds):
        raise CannotScheduleReport(_("There is no such list or report."))
    if kind not in ReportSchedule.Kind.values or len(query) > 2000:
        raise CannotScheduleReport(_("The list holds more than can be kept."))


def _check_people(actor: User, people: Sequence[User], what: dict[str, Any]) -> None:
    if not may_receive(user=actor, **what):
        raise CannotScheduleReport(_("This report is not open to you."))
    if not {x.pk for x in people} <= {x.pk for x in list_people(user=actor, **what)}:
        raise CannotScheduleReport(_("One of the people may not see this."))


def _checked_period(report_key: str, period: str) -> str:
    """Return the span the report speaks of: the usual one where none was chosen."""
    report = registry.page_reports.get(report_key)
    offered = report.periods if report else ()
    if period and period not in offered:
        raise CannotScheduleReport(_("The report does not speak of such a span."))
    return period or next(iter(offered), "")


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
    found.state, found.next_at = ReportSchedule.State.ACTIVE, _after(found, at)
    found.reason, found.reason_values = "", {}
    found.save(update_fields=["state", "reason", "reason_values", "next_at"])
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
        raise CannotScheduleReport(found.why)
    _run(found, at, in_time=False)
    if found.state == ReportSchedule.State.STOPPED:
        raise CannotScheduleReport(found.why)


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
            _run(schedule, at, in_time=True)
        except Exception:
            logger.exception("the report %s could not be made", schedule.pk)
            schedule.reason = gettext_noop("The report could not be made; it is tried again the next time.")
            schedule.reason_values = {}
            schedule.save(update_fields=["reason", "reason_values"])
    for delivery in list_retries(at=at):
        _mail(delivery, at)
    return count


def _after(schedule: ReportSchedule, at: datetime) -> datetime:
    return next_run(
        every=schedule.every, weekday=schedule.weekday, month_day=schedule.month_day, hour=schedule.hour, after=at
    )


def _run(schedule: ReportSchedule, at: datetime, *, in_time: bool) -> None:
    """Make the report for each recipient within their own scope; where one lost the permission it ends for them.

    What goes out in its time is written down where the report has a record of what was sent.
    """
    for user in schedule.recipients.order_by("pk"):
        try:
            with override(user.language):
                made = _make(schedule, user, at, in_time=in_time)
        except (NotPermittedError, lists.CannotMakeFile) as lost:
            _lost(schedule, user, lost, at)
            if schedule.state == ReportSchedule.State.STOPPED:
                return
            continue
        delivery = _keep(schedule, user, made, at)
        _mail(delivery, at)
    schedule.last_at, schedule.reason, schedule.reason_values = at, "", {}
    schedule.save(update_fields=["last_at", "reason", "reason_values"])


def _make(schedule: ReportSchedule, user: User, at: datetime, *, in_time: bool) -> ReportFile:
    today, number = timezone.localdate(at), schedule.subject_number
    what: dict[str, Any] = {"list_key": schedule.list_key, "report_key": schedule.report_key, "subject_number": number}
    if not user.is_active or not may_receive(user=user, park=schedule.park, **what):
        raise NotPermittedError(_HIDDEN if number is None else _GONE, person=str(user))
    spec, report = lists.lists.get(schedule.list_key), registry.page_reports.get(schedule.report_key)
    if spec is not None:
        file = lists.make_list_file(spec=spec, query=schedule.query, kind=schedule.kind, user=user, today=today)
        made = ReportFile(file.name, file.content, file.content_type, _row_text(file.row_count))
    else:
        made = _make_page(schedule, report, user, at, in_time=in_time)
    if len(made.content) > MOST_BYTES:
        raise NotPermittedError(gettext_noop("The report is larger than 20 MB: narrow the list."))
    return made


def _make_page(
    schedule: ReportSchedule, report: registry.PageReport | None, user: User, at: datetime, *, in_time: bool
) -> ReportFile:
    if report is None:
        raise NotPermittedError(gettext_noop("There is no such list or report any more."))
    since, on = span_of(period=schedule.period, on=timezone.localdate(at))
    asked: dict[str, Any] = {"user": user, "park": schedule.park, "since": since, "on": on, "kind": schedule.kind}
    if report.find is not None:
        subject = report.find(user=user, park=schedule.park, number=schedule.subject_number)
        if subject is None:
            raise NotPermittedError(_GONE, person=str(user))
        asked["of"] = subject.row
    try:
        if report.keep is not None and in_time:
            return report.keep(**asked, at=at)
        return report.make(**asked)
    except registry.NoReport as missing:
        raise NotPermittedError(str(missing)) from missing


def _row_text(count: int) -> str:
    return _("Rows: %(count)s") % {"count": count}


@transaction.atomic
def _lost(schedule: ReportSchedule, user: User, lost: NotPermittedError | lists.CannotMakeFile, at: datetime) -> None:
    # The event keeps the reason as a key with its values too; the text is for who reads the trail without this program.
    why = {"reason": str(lost), "why": {"key": lost.key, "values": lost.values}}
    if user.pk == schedule.owner_id:
        schedule.state, schedule.next_at = ReportSchedule.State.STOPPED, None
        schedule.reason, schedule.reason_values = lost.key[:300], lost.values
        schedule.save(update_fields=["state", "reason", "reason_values", "next_at"])
        audit.record("cockpit.report.stopped", target=schedule, actor=None, at=at, park=schedule.park, **why)
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
        **why,
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
