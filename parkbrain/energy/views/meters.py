"""Meters, their tree, the months of a park and the metering audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from parkbrain import lists
from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from .. import queries, services
from ..charts import use_chart
from ..forms import CalibrationForm, RepairForm, ServeForm, SwapForm, read_time
from ..models import AllocationRule, EnergyTariff, Meter, MeterSwap, ReadingRepair, Recomputed
from ..tables import METERS, bill_rows, tariff_words
from .common import crumbs_of, may_edit, meter_of, month_context, pages_of, park_of

SHOWN_READINGS = 20


def meter_list(request: HttpRequest) -> HttpResponseBase:
    """Show the meters the person may see."""
    return lists.respond(request, METERS)


def meter_detail(request: HttpRequest, meter_id: int) -> HttpResponse:
    """Show a meter: its use with what is doubtful, its readings, what it reads, stands below and serves."""
    meter, on = meter_of(request, meter_id), day_of(request)
    step, start, end = read_time(request.GET, on=on)
    use = queries.get_use(meters=[meter.pk], starts_on=start, ends_on=end, step=step)[meter.pk]
    row = queries.meter_rows(meters=[meter], on=on)[0]
    zone = queries.park_zone()
    times = {"start_at": datetime.combine(start, time(), zone), "end_at": datetime.combine(end, time(), zone)}
    path = reverse("meter_detail", args=[meter.pk])
    readings = queries.list_readings(meter=meter, **times, most=SHOWN_READINGS + 1)
    labels = {queries.HOUR: _("Hours"), queries.DAY: _("Days"), queries.MONTH: _("Months")}
    context = {
        "meter": meter,
        "row": row,
        "total": queries.get_totals(meters=[meter.pk], starts_on=start, ends_on=end)[meter.pk],
        "from": start,
        "to": end,
        "step": step,
        "tabs": [Link(labels[s], f"{path}?step={s}", s == step) for s in queries.STEPS],
        "chart": use_chart(name=meter.code, unit=meter.unit_label, use=use, step=step),
        "readings": readings[:SHOWN_READINGS],
        "readings_more": len(readings) > SHOWN_READINGS,
        "bindings": queries.list_bindings(meter=meter),
        "uses": queries.list_uses(meters=[meter.pk]),
        "swaps": meter.swaps.all(),
        "repairs": paged(queries.list_repairs(meter=meter), request.GET, key="repairs", at="repairs"),
        "calibrations": meter.calibrations.all(),
        "recomputed": paged(Recomputed.objects.filter(meter=meter), request.GET, key="anew", at="anew"),
        "may_edit": request.user.may(Permission.EDIT_RECORD, meter.park.branch.path),
        "as_of": on,
        "is_live": start <= timezone.localdate() < end,
        "here": request.get_full_path(),
        "crumbs": crumbs_of(meter.park, Link(_("Meters"), reverse("meter_list"))),
    }
    return page(request, "energy/meter_detail.html", context, parts=frozenset({"now"}))


@dataclass(frozen=True)
class Thing:
    """One kind of entry of a meter: its form and the service that takes it."""

    title: str | Promise
    form: type[django_forms.Form]
    save: Callable[..., Any]


def _swap(meter: Meter, values: dict[str, Any], request: HttpRequest, at: datetime) -> None:
    services.swap_meter(meter=meter, **values, actor=request.user, at=at)
    services.recompute_use(at=at, park=meter.park)


def _repair(meter: Meter, values: dict[str, Any], request: HttpRequest, at: datetime) -> None:
    binding = next(
        (
            b
            for b in meter.points.all()
            if b.start_at <= values["read_at"] and (b.end_at is None or values["read_at"] < b.end_at)
        ),
        None,
    )
    if binding is None:
        raise services.CannotRepairReading(_("No point showed the meter at that time."))
    services.repair_reading(point=binding.point, **values, actor=request.user, at=at)
    services.recompute_use(at=at, points=[binding.point_id])


def _serve(meter: Meter, values: dict[str, Any], request: HttpRequest, at: datetime) -> None:
    target = queries.find_target(park=meter.park, kind=values["kind"], code=values["code"])
    if target is None:
        raise services.CannotServe(_("Nothing in this park is called %(code)s.") % {"code": values["code"]})
    services.serve(
        meter=meter,
        kind=values["kind"],
        target=target,
        share=values["share"] / 100,
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        actor=request.user,
        at=at,
    )
    services.refresh_statements(park=meter.park, at=at, starts_on=values["starts_on"], energy_kinds=[meter.energy_kind])


THINGS = {
    "swap": Thing(gettext_lazy("Exchange of the meter"), SwapForm, _swap),
    "repair": Thing(gettext_lazy("Repair of a reading"), RepairForm, _repair),
    "calibration": Thing(
        gettext_lazy("Calibration"),
        CalibrationForm,
        lambda meter, values, request, at: services.record_calibration(
            meter=meter, values=values, actor=request.user, at=at
        ),
    ),
    "use": Thing(gettext_lazy("What the meter serves"), ServeForm, _serve),
}


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, meter_id: int, entry: str) -> HttpResponse:
    """Record an exchange, a repair, a calibration or what the meter serves."""
    meter = meter_of(request, meter_id)
    if not request.user.may(Permission.EDIT_RECORD, meter.park.branch.path):
        raise PermissionDenied
    if (kind := THINGS.get(entry)) is None:
        raise Http404
    initial = {key: request.GET[key] for key in ("read_at", "value") if key in request.GET}
    form = kind.form(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kind.save(meter, form.cleaned_data, request, timezone.now())
        except services.CannotRecordMeter as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("meter_detail", meter.pk)
    context = {
        "form": form,
        "title": kind.title,
        "meter": meter,
        "crumbs": crumbs_of(meter.park, Link(str(meter), reverse("meter_detail", args=[meter.pk]))),
    }
    return page(request, "energy/form.html", context, status=422 if form.is_bound else 200)


@require_POST
def take_back(request: HttpRequest, meter_id: int, entry: str, pk: int) -> HttpResponse:
    """Take an exchange or a repair back."""
    meter, at = meter_of(request, meter_id), timezone.now()
    if not request.user.may(Permission.EDIT_RECORD, meter.park.branch.path):
        raise PermissionDenied
    try:
        if entry == "swap":
            services.remove_swap(swap=get_object_or_404(MeterSwap, pk=pk, meter=meter), actor=request.user, at=at)
            services.recompute_use(at=at, park=meter.park)
        elif entry == "repair":
            found = ReadingRepair.objects.filter(point__in=meter.points.values("point"))
            repair = get_object_or_404(found.select_related("point__park__branch"), pk=pk)
            services.undo_repair(repair=repair, actor=request.user, at=at)
            services.recompute_use(at=at, points=[repair.point_id])
        else:
            raise Http404
    except services.CannotRecordMeter as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back."))
    return redirect("meter_detail", meter.pk)


def meter_tree(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show which meter stands below which, how complete each is, and what is lost between them."""
    park = park_of(request, park_id)
    context = month_context(request, park, "meter_tree")
    month: date = context["month"]
    nodes = []
    if context["kind"]:
        nodes = queries.get_tree(
            park=park, energy_kind=context["kind"], starts_on=month, ends_on=queries.month_after(month)
        )
    context["nodes"] = nodes
    context["lossy"] = sum(n.loss_share is not None and (n.loss_share > 0.05 or n.loss_share < -0.01) for n in nodes)
    context["unknown"] = sum(not n.total.is_whole for n in nodes)
    return page(request, "energy/tree.html", context)


