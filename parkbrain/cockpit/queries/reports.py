"""Scheduled reports: whose they are, who may receive them, and when they run next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_noop

from parkbrain.kernel import registry, scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.lists import lists

from ..models import ReportDelivery, ReportSchedule

#: So many people are offered as recipients.
MOST_PEOPLE = 100


def list_schedules(*, user: User) -> list[ReportSchedule]:
    """Return the person's own schedules."""
    results = Prefetch("deliveries", ReportDelivery.objects.select_related("user").defer("content", "html"))
    own = ReportSchedule.objects.filter(owner=user).select_related("park", "owner")
    return list(own.prefetch_related("recipients", results))


def list_received(*, user: User) -> list[ReportDelivery]:
    """Return the last results that others' schedules made for the person."""
    found = ReportDelivery.objects.filter(user=user).exclude(schedule__owner=user)
    return list(found.select_related("schedule__owner").defer("content", "html").order_by("-made_at"))


def find_delivery(*, user: User, schedule_id: int) -> ReportDelivery | None:
    """Return the last result that was made for the person; nobody opens what was made for somebody else."""
    return ReportDelivery.objects.filter(user=user, schedule_id=schedule_id).select_related("schedule").first()


def list_due(*, at: datetime) -> list[ReportSchedule]:
    """Return the schedules that have to run."""
    due = ReportSchedule.objects.filter(state=ReportSchedule.State.ACTIVE, next_at__lte=at)
    return list(due.select_related("owner", "park__branch").order_by("next_at", "pk"))


def list_retries(*, at: datetime) -> list[ReportDelivery]:
    """Return the mails that failed and are tried again now."""
    failed = ReportDelivery.objects.filter(state=ReportDelivery.State.FAILED, retry_at__lte=at)
    active = failed.filter(schedule__state=ReportSchedule.State.ACTIVE)
    return list(active.select_related("schedule", "user").order_by("retry_at", "pk"))


def has_work(*, at: datetime) -> bool:
    """Tell whether a report or a mail has to be sent now."""
    due = ReportSchedule.objects.filter(state=ReportSchedule.State.ACTIVE, next_at__lte=at)
    failed = ReportDelivery.objects.filter(state=ReportDelivery.State.FAILED, retry_at__lte=at)
    return due.exists() or failed.exists()


def next_run(*, every: str, weekday: int, month_day: int, hour: int, after: datetime) -> datetime:
    """Return the first moment after a given one at which the local clock shows what was asked for."""
    local = timezone.localtime(after)
    day = local.date()
    for _step in range(62):
        fits = (
            every == ReportSchedule.Every.DAY
            or (every == ReportSchedule.Every.WEEK and day.weekday() == weekday)
            or (every == ReportSchedule.Every.MONTH and day.day == month_day)
        )
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=local.tzinfo)
        if fits and moment > after:
            return moment
        day += timedelta(days=1)
    raise ValueError(f"no such day: {every} {weekday} {month_day}")


def find_subject(
    *, user: User, report_key: str, park: Park | None, subject_number: int | None
) -> registry.ReportSubject | None:
    """Return the one thing of a park or of the city that a report is of, where the person may open its page."""
    report = registry.page_reports.get(report_key)
    if report is None or report.find is None or subject_number is None or report.is_of_city != (park is None):
        return None
    return report.find(user=user, park=park, number=subject_number)


def may_receive(
    *,
    user: User,
    list_key: str,
    report_key: str,
    park: Park | None = None,
    path: str | None = None,
    subject_number: int | None = None,
) -> bool:
    """Tell whether a report is open to a person in a park, else on the branch at `path`, or anywhere.

    A report of one thing is open to whoever may open the page of that thing. What is none is open to nobody.
    """
    path = park.branch.path if park else path
    spec, report = lists.get(list_key), registry.page_reports.get(report_key)
    if report is not None and report.find is not None:
        found = find_subject(user=user, report_key=report_key, park=park, subject_number=subject_number)
        return spec is None and found is not None
    if subject_number is not None:
        return False
    if spec is not None:
        return user.may(Permission.VIEW_PARK, path) and spec.has_rows_for(user=user, path=path)
    return report is not None and user.may(report.permission, path)


@dataclass(frozen=True)
class Offer:
    """A paper that the person may have sent, of a park or of the city (None)."""

    key: str
    label: str
    park: Park | None


def list_offers(*, user: User, park: Park | None) -> list[Offer]:
    """Return the papers of pages that are open to a person: those of a park, then those of the city.

    The papers of one thing are offered on its own page.
    """
    found = []
    for key, report in registry.page_reports.items():
        of = None if report.is_of_city else park
        if (of or report.is_of_city) and may_receive(user=user, list_key="", report_key=key, park=of):
            found.append(Offer(key, str(report.label), of))
    return sorted(found, key=lambda one: (one.park is None, one.label))


def span_of(*, period: str, on: date) -> tuple[date, date]:
    """Return the first and last day that a report sent on a day speaks of; without a period that day itself.

    >>> span_of(period="LAST_MONTH", on=date(2026, 3, 31))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    if not period:
        return on, on
    first = on.replace(day=1) if "MONTH" in period else on.replace(month=1, day=1)
    if period.endswith("SO_FAR"):
        return first, on
    last = first - timedelta(days=1)
    return last.replace(day=1) if "MONTH" in period else last.replace(month=1, day=1), last


def make_page_report(
    *, user: User, list_key: str, report_key: str, park: Park | None, subject_number: int | None, kind: str, on: date
) -> registry.ReportFile:
    """Return the report of a page for a person who may have it, in the language in force; `list_key` is empty.

    :raises NoReport: there is nothing to report on.
    """
    report = registry.page_reports.get(report_key)
    subject = find_subject(user=user, report_key=report_key, park=park, subject_number=subject_number)
    if report is None or list_key or (subject is None) != (report.find is None):
        raise registry.NoReport(gettext_noop("There is no such list or report any more."))
    since, until = span_of(period=report.periods[0] if report.periods else "", on=on)
    of = {} if subject is None else {"of": subject.row}
    return report.make(user=user, park=park, since=since, on=until, kind=kind, **of)


def park_of_query(*, user: User, query: str) -> Park | None:
    """Return the park that the address of a list names, where the person sees it."""
    typed = QueryDict(query).get("park", "")
    if not typed.isdecimal() or len(typed) > 12:
        return None
    return Park.objects.visible_to(user).filter(pk=int(typed)).select_related("branch").first()


def list_people(
    *, user: User, park: Park | None, list_key: str, report_key: str, subject_number: int | None = None
) -> Sequence[User]:
    """Return who else may receive a report: people of the park, or of the person's branches, to whom it is open."""
    if not user.may(Permission.MANAGE_PEOPLE, park.branch.path if park else None):
        return []
    paths = [park.branch.path] if park else [m.branch.path for m in scope.memberships_of(user)]
    near = Q()
    for path in paths:
        near |= Q(memberships__branch__path__startswith=path)
    people = User.objects.filter(near, is_active=True).exclude(pk=user.pk).distinct().order_by("full_name", "pk")
    what: dict[str, Any] = {"list_key": list_key, "report_key": report_key, "subject_number": subject_number}
    return [
        one
        for one in people[:MOST_PEOPLE]
        if any(may_receive(user=one, park=park, path=path, **what) for path in paths)
    ]
