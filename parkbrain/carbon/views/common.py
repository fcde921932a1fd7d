"""What every page of carbon parses the same way: the park, the period, who may change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import FIRST_YEAR, LAST_YEAR
from parkbrain.ui.links import Link

#: The longest period that one statement covers.
MOST_DAYS = 3660


def open_park(request: HttpRequest, park_id: int, permission: Permission = Permission.VIEW_ENTERPRISE) -> Park:
    """Return the park where the person holds the permission; for everybody else there is none."""
    park = get_object_or_404(Park.objects.visible_to(request.user, permission).select_related("branch"), pk=park_id)
    request.park = park
    return park


def open_park_to_edit(request: HttpRequest, park_id: int) -> Park:
    """Return the park whose record the person may change."""
    park = open_park(request, park_id, Permission.VIEW_PARK)
    if not may_edit(request, park):
        raise PermissionDenied
    return park


def may_edit(request: HttpRequest, park: Park) -> bool:
    """Tell whether the person may change the record of the park."""
    return request.user.may(Permission.EDIT_RECORD, park.branch.path)


def crumbs(park: Park, *more: Link) -> list[Link]:
    """Return the way from the park to a page of carbon."""
    return [Link(park.name, reverse("park_detail", args=[park.pk])), *more]


def statement_crumb(park: Park) -> Link:
    """Return the step to the park's statement."""
    return Link(_("Carbon"), reverse("carbon_statement", args=[park.pk]))


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_period(request: HttpRequest) -> tuple[DatePeriod, str]:
    """Return the period of the address (first and last day), else the last closed year; and what was wrong."""
    first, last = request.GET.get("from", "").strip(), request.GET.get("to", "").strip()
    closed = period_of("fy", timezone.localdate())
    if not first and not last:
        return closed, ""
    start, end = _day(first), _day(last)
    if start is None or end is None or end < start or (end - start).days > MOST_DAYS:
        return closed, _(
            "The period must be two days in order, at most ten years apart; the last closed year is shown."
        )
    return DatePeriod(start, end + timedelta(days=1)), ""


def year_tabs(period: DatePeriod, extra: str = "") -> Sequence[Link]:
    """Return the last closed years and this one as periods to choose."""
    today = timezone.localdate()
    tabs = []
    for year in range(today.year - 3, today.year + 1):
        last = min(date(year, 12, 31), today)
        active = (period.starts_on, period.last_on) == (date(year, 1, 1), last)
        tabs.append(Link(str(year), f"?from={year}-01-01&to={last}{extra}", active))
    return tabs


def year_before(period: DatePeriod) -> DatePeriod:
    """Return the same days a year earlier."""
    return DatePeriod(_back(period.starts_on), _back(period.ends_on))


def _back(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


def stored(request: HttpRequest, park: Park, file: Any) -> Document | None:
    """Return the uploaded file as a stored document of the park, None where none was given."""
    if not file:
        return None
    return store_document(name=file.name, chunks=file.chunks(), actor=request.user, at=timezone.now(), park=park)
