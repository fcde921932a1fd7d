"""Pages of the import: the list, the upload, and one batch from its check to what it did."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from parkbrain import lists
from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.ui import table as tables
from parkbrain.ui.htmx import page
from parkbrain.ui.media import XLSX, hand_out
from parkbrain.ui.paging import paged

from . import queries, reports, services
from .forms import UploadForm, read_mapping
from .models import Batch
from .tables import BATCHES, problem_columns

CHANGES_PER_PAGE = 100
ASIDE_PER_PAGE = 200


def _person(request: HttpRequest) -> User:
    """Return the person who is signed in; no page of this module is shown to anybody else."""
    return cast(User, request.user)


def _batch(request: HttpRequest, batch_id: int) -> Batch:
    """Return the batch, or 404 where it is not the person's."""
    batch = queries.get_batch(user=_person(request), batch_id=batch_id)
    if batch is None:
        raise Http404
    request.park = batch.park  # type: ignore[attr-defined]
    return batch


def _crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": _("Import"), "url": reverse("import_list")}, *more]


def _crumbs_of(batch: Batch, *more: dict[str, str]) -> list[dict[str, str]]:
    """Return the way to a batch: from the imports, or from what a table of a bureau is taken into."""
    into = queries.get_target(batch=batch)
    return _crumbs(*more) if into is None else [{"label": into[0], "url": into[1]}, *more]


def import_list(request: HttpRequest) -> HttpResponseBase:
    """List the imports."""
    waiting = queries.count_open_batches(user=_person(request))
    return lists.respond(request, BATCHES, template="intake/import_list.html", context={"open": waiting})


