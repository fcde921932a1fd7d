"""Bills and charges, each line explained, on the page and on paper."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain import lists
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.media import PDF, hand_out

from .. import queries, reports, services
from ..forms import InvoiceForm, OverrideForm, StepForm, WriteOffForm
from ..models import Bill, ChargeOverride
from ..tables import BILLS, CHARGES, TONES
from .common import check_may_manage, crumbs_of, list_tabs, may_manage, try_form


def bill_list(request: HttpRequest) -> HttpResponseBase:
    """Show the bills the person may see."""
    return lists.respond(request, BILLS, template="billing/list.html", context=list_tabs(request, "bill_list"))


def charge_list(request: HttpRequest) -> HttpResponseBase:
    """Show the charges the person may see."""
    return lists.respond(request, CHARGES, template="billing/list.html", context=list_tabs(request, "charge_list"))


def _bill_of(request: HttpRequest, bill_id: int) -> Bill:
    rows = Bill.objects.visible_to(request.user).select_related("park__branch", "enterprise", "run")
    bill: Bill = get_object_or_404(rows, pk=bill_id)
    request.park = bill.park
    return bill


@require_http_methods(["GET", "POST"])
def bill_detail(request: HttpRequest, bill_id: int) -> HttpResponse:
    """Show a bill with every line explained; dun it, ask to write it off, note its invoice."""
    bill = _bill_of(request, bill_id)
    check_may_manage(request, bill.park)
    asked, on, now = request.POST.get("ask", ""), day_of(request), timezone.now()
    sent = {asked: request.POST}
    step_form = StepForm(sent.get("step"))
    off_form = WriteOffForm(sent.get("write_off"), initial={"amount_yuan": bill.open_yuan})
    invoice_form = InvoiceForm(sent.get("invoice"), initial={"issued_on": bill.issued_on})
    step = queries.due_step_of(bill=bill, on=on)
    by = {"actor": request.user, "at": now}
    done = False
    if asked == "step" and step is not None:
        done = try_form(step_form, lambda v: services.take_step(bill=bill, step=step, done_on=on, **by, **v))
    elif asked == "write_off":
        done = try_form(off_form, lambda v: services.ask_write_off(bill=bill, **by, **v))
    elif asked == "invoice":
        done = try_form(
            invoice_form,
            lambda v: services.record_invoices(park=bill.park, rows=[{**v, "bill": bill.number}], **by),
        )
    if done:
        messages.success(request, _("A second person has to agree now.") if asked == "write_off" else _("Saved."))
        return redirect("bill_detail", bill.pk)
    links = queries.sees_rows(user=request.user, park=bill.park)
    asked_off = queries.get_write_off_request(bill=bill) if links else None
    context = {
        "park": bill.park,
        "bill": bill,
        "view": queries.get_bill_view(bill=bill, links=links),
        "tone": "bad" if bill.days_overdue(on) else TONES[Bill.State(bill.state)],
        "days_overdue": bill.days_overdue(on),
        "acts": bill.dunning_acts.select_related("step", "done_by") if links else (),
        "write_offs": bill.write_offs.select_related("asked_by", "agreed_by") if links else (),
        "asked_off": asked_off,
        "asked_off_yuan": Decimal(asked_off.params["amount"]) if asked_off else None,
        "invoices": bill.invoices.all(),
        "step": step,
        "step_form": step_form,
        "off_form": off_form,
        "invoice_form": invoice_form,
        "sees_rows": links,
        "may_manage": may_manage(request, bill.park),
        "crumbs": crumbs_of(request, bill.park, _firm_link(bill)),
    }
    return page(request, "billing/bill.html", context, status=422 if asked else 200)


def _firm_link(bill: Bill) -> Link:
    return Link(bill.enterprise.name, reverse("billing_firm", args=[bill.park_id, bill.enterprise_id]))


@require_safe
def bill_pdf(request: HttpRequest, bill_id: int) -> HttpResponse:
    """Give a bill with its explanations as PDF, in the reader's language or the one that is asked for."""
    bill = _bill_of(request, bill_id)
    asked = request.GET.get("language", "")
    language = asked if asked in {"en", "zh-hans", "zh-hant"} else translation.get_language() or "zh-hans"
    content = reports.render_bill(bill=bill, language=language)
    return hand_out(content, PDF, f"bill-{bill.number}.pdf", as_attachment=False)


@require_http_methods(["GET", "POST"])
def billing_charge(request: HttpRequest, charge_id: int) -> HttpResponse:
    """Show why a charge is what it is; set its amount by hand, or take that back."""
    rows = queries.visible_charges(user=request.user)
    charge = get_object_or_404(
        rows.select_related("park__branch", "enterprise", "premises", "bill", "run", "adjusts__bill"), pk=charge_id
    )
    request.park = charge.park
    check_may_manage(request, charge.park)
    form = OverrideForm(request.POST if request.method == "POST" else None, initial={"amount_yuan": charge.gross_yuan})
    if form.is_bound and charge.adjusts_id is not None:
        raise Http404
    by = {"actor": request.user, "at": timezone.now()}
    if form.is_bound and try_form(form, lambda v: services.override_charge(charge=charge, **by, **v)):
        if charge.run.is_open:
            services.preview_run(run=charge.run, **by)
            messages.success(request, _("Set; the preview was made anew."))
            return redirect("billing_run", charge.run_id)
        messages.success(request, _("Set; the next run corrects the bill."))
        return redirect("billing_charge", charge.pk)
    links = queries.sees_rows(user=request.user, park=charge.park)
    holding = ChargeOverride.objects.filter(park=charge.park, key=charge.key).select_related("set_by", "undone_by")
    context = {
        "park": charge.park,
        "charge": charge,
        "line": queries.explain_charges(charges=[charge], links=links)[0],
        "overrides": holding if links else (),
        "corrections": charge.adjustments.filter(bill__isnull=False).select_related("bill"),
        "form": form,
        "sees_rows": links,
        "may_manage": may_manage(request, charge.park) and charge.adjusts_id is None,
        "crumbs": crumbs_of(request, charge.park),
    }
    return page(request, "billing/charge.html", context, status=422 if form.is_bound else 200)
