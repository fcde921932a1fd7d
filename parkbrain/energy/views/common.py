"""What the pages of energy share: who may see what, tabs, crumbs, the month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries
from ..forms import read_month
from ..models import EnergyKind, Meter


def park_of(request: HttpRequest, park_id: int) -> Park:
    """Return the park of the address, if the person may see its meters."""
    park = get_object_or_404(Park.objects.visible_to(request.user, Permission.VIEW_TELEMETRY), pk=park_id)
    request.park = park
    return park


def may_edit(request: HttpRequest, park: Park) -> bool:
    """Tell whether the person may change the record of the park."""
    return request.user.may(Permission.EDIT_RECORD, park.branch.path)


def park_to_edit(request: HttpRequest, park_id: int) -> Park:
    """Return the park of the address, if the person may change its record."""
    park = park_of(request, park_id)
    if not may_edit(request, park):
        raise PermissionDenied
    return park


def form_page(
    request: HttpRequest,
    park: Park,
    form: Any,
    *,
    home: Link,
    title: str,
    back: str,
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form of a park; with what is wrong in it where it was sent."""
    context = {"form": form, "title": title, "park": park, "back": back, "crumbs": crumbs_of(park, home)}
    status = 422 if form.is_bound else 200
    return page(request, "energy/park_form.html", {**context, **(extra or {})}, status=status)


def meter_of(request: HttpRequest, meter_id: int) -> Meter:
    """Return the meter of the address, if the person may see it."""
    visible = Meter.objects.visible_to(request.user).select_related("park__branch", "building")
    meter = get_object_or_404(visible, pk=meter_id)
    request.park = meter.park
    return meter


def crumbs_of(park: Park, *more: Link) -> list[Link]:
    """Return the way to a page of a park."""
    return [Link(park.name, reverse("park_detail", args=[park.pk])), *more]


def kind_of(request: HttpRequest, kinds: list[str]) -> str:
    """Return the energy kind that is asked for, or the first one of the park."""
    asked = request.GET.get("kind", "")
    return asked if asked in kinds else (kinds[0] if kinds else "")


def month_context(request: HttpRequest, park: Park, url_name: str) -> dict[str, Any]:
    """Return what the pages of a month share: its kind, its neighbors, the tabs."""
    on = day_of(request)
    kinds = queries.list_kinds(park=park)
    kind = kind_of(request, kinds)
    month = read_month(request.GET, default=queries.last_whole_month(on=on)).replace(day=1)
    path = reverse(url_name, args=[park.pk])
    before = (month - timedelta(days=1)).replace(day=1)
    return {
        "park": park,
        "kind": kind,
        "kind_label": EnergyKind(kind).label if kind else "",
        "month": month,
        "tabs": [Link(str(EnergyKind(k).label), f"{path}?kind={k}&month={month:%Y-%m}", k == kind) for k in kinds],
        "earlier_url": f"{path}?kind={kind}&month={before:%Y-%m}",
        "later_url": f"{path}?kind={kind}&month={queries.month_after(month):%Y-%m}",
        "pages": pages_of(park, url_name),
        "crumbs": crumbs_of(park),
    }


def pages_of(park: Park, current: str) -> list[Link]:
    """Return the pages of a park's energy as tabs."""
    names = (
        ("energy_home", _("Energy today")),
        ("energy_heat", _("Pattern of the week")),
        ("energy_flows", _("From grid to firm")),
        ("meter_tree", _("Tree and balance")),
        ("energy_bills", _("Months and bills")),
        ("energy_performance", _("Plan and savings")),
        ("metering_audit", _("Metering audit")),
    )
    every = [Link(_("Meters"), f"{reverse('meter_list')}?park={park.pk}", False)]
    return every + [Link(label, reverse(name, args=[park.pk]), name == current) for name, label in names]
