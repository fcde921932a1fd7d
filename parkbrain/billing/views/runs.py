"""A month's run: its preview with the differences explained, its approval, its lock, its file for the accounting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain.kernel import approvals
from parkbrain.lists import CSV, PDF, XLSX
from parkbrain.ui.htmx import page
from parkbrain.ui.media import hand_out
from parkbrain.ui.paging import paged

from .. import queries, reports, services
from ..models import BillRun
from ..tables import RUN_TONES, export_columns
from .common import REFUSALS, check_may_manage, crumbs_of, may_manage


def _run_of(request: HttpRequest, run_id: int) -> BillRun:
    run = queries.find_run(user=request.user, run_id=run_id)
    if run is None:
        raise Http404
    request.park = run.park
    return run


@require_http_methods(["GET", "POST"])
def billing_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show a run; preview it anew, ask for approval, approve, discard or lock it."""
    run = _run_of(request, run_id)
    check_may_manage(request, run.park)
    if request.method == "POST":
        try:
            gone = _act(request, run)
        except (*REFUSALS, approvals.CannotDecideApproval) as refusal:
            messages.error(request, str(refusal))
            return redirect("billing_run", run.pk)
        return redirect("billing_home", run.park_id) if gone else redirect("billing_run", run.pk)
    view = queries.get_run_view(run=run)
    approval = view.approval
    context = {
        "park": run.park,
        "run": run,
        "view": view,
        "gaps": paged(view.gaps, request.GET, key="missing", at="missing"),
        "adjustments": paged(view.adjustments, request.GET, key="corrections", at="corrections"),
        "differences": paged(view.differences, request.GET, at="differences"),
        "tone": RUN_TONES[BillRun.State(run.state)],
        "approval": approval,
        "may_approve": approval is not None and approvals.may_decide(user=request.user, approval=approval),
        "is_own_request": approval is not None and approval.asked_by_id == request.user.pk,
        "may_manage": may_manage(request, run.park),
        "bill_count": run.bills.count(),
        "charges_url": f"{reverse('charge_list')}?park={run.park_id}&run={run.pk}",
        "blocked": any(gap.blocks for gap in view.gaps),
        "crumbs": crumbs_of(request, run.park),
    }
    return page(request, "billing/run.html", context)


def _act(request: HttpRequest, run: BillRun) -> bool:
    """Do what a button of the page asks for; tell whether the run is gone."""
    by: dict[str, Any] = {"run": run, "actor": request.user, "at": timezone.now()}
    acts: dict[str, Callable[[], Any]] = {
        "preview": lambda: services.preview_run(**by),
        "ask": lambda: services.ask_to_approve_run(**by),
        "approve": lambda: _decide(request, run, True),
        "refuse": lambda: _decide(request, run, False),
        "discard": lambda: services.discard_run(**by),
        "lock": lambda: services.lock_run(**by),
    }
    asked = request.POST.get("ask", "")
    if asked not in acts:
        raise Http404
    acts[asked]()
    said = {
        "preview": _("The preview was made anew."),
        "ask": _("A second person has to approve it now."),
        "approve": _("The bills were issued."),
        "refuse": _("The request was refused."),
        "discard": _("The run was discarded."),
        "lock": _("The run is locked."),
    }[asked]
    run_now = BillRun.objects.filter(pk=run.pk).first()
    if asked == "ask" and run_now is not None and not run_now.is_open:
        said = _("The bills were issued: nobody else could approve them.")
    messages.success(request, said)
    return asked == "discard"


def _decide(request: HttpRequest, run: BillRun, approve: bool) -> None:
    approval = queries.get_run_approval(run=run)
    if approval is None:
        raise services.CannotBill(_("Nobody asked to approve this run."))
    approvals.decide_approval(approval=approval, approve=approve, actor=request.user, at=timezone.now())


@require_safe
def run_export(request: HttpRequest, run_id: int, suffix: str) -> HttpResponse:
    """Give the lines of a run's bills to the accounting, as CSV or Excel, or all its bills as one PDF."""
    run = _run_of(request, run_id)
    if suffix not in {CSV, XLSX, PDF} or run.is_open:
        raise Http404
    today = timezone.localdate()
    made = reports.make_run_report(
        user=request.user, park=run.park, of=run, since=today, on=today, kind=suffix, columns=export_columns
    )
    return hand_out(made.content, made.content_type, made.name)
