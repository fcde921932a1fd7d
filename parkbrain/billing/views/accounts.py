"""A firm's account, for itself and for who runs the park."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.lists import PDF, XLSX
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.media import hand_out

from .. import queries, reports
from ..tables import BILLS
from .common import crumbs_of, may_manage


def _account_of(request: HttpRequest, park_id: int, enterprise_id: int) -> tuple[Park, Enterprise]:
    """Return the park and the firm of an account that the person may open."""
    firm = get_object_or_404(Enterprise, pk=enterprise_id)
    parks = queries.list_account_parks(user=request.user, enterprise=firm)
    park = next((p for p in parks if p.pk == park_id), None)
    if park is None:
        raise Http404
    request.park = park
    return park, firm


@require_safe
def billing_firm(request: HttpRequest, park_id: int, enterprise_id: int) -> HttpResponse:
    """Show a firm's bills, payments, credit and deposit in a park."""
    park, firm = _account_of(request, park_id, enterprise_id)
    on = day_of(request)
    account = queries.get_account(park=park, enterprise=firm, on=on)
    context = {
        "park": park,
        "firm": firm,
        "account": account,
        "deposits": queries.list_deposit_entries(deposit=account.deposit)[:24],
        "may_manage": may_manage(request, park),
        "overdue": {bill.pk for bill in account.bills if bill.days_overdue(on)},
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/firm.html", context)


@require_safe
def billing_firm_file(request: HttpRequest, park_id: int, enterprise_id: int, suffix: str) -> HttpResponse:
    """Hand out a firm's account as PDF or as a workbook, as of the day of its page."""
    park, firm = _account_of(request, park_id, enterprise_id)
    if suffix not in {PDF, XLSX}:
        raise Http404
    on = day_of(request)
    made = reports.make_account_report(user=request.user, park=park, of=firm, since=on, on=on, kind=suffix, bills=BILLS)
    return hand_out(made.content, made.content_type, made.name)
