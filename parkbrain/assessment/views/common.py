"""What every page of the module parses and links alike."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries
from ..forms import read_day


def open_park(request: HttpRequest, park_id: int) -> Park:
    """Return the park if the person may see its ratings; outside the scope there is nothing."""
    park = get_object_or_404(
        Park.objects.visible_to(request.user, Permission.VIEW_RATING).select_related("branch"), pk=park_id
    )
    request.park = park
    return park


def crumbs(park: Park, *more: Link) -> list[Link]:
    """Return the way from the park to a page of its."""
    return [Link(park.name, reverse("park_detail", args=[park.pk])), *more]


def stars_link(park: Park) -> Link:
    """Return the step to the park's star."""
    return Link(_("Stars"), reverse("stars", args=[park.pk]))


def day_of(request: HttpRequest) -> date:
    """Return the day the page shows; what is no day, or lies ahead, is today with a word about it."""
    today, typed = timezone.localdate(), request.GET.get("on", "").strip()
    day = read_day(typed=typed, today=today)
    if day is None:
        messages.warning(request, _("“%(typed)s” is no day up to today; today is shown.") % {"typed": typed})
    return day or today


def day_context(day: date) -> dict[str, object]:
    """Return the day for the frame's picker, and what links on the page carry along."""
    return {"as_of": day, "on": "" if day == timezone.localdate() else f"?on={day}"}


def sheet_of(park: Park, scheme_id: str, day: date) -> queries.StarSheet:
    """Return the current rating, or how the park stood on another day."""
    if day == timezone.localdate():
        return queries.get_star_sheet(park=park, scheme_id=scheme_id)
    return queries.rate_on(park=park, scheme_id=scheme_id, on=day, at=timezone.now())


def may(request: HttpRequest, permission: Permission, park: Park) -> bool:
    """Tell whether the person holds the permission in the park."""
    return request.user.may(permission, park.branch.path)


def not_rated(request: HttpRequest, park: Park, context: dict[str, object], reason: queries.NotRated) -> HttpResponse:
    """Show why a park has no rating, and to whoever may record something of it how it gets one."""
    told = {"reason": str(reason), "may_import": may(request, Permission.EDIT_RECORD, park)}
    return page(request, "assessment/not_rated.html", {**context, **told})
