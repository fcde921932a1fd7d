"""The bureau's pages of data rounds."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from parkbrain import lists
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.work import with_progress
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.media import hand_out

from .. import queries, reports, services
from ..forms.rounds import ExtendForm, RoundForm
from ..models import DataRound, Submission
from ..tables.rounds import SUBMISSIONS


def _crumbs(*more: Link) -> list[Link]:
    return [Link(_("City"), reverse("city")), Link(_("Data rounds"), reverse("round_list")), *more]


def open_round_page(request: HttpRequest, round_id: int) -> DataRound:
    """Return the round if the person oversees its branch; outside it there is nothing."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    found = get_object_or_404(DataRound.objects.run_by(request.user).select_related("branch", "job"), pk=round_id)
    if found.job is not None:
        with_progress(job=found.job)
    return found


def _may_run(request: HttpRequest, data_round: DataRound) -> bool:
    return request.user.may(Permission.RUN_ROUNDS, data_round.branch.path)


def round_list(request: HttpRequest) -> HttpResponse:
    """Show the rounds of the person's branches."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    context = {
        "lines": queries.list_rounds(user=request.user, on=timezone.localdate()),
        "may_run": request.user.may(Permission.RUN_ROUNDS),
        "crumbs": [Link(_("City"), reverse("city"))],
    }
    return page(request, "portfolio/rounds.html", context)


@require_http_methods(["GET", "POST"])
def round_add(request: HttpRequest) -> HttpResponse:
    """Prepare a round."""
    if not request.user.may(Permission.RUN_ROUNDS):
        raise PermissionDenied
    return _round_form(request, None)


@require_http_methods(["GET", "POST"])
def round_change(request: HttpRequest, round_id: int) -> HttpResponse:
    """Change a round that is not open yet."""
    data_round = open_round_page(request, round_id)
    if not _may_run(request, data_round):
        raise PermissionDenied
    return _round_form(request, data_round)


def _round_form(request: HttpRequest, data_round: DataRound | None) -> HttpResponse:
    form = RoundForm(request.POST if request.method == "POST" else None, user=request.user, data_round=data_round)
    if form.is_bound and form.is_valid():
        try:
            saved = services.prepare_round(
                branch=form.cleaned_data["branch"],
                values=form.values(),
                data_round=data_round,
                actor=request.user,
                at=timezone.now(),
            )
        except services.CannotRunRound as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("round_detail", saved.pk)
    context = {
        "form": form,
        "data_round": data_round,
        "back": reverse("round_detail", args=[data_round.pk]) if data_round else reverse("round_list"),
        "crumbs": _crumbs(),
    }
    return page(request, "portfolio/round_form.html", context, status=422 if form.is_bound else 200)


def submission_list(request: HttpRequest) -> HttpResponseBase:
    """Show what parks answered, over all rounds of the person's branches."""
    return lists.respond(request, SUBMISSIONS)


@require_http_methods(["GET", "POST"])
def round_detail(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """Show how far a round is, what was found, and what each park answers."""
    data_round = open_round_page(request, round_id)
    job = data_round.job
    working: dict[str, Any] = {
        "data_round": data_round,
        "job": job,
        "is_busy": job is not None and job.is_under_way,
        "may_run": _may_run(request, data_round),
    }
    if request.htmx.target == "round-job":
        # Done: the whole page says something else now.
        if not working["is_busy"]:
            return HttpResponseClientRefresh()
        return page(request, "portfolio/round.html", working, parts=frozenset({"round-job"}))
    context = {
        **working,
        "facts": queries.list_asked_facts(data_round=data_round),
        "progress": queries.get_progress(data_round=data_round, on=timezone.localdate()),
        "hints": queries.count_hints(data_round=data_round),
        "digits": queries.judge_digits(data_round=data_round),
        "asked_count": queries.asked_parks(data_round=data_round).count() if data_round.state == "DRAFT" else None,
        "extend": ExtendForm(initial={"due_on": data_round.due_on}),
        "publication": queries.get_latest_publication(data_round=data_round),
        "crumbs": _crumbs(),
    }
    # The list is of one round, which its address names.
    pinned = {"round": str(data_round.pk)}
    return lists.respond(request, SUBMISSIONS, template="portfolio/round.html", context=context, pinned=pinned)


@require_safe
def round_answers(request: HttpRequest, round_id: int, suffix: str) -> HttpResponse:
    """Hand out what the parks of a round have answered so far, a row each."""
    data_round, today = open_round_page(request, round_id), timezone.localdate()
    if suffix not in {lists.CSV, lists.XLSX}:
        raise Http404
    made = reports.make_answers_report(user=request.user, park=None, of=data_round, since=today, on=today, kind=suffix)
    return hand_out(made.content, made.content_type, made.name)


@require_POST
def round_step(request: HttpRequest, round_id: int, step: str) -> HttpResponse:
    """Open, close, extend or check a round, accept what gave no hint."""
    data_round = open_round_page(request, round_id)
    if not _may_run(request, data_round):
        raise PermissionDenied
    try:
        text = STEPS[step](request, data_round)
    except (services.CannotRunRound, services.CannotDecide) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, text)
    return redirect("round_detail", data_round.pk)


