"""The pages of the city."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain import lists
from parkbrain.assessment import services as assessment
from parkbrain.assessment.queries import get_drawing_job
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import charts, queries
from ..forms import BudgetForm
from ..tables import CITY


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


def city_plans(request: HttpRequest) -> HttpResponse:
    """Show where one budget lifts most parks by a star, by district, within limits of fairness."""
    user = request.user
    if not user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    form = BudgetForm(request.GET or None)
    typed = form.cleaned_data if form.is_bound and form.is_valid() else {}
    budget = typed.get("budget")
    lifting = queries.get_lifting(
        user=user,
        budget_yuan=None if budget is None else int(budget),
        least=typed.get("least") or 0,
        most=typed.get("most"),
    )
    job = queries.get_planning_job()
    context = {
        "form": form,
        "lifting": lifting,
        "frontier": charts.lift_frontier(lifting=lifting) if lifting.curve else None,
        "hidden_count": lifting.lifted_count - len(lifting.lifted),
        "job": job,
        "is_busy": job is not None and job.state in {job.State.WAITING, job.State.RUNNING},
        "crumbs": [Link(_("City"), reverse("city"))],
    }
    wrong = form.is_bound and not form.is_valid()
    parts = frozenset({"lifting", "planning-job"})
    return page(request, "portfolio/city_plans.html", context, parts=parts, status=422 if wrong else 200)


@require_POST
def plan_parks(request: HttpRequest) -> HttpResponse:
    """Start the planning of all parks."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    assessment.start_planning(actor=request.user, at=timezone.now())
    return redirect("city_plans")


@require_POST
def stop_planning(request: HttpRequest) -> HttpResponse:
    """Stop the planning that is under way."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    assessment.cancel_planning(actor=request.user)
    return redirect("city_plans")


def city_certainty(request: HttpRequest) -> HttpResponse:
    """Show how sure the stars of the person's parks are, and which are least sure."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    job = get_drawing_job()
    context = {
        "sureness": queries.get_sureness(user=request.user),
        "job": job,
        "is_busy": job is not None and job.state in {job.State.WAITING, job.State.RUNNING},
        "crumbs": [Link(_("City"), reverse("city"))],
    }
    return page(request, "portfolio/city_certainty.html", context, parts=frozenset({"drawing-job"}))


@require_POST
def draw_parks(request: HttpRequest) -> HttpResponse:
    """Start the drawing of all parks."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    assessment.start_drawing(actor=request.user, at=timezone.now())
    return redirect("city_certainty")


@require_POST
def stop_drawing(request: HttpRequest) -> HttpResponse:
    """Stop the drawing that is under way."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    assessment.cancel_drawing(actor=request.user)
    return redirect("city_certainty")
