"""The way to a park's next star, and the measures it is made of."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parkbrain.calc import planning
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import charts, queries, services
from ..forms import MeasureForm, OwnMeasureForm, WishForm
from ..models import MeasureChange, OwnMeasure
from .common import crumbs, may, not_rated, open_park, stars_link


def _plan_link(park: Park) -> Link:
    return Link(_("The way to the next star"), reverse("next_star", args=[park.pk]))


def next_star(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the cheapest way to a class within the limits of the address, and everything that explains it."""
    park = open_park(request, park_id)
    context = {"park": park, "crumbs": crumbs(park, stars_link(park)), "on": ""}
    try:
        sheet = queries.get_star_sheet(park=park)
    except queries.NotRated as reason:
        return not_rated(request, park, context, reason)
    ranks = queries.next_ranks(sheet=sheet)
    context |= {"sheet": sheet, "may_edit": may(request, Permission.EDIT_RECORD, park)}
    if not ranks:
        return page(request, "assessment/next_star.html", {**context, "at_top": True})
    lines = queries.list_measures(park=park, sheet=sheet)
    measures = [(one.id, one.name) for one in lines if one.state == "open"]
    form = WishForm(request.GET or None, ranks=ranks, measures=measures)
    wish = form.wish() if form.is_valid() else None
    if not form.is_bound:
        wish = planning.Wish(ranks[0][0], certainty=WishForm.CERTAINTY / 100)
    found = queries.get_next_star(sheet=sheet, wish=wish) if wish else None
    context |= {
        "form": form,
        "found": found,
        "timeline": charts.plan_timeline(plan=found.plan, on=timezone.localdate())
        if found and found.plan.steps
        else None,
        "gaps": sheet.gaps,
    }
    status = 422 if form.is_bound and wish is None else 200
    return page(request, "assessment/next_star.html", context, parts=frozenset({"plan"}), status=status)


def measure_list(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show every measure as the park has it: cost, time, chance, effects, prerequisites."""
    park = open_park(request, park_id)
    context = {"park": park, "crumbs": crumbs(park, stars_link(park), _plan_link(park)), "on": ""}
    try:
        sheet = queries.get_star_sheet(park=park)
    except queries.NotRated as reason:
        return not_rated(request, park, context, reason)
    lines = queries.list_measures(park=park, sheet=sheet)
    context |= {
        "lines": lines,
        "open_count": sum(one.state == "open" for one in lines),
        "done_count": sum(one.state == "done" for one in lines),
        "notice": queries.describe(value=queries.get_measures().notice),
        "may_edit": may(request, Permission.EDIT_RECORD, park),
    }
    return page(request, "assessment/measures.html", context)


def _park_to_edit(request: HttpRequest, park_id: int) -> Park:
    park = open_park(request, park_id)
    if not may(request, Permission.EDIT_RECORD, park):
        raise PermissionDenied
    return park


@require_http_methods(["GET", "POST"])
def measure_change(request: HttpRequest, park_id: int, measure_id: str) -> HttpResponse:
    """Give a measure the park's own cost, time or chance, or keep it out of plans."""
    park = _park_to_edit(request, park_id)
    measure = next((one for one in queries.get_measures().measures if one.id == measure_id), None)
    change = MeasureChange.objects.filter(park=park, measure_id=measure_id).first()
    if measure is None:
        return redirect("measure_list", park.pk)
    form = MeasureForm(request.POST or None, initial=MeasureForm.of(change))
    if form.is_bound and form.is_valid():
        try:
            services.change_measure(
                park=park, measure_id=measure_id, **form.terms(), actor=request.user, at=timezone.now()
            )
        except services.CannotChangeMeasure as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("measure_list", park.pk)
    return _form_page(request, park, form, queries.describe(value=measure.name), change)


@require_http_methods(["GET", "POST"])
def measure_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Add a measure of the park's own."""
    park = _park_to_edit(request, park_id)
    form = OwnMeasureForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.add_own_measure(park=park, **form.terms(), actor=request.user, at=timezone.now())
        except services.CannotChangeMeasure as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("measure_list", park.pk)
    return _form_page(request, park, form, _("Add an own measure"), None)


def _form_page(
    request: HttpRequest,
    park: Park,
    form: MeasureForm | OwnMeasureForm,
    title: str,
    change: MeasureChange | None,
) -> HttpResponse:
    back = reverse("measure_list", args=[park.pk])
    way = crumbs(park, stars_link(park), _plan_link(park), Link(_("Measures"), back))
    context = {"park": park, "form": form, "title": title, "back": back, "change": change, "crumbs": way}
    return page(request, "assessment/measure_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def measure_reset(request: HttpRequest, park_id: int, measure_id: str) -> HttpResponse:
    """Go back to the catalogue's terms of a measure."""
    park = _park_to_edit(request, park_id)
    change = get_object_or_404(MeasureChange, park=park, measure_id=measure_id)
    services.reset_measure(change=change, actor=request.user, at=timezone.now())
    messages.success(request, _("The catalogue's terms count again."))
    return redirect("measure_list", park.pk)


@require_POST
def measure_remove(request: HttpRequest, park_id: int, own_id: int) -> HttpResponse:
    """Take a measure of the park's own out."""
    park = _park_to_edit(request, park_id)
    own = get_object_or_404(OwnMeasure, park=park, pk=own_id)
    services.remove_own_measure(own=own, actor=request.user, at=timezone.now())
    messages.success(request, _("The measure was taken out."))
    return redirect("measure_list", park.pk)
