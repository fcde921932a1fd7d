"""Output per area of a park and of one firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.queries import get_viewer, list_building_states
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from .. import charts
from ..forms.exits import ClassifyForm, DisposeForm, MarkForm, ReasonForm
from ..models import EfficiencyMark, EfficiencyResult, EfficiencyRun, LowEfficiencySpace
from ..queries import efficiency as told
from ..queries import findings, land
from ..services import efficiency as services
from .common import crumbs_of as life_crumbs


def _park_of(request: HttpRequest, park_id: int) -> Park:
    parks = Park.objects.visible_to(request.user, Permission.VIEW_MONEY).select_related("branch")
    park = get_object_or_404(parks, pk=park_id)
    request.park = park
    return park


def _may_work(request: HttpRequest, park: Park) -> bool:
    return bool(request.user.may(Permission.MANAGE_LEASES, park.branch.path))


def exit_tabs(park: Park | None, chosen: str) -> list[Link]:
    """Return the tabs of the pages of output per area and exits."""
    query = f"?park={park.pk}" if park else ""
    tabs = (
        [Link(_("Output per area"), reverse("park_efficiency", args=[park.pk]), chosen == "efficiency")] if park else []
    )
    for name, label in (
        ("exit_triggers", _("Exit triggers")),
        ("exit_cases", _("Exits")),
        ("exit_ledger", _("Vacated and re-let space")),
    ):
        tabs.append(Link(label, reverse(name) + query, chosen == name))
    return tabs


def crumbs_of(park: Park, *more: Link) -> list[Link]:
    """Return the way to a page of output per area or exits."""
    home = Link(_("Output per area"), reverse("park_efficiency", args=[park.pk]))
    return [*life_crumbs(park), home, *more]


def _classify_form(park: Park, today_year: int, data: Any = None) -> ClassifyForm:
    entries, _problems = land.list_schemes()
    choices = [(e.key, e.name) for e in entries]
    return ClassifyForm(data, years=range(today_year - 1, today_year - 4, -1), schemes=choices)


@require_http_methods(["GET", "POST"])
def park_efficiency(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the firms of a park by what they yield per area, with advice; class them for a year."""
    park = _park_of(request, park_id)
    on, year_now = day_of(request), timezone.localdate().year
    form = _classify_form(park, year_now, request.POST if request.method == "POST" else None)
    if form.is_bound:
        if not _may_work(request, park):
            raise PermissionDenied
        if form.is_valid():
            try:
                run = services.classify_firms(
                    park=park,
                    year=form.cleaned_data["year"],
                    scheme_key=form.cleaned_data["scheme"],
                    actor=request.user,
                    at=timezone.now(),
                )
            except services.CannotClassify as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The firms were classed for %(year)s.") % {"year": run.year})
                return redirect(f"{reverse('park_efficiency', args=[park.pk])}?run={run.pk}")
    context = {**_overview(request, park, on), "form": form}
    return page(
        request, "lifecycle/efficiency.html", context, parts=frozenset({"map"}), status=422 if form.is_bound else 200
    )


def _chosen_run(request: HttpRequest, park: Park, runs: list[EfficiencyRun]) -> EfficiencyRun | None:
    asked = request.GET.get("run", "")
    found = next((run for run in runs if asked.isdigit() and run.pk == int(asked)), None)
    return found or land.counting_run(park=park)


def _overview(request: HttpRequest, park: Park, on: Any) -> dict[str, Any]:
    runs = land.list_runs(park=park)
    run = _chosen_run(request, park, runs)
    context: dict[str, Any] = {
        "park": park,
        "as_of": on,
        "run": run,
        "runs": [(one, land.scheme_name(row=one.scheme)) for one in runs],
        "may_work": _may_work(request, park),
        "problems": land.list_schemes()[1],
        "tabs": exit_tabs(park, "efficiency"),
        "crumbs": life_crumbs(park),
        "advice": [],
    }
    if run is None:
        return context
    results = land.list_results(run=run)
    other = land.counting_run(park=park, year=run.year - 1)
    before = {c.enterprise_id: c.before for c in land.compare_runs(run=run, other=other).values()} if other else {}
    found = findings.list_findings(park=park, on=on)
    labels = findings.advice_labels()
    advice = findings.advise(findings=found)
    context |= {
        "scheme_name": land.scheme_name(row=run.scheme),
        "rows": paged([(r, before.get(r.enterprise_id, "")) for r in results], request.GET, at="classed"),
        "before_year": other.year if other else None,
        "counts": charts.class_counts(results),
        "chart": charts.tax_bars(results),
        "advice": [(labels[key], [a for a in advice if a.advice == key]) for key in labels],
        "unchecked": [str(findings.Kind(kind).label) for kind in found.unchecked],
        "listed": paged(told.list_low_efficiency(park=park), request.GET, key="space", at="space"),
        "marks": list(EfficiencyMark.objects.filter(park=park, year=run.year).select_related("enterprise")),
        **_map(request, park, on, results),
    }
    return context