def _open(request: HttpRequest, data_round: DataRound) -> str:
    count = services.open_round(data_round=data_round, actor=request.user, at=timezone.now())
    return ngettext("%(count)s park is asked.", "%(count)s parks are asked.", count) % {"count": count}


def _close(request: HttpRequest, data_round: DataRound) -> str:
    services.close_round(data_round=data_round, actor=request.user, at=timezone.now())
    return _("The round is closed.")


def _check(request: HttpRequest, data_round: DataRound) -> str:
    count = _work(request, data_round, services.CHECK)
    if count is None:
        return _("The answers are being checked.")
    return ngettext("Checked: %(count)s hint.", "Checked: %(count)s hints.", count) % {"count": count}


def _extend(request: HttpRequest, data_round: DataRound) -> str:
    form = ExtendForm(request.POST)
    if not form.is_valid():
        raise services.CannotRunRound(_("“%(typed)s” is no day.") % {"typed": request.POST.get("due_on", "")})
    services.extend_round(
        data_round=data_round, due_on=form.cleaned_data["due_on"], actor=request.user, at=timezone.now()
    )
    return _("The last day was moved.")


def _accept_clean(request: HttpRequest, data_round: DataRound) -> str:
    count = _work(request, data_round, services.ACCEPT)
    if count is None:
        return _("The answers are being accepted.")
    return ngettext("%(count)s answer was accepted.", "%(count)s answers were accepted.", count) % {"count": count}


def _work(request: HttpRequest, data_round: DataRound, kind: str) -> int | None:
    return services.start_round_work(kind=kind, data_round=data_round, actor=request.user, at=timezone.now())


def _stop(request: HttpRequest, data_round: DataRound) -> str:
    services.cancel_round_work(data_round=data_round, actor=request.user)
    return _("The work stops. What was done for some of the parks stays.")


def _remind(request: HttpRequest, data_round: DataRound) -> str:
    count = _work(request, data_round, services.REMIND)
    if count is None:
        return _("The parks are being reminded.")
    return ngettext("%(count)s park was reminded.", "%(count)s parks were reminded.", count) % {"count": count}


def _publish(request: HttpRequest, data_round: DataRound) -> str:
    publication = services.publish_round(data_round=data_round, actor=request.user, at=timezone.now())
    return _("Version %(version)s is published.") % {"version": publication.version}


#: What can be done with a round by one click, by the last part of its address.
STEPS = {
    "open": _open,
    "close": _close,
    "check": _check,
    "extend": _extend,
    "accept-clean": _accept_clean,
    "remind": _remind,
    "publish": _publish,
    "stop": _stop,
}


@require_http_methods(["GET", "POST"])
def submission_detail(request: HttpRequest, round_id: int, park_id: int) -> HttpResponse:
    """Show a park's answer to the bureau, which returns or accepts it here."""
    data_round = open_round_page(request, round_id)
    submission = get_object_or_404(
        data_round.submissions.select_related("park__branch", "submitted_by", "decided_by"), park_id=park_id
    )
    submission.round = data_round
    may_decide = (
        _may_run(request, data_round)
        and submission.state == Submission.State.SUBMITTED
        and data_round.state == DataRound.State.OPEN
    )
    refused = ""
    if request.method == "POST":
        if not _may_run(request, data_round):
            raise PermissionDenied
        try:
            _decide(request, submission)
        except services.CannotDecide as refusal:
            refused = str(refusal)
        else:
            return redirect("round_detail", data_round.pk)
    sheet = queries.get_submission_sheet(submission=submission, on=timezone.localdate())
    context = {
        "data_round": data_round,
        "sheet": sheet,
        "lines": [
            (line, request.POST.get(f"objection-{line.fact.key}", line.entry.objection if line.entry else ""))
            for line in sheet.lines
        ],
        "note": request.POST.get("note", ""),
        "copied": queries.list_copied(submission=submission),
        "may_decide": may_decide,
        "refused": refused,
        "crumbs": _crumbs(Link(data_round.name, reverse("round_detail", args=[data_round.pk]))),
    }
    return page(request, "portfolio/submission.html", context, status=422 if refused else 200)


def _decide(request: HttpRequest, submission: Submission) -> None:
    now = timezone.now()
    if request.POST.get("do") == "accept":
        services.accept_submissions(submissions=[submission], actor=request.user, at=now)
        messages.success(
            request, _("Accepted: the values of %(park)s are declared facts now.") % {"park": submission.park}
        )
        return
    objections = {key: request.POST.get(f"objection-{key}", "") for key in submission.round.fact_keys}
    services.return_submission(
        submission=submission, note=request.POST.get("note", ""), objections=objections, actor=request.user, at=now
    )
    messages.success(request, _("Returned to %(park)s.") % {"park": submission.park})
