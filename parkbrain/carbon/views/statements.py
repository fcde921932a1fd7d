"""The statement of a park, its lines, and the sheet of one firm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbrain.calc.carbon import SCOPES
from parkbrain.calc.inventory import LEVELS
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.media import hand_out

from .. import charts, queries, reports
from ..forms import UnitsForm
from ..models import ActivityData, RefrigerantEvent
from ..queries import Statement
from .common import crumbs, may_edit, open_park, read_period, statement_crumb, year_before
from .common import year_tabs as tabs_of_years


@dataclass(frozen=True)
class Change:
    """What a scope was a year before and is now, and how much of the change comes from use and how much from factors."""

    name: str
    before: float | None
    now: float | None
    by_use: float | None
    by_factors: float | None

    @property
    def difference(self) -> float | None:
        """The change [t]."""
        return None if self.before is None or self.now is None else self.now - self.before


def _read(request: HttpRequest, park: Park) -> Statement:
    period, wrong = read_period(request)
    if wrong:
        messages.warning(request, wrong)
    boundary = queries.OPERATOR if request.GET.get("boundary") == queries.OPERATOR else queries.PARK
    return queries.add_intensities(statement=queries.build_statement(park=park, period=period, boundary=boundary))


def _compare(statement: Statement) -> list[Change]:
    """Return the changes since the same days a year before; like for like with the factors of this period."""
    earlier = year_before(statement.period)
    asked: dict[str, Any] = {"park": statement.park, "period": earlier, "boundary": statement.boundary}
    before = queries.build_statement(**asked)
    if not before.inventory:
        return []
    same_factors = queries.build_statement(**asked, factors_on=statement.period.starts_on)
    changes = []
    for scope in SCOPES:
        then, like, now = (s.totals[scope].tco2e for s in (before, same_factors, statement))
        use = None if now is None or like is None else now - like
        factors = None if like is None or then is None else like - then
        changes.append(Change(str(queries.SCOPE_NAMES[scope]), then, now, use, factors))
    return changes


@require_safe
def statement(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show a park's statement of a period: scopes, lines, places, the year before."""
    park = open_park(request, park_id)
    level = request.GET.get("by", "")
    level = level if level in LEVELS[1:] else "building"
    with read_once():
        found = _read(request, park)
        places = queries.list_places(statement=found, level=level)
        changes = _compare(found)
    period = found.period
    kept = {"from": period.starts_on, "to": period.last_on, "boundary": found.boundary, "by": level}
    words = reports.intensity_words()
    context = {
        "park": park,
        "statement": found,
        "period": period,
        "scopes": [(str(queries.SCOPE_NAMES[s]), s, found.totals[s]) for s in SCOPES],
        "waterfall": charts.statement_waterfall(statement=found),
        "lines": [(line, str(queries.SCOPE_NAMES[line.scope]), _reason(line.reason)) for line in found.lines],
        "intensities": [(*words[i.key], i) for i in found.intensities],
        "places": places,
        "place_tabs": [
            Link(label, f"?{urlencode({**kept, 'by': key})}", key == level) for key, label in _levels().items()
        ],
        "boundary_tabs": [
            Link(label, f"?{urlencode({**kept, 'boundary': key})}", key == found.boundary)
            for key, label in (
                (queries.PARK, _("Everything in the park")),
                (queries.OPERATOR, _("What the operator controls")),
            )
        ],
        "year_tabs": tabs_of_years(period, f"&boundary={found.boundary}&by={level}"),
        "changes": changes,
        "notes": reports.method_notes(boundary=found.boundary),
        "query": urlencode(kept),
        "firms": queries.list_firms_with_sheets(park=park, user=request.user, period=period),
        "may_edit": may_edit(request, park),
        "crumbs": crumbs(park),
    }
    return page(request, "carbon/statement.html", context)


def _reason(reason: str) -> str:
    return str(queries.REASON_WORDS[reason]) if reason else ""


def _levels() -> dict[str, str]:
    return {
        "building": _("Buildings"),
        "storey": _("Storeys"),
        "enterprise": _("Enterprises"),
        "equipment": _("Equipment"),
    }


@require_safe
def statement_file(request: HttpRequest, park_id: int, suffix: str) -> HttpResponse:
    """Hand out the statement as PDF or as a workbook."""
    park = open_park(request, park_id)
    if suffix not in {"pdf", "xlsx"}:
        raise Http404
    with read_once():
        found = _read(request, park)
    made = reports.make_statement_file(statement=found, kind=suffix, draw=charts.statement_waterfall)
    return hand_out(made.content, made.content_type, made.name)


