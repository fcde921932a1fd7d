"""Requests that wait for a second person."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain.kernel import approvals as rule
from parkbrain.kernel.models import Approval
from parkbrain.ui.htmx import page


def _row(approval: Approval, request: HttpRequest) -> dict[str, object]:
    return {
        "approval": approval,
        "what": rule.describe_approval(approval),
        "link": rule.link_of(approval),
        "own": approval.asked_by_id == request.user.pk,
        "expired": approval.state == Approval.State.WAITING and approval.expires_at <= timezone.now(),
    }


def approvals(request: HttpRequest) -> HttpResponse:
    """List what waits for a second person, and what was decided."""
    now = timezone.now()
    waiting = [_row(a, request) for a in rule.list_approvals(user=request.user, at=now, waiting=True)]
    decided = [_row(a, request) for a in rule.list_approvals(user=request.user, at=now, waiting=False)]
    return page(request, "accounts/approvals.html", {"waiting": waiting, "decided": decided})


def _concerning(request: HttpRequest, approval_id: int) -> Approval:
    found = rule.list_approvals(user=request.user, at=timezone.now(), waiting=True)
    for approval in found:
        if approval.pk == approval_id:
            return approval
    raise Http404


@require_POST
@reauthentication_required
def decide(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Approve a request, which carries it out, or refuse it."""
    approve = request.POST.get("decision") == "approve"
    try:
        rule.decide_approval(
            approval=_concerning(request, approval_id),
            approve=approve,
            actor=request.user,
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
    except rule.CannotDecideApproval as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Approved and carried out.") if approve else _("Refused."))
    return redirect("approvals")


@require_POST
def withdraw(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Take one's own request back."""
    try:
        rule.withdraw_approval(approval=_concerning(request, approval_id), actor=request.user, at=timezone.now())
    except rule.CannotDecideApproval as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your request was withdrawn."))
    return redirect("approvals")
