"""What a park is asked, and where it answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..forms.rounds import EntryForm
from ..models import DataRound, Submission


@require_http_methods(["GET", "POST"])
def park_round(request: HttpRequest, park_id: int, round_id: int) -> HttpResponse:
    """Show what a round asks of a park; who answers for the park fills it in and hands it in."""
    visible = Park.objects.visible_to(request.user, Permission.VIEW_RATING).select_related("branch")
    park = get_object_or_404(visible, pk=park_id)
    request.park = park
    today = timezone.localdate()
    rows = Submission.objects.select_related("round__branch", "submitted_by").exclude(
        round__state=DataRound.State.DRAFT
    )
    submission = get_object_or_404(rows, park=park, round_id=round_id)
    submission.park = park
    if submission.round.opens_on > today:
        raise Http404
    may_fill = request.user.may(Permission.DECLARE_FACT, park.branch.path)
    if request.method == "POST" and not may_fill:
        raise PermissionDenied
    sheet = queries.get_submission_sheet(submission=submission, on=today)
    form = EntryForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        sheet=sheet,
    )
    if form.is_bound and form.is_valid() and _keep(request, submission, form):
        return redirect("park_round", park.pk, round_id)
    services.note_opened(submission=submission, actor=request.user, at=timezone.now())
    context = {
        "park": park,
        "data_round": submission.round,
        "sheet": sheet,
        "form": form,
        "can_write": may_fill and sheet.is_open,
        "publication": queries.get_latest_publication(data_round=submission.round),
        "crumbs": [Link(park.name, reverse("park_detail", args=[park.pk]))],
    }
    return page(request, "portfolio/park_round.html", context, status=422 if form.is_bound else 200)


def _keep(request: HttpRequest, submission: Submission, form: EntryForm) -> bool:
    """Keep the draft, and hand it in where that was asked for; a refusal stands in the form and nothing is kept."""
    now, actor = timezone.now(), request.user
    hands_in = request.POST.get("do") == "submit"
    try:
        with transaction.atomic():
            documents = _store(request, submission.park, form)
            given = form.given(taken=request.POST.get("take", ""), documents=documents)
            services.save_draft(submission=submission, given=given, actor=actor, at=now)
            if hands_in:
                services.submit(submission=submission, actor=actor, at=now)
    except services.CannotSubmit as refusal:
        form.add_error(None, str(refusal))
        form.name_problems(refusal.problems)
        return False
    messages.success(request, _("Handed in. The bureau reads it now.") if hands_in else _("The draft was saved."))
    return True


def _store(request: HttpRequest, park: Park, form: EntryForm) -> dict[str, Any]:
    stored = {}
    for line in form.sheet.lines:
        file = form.cleaned_data[f"file-{line.fact.key}"]
        if file:
            stored[line.fact.key] = store_document(
                name=file.name, chunks=file.chunks(), actor=request.user, at=timezone.now(), park=park
            )
    return stored
