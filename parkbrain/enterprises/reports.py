"""What leaves as a file: the calendar of what expires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.icalendar import DayEvent, calendar

from .queries import Expiry


def expiry_calendar_file(*, expiries: Sequence[Expiry], at: datetime, link: Callable[[str], str]) -> str:
    """Return the iCalendar file of what expires; `link` makes a full address of a path."""
    events = [
        DayEvent(
            uid=f"expiry-{expiry.key}@parkbrain",
            on=expiry.on,
            summary=_("%(what)s of %(enterprise)s expires")
            % {"what": expiry.what, "enterprise": expiry.enterprise.name},
            description=f"{expiry.number}\n{link(reverse('enterprise_detail', args=[expiry.enterprise.pk]))}".strip(),
        )
        for expiry in expiries
    ]
    return calendar(events, name=_("What expires"), written_at=at.astimezone(UTC))
