"""The pages of the city."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain import lists
from parkbrain.assessment import services as assessment
from parkbrain.assessment.queries import get_drawing_job
from parkbrain.kernel.models import User
from parkbrain.kernel.names import street_name
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from .. import charts, queries
from ..forms import BudgetForm
from ..tables import CITY


def _check_oversees(user: User) -> None:
    if not user.may(Permission.VIEW_CITY):
        raise PermissionDenied


def city(request: HttpRequest) -> HttpResponseBase:
    """Show the parks of the person's branches: where, how good by any measure, by branch, and each of them."""
    user = request.user
    _check_oversees(user)
    return lists.respond(
        request,
        CITY,
        template="portfolio/city.html",
        beside=lambda found: _beside(request, found),
        parts=frozenset({"figures"}),
    )


def _measure(request: HttpRequest, ask: lists.Ask) -> queries.Measure:
    """Return the measure that the address names; what is none is the proven total, with a word about it."""
    typed = ask.params.get("by", "")
    measure = queries.get_measure(key=typed or queries.DEFAULT)
    if measure is None:
        messages.warning(request, _("“%(typed)s” is no measure; the proven total is shown.") % {"typed": typed[:40]})
        measure = queries.get_measure(key=queries.DEFAULT)
    assert measure is not None
    return measure


def _beside(request: HttpRequest, found: lists.Found) -> dict[str, Any]:
    """Return what the page draws of the parks that the list keeps."""
    user, ask = request.user, found.ask
    measure = _measure(request, ask)
    overview = queries.get_overview(user=user)
    rows = _rows(found)
    spread = queries.get_spread(user=user, rows=rows, measure=measure, on=ask.on)
    branches = queries.get_branches(user=user, rows=rows, level=queries.next_level(chosen=ask.values), on=ask.on)
    return {
        "totals": overview.totals,
        "lines": overview.lines,
        "measure": measure,
        "measures": [(group.name, group.choices(measure)) for group in queries.list_measures()],
        "branches": branches,
        "way": _way(request, ask),
        "spread": spread,
        "stars": charts.star_lines(counts=dict(enumerate(branches.total.stars)), link=_link(request)),
        "distribution": charts.distribution(measure=measure, spread=spread, link=_link(request)),
        "course": charts.course(measure=measure, spread=spread),
        "map": charts.district_map(shapes=queries.list_shapes(), lines=overview.lines),
        "points_url": f"{reverse('city_points')}?{request.GET.urlencode()}",
        "stated": queries.list_stated_parks(user=user),
    }


def _rows(found: lists.Found) -> Any:
    """Return where the parks that the list keeps stand on the person's ground."""
    ground = queries.get_ground(user=found.ask.user)
    if not found.is_narrowed:
        return ground.rows_of(ground.park_ids.tolist())
    return ground.rows_of(list(found.rows.order_by().values_list("park_id", flat=True)))


def _link(request: HttpRequest) -> Callable[..., str]:
    """Return what changes the address: the list with other filters, from its first page."""

    def link(**changes: str) -> str:
        params = request.GET.copy()
        params.pop("page", None)
        for key, value in changes.items():
            params[key] = value
        return f"{reverse('city')}?{params.urlencode(safe=',')}"

    return link


def _way(request: HttpRequest, ask: lists.Ask) -> list[Link]:
    """Return the way from the city down to the branch that is chosen."""
    chosen = [level for level in queries.LEVELS if level in ask.values]
    names = {**queries.list_district_names(), queries.NO_DISTRICT: _("not stated")}
    operators = {one.code: one.name for one in queries.list_operators(user=ask.user)} if "operator" in chosen else {}
    way = []
    for depth in range(len(chosen) + 1):
        params = request.GET.copy()
        for key in ("page", *chosen[depth:]):
            params.pop(key, None)
        text = str(ask.values[chosen[depth - 1]]) if depth else _("City")
        if depth:
            said = {"district": names, "operator": operators, "street": {text: street_name(text)}}[chosen[depth - 1]]
            text = said.get(text, text)
        way.append(Link(text, f"{reverse('city')}?{params.urlencode(safe=',')}"))
    return way


