"""The brief on paper and in a mail: the same sentences as on its page."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile
from parkbrain.lists import Paper, render_paper
from parkbrain.ui.formats import moment
from parkbrain.ui.media import PDF

from . import services
from .queries import DAY, MONTH, Brief, find_kept_brief, make_brief


def title_of(*, brief: Brief) -> str:
    """Return the heading of a brief."""
    of = brief.park.name if brief.park else _("City")
    return f"{_('Monthly brief') if brief.kind == MONTH else _('Daily brief')} · {of}"


def sent_in_words(*, brief: Brief) -> str:
    """Say when a kept brief was sent, or that it was composed now."""
    if brief.sent_at is None:
        return _("Composed now from the record of today.")
    return _("As sent at %(at)s.") % {"at": moment(brief.sent_at)}


def render_brief(*, brief: Brief) -> bytes:
    """Return a brief as PDF."""
    lines = [_("%(since)s to %(on)s") % {"since": brief.since.isoformat(), "on": brief.on.isoformat()}]
    if brief.sent_at is not None:
        lines.append(sent_in_words(brief=brief))
    if brief.park is not None and brief.park.demo_notice:
        lines.append(brief.park.demo_notice)
    rows = [[str(place), one.text] for place, one in enumerate(brief.sentences, start=1)]
    return render_paper(paper=Paper(title_of(brief=brief), lines, brief.on, ["", _("What there is to say")], rows))


def file_of(*, brief: Brief) -> ReportFile:
    """Return a brief as it is sent: PDF, text and HTML."""
    of = brief.park.code if brief.park else "city"
    # Where the installation is reached; without one a mail has no links.
    site = next(iter(settings.CSRF_TRUSTED_ORIGINS), "").rstrip("/")
    text = "\n".join([title_of(brief=brief), brief.on.isoformat(), "", *(f"- {one.text}" for one in brief.sentences)])
    html = render_to_string("cockpit/brief_mail.html", {"brief": brief, "title": title_of(brief=brief), "site": site})
    name = f"brief-{of}-{brief.kind}-{brief.on.isoformat()}.pdf"
    return ReportFile(name, render_brief(brief=brief), PDF, text, html)


def make_day_report(*, user: User, park: Park | None, since: date, on: date, kind: str) -> ReportFile:
    """Return the daily brief composed now."""
    return file_of(brief=make_brief(user=user, park=park, kind=DAY, on=on))


def make_month_report(*, user: User, park: Park | None, since: date, on: date, kind: str) -> ReportFile:
    """Return the monthly brief composed now."""
    return file_of(brief=make_brief(user=user, park=park, kind=MONTH, on=on))


def keep_day_report(*, user: User, park: Park | None, since: date, on: date, kind: str, at: datetime) -> ReportFile:
    """Return the daily brief as it goes out at its time: everybody who gets it gets what was written down."""
    return _kept(user, park, DAY, on, at)


def keep_month_report(*, user: User, park: Park | None, since: date, on: date, kind: str, at: datetime) -> ReportFile:
    """Return the monthly brief as it goes out at its time."""
    return _kept(user, park, MONTH, on, at)


def _kept(user: User, park: Park | None, kind: str, on: date, at: datetime) -> ReportFile:
    services.keep_brief(user=user, park=park, kind=kind, on=on, at=at)
    kept = find_kept_brief(user=user, park=park, kind=kind, on=on)
    return file_of(brief=kept or make_brief(user=user, park=park, kind=kind, on=on))