def month_bills(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show a month: quantities per enterprise and band, its share of common use and loss, the money, the tariff."""
    park = park_of(request, park_id)
    if not request.user.may(Permission.VIEW_ENTERPRISE, park.branch.path):
        raise PermissionDenied
    context = month_context(request, park, "energy_bills")
    statements = queries.list_statements(park=park, energy_kind=context["kind"])
    statement = next((s for s in statements if s.month_on == context["month"]), None)
    context["statement"] = statement
    context["lines"] = bill_rows(statement.lines.select_related("enterprise")) if statement else []
    tariffs = EnergyTariff.objects.filter(park=park, energy_kind=context["kind"])
    context["tariffs"] = [(tariff, tariff_words(tariff)) for tariff in tariffs]
    context["rules"] = AllocationRule.objects.filter(park=park, energy_kind=context["kind"])
    context["may_edit"] = may_edit(request, park)
    context["recomputed"] = paged(Recomputed.objects.filter(park=park), request.GET, key="anew", at="anew")
    return page(request, "energy/bills.html", context)


def metering_audit(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the metering audit: fitting rate and accuracy by level and kind, calibrations due."""
    park, on = park_of(request, park_id), day_of(request)
    context = {
        "park": park,
        "sheet": queries.get_audit(park=park, on=on),
        "may_edit": may_edit(request, park),
        "as_of": on,
        "pages": pages_of(park, "metering_audit"),
        "crumbs": crumbs_of(park),
    }
    return page(request, "energy/audit.html", context)
