"""What expires when, and what happened when."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbrain.kernel.models import Park
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from ..models import Enterprise
from ..queries import KINDS, event_line, get_expiry_calendar, list_history
from ..reports import expiry_calendar_file
from .common import day_of, park_crumbs

EVENTS_PER_PAGE = 40


@require_safe
def qualification_calendar(request: HttpRequest) -> HttpResponse:
    """Show what expires in the next twelve months, of one firm, of a park, or of every firm the person sees."""
    user, on = request.user, day_of(request)
    typed = request.GET.get("enterprise", "")
    firms = Enterprise.objects.visible_to(user)
    firm = get_object_or_404(firms, pk=int(typed)) if typed.isdecimal() else None
    wanted = request.GET.get("park", "")
    parks = Park.objects.visible_to(user).select_related("branch")
    park = get_object_or_404(parks, pk=int(wanted)) if firm is None and wanted.isdecimal() else None
    if park is not None:
        request.park = park
    found = get_expiry_calendar(user=user, on=on, park=park, enterprise=firm)
    if request.GET.get("format") == "ics":
        text = expiry_calendar_file(
            expiries=[*found.overdue, *found.coming], at=timezone.now(), link=request.build_absolute_uri
        )
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="expiries.ics"'
        return response
    crumbs = park_crumbs(park) if park else [Link(_("Enterprises"), reverse("enterprise_list"))]
    if firm is not None:
        crumbs.append(Link(firm.name, reverse("enterprise_detail", args=[firm.pk])))
    context = {"calendar": found, "chosen_park": park, "firm": firm, "as_of": on, "crumbs": crumbs}
    return page(request, "enterprises/calendar.html", context)


@require_safe
def enterprise_history(request: HttpRequest, enterprise_id: int) -> HttpResponse:
    """Show every audited event of a firm and of its rows, newest first."""
    user = request.user
    firm = get_object_or_404(Enterprise.objects.visible_to(user), pk=enterprise_id)
    kind = request.GET.get("kind", "")
    shown = Paginator(list_history(enterprise=firm, user=user, kind=kind), EVENTS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "enterprise": firm,
        "events": [event_line(event=event) for event in shown],
        "shown": shown,
        "kinds": [("", _("All"), kind not in KINDS), *((key, label, key == kind) for key, label in KINDS.items())],
        "crumbs": [
            Link(_("Enterprises"), reverse("enterprise_list")),
            Link(firm.name, reverse("enterprise_detail", args=[firm.pk])),
        ],
    }
    return page(request, "enterprises/history.html", context, parts=frozenset({"events"}))
