"""The brief on paper and in a mail: the same sentences as on its page."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import ReportFile
from parkbrain.lists import Paper, render_paper

from .queries import MONTH, Brief, make_brief


def title_of(*, brief: Brief) -> str:
    """Return the heading of a brief."""
    of = brief.park.name if brief.park else _("City")
    return f"{_('Monthly brief') if brief.kind == MONTH else _('Daily brief')} · {of}"


def render_brief(*, brief: Brief) -> bytes:
    """Return a brief as PDF."""
    lines = [_("%(since)s to %(on)s") % {"since": brief.since.isoformat(), "on": brief.on.isoformat()}]
    if brief.park is not None and brief.park.standing == Park.Standing.FICTIONAL:
        lines.append(_("Demo: this park, its firms and all figures are fictional."))
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
    return ReportFile(name, render_brief(brief=brief), "application/pdf", text, html)


def make_day_report(*, user: User, park: Park | None, on: date) -> ReportFile:
    """Return the daily brief as it is sent."""
    return file_of(brief=make_brief(user=user, park=park, kind="day", on=on))


def make_month_report(*, user: User, park: Park | None, on: date) -> ReportFile:
    """Return the monthly brief as it is sent."""
    return file_of(brief=make_brief(user=user, park=park, kind="month", on=on))
