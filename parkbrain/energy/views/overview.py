"""The park's energy today, its pattern by hour, and its way from the grid to the firms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..charts import day_chart, flows_chart, heat_chart
from ..models import EnergyKind, Meter, OddUse
from .common import crumbs_of, kind_of, month_context, pages_of, park_of

#: Weeks that the pattern may show; odd use is listed for so many days.
WEEKS = (2, 4, 8, 13)
ODD_DAYS = 28


@dataclass(frozen=True)
class OddLine:
    """Something odd with what may be behind it and the page of its hours."""

    odd: OddUse
    causes: str
    hours_url: str


def _kind_tabs(path: str, kinds: list[str], kind: str) -> list[Link]:
    return [Link(str(EnergyKind(k).label), f"{path}?kind={k}", k == kind) for k in kinds]


def _hours_url(meter: Meter, starts_on: date, ends_on: date) -> str:
    return f"{reverse('meter_detail', args=[meter.pk])}?step=hour&from={starts_on}&to={ends_on}"


def _odd_line(odd: OddUse) -> OddLine:
    zone = queries.park_zone()
    first, last = odd.start_at.astimezone(zone).date(), odd.end_at.astimezone(zone).date()
    url = _hours_url(odd.meter, first - timedelta(days=1), last + timedelta(days=1))
    return OddLine(odd, "; ".join(queries.cause_words(odd=odd)), url)


def _moment(request: HttpRequest) -> datetime:
    """Return now, or the end of the day that the page is asked as of."""
    end_on = day_of(request) + timedelta(days=1)
    return min(timezone.now(), datetime.combine(end_on, time(), queries.park_zone()) - timedelta(seconds=1))


def energy_home(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the load now against what was to be expected, the month so far, and what was odd."""
    park, at = park_of(request, park_id), _moment(request)
    kinds = queries.list_kinds(park=park)
    kind = kind_of(request, kinds)
    path = reverse("energy_home", args=[park.pk])
    day = queries.get_day_load(park=park, energy_kind=kind, at=at) if kind else None
    lines = [
        _odd_line(odd)
        for odd in queries.list_odd_uses(
            park=park, since_at=at - timedelta(days=ODD_DAYS), until_at=at, energy_kind=kind
        )
    ]
    context = {
        "park": park,
        "kind": kind,
        "day": day,
        "now": day.newest if day else None,
        "chart": day_chart(day=day) if day else None,
        "open_lines": [line for line in lines if line.odd.state == OddUse.State.OPEN],
        "settled_lines": [line for line in lines if line.odd.state != OddUse.State.OPEN],
        "odd_days": ODD_DAYS,
        "states": OddUse.State.choices[1:],
        "may_edit": request.user.may(Permission.EDIT_RECORD, park.branch.path),
        "as_of": day_of(request),
        "tabs": _kind_tabs(path, kinds, kind),
        "here": f"{path}?kind={kind}",
        "pages": pages_of(park, "energy_home"),
        "crumbs": crumbs_of(park),
    }
    return page(request, "energy/home.html", context, parts=frozenset({"now"}))


@require_POST
def settle_odd_use(request: HttpRequest, park_id: int, odd_id: int) -> HttpResponse:
    """Take what a person says odd use was."""
    park = park_of(request, park_id)
    if not request.user.may(Permission.EDIT_RECORD, park.branch.path):
        raise PermissionDenied
    odd = get_object_or_404(OddUse.objects.visible_to(request.user), pk=odd_id, meter__park=park)
    state, note = request.POST.get("state", ""), request.POST.get("note", "")
    try:
        services.settle_odd_use(odd=odd, state=state, note=note, actor=request.user, at=timezone.now())
    except services.CannotSettleOddUse as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved."))
    return redirect(f"{reverse('energy_home', args=[park.pk])}?kind={odd.meter.energy_kind}")


def _meter_choice(request: HttpRequest, supply: list[Meter], every: list[Meter]) -> list[Meter]:
    asked = request.GET.get("meter", "")
    chosen = [m for m in every if str(m.pk) == asked]
    return chosen or supply or every[:1]


def energy_heat(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show use by day and hour of the day, of the supply or of one meter."""
    park = park_of(request, park_id)
    kinds = queries.list_kinds(park=park)
    kind = kind_of(request, kinds)
    today = day_of(request)
    every = list(Meter.objects.filter(park=park, energy_kind=kind).in_use_on(today).order_by("level", "code"))
    supply = queries.list_supply_meters(park=park, energy_kind=kind, on=today) if kind else []
    chosen = _meter_choice(request, supply, every)
    asked = request.GET.get("weeks", "")
    weeks = int(asked) if asked in {str(w) for w in WEEKS} else WEEKS[1]
    starts_on = today - timedelta(days=7 * weeks)
    heat = queries.get_heat_map(meters=chosen, starts_on=starts_on, ends_on=today)
    path = reverse("energy_heat", args=[park.pk])
    context: dict[str, Any] = {
        "park": park,
        "kind": kind,
        "meters": every,
        "chosen": chosen[0] if len(chosen) == 1 and request.GET.get("meter") else None,
        "weeks": weeks,
        "weeks_choices": WEEKS,
        "as_of": today,
        "heat": heat,
        "chart": heat_chart(heat=heat) if heat.greatest is not None else None,
        "days": [(day, _hours_url(chosen[0], day, day + timedelta(days=1))) for day in heat.days] if chosen else [],
        "tabs": _kind_tabs(path, kinds, kind),
        "pages": pages_of(park, "energy_heat"),
        "crumbs": crumbs_of(park, Link(_("Energy today"), reverse("energy_home", args=[park.pk]))),
    }
    return page(request, "energy/heat.html", context)


def energy_flows(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show a month's way of a kind from the grid over meters to those who used it, with the loss."""
    park = park_of(request, park_id)
    if not request.user.may(Permission.VIEW_ENTERPRISE, park.branch.path):
        raise PermissionDenied
    context = month_context(request, park, "energy_flows")
    month: date = context["month"]
    flows = None
    if context["kind"]:
        flows = queries.get_sankey(
            park=park, energy_kind=context["kind"], starts_on=month, ends_on=queries.month_after(month)
        )
    context["flows"] = flows
    context["loss"] = sum(f.amount for f in flows.flows if f.kind == "loss") if flows else None
    context["chart"] = flows_chart(sankey=flows) if flows and flows.flows else None
    context["rows"] = [
        (
            f,
            queries.node_name(key=f.source),
            queries.node_name(key=f.target),
            reverse("meter_detail", args=[f.meter_id]),
        )
        for f in (flows.flows if flows else ())
    ]
    return page(request, "energy/flows.html", context)
