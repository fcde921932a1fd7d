"""Premises split and merged, buildings that leave the park."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building, Premises
from parkbrain.space.services import CannotChangeBoundary
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from ..forms import MergeForm, RemovalForm, SplitForm
from ..queries import visible_premises
from ..services import merge_premises, remove_from_park, split_premises
from .common import park_crumbs


def _require_edit(request: HttpRequest, park: Park) -> None:
    if not request.user.may(Permission.EDIT_RECORD, park.branch.path):
        raise PermissionDenied
    request.park = park


def _saved(
    request: HttpRequest, form: django_forms.Form, save: Callable[[dict[str, Any]], str], context: dict[str, Any]
) -> HttpResponse:
    """Save a valid form and go where `save` says, or show the form with what is wrong."""
    if form.is_bound and form.is_valid():
        try:
            target = save(form.cleaned_data)
        except CannotChangeBoundary as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(target)
    status = 422 if form.is_bound else 200
    return page(request, "enterprises/form.html", {"form": form, **context}, status=status)


def _premises(request: HttpRequest, premises_id: int) -> Premises:
    found = visible_premises(user=request.user).select_related("park__branch", "building")
    premises = get_object_or_404(found, pk=premises_id)
    _require_edit(request, premises.park)
    return premises


def _way(premises: Premises) -> list[Link]:
    return park_crumbs(premises.park, Link(premises.code, reverse("premises_detail", args=[premises.pk])))


@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, premises_id: int) -> HttpResponse:
    """Split premises into parts on a day; who is there stays in the marked parts."""
    premises = _premises(request, premises_id)
    halves = "\n".join(f"{premises.code}-{n} {premises.billing_area_m2 / 2:.1f} *" for n in (1, 2))
    initial = {"parts": halves, "changed_on": timezone.localdate()}
    form = SplitForm(request.POST if request.method == "POST" else None, initial=initial)

    def save(values: dict[str, Any]) -> str:
        after = split_premises(
            premises=premises,
            parts=[{"code": p["code"], "gross_area_m2": p["gross_area_m2"]} for p in values["parts"]],
            kept_by_occupant=[p["code"] for p in values["parts"] if p["stays"]],
            changed_on=values["changed_on"],
            reason=values["reason"],
            actor=request.user,
            at=timezone.now(),
        )
        return reverse("premises_detail", args=[after[0].pk])

    context = {
        "title": _("Split %(premises)s") % {"premises": premises.code},
        "back": reverse("premises_detail", args=[premises.pk]),
        "crumbs": _way(premises),
    }
    return _saved(request, form, save, context)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, premises_id: int) -> HttpResponse:
    """Merge premises with others of their building on a day."""
    premises = _premises(request, premises_id)
    today = timezone.localdate()
    offered = Premises.objects.filter(building=premises.building).in_park_on(today).exclude(pk=premises.pk)
    by_pk = {str(p.pk): p for p in offered.select_related("park__branch", "building").order_by("code")}
    choices = [(pk, f"{p.code} · {p.billing_area_m2:,.1f} m²") for pk, p in by_pk.items()]
    initial = {"code": f"{premises.code}-M", "changed_on": today}
    form = MergeForm(request.POST if request.method == "POST" else None, initial=initial, choices=choices)

    def save(values: dict[str, Any]) -> str:
        after = merge_premises(
            premises=[premises, *(by_pk[pk] for pk in values["others"])],
            code=values["code"],
            changed_on=values["changed_on"],
            reason=values["reason"],
            actor=request.user,
            at=timezone.now(),
        )
        return reverse("premises_detail", args=[after.pk])

    context = {
        "title": _("Merge %(premises)s") % {"premises": premises.code},
        "back": reverse("premises_detail", args=[premises.pk]),
        "crumbs": _way(premises),
    }
    return _saved(request, form, save, context)


@require_http_methods(["GET", "POST"])
def remove_building(request: HttpRequest, building_id: int) -> HttpResponse:
    """Let a building leave the park on a day: sold, demolished, handed back."""
    buildings = Building.objects.visible_to(request.user).select_related("site__park__branch")
    building = get_object_or_404(buildings, pk=building_id)
    park = building.site.park
    _require_edit(request, park)
    initial = {"changed_on": timezone.localdate()}
    form = RemovalForm(request.POST if request.method == "POST" else None, initial=initial)

    def save(values: dict[str, Any]) -> str:
        remove_from_park(
            subject=building,
            removed_on=values["changed_on"],
            reason=values["reason"],
            end_stays=values["end_stays"],
            actor=request.user,
            at=timezone.now(),
        )
        return reverse("park_detail", args=[park.pk])

    context = {
        "title": _("%(building)s leaves the park") % {"building": building.name or building.code},
        "back": reverse("building_detail", args=[building.pk]),
        "crumbs": park_crumbs(park),
    }
    return _saved(request, form, save, context)
