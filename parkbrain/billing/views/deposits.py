"""Deposits: the list, one deposit with its entries, and booking what happened to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain import lists
from parkbrain.kernel.models import Park
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..forms import DepositForm, MovementForm, ReasonForm
from ..models import Deposit, DepositEntry
from ..tables import DEPOSITS
from .common import (
    check_may_manage,
    crumbs_of,
    list_tabs,
    may_manage,
    panels_of,
    park_of,
    park_to_manage,
    try_form,
)
from .home import form_page


def deposit_list(request: HttpRequest) -> HttpResponseBase:
    """Show the deposits the person may see."""
    return lists.respond(
        request, DEPOSITS, template="billing/deposits.html", context=list_tabs(request, "deposit_list")
    )


@require_safe
def billing_deposits(request: HttpRequest, park_id: int) -> HttpResponse:
    """Lead to the deposits of a park in the list of all."""
    park = park_of(request, park_id)
    return redirect(deposits_url(park))


def deposits_url(park: Park) -> str:
    """Return the address of a park's deposits."""
    return f"{reverse('deposit_list')}?park={park.pk}"


@require_http_methods(["GET", "POST"])
def deposit_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Book the first money of a firm's deposit, or of one that is there."""
    park = park_to_manage(request, park_id)
    initial = {"booked_on": timezone.localdate(), "enterprise": request.GET.get("firm", "")}
    form = DepositForm(
        request.POST if request.method == "POST" else None, firms=queries.firms_of(park=park), initial=initial
    )
    made: list[DepositEntry] = []
    by = {"park": park, "actor": request.user, "at": timezone.now()}
    if form.is_bound and try_form(form, lambda v: made.append(services.book_deposit(**by, **v))):
        deposit = queries.get_deposit(park=park, enterprise_id=made[0].enterprise_id)
        messages.success(request, _("Booked."))
        return redirect("deposit_detail", deposit.pk)
    return form_page(request, park, form, _("Book a deposit"), "billing_deposits")


@require_http_methods(["GET", "POST"])
def deposit_detail(request: HttpRequest, deposit_id: int) -> HttpResponse:
    """Show a deposit with every entry; book what happened to it, undo an entry."""
    rows = Deposit.objects.visible_to(request.user).select_related("park__branch", "enterprise")
    deposit: Deposit = get_object_or_404(rows, pk=deposit_id)
    park = deposit.park
    request.park = park
    check_may_manage(request, park)
    asked, by = request.POST.get("ask", ""), {"actor": request.user, "at": timezone.now()}
    form = MovementForm(
        request.POST if asked == "book" else None,
        enterprise=deposit.enterprise,
        initial={"booked_on": timezone.localdate(), "amount_yuan": deposit.missing_yuan or None},
    )
    undoing = ReasonForm(request.POST if asked == "undo" else None)
    done = False
    if asked == "book":
        firm = deposit.enterprise
        done = try_form(form, lambda v: services.book_deposit(park=park, enterprise=firm, **by, **v))
    elif asked == "undo":
        entries = DepositEntry.objects.filter(park=park, enterprise=deposit.enterprise_id)
        typed = request.POST.get("entry", "")
        entry = get_object_or_404(entries, pk=typed if typed.isdecimal() and len(typed) < 12 else 0)
        done = try_form(undoing, lambda v: services.undo_deposit(entry=entry, **by, **v))
    if done:
        messages.success(request, _("Booked."))
        return redirect("deposit_detail", deposit.pk)
    context = {
        "park": park,
        "deposit": deposit,
        "entries": queries.list_deposit_entries(deposit=deposit),
        "form": form,
        "undoing": undoing,
        "may_manage": may_manage(request, park),
        "panels": panels_of(request, "billing.deposit", deposit),
        "crumbs": crumbs_of(request, park, Link(_("Deposits"), deposits_url(park))),
    }
    return page(request, "billing/deposit.html", context, status=422 if asked else 200)