def city_points(request: HttpRequest) -> HttpResponse:
    """Answer the parks that the city's list keeps as columns for the map: places, colours, names, legend."""
    with read_once():
        found = lists.select(request, CITY)
        measure = queries.get_measure(key=found.ask.params.get("by", "")) or queries.get_measure(key=queries.DEFAULT)
        assert measure is not None
        points = queries.get_points(user=request.user, rows=_rows(found), measure=measure, on=found.ask.on)
    tag = f'"{points.tag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    body = {
        "id": points.park_ids,
        "x": points.longitudes,
        "y": points.latitudes,
        "step": points.steps,
        "name": points.names,
        "text": points.texts,
        "palette": points.palette,
        "shades": [{"step": one.step, "text": one.text, "count": one.count} for one in points.shades],
    }
    return JsonResponse(body, headers=headers, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


def city_shapes(request: HttpRequest) -> HttpResponse:
    """Answer the outlines of the districts as GeoJSON, each with its name in the reader's language and where it stands."""
    _check_oversees(request.user)
    features = [
        {
            "type": "Feature",
            "properties": {"name": shape.name, "at": charts.label_place(shape=shape)},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring] for ring in shape.rings]},
        }
        for shape in queries.list_shapes()
    ]
    headers = {"Cache-Control": "private, max-age=3600", "Vary": "Accept-Language, Cookie"}
    return JsonResponse({"type": "FeatureCollection", "features": features}, headers=headers)


def city_plans(request: HttpRequest) -> HttpResponse:
    """Show where one budget lifts most parks by a star, by district, within limits of fairness."""
    user = request.user
    _check_oversees(user)
    form = BudgetForm(request.GET or None)
    typed = form.cleaned_data if form.is_bound and form.is_valid() else {}
    budget = typed.get("budget")
    lifting = queries.get_lifting(
        user=user,
        budget_yuan=None if budget is None else int(budget),
        least=typed.get("least") or 0,
        most=typed.get("most"),
        page=request.GET.get("page"),
    )
    job = queries.get_planning_job()
    context = {
        "form": form,
        "lifting": lifting,
        "frontier": charts.lift_frontier(lifting=lifting) if lifting.curve else None,
        "pages": paged(range(lifting.lifted_count), request.GET, per=queries.LIFTS_SHOWN, at="lifting"),
        "job": job,
        "is_busy": job is not None and job.is_under_way,
        "crumbs": [Link(_("City"), reverse("city"))],
    }
    wrong = form.is_bound and not form.is_valid()
    parts = frozenset({"lifting", "planning-job"})
    return page(request, "portfolio/city_plans.html", context, parts=parts, status=422 if wrong else 200)


@require_POST
def plan_parks(request: HttpRequest) -> HttpResponse:
    """Start the planning of all parks."""
    _check_oversees(request.user)
    assessment.start_planning(actor=request.user, at=timezone.now())
    return redirect("city_plans")


@require_POST
def stop_planning(request: HttpRequest) -> HttpResponse:
    """Stop the planning that is under way."""
    _check_oversees(request.user)
    assessment.cancel_planning(actor=request.user)
    return redirect("city_plans")


def city_certainty(request: HttpRequest) -> HttpResponse:
    """Show how sure the stars of the person's parks are, and which are least sure."""
    _check_oversees(request.user)
    job = get_drawing_job()
    context = {
        "sureness": queries.get_sureness(user=request.user),
        "job": job,
        "is_busy": job is not None and job.is_under_way,
        "crumbs": [Link(_("City"), reverse("city"))],
    }
    return page(request, "portfolio/city_certainty.html", context, parts=frozenset({"drawing-job"}))


@require_POST
def draw_parks(request: HttpRequest) -> HttpResponse:
    """Start the drawing of all parks."""
    _check_oversees(request.user)
    assessment.start_drawing(actor=request.user, at=timezone.now())
    return redirect("city_certainty")


@require_POST
def stop_drawing(request: HttpRequest) -> HttpResponse:
    """Stop the drawing that is under way."""
    _check_oversees(request.user)
    assessment.cancel_drawing(actor=request.user)
    return redirect("city_certainty")