def _map(request: HttpRequest, park: Park, on: Any, results: list[EfficiencyResult]) -> dict[str, Any]:
    labels = charts.shade_labels()
    asked = request.GET.get("colour", "")
    shade = asked if asked in labels else "klass"
    by_firm = {r.enterprise_id: r for r in results}
    states = list_building_states(park=park, on=on, viewer=get_viewer(user=request.user, park=park))
    name, unit = labels[shade]
    values = None
    if shade == "energy_per_m2" and not any(r.measures.get(shade) is not None for r in results):
        # No whole year of meters lies in the run's year: the last twelve months are shown, and named.
        since, values = land.get_recent_intensity(park=park, on=on)
        name = _("Energy per m² in the twelve months from %(month)s") % {"month": f"{since:%Y-%m}"}
    sections = [
        (s.building, charts.efficiency_section(s, by_firm, shade=shade, values=values)) for s in states if s.states
    ]
    return {
        "sections": sections,
        "shade_unit": unit,
        "shade_name": name,
        "shades": [(key, text, key == shade) for key, (text, _unit) in labels.items()],
    }


@require_POST
def run_lock(request: HttpRequest, efficiency_id: int) -> HttpResponse:
    """Lock a run as the one that counts for its year."""
    run = _run_of(request, efficiency_id)
    try:
        services.lock_run(run=run, actor=request.user, at=timezone.now())
    except services.CannotClassify as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The classes of %(year)s are locked.") % {"year": run.year})
    return redirect(f"{reverse('park_efficiency', args=[run.park_id])}?run={run.pk}")


@require_POST
def run_share(request: HttpRequest, efficiency_id: int) -> HttpResponse:
    """Show the firms their own classes of a run, or no more."""
    run = _run_of(request, efficiency_id)
    services.share_run(run=run, is_shared=not run.is_shared, actor=request.user, at=timezone.now())
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('park_efficiency', args=[run.park_id])}?run={run.pk}")


def _run_of(request: HttpRequest, efficiency_id: int) -> EfficiencyRun:
    runs = EfficiencyRun.objects.all().visible_to(request.user).select_related("park__branch")
    run: EfficiencyRun = get_object_or_404(runs, pk=efficiency_id)
    if not _may_work(request, run.park):
        raise PermissionDenied
    request.park = run.park
    return run


@require_safe
def firm_efficiency(request: HttpRequest, result_id: int) -> HttpResponse:
    """Show a firm in a run: figures with where they come from, each item with its formula and the numbers put in."""
    rows = EfficiencyResult.objects.select_related("run__park__branch", "enterprise")
    result = get_object_or_404(rows, pk=result_id)
    if not told.may_see_result(user=request.user, result=result):
        raise Http404
    park = result.run.park
    request.park = park
    sees_park = request.user.may(Permission.VIEW_MONEY, park.branch.path)
    context = {
        "result": result,
        "park": park,
        "sheet": told.describe_result(result=result),
        "sees_park": sees_park,
        "crumbs": crumbs_of(park) if sees_park else [],
    }
    return page(request, "lifecycle/firm_efficiency.html", context)


def form_page(request: HttpRequest, park: Park, form: Any, title: str, back: str, **extra: Any) -> HttpResponse:
    """Show a form of a park; with what is wrong in it where it was sent."""
    context: Mapping[str, Any] = {
        "form": form,
        "title": title,
        "park": park,
        "back": back,
        "has_file": form.is_multipart(),
        "crumbs": crumbs_of(park),
        **extra,
    }
    return page(request, "lifecycle/exit_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def space_dispose(request: HttpRequest, listed_id: int) -> HttpResponse:
    """Say what was done about low-efficiency space."""
    spaces = LowEfficiencySpace.objects.all().visible_to(request.user, Permission.MANAGE_LEASES)
    space = get_object_or_404(spaces.select_related("park__branch", "premises", "enterprise"), pk=listed_id)
    request.park = space.park
    form = DisposeForm(request.POST or None)
    back = reverse("park_efficiency", args=[space.park_id])
    if form.is_valid():
        try:
            services.dispose_space(space=space, actor=request.user, at=timezone.now(), **form.cleaned_data)
        except services.CannotClassify as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    return form_page(request, space.park, form, _("What was done: %(space)s") % {"space": space}, back)


@require_http_methods(["GET", "POST"])
def mark_add(request: HttpRequest, park_id: int, year: int) -> HttpResponse:
    """Set a firm apart in a year's classes."""
    park = _park_of(request, park_id)
    if not _may_work(request, park):
        raise PermissionDenied
    firms = told.list_firm_choices(park=park, year=year)
    form = MarkForm(request.POST or None, firms=firms)
    back = reverse("park_efficiency", args=[park.pk])
    if form.is_valid():
        firm = Enterprise.objects.get(pk=form.cleaned_data["firm"])
        values = {"kind": form.cleaned_data["kind"], "note": form.cleaned_data["note"]}
        try:
            services.mark_firm(park=park, enterprise=firm, year=year, actor=request.user, at=timezone.now(), **values)
        except services.CannotClassify as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved. Class the firms again to see what follows."))
            return redirect(back)
    return form_page(request, park, form, _("Mark a firm in %(year)s") % {"year": year}, back)


@require_http_methods(["GET", "POST"])
def mark_remove(request: HttpRequest, mark_id: int) -> HttpResponse:
    """Take a mark back, with the reason."""
    parks = Park.objects.visible_to(request.user, Permission.MANAGE_LEASES)
    mark = get_object_or_404(
        EfficiencyMark.objects.filter(park__in=parks).select_related("park__branch", "enterprise"), pk=mark_id
    )
    request.park = mark.park
    form = ReasonForm(request.POST or None)
    back = reverse("park_efficiency", args=[mark.park_id])
    if form.is_valid():
        try:
            services.remove_mark(mark=mark, reason=form.cleaned_data["reason"], actor=request.user, at=timezone.now())
        except services.CannotClassify as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    return form_page(request, mark.park, form, _("Take back: %(thing)s") % {"thing": mark}, back)
