"""What happens to a lease: each act is a form, a call and the way back, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from parkbrain.kernel import approvals
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page

from .. import forms, queries, services
from ..models import Lease, LeaseVersion
from .common import back_to, crumbs_of, form_page, lease_or_404, try_to, version_or_404

#: Largest file that is filed [bytes].
MOST_BYTES = 30_000_000


@dataclass(frozen=True)
class Act:
    """An act on a lease: the form that it needs, and what is done with what was typed."""

    title: str | Promise
    form: type[django_forms.Form]
    do: Callable[[HttpRequest, Lease, dict[str, Any]], Any]
    button: str | Promise
    hint: str | Promise = ""
    initial: Callable[[Lease], dict[str, Any]] = lambda lease: {}


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "at": timezone.now()}


def _stored(request: HttpRequest, lease: Lease, file: Any) -> Document | None:
    if not file:
        return None
    if file.size > MOST_BYTES:
        raise services.CannotChangeLease(_("The file is larger than 30 MB."))
    return store_document(name=file.name, chunks=file.chunks(), actor=request.user, at=timezone.now(), park=lease.park)


def _sign(request: HttpRequest, lease: Lease, values: dict[str, Any]) -> Lease:
    paper = _stored(request, lease, values["file"])
    return services.sign_lease(lease=lease, signed_on=values["signed_on"], document=paper, **_who(request))


def _file(request: HttpRequest, lease: Lease, values: dict[str, Any]) -> Any:
    paper = _stored(request, lease, values["file"])
    listed = values.get("paper")
    return services.file_document(lease=lease, document=paper, kind=values["kind"], paper=listed, **_who(request))


def _turnover(request: HttpRequest, lease: Lease, values: dict[str, Any]) -> Any:
    rows = [{**values, "number": lease.number}]
    return services.report_turnover(park=lease.park, rows=rows, **_who(request))


ACTS: dict[str, Act] = {
    "sign": Act(
        gettext_lazy("Sign the lease"),
        forms.SignForm,
        _sign,
        gettext_lazy("Sign"),
        gettext_lazy("From now on its premises are let: no other lease may have them."),
        lambda lease: {"signed_on": timezone.localdate()},
    ),
    "activate": Act(
        gettext_lazy("Make the lease active"),
        forms.PlainForm,
        lambda request, lease, values: services.activate_lease(lease=lease, **_who(request)),
        gettext_lazy("Make active"),
        gettext_lazy("The enterprise's stays in the premises begin, with number, end and rent of the lease."),
    ),
    "end": Act(
        gettext_lazy("End the lease"),
        forms.EndForm,
        lambda request, lease, values: services.end_lease(lease=lease, **values, **_who(request)),
        gettext_lazy("End the lease"),
        gettext_lazy("Nothing is owed for days from then on, and the stays in its premises end."),
        lambda lease: {"ends_on": lease.ends_on},
    ),
    "change": Act(
        gettext_lazy("Change or correct the lease"),
        forms.ChangeForm,
        lambda request, lease, values: services.draft_change(lease=lease, **values, **_who(request)),
        gettext_lazy("Begin the draft"),
        gettext_lazy("The draft has what holds on that day; change it, then ask for approval."),
        lambda lease: {"effective_on": timezone.localdate()},
    ),
    "renew": Act(
        gettext_lazy("Renew the lease"),
        forms.RenewForm,
        lambda request, lease, values: services.renew_lease(lease=lease, **values, **_who(request)),
        gettext_lazy("Draft the new lease"),
        gettext_lazy("Same premises and clauses from the day this one stops; free periods are not taken over."),
    ),
    "discard": Act(
        gettext_lazy("Throw the draft away"),
        forms.PlainForm,
        lambda request, lease, values: services.discard_draft(lease=lease, **_who(request)),
        gettext_lazy("Throw away"),
    ),
    "deposit": Act(
        gettext_lazy("Agree a deposit"),
        forms.DepositForm,
        lambda request, lease, values: services.agree_deposit(lease=lease, **values, **_who(request)),
        gettext_lazy("Save"),
        initial=lambda lease: {"due_on": lease.starts_on},
    ),
    "guarantee": Act(
        gettext_lazy("Record a guarantee"),
        forms.GuaranteeForm,
        lambda request, lease, values: services.record_guarantee(lease=lease, **values, **_who(request)),
        gettext_lazy("Save"),
    ),
    "document": Act(
        gettext_lazy("File a document"),
        forms.DocumentForm,
        _file,
        gettext_lazy("File"),
        initial=lambda lease: {"papers": queries.list_missing_files(lease=lease)},
    ),
    "turnover": Act(gettext_lazy("Report turnover"), forms.TurnoverForm, _turnover, gettext_lazy("Save")),
}


@require_http_methods(["GET", "POST"])
def lease_act(request: HttpRequest, lease_id: int, act: str) -> HttpResponse:
    """Show the form of an act, and do it."""
    lease = lease_or_404(request, lease_id, to_manage=True)
    if act not in ACTS:
        raise Http404
    this = ACTS[act]
    is_post = request.method == "POST"
    form = this.form(request.POST if is_post else None, request.FILES if is_post else None, initial=this.initial(lease))
    if form.is_bound and form.is_valid():
        done = try_to(request, form, lambda: this.do(request, lease, form.cleaned_data))
        if done is not None:
            if act == "discard":
                return redirect(f"{reverse('lease_list')}?park={lease.park_id}")
            return back_to(done if isinstance(done, Lease) else lease)
    return form_page(request, form, title=str(this.title), lease=lease, button=str(this.button), hint=str(this.hint))


@require_http_methods(["GET", "POST"])
def version_act(request: HttpRequest, version_id: int, turn: str) -> HttpResponse:
    """Ask for the approval of a draft, decide on it, take the request back, or undo a version."""
    version = version_or_404(request, version_id)
    titles = {
        "submit": _("Ask for approval"),
        "approve": _("Approve"),
        "refuse": _("Refuse"),
        "withdraw": _("Take the request back"),
        "undo": _("Undo the change"),
    }
    if turn not in titles:
        raise Http404
    needs_reason = turn in {"undo", "refuse"}
    form = (forms.ReasonForm if needs_reason else forms.PlainForm)(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data.get("reason", "")
        if try_to(request, form, lambda: _do_version(request, version, turn, reason)) is not None:
            return back_to(version.lease)
    return form_page(request, form, title=titles[turn], lease=version.lease, button=titles[turn])


def _do_version(request: HttpRequest, version: LeaseVersion, act: str, reason: str) -> Any:
    if act == "submit":
        return services.submit_version(version=version, **_who(request))
    if act == "undo":
        return services.undo_version(version=version, reason=reason, **_who(request))
    if version.approval is None:
        raise services.CannotChangeLease(_("This version no longer waits for approval."))
    try:
        if act == "withdraw":
            return approvals.withdraw_approval(approval=version.approval, **_who(request))
        return approvals.decide_approval(
            approval=version.approval, approve=act == "approve", reason=reason, **_who(request)
        )
    except approvals.CannotDecideApproval as refusal:
        raise services.CannotChangeLease(str(refusal)) from refusal


@require_http_methods(["GET", "POST"])
def index_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Record a published index value of a park."""
    park = get_object_or_404(Park.objects.visible_to(request.user, Permission.MANAGE_LEASES), pk=park_id)
    request.park = park
    form = forms.IndexForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        rows = [form.cleaned_data]
        call = lambda: services.record_index_values(park=park, rows=rows, **_who(request))  # noqa: E731
        if try_to(request, form, call) is not None:
            return redirect("index_add", park.pk)
    context = {
        "form": form,
        "title": _("Index values"),
        "park": park,
        "back": reverse("lease_list"),
        "button": _("Save"),
        "values": park.index_values.all()[:60],
        "crumbs": crumbs_of(park),
    }
    return page(request, "leasing/form.html", context, status=422 if form.is_bound else 200)
