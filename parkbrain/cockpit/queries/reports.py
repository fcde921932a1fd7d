"""Scheduled reports: whose they are, who may receive them, and when they run next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q
from django.http import QueryDict
from django.utils import timezone

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


def permission_of(*, list_key: str, report_key: str) -> Permission:
    """Return what a person needs to receive a report."""
    spec, report = lists.get(list_key), registry.page_reports.get(report_key)
    found = (spec.permission if spec else None) or (report.permission if report else None)
    return Permission(found or Permission.VIEW_PARK)


def park_of_query(*, user: User, query: str) -> Park | None:
    """Return the park that the address of a list names, where the person sees it."""
    typed = QueryDict(query).get("park", "")
    if not typed.isdecimal() or len(typed) > 12:
        return None
    return Park.objects.visible_to(user).filter(pk=int(typed)).select_related("branch").first()


def list_people(*, user: User, park: Park | None, permission: Permission) -> Sequence[User]:
    """Return who else may receive a report: people of the park, or of the person's branches, who hold the permission."""
    if not user.may(Permission.MANAGE_PEOPLE, park.branch.path if park else None):
        return []
    paths = [park.branch.path] if park else [m.branch.path for m in scope.memberships_of(user)]
    near = Q()
    for path in paths:
        near |= Q(memberships__branch__path__startswith=path)
    people = User.objects.filter(near, is_active=True).exclude(pk=user.pk).distinct().order_by("full_name", "pk")
    return [one for one in people[:MOST_PEOPLE] if any(one.may(permission, path) for path in paths)]