@require_safe
def statement_line(request: HttpRequest, park_id: int, scope: str, kind: str) -> HttpResponse:
    """Show one kind in one scope: its factors with sources, and the rows behind it."""
    park = open_park(request, park_id)
    if scope not in SCOPES:
        raise Http404
    with read_once():
        found = _read(request, park)
    lines = [line for line in found.lines if line.scope == scope and line.kind == kind]
    if not lines:
        raise Http404
    pieces = [line for line in found.inventory if line.scope == scope and line.activity.kind == kind]
    rows = ActivityData.objects.filter(park=park, pk__in=[p.activity.row for p in pieces if p.activity.row > 0])
    by_pk = {row.pk: row for row in rows.select_related("document", "building", "enterprise", "equipment")}
    events = RefrigerantEvent.objects.filter(
        park=park, refrigerant=kind, happened_on__gte=found.period.starts_on, happened_on__lt=found.period.ends_on
    )
    context = {
        "park": park,
        "name": lines[0].name,
        "scope_name": str(queries.SCOPE_NAMES[scope]),
        "statement": found,
        "period": found.period,
        "lines": [(line, _reason(line.reason)) for line in lines],
        "pieces": [(p, by_pk.get(p.activity.row), _reason(p.reason)) for p in pieces],
        "events": list(events.order_by("happened_on", "pk")),
        "unit": lines[0].unit,
        "crumbs": crumbs(park, statement_crumb(park)),
    }
    return page(request, "carbon/line.html", context)


def _firm(request: HttpRequest, park_id: int, enterprise_id: int) -> tuple[Park, Enterprise]:
    """Return the park and a firm that was there, as far as the person may see the firm."""
    park = open_park(request, park_id, Permission.VIEW_PARK)
    firm = queries.find_sheet_firm(user=request.user, park=park, enterprise_id=enterprise_id)
    if firm is None:
        raise Http404
    return park, firm


@require_safe
def footprint(request: HttpRequest, park_id: int, enterprise_id: int) -> HttpResponse:
    """Show the sheet that a firm gives its customers."""
    park, firm = _firm(request, park_id, enterprise_id)
    period, wrong = read_period(request)
    if wrong:
        messages.warning(request, wrong)
    form = UnitsForm(request.GET if "made" in request.GET else None)
    made = form.cleaned_data["made"] if form.is_bound and form.is_valid() else None
    unit_name = form.cleaned_data.get("unit_name", "") if form.is_bound and form.is_valid() else ""
    with read_once():
        sheet = queries.build_footprint(park=park, enterprise=firm, period=period)
    kept: dict[str, Any] = {"from": period.starts_on, "to": period.last_on}
    if made:
        kept |= {"made": made, "unit_name": unit_name}
    sees_park = request.user.may(Permission.VIEW_ENTERPRISE, park.branch.path)
    way = [statement_crumb(park)] if sees_park else []
    context = {
        "park": park,
        "enterprise": firm,
        "sheet": sheet,
        "period": period,
        "scopes": [(str(queries.SCOPE_NAMES[s]), total) for s, total in sheet.totals.items()],
        "waterfall": charts.footprint_waterfall(footprint=sheet),
        "tables": [
            (title, [(line, str(queries.SCOPE_NAMES[line.scope]), _reason(line.reason)) for line in lines])
            for title, lines in ((_("Own premises"), sheet.own), (_("Share of public use"), sheet.public))
        ],
        "form": form,
        "made": made,
        "unit_name": unit_name,
        "per_product": 1000 * sheet.total / made if made and sheet.total is not None else None,
        "year_tabs": tabs_of_years(period),
        "query": urlencode(kept),
        "crumbs": [*crumbs(park, *way), Link(firm.name, reverse("enterprise_detail", args=[firm.pk]))],
    }
    return page(request, "carbon/footprint.html", context, status=422 if form.is_bound and not form.is_valid() else 200)


@require_safe
def footprint_file(request: HttpRequest, park_id: int, enterprise_id: int, suffix: str) -> HttpResponse:
    """Hand out a firm's sheet as PDF or as a workbook."""
    park, firm = _firm(request, park_id, enterprise_id)
    if suffix not in {"pdf", "xlsx"}:
        raise Http404
    period, _wrong = read_period(request)
    form = UnitsForm(request.GET)
    asked = {"made": form.cleaned_data["made"], "unit_name": form.cleaned_data["unit_name"]} if form.is_valid() else {}
    with read_once():
        sheet = queries.build_footprint(park=park, enterprise=firm, period=period)
    made = reports.make_footprint_file(footprint=sheet, kind=suffix, draw=charts.footprint_waterfall, **asked)
    return hand_out(made.content, made.content_type, made.name)
