"""A firm's account, for itself and for who runs the park; the deposits of a park."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain.enterprises.models import Enterprise
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page

from .. import queries, services
from ..forms import DepositForm, ReasonForm
from ..models import DepositEntry
from .common import check_may_manage, crumbs_of, may_manage, pages_of, park_of, try_form


@require_safe
def billing_firm(request: HttpRequest, park_id: int, enterprise_id: int) -> HttpResponse:
    """Show a firm's bills, payments, credit and deposit in a park."""
    firm = get_object_or_404(Enterprise, pk=enterprise_id)
    parks = queries.list_account_parks(user=request.user, enterprise=firm)
    park = next((p for p in parks if p.pk == park_id), None)
    if park is None:
        raise Http404
    request.park = park
    on = day_of(request)
    account = queries.get_account(park=park, enterprise=firm, on=on)
    context = {
        "park": park,
        "firm": firm,
        "account": account,
        "deposits": DepositEntry.objects.filter(park=park, enterprise=firm).select_related("bill"),
        "may_manage": may_manage(request, park),
        "overdue": {bill.pk for bill in account.bills if bill.days_overdue(on)},
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/firm.html", context)


@require_http_methods(["GET", "POST"])
def billing_deposits(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the deposits of a park; book what happened to one, undo an entry."""
    park = park_of(request, park_id)
    check_may_manage(request, park)
    asked, now = request.POST.get("ask", ""), timezone.now()
    initial = {"booked_on": timezone.localdate(), "enterprise": request.GET.get("firm", "")}
    form = DepositForm(request.POST if asked == "book" else None, firms=queries.firms_of(park=park), initial=initial)
    undoing = ReasonForm(request.POST if asked == "undo" else None)
    by = {"actor": request.user, "at": now}
    done = False
    if asked == "book":
        done = try_form(form, lambda v: services.book_deposit(park=park, **by, **v))
    elif asked == "undo":
        entry = get_object_or_404(DepositEntry, pk=request.POST.get("entry"), park=park)
        done = try_form(undoing, lambda v: services.undo_deposit(entry=entry, **by, **v))
    if done:
        messages.success(request, _("Saved."))
        return redirect("billing_deposits", park.pk)
    entries = DepositEntry.objects.filter(park=park).select_related("enterprise", "bill", "recorded_by", "undone_by")
    context = {
        "park": park,
        "deposits": queries.list_deposits(park=park, user=request.user),
        "entries": entries.order_by("-booked_on", "-pk")[:60],
        "form": form,
        "undoing": undoing,
        "may_manage": may_manage(request, park),
        "pages": pages_of(request, park, "billing_deposits"),
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/deposits.html", context, status=422 if asked else 200)
