"""Mail to people about what is theirs: at most one a day, and only where something is late or comes soon."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import DutyReminder
from ..queries.mine import list_due_by_person
from ..queries.standing import DutyRow

logger = logging.getLogger(__name__)


def send_reminders(*, on: date, at: datetime) -> int:
    """Send everybody who answers for something late or due soon the list of it; return how many were sent.

    Nothing is sent without a mail server, nor to somebody who was sent one on the day.
    """
    if not settings.EMAIL_HOST:
        return 0
    sent = 0
    for user, rows in list_due_by_person(on=on):
        try:
            with transaction.atomic():
                _send(user, rows, on, at)
        except IntegrityError:
            continue  # sent already today, by another worker
        except (OSError, SMTPException):
            # One wrong address does not keep the others from being told; it is tried again the next day.
            logger.exception("the reminder of %s could not be sent", user.username)
            continue
        sent += 1
    return sent


def _send(user: User, rows: Sequence[DutyRow], on: date, at: datetime) -> None:
    DutyReminder.objects.create(user=user, sent_on=on)
    with override(user.language):
        subject = ngettext(
            "ParkBrain: %(count)s duty waits for you", "ParkBrain: %(count)s duties wait for you", len(rows)
        )
        lines = [_line(row) for row in rows]
        body = [_("These duties are yours:"), "", *lines, "", _("You find them under “My duties”."), ""]
        send_mail(subject % {"count": len(rows)}, "\n".join(body), None, [user.email])
    audit.record("lifecycle.reminder.sent", target=user, actor=None, at=at, count=len(rows))


def _line(row: DutyRow) -> str:
    values = {"duty": row.duty.name, "subject": str(row.duty.subject)}
    if row.duty.due_on is None or row.standing == "lapsed":
        return _("- %(duty)s (%(subject)s): what showed it is no longer valid") % values
    text = (
        _("- %(duty)s (%(subject)s): was due on %(on)s")
        if row.is_late
        else _("- %(duty)s (%(subject)s): due on %(on)s")
    )
    return text % {**values, "on": row.duty.due_on.isoformat()}
