"""A duty: what shows it, who answers for it, how it is settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Approval, Document, Park
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..forms import AssignForm, DutyForm, EvidenceForm, FinishForm, OwnDutyForm, ReasonForm
from ..models import Assignment, Duty, Evidence
from ..tables import standing_badge
from .common import duty_of, form_page, may_edit, subject_crumbs, subject_of


def _may_settle(request: HttpRequest, duty: Duty) -> bool:
    """Tell whether the person edits the record, or answers for the duty today."""
    if may_edit(request, duty.subject.park):
        return True
    return Duty.objects.of_person(request.user, timezone.localdate()).filter(pk=duty.pk).exists()


def _settled_duty(request: HttpRequest, duty_id: int) -> Duty:
    """Return the duty of the address, if the person may show it and record it as done."""
    duty = duty_of(request, duty_id)
    if not _may_settle(request, duty):
        raise PermissionDenied
    return duty


def _duty_page(
    request: HttpRequest, duty: Duty, *, evidence: django_forms.Form | None = None, status: int = 200
) -> HttpResponse:
    on = day_of(request)
    row = queries.describe_duty(duty=duty, on=on)
    label, tone = standing_badge(row)
    edits = may_edit(request, duty.subject.park)
    sees = getattr(request, "park", None) == duty.subject.park
    template = queries.get_template_duty(key=duty.template_key)
    context = {
        "duty": duty,
        "row": row,
        "standing": label,
        "tone": tone,
        "subject": duty.subject,
        "park": duty.subject.park,
        "assignments": list(
            duty.assignments.select_related("enterprise", "person", "letter").order_by("role", "-starts_on")
        ),
        "outcomes": list(duty.outcomes.select_related("settled_by", "agreed_by").order_by("-starts_on")),
        "waits": queries.is_waiver_waiting(duty=duty, at=timezone.now()),
        "proves": template.proves if template else "",
        "clause": template.clause if template else "",
        "events": queries.list_duty_events(duty=duty),
        "evidence_form": evidence or EvidenceForm(initial={"valid_from_on": on}),
        "finish_form": FinishForm(initial={"on": on}, auto_id="finish_%s"),
        "reason_form": ReasonForm(initial={"on": on}, auto_id="reason_%s"),
        "may_edit": edits,
        "may_settle": _may_settle(request, duty),
        "as_of": on,
        "crumbs": subject_crumbs(duty.subject) if sees else [Link(_("My duties"), reverse("my_duties"))],
    }
    return page(request, "lifecycle/duty.html", context, status=status)


def duty_detail(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Show a duty."""
    return _duty_page(request, duty_of(request, duty_id))


