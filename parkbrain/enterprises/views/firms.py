"""Enterprises and occupancies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain import lists
from parkbrain.kernel.roles import Permission
from parkbrain.space.queries import list_field_sources
from parkbrain.ui import formats
from parkbrain.ui import table as tables
from parkbrain.ui.asof import kept_day
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from ..charts import stays_timeline
from ..models import Enterprise
from ..queries import get_expiry_calendar, get_profile, industry_name
from ..tables import ENTERPRISES, OCCUPANCIES, lease_badge, products_of, return_columns
from .common import day_of, panels


def enterprise_list(request: HttpRequest) -> HttpResponseBase:
    """Show the enterprises the person may see."""
    return lists.respond(request, ENTERPRISES)


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
        "crumbs": [Link(_("Enterprises"), reverse("enterprise_list"))],
    }
    return page(request, "enterprises/enterprise_detail.html", context)


def occupancy_list(request: HttpRequest) -> HttpResponseBase:
    """Show who is where, since when and until when."""
    return lists.respond(request, OCCUPANCIES)
