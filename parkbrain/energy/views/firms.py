"""What one enterprise used: its months, its bills, its days; for itself and for who runs the park."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries
from ..charts import use_chart
from ..forms import read_month
from ..models import EnergyKind
from ..models.meters import UNIT_LABELS, UNIT_OF_KIND
from ..tables import bill_rows
from .common import crumbs_of, kind_of


@require_safe
def firm_energy(request: HttpRequest, park_id: int, enterprise_id: int) -> HttpResponse:
    """Show an enterprise's months of an energy kind, and the days and charges of one of them."""
    park = get_object_or_404(
        Park.objects.visible_to(request.user, Permission.VIEW_PARK).select_related("branch"), pk=park_id
    )
    firm = get_object_or_404(Enterprise.objects.visible_to(request.user), pk=enterprise_id)
    if not queries.may_see_firm(user=request.user, park=park, enterprise=firm) or not queries.was_in_park(
        park=park, enterprise=firm
    ):
        raise Http404
    request.park = park
    every = queries.list_firm_lines(park=park, enterprise=firm)
    kinds = [kind for kind in EnergyKind.values if any(line.statement.energy_kind == kind for line in every)]
    kind = kind_of(request, kinds)
    lines = [line for line in every if line.statement.energy_kind == kind]
    months = [line.statement.month_on for line in lines]
    month = read_month(request.GET, default=months[0]).replace(day=1) if months else None
    chosen = next((line for line in lines if line.statement.month_on == month), None)
    behind = queries.get_firm_month(park=park, line=chosen) if chosen else None
    unit = UNIT_LABELS[UNIT_OF_KIND[kind]] if kind else ""
    path = reverse("firm_energy", args=[park.pk, firm.pk])
    chart = None
    if behind is not None and behind.by_day is not None:
        chart = use_chart(name=firm.name, unit=unit, use=behind.by_day, step=queries.DAY)
    context = {
        "park": park,
        "enterprise": firm,
        "kind": kind,
        "kind_label": EnergyKind(kind).label if kind else "",
        "unit": unit,
        "rows": [(row, f"{path}?kind={kind}&month={row.line.statement.month_on:%Y-%m}") for row in bill_rows(lines)],
        "month": month,
        "chosen": bill_rows([chosen])[0] if chosen else None,
        "behind": behind,
        "opens_meters": request.user.may(Permission.VIEW_TELEMETRY, park.branch.path),
        "chart": chart,
        "tabs": [Link(str(EnergyKind(k).label), f"{path}?kind={k}", k == kind) for k in kinds],
        "crumbs": crumbs_of(park, Link(firm.name, reverse("enterprise_detail", args=[firm.pk]))),
        "title": _("Energy of %(firm)s") % {"firm": firm.name},
    }
    return page(request, "energy/firm.html", context)
