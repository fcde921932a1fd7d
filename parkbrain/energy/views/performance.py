"""Plans against what was used, and what was avoided against baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parkbrain.calc.energy import PlanLine
from parkbrain.kernel.models import Park
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..charts import baseline_chart, plan_chart, saved_chart
from ..forms import BaselineForm, DriverForm, YearForm
from ..models import EnergyBaseline, EnergyDriver, EnergyKind
from .common import crumbs_of, form_page, kind_of, may_edit, pages_of, park_of, park_to_edit


@dataclass(frozen=True)
class PlanRow:
    """A month of the plan with the page of its rows."""

    month: str
    line: PlanLine
    url: str

    @property
    def so_far(self) -> float:
        """By how much the plan is exceeded up to and with this month."""
        return self.line.actual_so_far - self.line.planned_so_far


def _year_of(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 1990 <= int(asked) <= 2200 else day_of(request).year


def _home(park: Park) -> Link:
    return Link(_("Plan and savings"), reverse("energy_performance", args=[park.pk]))


def energy_performance(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show what was avoided against each baseline, and plan against actual of a year."""
    park, on, year = park_of(request, park_id), day_of(request), _year_of(request)
    kinds = queries.list_kinds(park=park)
    kind = kind_of(request, kinds)
    path = reverse("energy_performance", args=[park.pk])
    baselines = EnergyBaseline.objects.filter(park=park).prefetch_related("meters", "drivers")
    planned = queries.get_planned_year(park=park, energy_kind=kind, year=year, on=on) if kind else None
    rows = []
    for month, line in zip(planned.months, planned.lines, strict=True) if planned else ():
        url = f"{reverse('energy_bills', args=[park.pk])}?kind={kind}&month={month:%Y-%m}"
        rows.append(PlanRow(f"{month:%Y-%m}", line, url))
    has_any = any(row.line.planned is not None for row in rows)
    context = {
        "park": park,
        "kind": kind,
        "year": year,
        "results": [queries.get_baseline_result(baseline=one, on=on) for one in baselines],
        "planned": planned,
        "has_plan": has_any,
        "plan_rows": rows,
        "so_far": planned.lines[-1] if planned else None,
        "chart": plan_chart(planned=planned) if planned and has_any else None,
        "may_edit": may_edit(request, park),
        "plan_url": f"{reverse('energy_plan', args=[park.pk])}?kind={kind}&year={year}",
        "tabs": [Link(str(EnergyKind(k).label), f"{path}?kind={k}&year={year}", k == kind) for k in kinds],
        "earlier_url": f"{path}?kind={kind}&year={year - 1}",
        "later_url": f"{path}?kind={kind}&year={year + 1}",
        "pages": pages_of(park, "energy_performance"),
        "crumbs": crumbs_of(park),
    }
    return page(request, "energy/performance.html", context)


@require_http_methods(["GET", "POST"])
def energy_plan(request: HttpRequest, park_id: int) -> HttpResponse:
    """State what is planned for the months of a year."""
    park, year = park_to_edit(request, park_id), _year_of(request)
    kind = kind_of(request, queries.list_kinds(park=park))
    back = f"{reverse('energy_performance', args=[park.pk])}?kind={kind}&year={year}"
    if not kind:
        return redirect(back)
    found = queries.get_planned_year(park=park, energy_kind=kind, year=year, on=day_of(request))
    held = {month: line.planned for month, line in zip(found.months, found.lines, strict=True)}
    form = YearForm(request.POST or None, year=year, unit=found.unit, initial=YearForm.initial_of(held))
    if request.method == "POST" and form.is_valid():
        try:
            services.record_plan(park=park, energy_kind=kind, months=form.months, actor=request.user, at=timezone.now())
        except services.CannotRecordPerformance as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    title = _("Plan of %(year)s: %(kind)s") % {"year": year, "kind": EnergyKind(kind).label}
    return form_page(request, park, form, home=_home(park), title=title, back=back)


@require_http_methods(["GET", "POST"])
def energy_drivers(request: HttpRequest, park_id: int) -> HttpResponse:
    """List what drives use, and add to it."""
    park = park_to_edit(request, park_id)
    form = DriverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            driver = services.record_driver(park=park, **form.cleaned_data, actor=request.user, at=timezone.now())
        except services.CannotRecordPerformance as refusal:
            form.add_error("name", str(refusal))
        else:
            return redirect("driver_months", driver.pk)
    drivers = EnergyDriver.objects.filter(park=park)
    back = reverse("energy_performance", args=[park.pk])
    return form_page(
        request, park, form, home=_home(park), title=_("Drivers of use"), back=back, extra={"drivers": drivers}
    )


