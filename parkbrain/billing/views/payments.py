"""Payments: the list, entering one, what it paid, its red entry, giving credit back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain import lists
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..forms import PaymentForm, RefundForm, VoidForm
from ..models import Bill, Payment
from ..tables import PAYMENTS
from .common import check_may_manage, crumbs_of, list_tabs, may_manage, park_to_manage, try_form
from .home import form_page


def payment_list(request: HttpRequest) -> HttpResponseBase:
    """Show the payments the person may see."""
    return lists.respond(request, PAYMENTS, template="billing/list.html", context=list_tabs(request, "payment_list"))


@require_http_methods(["GET", "POST"])
def payment_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Enter money that came."""
    park = park_to_manage(request, park_id)
    initial = {"received_on": min(day_of(request), timezone.localdate()), "enterprise": request.GET.get("firm", "")}
    bill = Bill.objects.filter(park=park, number=request.GET.get("bill", "")).first()
    if bill is not None:
        initial |= {"enterprise": bill.enterprise_id, "amount_yuan": bill.open_yuan, "bills": bill.number}
    form = PaymentForm(
        request.POST if request.method == "POST" else None, firms=queries.firms_of(park=park), initial=initial
    )
    made: list[Payment] = []

    def book(values: dict[str, object]) -> None:
        made.append(
            services.receive_payment(
                park=park, incoming=services.Incoming(**values), actor=request.user, at=timezone.now()
            )
        )

    if form.is_bound and try_form(form, book):
        return redirect("payment_detail", made[0].pk)
    return form_page(request, park, form, _("Enter a payment"), "billing_home")


@require_http_methods(["GET", "POST"])
def payment_detail(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Show what a payment paid; undo it by a red entry, give back what it had too much."""
    rows = Payment.objects.visible_to(request.user).select_related(
        "park__branch", "enterprise", "voids", "gives_back", "credit_of", "recorded_by"
    )
    payment = get_object_or_404(rows, pk=payment_id)
    request.park = payment.park
    check_may_manage(request, payment.park)
    asked, now = request.POST.get("ask", ""), timezone.now()
    today = {"on": timezone.localdate()}
    void_form = VoidForm(request.POST if asked == "void" else None, initial=today)
    refund_form = RefundForm(
        request.POST if asked == "refund" else None, initial={**today, "amount_yuan": payment.unused_yuan}
    )
    by = {"payment": payment, "actor": request.user, "at": now}
    if asked == "void":
        done = try_form(void_form, lambda v: services.void_payment(**by, **v))
    else:
        done = asked == "refund" and try_form(refund_form, lambda v: services.refund_credit(**by, **v))
    if done:
        messages.success(request, _("Saved."))
        return redirect("payment_detail", payment.pk)
    red = Payment.objects.filter(voids=payment).first()
    context = {
        "park": payment.park,
        "payment": payment,
        "paid": payment.allocations.select_related("bill"),
        "red": red,
        "refunds": payment.given_back.order_by("received_on"),
        "void_form": void_form,
        "refund_form": refund_form,
        "may_manage": may_manage(request, payment.park),
        "may_void": red is None and payment.kind in {Payment.Kind.PAYMENT, Payment.Kind.REFUND},
        "crumbs": crumbs_of(
            request,
            payment.park,
            Link(payment.enterprise.name, reverse("billing_firm", args=[payment.park_id, payment.enterprise_id])),
        ),
    }
    return page(request, "billing/payment.html", context, status=422 if asked else 200)