def import_upload(request: HttpRequest) -> HttpResponse:
    """Upload a file and check it."""
    if not _person(request).may(Permission.EDIT_RECORD):
        raise PermissionDenied
    initial = {"park": request.GET.get("park", "") if request.GET.get("park", "").isdigit() else None}
    form = UploadForm(request.POST or None, request.FILES or None, user=_person(request), initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            file, park = form.cleaned_data["file"], form.cleaned_data["park"]
            now = timezone.now()
            try:
                batch = services.upload_batch(
                    name=file.name, chunks=file.chunks(), park=park, actor=_person(request), at=now
                )
            except services.CannotTakeIn as refusal:
                form.add_error(None, str(refusal))
            else:
                if services.needs_mapping(batch=batch, actor=_person(request)):
                    return redirect("import_mapping", batch.pk)
                services.start_check(batch=batch, actor=_person(request), at=now)
                return redirect("import_batch", batch.pk)
    context = {
        "form": form,
        "languages": settings.LANGUAGES,
        "takers": queries.list_takers(),
        "limit_mb": settings.UPLOAD_MAX_BYTES // 1_048_576,
        "crumbs": _crumbs({"label": _("New import"), "url": ""}),
    }
    return page(request, "intake/import_upload.html", context, status=status)


def import_batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show one batch: its progress, its problems or its changes, and what can be done."""
    batch = _batch(request, batch_id)
    job = batch.job
    is_busy = job is not None and job.is_under_way
    seen = f"{job.state}-{job.done_steps}" if job is not None else ""
    if request.htmx and "seen" in request.GET:  # type: ignore[attr-defined]
        if not is_busy:
            return HttpResponseClientRefresh()
        if request.GET["seen"] == seen:
            return HttpResponse(status=204)
    report = queries.get_report(batch=batch)
    text, sheet = request.GET.get("q", "").strip(), request.GET.get("sheet", "")
    problems = queries.find_problem_lines(report=report, text=text, sheet=sheet)
    aside = paged(range(queries.count_aside(batch=batch)), request.GET, key="aside", per=ASIDE_PER_PAGE, at="aside")
    changes = Paginator(report.changes, CHANGES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "job": job,
        "is_busy": is_busy,
        "seen": seen,
        "report": report,
        "q": text,
        "sheet": sheet,
        "problem_sheets": sorted({p.sheet for p in report.problems if p.sheet}),
        "can_roll_back": batch.state == Batch.State.APPLIED and batch.is_open_to(_person(request)),
        "into": queries.get_target(batch=batch),
        "can_mark": batch.kind not in services.DRAWN_KINDS and any(p.cell for p in report.problems),
        "parks": queries.find_importable_parks(user=_person(request)) if report.lacks_park else (),
        "problems": replace(
            tables.build(columns=problem_columns(), rows=problems, params=request.GET, label=_("Problems")),
            empty=_("No problem matches the filter."),
        ),
        "aside": aside,
        "aside_lines": queries.list_aside_lines(batch=batch, first=max(0, aside.first - 1), most=ASIDE_PER_PAGE),
        "changes": changes,
        "change_rows": [(c, _target_url(batch, c)) for c in changes],
        "crumbs": _crumbs_of(batch, {"label": batch.document.name, "url": ""}),
    }
    return page(request, "intake/import_batch.html", context, parts=frozenset({"work", "problems"}))


def _target_url(batch: Batch, change: queries.ChangeLine) -> str:
    """Return the page of what a row became, where it has one; what is not yet created has none."""
    if batch.state != Batch.State.APPLIED and change.action != "update":
        return ""
    try:
        return reverse(f"{change.target_label.rpartition('.')[2]}_detail", args=[change.target_id])
    except NoReverseMatch:
        return ""


def _act(request: HttpRequest, batch_id: int, act: Callable[[Batch], object]) -> HttpResponse:
    """Do something with a batch and show it again, with the refusal where there is one."""
    batch = _batch(request, batch_id)
    try:
        act(batch)
    except (services.CannotCheckBatch, services.CannotApplyBatch, services.CannotDiscardBatch) as refusal:
        messages.error(request, str(refusal))
    return redirect("import_batch", batch_id)


def import_mapping(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show which column holds what, with reasons, and keep what the person says."""
    batch, person = _batch(request, batch_id), _person(request)
    said = {int(k[1:-6]): v for k, v in request.POST.items() if k.startswith("s") and k.endswith("-taker")}
    try:
        proposals = services.propose_mapping(batch=batch, actor=person, takers=said)
    except services.CannotReadFile as refusal:
        messages.error(request, str(refusal))
        return redirect("import_batch", batch_id)
    error, status = "", 200
    if request.method == "POST" and request.POST.get("action") != "show":
        reading, now = read_mapping(data=request.POST, proposals=proposals), timezone.now()
        try:
            name = request.POST.get("profile_name", "")
            batch = services.save_mapping(batch=batch, reading=reading, profile_name=name, actor=person, at=now)
            services.start_check(batch=batch, actor=person, at=now)
            return redirect("import_batch", batch_id)
        except (services.CannotSaveProfile, services.CannotCheckBatch) as refusal:
            error, status = str(refusal), 422
    context = {
        "batch": batch,
        "error": error,
        "sheets": [_sheet_of_mapping(request, p, keep=bool(error)) for p in proposals],
        "things": queries.list_thing_options(about_parks=batch.branch_id is not None),
        "values": request.POST,
        "crumbs": _crumbs_of(batch, {"label": batch.document.name, "url": reverse("import_batch", args=[batch_id])}),
    }
    return page(request, "intake/import_mapping.html", context, status=status)


def _sheet_of_mapping(request: HttpRequest, sheet: services.SheetProposal, *, keep: bool) -> dict[str, object]:
    """Return a sheet with the options of its columns; `keep` shows what the person chose instead of what is offered."""

    def chosen(index: int, part: str, offered: str) -> str:
        return request.POST.get(f"s{sheet.index}-c{index}-{part}", "") if keep else offered

    columns = [
        {
            "column": c,
            "field": chosen(c.index, "field", c.field),
            "unit": chosen(c.index, "unit", c.unit),
            "dates": chosen(c.index, "dates", c.dates),
            "fill": bool(chosen(c.index, "fill", "on" if c.fill else "")),
            "percent": round(100 * c.sure),
            "why": queries.get_why(why=c.why, params=c.why_params),
        }
        for c in sheet.columns
    ]
    fields = queries.list_field_options(taker=sheet.taker)
    return {"sheet": sheet, "columns": columns, "fields": fields, "units": queries.list_unit_options(taker=sheet.taker)}


@require_POST
def decide_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Keep what a person decided about rows, and check again."""
    batch, person, now = _batch(request, batch_id), _person(request), timezone.now()
    decisions = {k: v for k, v in request.POST.items() if "|" in k and v}
    try:
        batch = services.decide_rows(batch=batch, decisions=decisions, actor=person, at=now)
        services.start_check(batch=batch, actor=person, at=now)
    except (services.CannotDecideRows, services.CannotCheckBatch) as refusal:
        messages.error(request, str(refusal))
    return redirect("import_batch", batch_id)


def profile_list(request: HttpRequest) -> HttpResponse:
    """List the saved profiles; rename or delete one."""
    person = _person(request)
    if not person.may(Permission.EDIT_RECORD):
        raise PermissionDenied
    profiles = services.list_profiles(actor=person)
    error, status = "", 200
    if request.method == "POST":
        profile = next((p for p in profiles if str(p.pk) == request.POST.get("profile")), None)
        if profile is None:
            raise Http404
        try:
            if request.POST.get("action") == "delete":
                services.delete_profile(profile=profile, actor=person, at=timezone.now())
            else:
                name = request.POST.get("name", "")
                services.rename_profile(profile=profile, name=name, actor=person, at=timezone.now())
            return redirect("import_profiles")
        except services.CannotSaveProfile as refusal:
            error, status = str(refusal), 422
    context = {"profiles": profiles, "error": error, "crumbs": _crumbs({"label": _("Profiles"), "url": ""})}
    return page(request, "intake/import_profiles.html", context, status=status)


@require_POST
def check_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Check a batch again."""
    return _act(request, batch_id, lambda b: services.start_check(batch=b, actor=_person(request), at=timezone.now()))


@require_POST
def choose_import_park(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Say which park a file is about, and check it again."""
    actor, chosen = _person(request), request.POST.get("park", "")
    parks = queries.find_importable_parks(user=actor)
    park = parks.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 12 else None

    def act(batch: Batch) -> None:
        if park is None:
            raise services.CannotCheckBatch(_("Choose a park."))
        at = timezone.now()
        services.start_check(batch=services.choose_park(batch=batch, park=park, actor=actor, at=at), actor=actor, at=at)

    return _act(request, batch_id, act)


@require_POST
def apply_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take a batch in."""
    return _act(request, batch_id, lambda b: services.start_apply(batch=b, actor=_person(request), at=timezone.now()))


@require_POST
def discard_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Close a batch that is not wanted."""
    return _act(request, batch_id, lambda b: services.discard_batch(batch=b, actor=_person(request), at=timezone.now()))


def roll_back_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show what rolling a batch back would do, and do it."""
    batch = _batch(request, batch_id)
    status = 200
    try:
        services.find_batch_to_roll_back(batch_id=batch.pk, actor=_person(request))
    except services.CannotRollBackBatch as refusal:
        messages.error(request, str(refusal))
        return redirect("import_batch", batch_id)
    if request.method == "POST":
        try:
            services.start_roll_back(batch=batch, actor=_person(request), at=timezone.now())
            return redirect("import_batch", batch_id)
        except services.CannotRollBackBatch:
            # The page says itself what stands in the way.
            status = 422
    plan = queries.get_rollback_plan(batch=batch)
    count = plan.restored_count if plan.is_possible else plan.conflict_count
    lines = paged(range(count), request.GET, per=queries.LISTED)
    if lines.first > 1:
        plan = queries.get_rollback_plan(batch=batch, first=lines.first - 1)
    context = {
        "batch": batch,
        "plan": plan,
        "lines": lines,
        "crumbs": _crumbs_of(
            batch,
            {"label": batch.document.name, "url": reverse("import_batch", args=[batch.pk])},
            {"label": _("Roll back"), "url": ""},
        ),
    }
    return page(request, "intake/import_roll_back.html", context, status=status)


@require_POST
def cancel_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Ask the work on a batch to stop."""
    return _act(request, batch_id, lambda b: services.cancel_work(batch=b))


def import_file(request: HttpRequest, batch_id: int) -> FileResponse:
    """Download the file as it was uploaded."""
    document = _batch(request, batch_id).document
    return FileResponse(path_of(document.sha256).open("rb"), as_attachment=True, filename=document.name)


def import_marked(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Download the file with its problems marked."""
    batch = _batch(request, batch_id)
    try:
        content = reports.mark_problems(batch=batch, report=queries.get_report(batch=batch))
    except services.CannotReadFile as refusal:
        messages.error(request, str(refusal))
        return redirect("import_batch", batch_id)
    stem = batch.document.name.rpartition(".")[0]
    return hand_out(content, XLSX, _("%(name)s (problems).xlsx") % {"name": stem})


def import_template(request: HttpRequest) -> HttpResponse:
    """Download the workbook to fill in, in a language."""
    if not _person(request).may(Permission.EDIT_RECORD):
        raise PermissionDenied
    wanted = request.GET.get("language", "")
    language = wanted if wanted in dict(settings.LANGUAGES) else get_language() or "zh-hans"
    buffer = io.BytesIO()
    services.write_template(target=buffer, language=language)
    return hand_out(buffer.getvalue(), XLSX, f"parkbrain-{language}.xlsx")


def record_export(request: HttpRequest) -> HttpResponse:
    """Download a park's record as a workbook that can be imported again."""
    wanted = request.GET.get("park", "")
    parks = Park.objects.visible_to(_person(request), Permission.EDIT_RECORD)
    park = get_object_or_404(parks, pk=wanted if wanted.isdigit() else 0)
    buffer = io.BytesIO()
    services.write_export(park=park, target=buffer, language=get_language() or "zh-hans")
    return hand_out(buffer.getvalue(), XLSX, f"{park.code}.xlsx")
