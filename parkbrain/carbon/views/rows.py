"""Lists and typed-in rows: activity data, factors, refrigerants, green power."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain import lists
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.lists import ListSpec
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services, tables
from ..forms import ActivityForm, EndForm, FactorForm, GreenPowerForm, RefrigerantForm
from ..models import ActivityData, EmissionFactor
from .common import crumbs, may_edit, open_park_to_edit, statement_crumb, stored

REFUSALS = (services.CannotRecordActivity, services.CannotRecordFactor)


def _list(request: HttpRequest, spec: ListSpec, add_url: str, add_label: str) -> HttpResponseBase:
    """Show a list, with the way to add a row to the park the person works in."""
    editable = Park.objects.visible_to(request.user, Permission.EDIT_RECORD)
    chosen = request.GET.get("park", "")
    park = editable.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 12 else None
    park = park or editable.order_by("code").first()
    context = {"add_url": reverse(add_url, args=[park.pk]) if park else "", "add_label": add_label}
    return lists.respond(request, spec, template="carbon/list.html", context=context)


def activity_list(request: HttpRequest) -> HttpResponseBase:
    """Show the activity data the person may see."""
    return _list(request, tables.ACTIVITIES, "activity_add", _("Add activity data"))


def factor_list(request: HttpRequest) -> HttpResponseBase:
    """Show the factors in force on a day, or all."""
    return _list(request, tables.FACTORS, "factor_add", _("Add an own factor"))


def refrigerant_list(request: HttpRequest) -> HttpResponseBase:
    """Show the refrigerant log."""
    return _list(request, tables.REFRIGERANTS, "refrigerant_add", _("Add an entry"))


def green_power_list(request: HttpRequest) -> HttpResponseBase:
    """Show certificates and contracts."""
    return _list(request, tables.GREEN_POWER, "green_power_add", _("Add green power"))


def _saved(
    request: HttpRequest,
    park: Park,
    form: django_forms.Form,
    save: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    back: str,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Save a valid form and go back, or show the form with what is wrong."""
    if form.is_bound and form.is_valid():
        try:
            save(dict(form.cleaned_data))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {
        "form": form,
        "title": title,
        "park": park,
        "back": back,
        "has_file": form.is_multipart(),
        "crumbs": crumbs(park, statement_crumb(park)),
        **(more or {}),
    }
    return page(request, "carbon/form.html", context, status=422 if form.is_bound else 200)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _with_document(request: HttpRequest, park: Park, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the uploaded file stored; a row without a new file keeps the one it has."""
    document = stored(request, park, values.pop("file", None))
    return {**values, **({"document": document} if document else {})}


@require_http_methods(["GET", "POST"])
def activity_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Type in a row of activity data."""
    park = open_park_to_edit(request, park_id)
    initial = {name: request.GET.get(name, "") for name in ("kind",)}
    form = ActivityForm(*_sent(request), initial={"source": "BILL", **initial})

    def save(values: dict[str, Any]) -> None:
        if ActivityData.objects.filter(park=park, reference=values["reference"]).exists():
            raise services.CannotRecordActivity(_("There is a row with this reference already."))
        row = _with_document(request, park, values)
        services.record_activities(park=park, rows=[row], actor=request.user, at=timezone.now())

    back = f"{reverse('activity_list')}?park={park.pk}"
    return _saved(request, park, form, save, title=_("Add activity data"), back=back)


@require_http_methods(["GET", "POST"])
def activity_detail(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Show a row of activity data with its source; change it."""
    visible = queries.list_activity_data(user=request.user)
    related = ("park__branch", "building", "storey", "enterprise", "equipment", "document")
    row = get_object_or_404(visible.select_related(*related), pk=activity_id)
    request.park = row.park
    if request.method == "POST" and not may_edit(request, row.park):
        raise PermissionDenied
    plain = ("reference", "kind", "quantity", "starts_on", "ends_on", "is_breakdown", "source", "note")
    initial = {
        **{name: getattr(row, name) for name in plain},
        "building_code": row.building.code if row.building else "",
        "level": row.storey.level if row.storey else None,
        "uscc": row.enterprise.uscc if row.enterprise else "",
        "equipment_code": row.equipment.code if row.equipment else "",
        "uncertainty": None if row.uncertainty is None else round(100 * row.uncertainty, 6),
    }
    form = ActivityForm(*_sent(request), initial=initial)
    form.fields["reference"].disabled = True

    def save(values: dict[str, Any]) -> None:
        changed = _with_document(request, row.park, values)
        services.record_activities(park=row.park, rows=[changed], actor=request.user, at=timezone.now())

    kind = queries.get_kinds().get(row.kind)
    more = {
        "row": row,
        "kind_name": queries.get_kind_name(key=row.kind),
        "unit": kind.unit if kind else "",
        "sources": queries.list_row_sources(row=row),
        "may_edit": may_edit(request, row.park),
        "crumbs": crumbs(
            row.park,
            statement_crumb(row.park),
            Link(_("Activity data"), f"{reverse('activity_list')}?park={row.park_id}"),
        ),
    }
    back = reverse("activity_detail", args=[row.pk])
    return _saved(request, row.park, form, save, title=row.reference, back=back, more=more)


@require_http_methods(["GET", "POST"])
def refrigerant_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Type in an entry of the refrigerant log."""
    park = open_park_to_edit(request, park_id)
    form = RefrigerantForm(*_sent(request))

    def save(values: dict[str, Any]) -> None:
        row = _with_document(request, park, values)
        services.record_refrigerant_events(park=park, rows=[row], actor=request.user, at=timezone.now())

    back = f"{reverse('refrigerant_list')}?park={park.pk}"
    return _saved(request, park, form, save, title=_("Add an entry"), back=back)


@require_http_methods(["GET", "POST"])
def green_power_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Type in certificates or a contract."""
    park = open_park_to_edit(request, park_id)
    form = GreenPowerForm(request.POST if request.method == "POST" else None)

    def save(values: dict[str, Any]) -> None:
        services.record_green_power(park=park, rows=[values], actor=request.user, at=timezone.now())

    back = f"{reverse('green_power_list')}?park={park.pk}"
    return _saved(request, park, form, save, title=_("Add green power"), back=back)


@require_http_methods(["GET", "POST"])
def factor_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Set an own factor of a park."""
    park = open_park_to_edit(request, park_id)
    form = FactorForm(request.POST if request.method == "POST" else None)

    def save(values: dict[str, Any]) -> None:
        services.record_factor(branch=park.branch, values=values, actor=request.user, at=timezone.now())

    return _saved(request, park, form, save, title=_("Add an own factor"), back=f"{reverse('factor_list')}?own=own")


@require_http_methods(["GET", "POST"])
def factor_end(request: HttpRequest, factor_id: int) -> HttpResponse:
    """End an own factor on a day."""
    visible = EmissionFactor.objects.visible_to(request.user).filter(branch__isnull=False)
    factor = get_object_or_404(visible.select_related("branch"), pk=factor_id)
    park = Park.objects.visible_to(request.user, Permission.EDIT_RECORD).filter(branch=factor.branch_id).first()
    if park is None:
        raise PermissionDenied
    form = EndForm(request.POST if request.method == "POST" else None, initial={"ends_on": timezone.localdate()})

    def save(values: dict[str, Any]) -> None:
        services.end_factor(factor=factor, ends_on=values["ends_on"], actor=request.user, at=timezone.now())

    title = _("End: %(thing)s") % {"thing": factor}
    return _saved(request, park, form, save, title=title, back=f"{reverse('factor_list')}?own=own")