@require_http_methods(["GET", "POST"])
def driver_months(request: HttpRequest, driver_id: int) -> HttpResponse:
    """State how much of a driver there was in the months of a year."""
    driver = get_object_or_404(
        EnergyDriver.objects.visible_to(request.user).select_related("park__branch"), pk=driver_id
    )
    park, year = park_to_edit(request, driver.park_id), _year_of(request)
    held = dict(driver.months.filter(month_on__year=year).values_list("month_on", "value"))
    form = YearForm(request.POST or None, year=year, unit=driver.unit, initial=YearForm.initial_of(held))
    here = reverse("driver_months", args=[driver.pk])
    if request.method == "POST" and form.is_valid():
        try:
            services.record_driver_months(driver=driver, months=form.months, actor=request.user, at=timezone.now())
        except services.CannotRecordPerformance as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{here}?year={year}")
    years = [Link(str(y), f"{here}?year={y}", y == year) for y in range(year - 2, year + 2)]
    back = reverse("energy_drivers", args=[park.pk])
    return form_page(request, park, form, home=_home(park), title=str(driver), back=back, extra={"years": years})


def _baseline_of(request: HttpRequest, baseline_id: int) -> EnergyBaseline:
    visible = EnergyBaseline.objects.visible_to(request.user).select_related("park__branch", "temperature")
    baseline: EnergyBaseline = get_object_or_404(visible, pk=baseline_id)
    request.park = baseline.park
    return baseline


def _edit_baseline(request: HttpRequest, park: Park, baseline: EnergyBaseline | None, title: str) -> HttpResponse:
    initial: dict[str, Any] = {}
    if baseline is not None:
        initial = {name: getattr(baseline, name) for name in BaselineForm.base_fields}
        initial |= {"meters": baseline.meters.all(), "drivers": baseline.drivers.all()}
    form = BaselineForm(request.POST or None, user=request.user, park=park, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        meters, drivers = list(values.pop("meters")), list(values.pop("drivers", ()))
        try:
            row = services.record_baseline(
                park=park,
                values=values,
                meters=meters,
                drivers=drivers,
                baseline=baseline,
                actor=request.user,
                at=timezone.now(),
            )
        except services.CannotRecordPerformance as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("baseline_detail", row.pk)
    back = reverse("baseline_detail", args=[baseline.pk]) if baseline else _home(park).url
    return form_page(request, park, form, home=_home(park), title=title, back=back)


@require_http_methods(["GET", "POST"])
def baseline_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Record a baseline."""
    return _edit_baseline(request, park_to_edit(request, park_id), None, _("New energy baseline"))


@require_http_methods(["GET", "POST"])
def baseline_change(request: HttpRequest, baseline_id: int) -> HttpResponse:
    """Change a baseline."""
    baseline = _baseline_of(request, baseline_id)
    return _edit_baseline(request, park_to_edit(request, baseline.park_id), baseline, str(baseline))


@require_POST
def baseline_remove(request: HttpRequest, baseline_id: int) -> HttpResponse:
    """Remove a baseline."""
    baseline = _baseline_of(request, baseline_id)
    park = park_to_edit(request, baseline.park_id)
    services.remove_baseline(baseline=baseline, actor=request.user, at=timezone.now())
    messages.success(request, _("Removed."))
    return redirect("energy_performance", park.pk)


def baseline_detail(request: HttpRequest, baseline_id: int) -> HttpResponse:
    """Show what a baseline expects against what was used, its model, how good it is, and what was avoided."""
    baseline = _baseline_of(request, baseline_id)
    park = baseline.park
    result = queries.get_baseline_result(baseline=baseline, on=day_of(request))
    context = {
        "park": park,
        "result": result,
        "baseline": baseline,
        "meters": list(baseline.meters.all()),
        "terms": _terms(result),
        "shortfalls": [_shortfall(name) for name in result.shortfalls],
        "chart": baseline_chart(result=result) if result.expected is not None else None,
        "saved": saved_chart(result=result) if result.saved_so_far is not None else None,
        "may_edit": may_edit(request, park),
        "crumbs": crumbs_of(park, _home(park)),
    }
    return page(request, "energy/baseline.html", context)


def _terms(result: queries.BaselineResult) -> Sequence[tuple[str, Any]]:
    return [(queries.driver_label(name=term.driver), term) for term in result.model.terms] if result.model else []


def _shortfall(name: str) -> str:
    return {
        "r2": _("the drivers explain too little of it (R²)"),
        "cv_rmse": _("it scatters too much around the model (CV(RMSE))"),
        "nmbe": _("the model is off on the whole (NMBE)"),
    }[name]