@require_POST
def evidence_add(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Take a file that shows a duty, and with it, if it is said so, the duty as done."""
    duty = _settled_duty(request, duty_id)
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        values, file, now = form.cleaned_data, form.cleaned_data["file"], timezone.now()
        try:
            with transaction.atomic():
                stored = services.store_paper(
                    duty=duty, name=file.name, size_bytes=file.size, chunks=file.chunks(), actor=request.user, at=now
                )
                services.give_evidence(
                    duty=duty,
                    document=stored,
                    number=values["number"],
                    valid_from_on=values["valid_from_on"],
                    valid_to_on=values["valid_to_on"],
                    note=values["note"],
                    actor=request.user,
                    at=now,
                )
                if values["finishes"]:
                    services.finish_duty(duty=duty, on=timezone.localdate(), actor=request.user, at=now)
        except services.CannotChangeDuty as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("duty_detail", duty.pk)
    return _duty_page(request, duty, evidence=form, status=422)


@require_POST
def evidence_remove(request: HttpRequest, duty_id: int, evidence_id: int) -> HttpResponse:
    """Take a file away from a duty that it does not show."""
    duty = duty_of(request, duty_id, edit=True)
    shown = get_object_or_404(Evidence.objects.select_related("document"), duty=duty, pk=evidence_id)
    return _done(
        request,
        duty,
        lambda: services.remove_evidence(
            evidence=shown, reason=request.POST.get("reason", ""), actor=request.user, at=timezone.now()
        ),
    )


def _done(request: HttpRequest, duty: Duty, act: Callable[[], Any]) -> HttpResponse:
    """Do it and go back to the duty with what came of it."""
    try:
        outcome = act()
    except services.CannotChangeDuty as refusal:
        messages.error(request, str(refusal))
    else:
        asked = isinstance(outcome, Approval)
        messages.success(request, _("A second person was asked.") if asked else _("Saved."))
    return redirect("duty_detail", duty.pk)


@require_POST
def duty_finish(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Record a duty as done."""
    duty = _settled_duty(request, duty_id)
    form = FinishForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the day it was done."))
        return redirect("duty_detail", duty.pk)
    values = form.cleaned_data
    return _done(
        request,
        duty,
        lambda: services.finish_duty(
            duty=duty, on=values["on"], note=values["note"], actor=request.user, at=timezone.now()
        ),
    )


def _with_reason(request: HttpRequest, duty_id: int, act: Callable[..., Any]) -> HttpResponse:
    duty = duty_of(request, duty_id, edit=True)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give a day and a reason."))
        return redirect("duty_detail", duty.pk)
    return _done(request, duty, lambda: act(duty=duty, actor=request.user, at=timezone.now(), **form.cleaned_data))


@require_POST
def duty_reopen(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Open a duty again."""
    return _with_reason(request, duty_id, services.reopen_duty)


@require_POST
def duty_waive(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Waive a duty, with a second person."""
    return _with_reason(request, duty_id, services.waive_duty)


@require_http_methods(["GET", "POST"])
def duty_add(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Add a duty of the park's own to a subject."""
    subject = subject_of(request, subject_id, edit=True)
    form = OwnDutyForm(request.POST if request.method == "POST" else None, initial={"stage": request.GET.get("stage")})
    if form.is_bound and form.is_valid():
        try:
            duty = services.add_duty(subject=subject, values=form.values, actor=request.user, at=timezone.now())
        except services.CannotChangeDuty as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("duty_detail", duty.pk)
    back = reverse("life_subject", args=[subject.pk])
    return form_page(
        request, form, title=_("Add a duty"), state=str(subject), back=back, crumbs=subject_crumbs(subject)
    )


@require_http_methods(["GET", "POST"])
def duty_change(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Change the words, the day or the gate of a duty."""
    duty = duty_of(request, duty_id, edit=True)
    initial = {name: getattr(duty, name) for name in DutyForm.base_fields}
    form = DutyForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            services.change_duty(duty=duty, values=form.cleaned_data, actor=request.user, at=timezone.now())
        except services.CannotChangeDuty as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("duty_detail", duty.pk)
    title = _("Change: %(thing)s") % {"thing": duty.name}
    back = reverse("duty_detail", args=[duty.pk])
    return form_page(
        request, form, title=title, state=str(duty.subject), back=back, crumbs=subject_crumbs(duty.subject)
    )


@require_http_methods(["GET", "POST"])
def duty_assign(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Give somebody a role in a duty."""
    duty = duty_of(request, duty_id, edit=True)
    park = duty.subject.park
    asked = request.GET.get("role", "R")
    kinds = duty.asked.get(asked, [])
    initial = {"role": asked, "party_kind": kinds[0] if kinds else None, "starts_on": timezone.localdate()}
    people = queries.list_nameable_people(park=park)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AssignForm(*sent, people=people, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            _assign(request, duty, form, park)
        except services.CannotChangeDuty as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("duty_detail", duty.pk)
    title = _("Who answers for it: %(duty)s") % {"duty": duty.name}
    back = reverse("duty_detail", args=[duty.pk])
    return form_page(
        request, form, title=title, state=str(duty.subject), back=back, crumbs=subject_crumbs(duty.subject)
    )


@transaction.atomic
def _assign(request: HttpRequest, duty: Duty, form: AssignForm, park: Park) -> None:
    values, now = dict(form.cleaned_data), timezone.now()
    code, file = values.pop("uscc"), values.pop("letter")
    firm = None
    if code:
        firm = Enterprise.objects.visible_to(request.user).filter(uscc=code).first()
        if firm is None:
            raise services.CannotChangeDuty(_("There is no enterprise %(code)s.") % {"code": code})
    letter: Document | None = None
    if file:
        letter = services.store_paper(
            duty=duty, name=file.name, size_bytes=file.size, chunks=file.chunks(), actor=request.user, at=now
        )
    services.assign_duty(duty=duty, enterprise=firm, letter=letter, actor=request.user, at=now, **values)


@require_POST
def assignment_end(request: HttpRequest, duty_id: int, assignment_id: int) -> HttpResponse:
    """End somebody's role in a duty today."""
    duty = duty_of(request, duty_id, edit=True)
    held = get_object_or_404(Assignment, duty=duty, pk=assignment_id)
    return _done(
        request,
        duty,
        lambda: services.end_assignment(
            assignment=held, ends_on=timezone.localdate(), actor=request.user, at=timezone.now()
        ),
    )


@require_safe
def duty_paper(request: HttpRequest, duty_id: int, document_id: int) -> FileResponse:
    """Hand out a file of a duty: what shows it, or a letter of appointment."""
    duty = duty_of(request, duty_id)
    stored = queries.find_paper(duty=duty, document_id=document_id)
    if stored is None or not path_of(stored.sha256).is_file():
        raise Http404
    response = FileResponse(path_of(stored.sha256).open("rb"), as_attachment=True, filename=stored.name)
    # Never what the file claims to be: a page of somebody else's making does not run in our origin.
    response["Content-Type"] = "application/octet-stream"
    return response
