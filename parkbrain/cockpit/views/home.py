"""The home pages and the search over everything."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.portfolio import queries as city
from parkbrain.ui.htmx import page

from .. import queries

#: So many facts to verify stand on an assessor's home without scrolling.
ASSESSOR_LINES = 16


def home(request: HttpRequest) -> HttpResponse:
    """Show what needs the person today, by what they are."""
    user = request.user
    if user.may(Permission.DECLARE_FACT):
        park = _current_park(request)
        if park is not None:
            on = timezone.localdate()
            context = {"park": park, "home": queries.get_home(user=user, park=park, on=on), "as_of_day": on}
            return page(request, "cockpit/operator.html", context)
        return page(request, "cockpit/empty.html", {})
    if user.may(Permission.VIEW_CITY):
        return page(request, "cockpit/bureau.html", {**_bureau(request), "panels": _panels(request)})
    if user.may(Permission.VERIFY_FACT):
        lines = queries.list_to_verify(user=user)
        parks = list(Park.objects.visible_to(user, Permission.VERIFY_FACT).order_by("pk")[:12])
        shown = lines[:ASSESSOR_LINES]
        context = {"lines": shown, "count": len(lines), "hidden": len(lines) - len(shown), "parks": parks}
        context["panels"] = _panels(request)
        return page(request, "cockpit/assessor.html", context)
    parks = list(Park.objects.visible_to(user).order_by("pk")[:12])
    published = queries.list_published(parks=parks)
    context = {
        "enterprises": queries.list_own_enterprises(user=user),
        "stays": queries.list_own_occupancies(user=user, on=timezone.localdate()),
        "parks": [(park, published.get(park.pk)) for park in parks],
        "panels": _panels(request),
    }
    return page(request, "cockpit/tenant.html", context)


def _panels(request: HttpRequest) -> list[str]:
    """Return what other modules add to the home of a person who runs no park, in their order."""
    rendered: list[str] = []
    for panel in registry.panels_for("cockpit.home"):
        context = panel.context(request, None)
        if context is not None:
            rendered.append(render_to_string(panel.template, dict(context), request))
    return rendered


def _current_park(request: HttpRequest) -> Park | None:
    """Return the park chosen before among those the person operates, or the first of them."""
    own = Park.objects.visible_to(request.user, Permission.DECLARE_FACT).exclude(standing=Park.Standing.AS_STATED)
    chosen = request.session.get("park_id")
    park = own.filter(pk=chosen).first() if chosen else None
    park = park or own.order_by("pk").first()
    if park is not None:
        request.park = park
    return park


def _bureau(request: HttpRequest) -> dict[str, object]:
    ratings = city.ratings_of(user=request.user)
    best = ratings.select_related("park").defer("inputs", "result").order_by("-total_proven")[:8]
    # Parks whose missing facts hide most: the gap between what is proven and what could be.
    hidden = ratings.select_related("park").defer("inputs", "result").order_by("coverage")[:8]
    return {
        "totals": city.get_city_totals(ratings=ratings),
        "lines": city.list_district_lines(ratings=ratings),
        "best": list(best),
        "hidden": list(hidden),
    }


def _working_park(request: HttpRequest) -> Park | None:
    """Return the park the person opened or chose last; of those with one park alone, that one."""
    visible = Park.objects.visible_to(request.user).select_related("branch")
    if chosen := visible.filter(pk=request.session.get("park_id")).first():
        return chosen
    first = list(visible.exclude(standing=Park.Standing.AS_STATED).order_by("pk")[:2])
    own = _current_park(request) if request.user.may(Permission.DECLARE_FACT) else None
    return own or (first[0] if len(first) == 1 else None)


def search(request: HttpRequest) -> HttpResponse:
    """Find parks, firms, premises, indicators and facts by a few characters."""
    text = request.GET.get("q", "")[:80]
    groups = queries.search_everything(user=request.user, text=text, park=_working_park(request))
    count = sum(len(hits) for _kind, hits in groups)
    context = {"text": text, "groups": groups, "count": count, "hint": _("Type a name, a code or a number.")}
    return page(request, "cockpit/search.html", context, parts=frozenset({"search-hits"}))
