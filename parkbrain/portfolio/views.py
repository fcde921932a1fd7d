"""The page of the city."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from parkbrain import lists
from parkbrain.kernel.roles import Permission

from . import charts, queries
from .tables import CITY


def city(request: HttpRequest) -> HttpResponseBase:
    """Show the parks of the person's branches: how many, how good, where, and each of them."""
    user = request.user
    if not user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    overview = queries.get_overview(user=user)
    context = {
        "totals": overview.totals,
        "lines": overview.lines,
        "stars": charts.star_distribution(counts=overview.counts),
        "points": charts.total_distribution(totals=overview.points),
        "map": charts.district_map(shapes=queries.list_shapes(), lines=overview.lines),
        "stated": queries.list_stated_parks(user=user),
    }
    return lists.respond(request, CITY, template="portfolio/city.html", context=context)
