"""Remind parks of a round that waits for their values: on their home always, by mail where there is a mail server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission, roles_with

from ..models import DataRound, Reminder, Submission
from .rounds import CannotRunRound, check_may_run

logger = logging.getLogger(__name__)


def remind_parks(
    *,
    data_round: DataRound,
    actor: User | None,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Remind every park that has not handed in, once a day; return how many were reminded.

    :raises CannotRunRound: the actor may not, or the round takes no answers today.
    """
    check_may_run(branch=data_round.branch, actor=actor)
    on = timezone.localdate(at)
    if not data_round.is_open_on(on):
        raise CannotRunRound(_("This round is not open."))
    waiting = list(data_round.submissions.waiting().exclude(reminders__sent_on=on).select_related("park__branch"))
    count = 0
    for number, one in enumerate(waiting):
        if progress:
            progress(number, len(waiting))
        count += _remind(one, data_round, actor, on, at)
    return count


def remind_by_itself(*, on: date, at: datetime) -> int:
    """Remind the parks of every round whose day it is: so many days before the last day, and then every so many days."""
    count = 0
    for data_round in DataRound.objects.filter(state=DataRound.State.OPEN, opens_on__lte=on).select_related("branch"):
        if is_reminding_day(data_round=data_round, on=on):
            count += remind_parks(data_round=data_round, actor=None, at=at)
    return count


def is_reminding_day(*, data_round: DataRound, on: date) -> bool:
    """Tell whether a round reminds by itself on a day."""
    late = (on - data_round.due_on).days
    if late <= 0:
        return -late == data_round.remind_before_days
    return (late - 1) % data_round.remind_every_days == 0


def _remind(one: Submission, data_round: DataRound, actor: User | None, on: date, at: datetime) -> int:
    with transaction.atomic():
        reminder, is_new = Reminder.objects.get_or_create(submission=one, sent_on=on, defaults={"sent_by": actor})
        if not is_new:
            return 0
        audit.record("portfolio.submission.reminded", target=one, actor=actor, at=at, park=one.park)
    # The reminder stands on the park's home already; a mail that fails takes nothing back.
    sent = _mail(data_round, one.park)
    if sent:
        Reminder.objects.filter(pk=reminder.pk).update(mail_count=sent)
    return 1


def _mail(data_round: DataRound, park: Park) -> int:
    if not settings.EMAIL_HOST:
        return 0
    sent = 0
    for user in _answering(park):
        with override(user.language):
            words = {"round": data_round.name, "park": park.name, "due_on": data_round.due_on.isoformat()}
            subject = _("ParkBrain: the data round “%(round)s” waits for %(park)s") % words
            text = (
                _("Please hand in the values of %(park)s by %(due_on)s. You find the round on your home page.") % words
            )
        try:
            sent += send_mail(subject, text, None, [user.email])
        except (OSError, SMTPException):
            logger.exception("the reminder of %s could not be sent", user.username)
    return sent


def _answering(park: Park) -> Sequence[User]:
    """Return those with an address who may declare facts of a park and belong to it or to its operator."""
    roles = roles_with(Permission.DECLARE_FACT)
    branches = [pk for pk in (park.branch_id, park.branch.parent_id) if pk is not None]
    people = User.objects.filter(is_active=True, memberships__role__in=roles, memberships__branch_id__in=branches)
    return list(people.exclude(email="").distinct())
