"""Enterprises and occupancies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.roles import Permission
from parkbrain.space.queries import list_field_sources
from parkbrain.space.reports import CSV, XLSX, table_file
from parkbrain.ui import formats
from parkbrain.ui import table as tables
from parkbrain.ui.asof import kept_day
from parkbrain.ui.htmx import page

from ..charts import stays_timeline
from ..forms import chosen_park, enterprise_filter, occupancy_filter
from ..models import Enterprise, Qualification
from ..queries import (
    EnterpriseFilter,
    count_visible_enterprises,
    enterprise_rows,
    get_expiry_calendar,
    get_profile,
    industry_name,
    list_enterprises,
    list_occupancies,
    list_sections,
)
from ..tables import enterprise_columns, lease_badge, occupancy_columns, products_of, return_columns
from .common import Crumb, day_of, panels


def enterprise_list(request: HttpRequest) -> HttpResponseBase:
    """Show the enterprises the person may see."""
    user = request.user
    on = day_of(request)
    chosen = enterprise_filter(params=request.GET, park=chosen_park(params=request.GET, user=user))  # type: ignore[arg-type]
    columns = enterprise_columns()
    found = list_enterprises(user=user, chosen=chosen, on=on)  # type: ignore[arg-type]
    rows = found.order_by(*tables.sort_fields(columns, request.GET, ["uscc"]))

    def prepare(items):  # type: ignore[no-untyped-def]
        return enterprise_rows(enterprises=items, user=user, on=on)  # type: ignore[arg-type]

    if request.GET.get("format") in {CSV, XLSX}:
        every = rows.iterator(chunk_size=500)
        return table_file(columns=columns, rows=every, name="enterprises", kind=request.GET["format"], prepare=prepare)
    everything = chosen == EnterpriseFilter()
    table = tables.build(
        columns=columns,
        rows=rows,
        params=request.GET,
        label=_("Enterprises"),
        prepare=prepare,
        count=count_visible_enterprises(user=user) if everything else None,  # type: ignore[arg-type]
    )
    context = {
        "table": table,
        "chosen": chosen,
        "as_of": on,
        "sections": [(s.code, f"{s.code} {s.name}") for s in list_sections()],
        "sizes": Enterprise.SizeClass.choices,
        "qualifications": Qualification.Kind.choices,
    }
    return page(request, "enterprises/enterprise_list.html", context, parts=frozenset({"list"}))


def enterprise_detail(request: HttpRequest, enterprise_id: int) -> HttpResponse:
    """Show an enterprise with all that the record knows of it."""
    user = request.user
    enterprise = get_object_or_404(Enterprise.objects.visible_to(user), pk=enterprise_id)  # type: ignore[arg-type]
    on = day_of(request)
    profile = get_profile(enterprise=enterprise, user=user, on=on)  # type: ignore[arg-type]
    if profile.current:
        request.park = profile.current[0].premises.park  # type: ignore[attr-defined]
    outputs = [None if r.output_wan is None else float(r.output_wan) for r in reversed(profile.returns)]
    context = {
        "enterprise": enterprise,
        "profile": profile,
        "as_of": on,
        "industry": industry_name(code=enterprise.industry_code) if enterprise.industry_code else "",
        "products": products_of(enterprise),
        "timeline": stays_timeline(stays=profile.stays, on=on, kept=kept_day(request), by_firm=False),
        "calendar": get_expiry_calendar(user=user, on=on, enterprise=enterprise),  # type: ignore[arg-type]
        "may_edit": profile.editing_park is not None,
        "may_confide": profile.editing_park is not None
        and user.may(Permission.VIEW_SENSITIVE, profile.editing_park.branch.path),  # type: ignore[union-attr]
        "stays": [(stay, *lease_badge(occupancy=stay, on=on)) for stay in profile.stays],
        "returns": tables.build(
            columns=return_columns(), rows=profile.returns, params=request.GET.__class__(), label=_("Yearly returns")
        ),
        "output_spark": formats.spark(outputs),
        "panels": panels(request, "enterprises.enterprise", enterprise),
        "sources": list_field_sources(target=enterprise) if user.may(Permission.EDIT_RECORD) else [],  # type: ignore[union-attr]
        "crumbs": [Crumb(_("Enterprises"), reverse("enterprise_list"))],
    }
    return page(request, "enterprises/enterprise_detail.html", context)


def occupancy_list(request: HttpRequest) -> HttpResponseBase:
    """Show who is where, since when and until when."""
    user = request.user
    on = day_of(request)
    chosen = occupancy_filter(params=request.GET, park=chosen_park(params=request.GET, user=user))  # type: ignore[arg-type]
    columns = occupancy_columns(on=on)
    found = list_occupancies(user=user, chosen=chosen, on=on)  # type: ignore[arg-type]
    rows = found.order_by(
        *tables.sort_fields(columns, request.GET, ["premises__park__code", "premises__code", "-starts_on"])
    )
    if request.GET.get("format") in {CSV, XLSX}:
        every = rows.iterator(chunk_size=500)
        return table_file(columns=columns, rows=every, name="occupancies", kind=request.GET["format"])
    context = {
        "table": tables.build(columns=columns, rows=rows, params=request.GET, label=_("Occupancies")),
        "chosen": chosen,
        "as_of": on,
        "states": [
            ("current", _("Here on the day")),
            ("ending", _("Lease ended or ending within 90 days")),
            ("ended", _("Moved out")),
            ("all", _("All")),
        ],
    }
    return page(request, "enterprises/occupancy_list.html", context, parts=frozenset({"list"}))
