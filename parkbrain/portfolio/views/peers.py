"""A park among parks of like kind."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui import asof
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries


def park_peers(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show a park's place among parks of its type, size and age: the total, every dimension, every indicator."""
    visible = Park.objects.visible_to(request.user, Permission.VIEW_RATING).select_related("branch")
    park = get_object_or_404(visible, pk=park_id)
    request.park = park
    day = asof.day_of(request)
    context = {
        "park": park,
        "as_of": day,
        "crumbs": [
            Link(park.name, reverse("park_detail", args=[park.pk])),
            Link(_("Stars"), reverse("stars", args=[park.pk])),
        ],
        "may_see_city": request.user.may(Permission.VIEW_CITY, park.branch.path),
    }
    try:
        context["sheet"] = queries.get_peer_sheet(park=park, on=day)
    except queries.NotCompared as reason:
        context["reason"] = str(reason)
    return page(request, "portfolio/park_peers.html", context)
