"""Pages that show leases: the list, one lease, a line of its schedule, its schedule as a file."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from parkbrain import lists
from parkbrain.calc import leases as calc
from parkbrain.kernel import approvals, audit
from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.media import hand_out

from .. import charts, queries, reports
from ..models import Clause, Lease, LeaseVersion
from ..tables import LEASES, schedule_columns, state_badge
from .common import crumbs_of, lease_crumb, lease_or_404


def lease_list(request: HttpRequest) -> HttpResponseBase:
    """Show the leases the person may see."""
    managing = Park.objects.visible_to(request.user, Permission.MANAGE_LEASES)
    park = getattr(request, "park", None) or managing.first()
    return lists.respond(
        request, LEASES, template="leasing/list.html", context={"add_park": park if park in managing else None}
    )


def version_views(lease: Lease) -> list[dict[str, Any]]:
    """Return the versions side by side: what each says, and what of it the one before said otherwise."""
    shown: list[dict[str, Any]] = []
    before: LeaseVersion | None = None
    for version in queries.list_versions(lease=lease):
        shown.append(
            {
                "version": version,
                "change": queries.compare_versions(version=version, before=before),
                "terms": queries.terms_sentence(terms=calc.parse_terms(version.terms)),
                "premises": list(version.premises.all()),
            }
        )
        # What was undone is no measure for what came after it.
        before = before if version.state == LeaseVersion.State.UNDONE else version
    return shown


@require_safe
def lease_detail(request: HttpRequest, lease_id: int) -> HttpResponse:
    """Show a lease: facts, premises, clauses in sentences, the whole schedule, versions, documents, what comes next."""
    lease = lease_or_404(request, lease_id)
    on = day_of(request)
    versions = version_views(lease)
    draft = next((v for v in versions if v["version"].state in {"DRAFT", "WAITING"}), None)
    besides = draft["version"] if draft and draft["version"].kind != LeaseVersion.Kind.ORIGINAL else None
    with_draft = besides is not None and request.GET.get("with") == "draft"
    schedule = queries.get_schedule(lease=lease, besides=besides if with_draft else None)
    manages = queries.may_manage(user=request.user, park=lease.park)
    approved = [v for v in versions if v["version"].state == LeaseVersion.State.APPROVED]
    holding = next((v for v in reversed(approved) if v["version"].effective_on <= on), None)
    context = {
        "lease": lease,
        "park": lease.park,
        "badge": state_badge(lease),
        "as_of": on,
        "versions": versions,
        "draft": draft if manages or not lease.is_binding else None,
        "shown": holding or (approved or versions)[0],
        "with_draft": with_draft,
        "schedule": schedule,
        "kinds": [charts.kind_name(k) for k in schedule.kinds],
        "months": month_views(lease, schedule, besides if with_draft else None),
        "sums": [schedule.kind_totals[queries.KINDS.index(k)] for k in schedule.kinds],
        "chart": charts.schedule_chart(schedule=schedule, name=lease.number) if schedule.lines else None,
        "glance": queries.get_glance(lease=lease, schedule=schedule, on=on),
        "events": queries.list_next_events(lease=lease, schedule=schedule, on=on),
        "manages": manages,
        "approval": approval_of(request, draft),
        "taken": queries.get_taken_over(user=request.user, lease=lease),
        "deposits": lease.deposit_terms.all(),
        "guarantees": lease.guarantees.all(),
        "documents": lease.documents.select_related("document"),
        "turnovers": lease.turnovers.all(),
        "has_turnover": any(c.row.kind == "TURNOVER_RENT" for v in versions for c in v["change"].clauses),
        "renewals": lease.renewals.all(),
        "history": history_of(lease, versions) if manages else [],
        "crumbs": crumbs_of(lease.park),
    }
    return page(request, "leasing/lease.html", context)


def approval_of(request: HttpRequest, draft: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the request for approval that waits, and whether this person may decide on it."""
    approval = draft["version"].approval if draft and draft["version"].state == "WAITING" else None
    if approval is None:
        return None
    return {"row": approval, "may_decide": approvals.may_decide(user=request.user, approval=approval)}


def history_of(lease: Lease, versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what happened to the lease and its versions, the newest first."""
    labels = {"leasing.lease": [str(lease.pk)], "leasing.leaseversion": [str(v["version"].pk) for v in versions]}
    rows = [
        event
        for label, ids in labels.items()
        for event in AuditEvent.objects.filter(target_label=label, target_id__in=ids).select_related("actor")[:20]
    ]
    rows.sort(key=lambda e: (e.at, e.position), reverse=True)
    return [{"at": e.at, "text": audit.sentence(e), "actor": e.actor} for e in rows[:15]]


def month_views(lease: Lease, schedule: queries.Schedule, besides: LeaseVersion | None) -> list[dict[str, Any]]:
    """Return the months of a schedule with the lines of each and where they open."""
    order = [queries.KINDS.index(k) for k in schedule.kinds]
    tail = "?with=draft" if besides is not None else ""
    return [
        {
            "month": m.month_on,
            "parts": [m.by_kind[n] for n in order],
            "gross": m.gross_yuan,
            "deducted": m.deducted_yuan,
            "lines": [(line, charts.kind_name(line.kind), line_url(lease, line) + tail) for line in m.lines],
        }
        for m in schedule.months
    ]


def line_url(lease: Lease, line: calc.Line) -> str:
    """Return where a line opens."""
    return reverse("lease_line", args=[lease.pk, line.kind, line.place or "-", line.starts_on.isoformat()])


@require_safe
def lease_line(request: HttpRequest, lease_id: int, fee: str, place: str, starts_on: str) -> HttpResponse:
    """Show one line of a schedule: every step that makes the number, each with the clause that it rests on."""
    lease = lease_or_404(request, lease_id)
    try:
        begin = date.fromisoformat(starts_on)
    except ValueError as error:
        raise Http404 from error
    besides = None
    if request.GET.get("with") == "draft":
        besides = lease.versions.filter(state__in=("DRAFT", "WAITING")).first()
    schedule = queries.get_schedule(lease=lease, besides=besides)
    wanted = (fee, "" if place == "-" else place, begin)
    line = next((x for x in schedule.lines if (x.kind, x.place, x.starts_on) == wanted), None)
    if line is None:
        raise Http404
    rows = Clause.objects.filter(version__lease=lease, pk__in=[s.ref for s in line.steps if s.ref])
    clauses = {str(c.pk): c for c in rows.select_related("version")}
    context = {
        "lease": lease,
        "park": lease.park,
        "line": line,
        "kind": charts.kind_name(line.kind),
        "steps": [(text, clauses.get(ref)) for text, ref in queries.explain_line(line=line)],
        "crumbs": crumbs_of(lease.park, lease_crumb(lease)),
    }
    return page(request, "leasing/line.html", context)


@require_safe
def lease_schedule(request: HttpRequest, lease_id: int, suffix: str) -> HttpResponseBase:
    """Give the whole schedule as a file, every line with its explanation."""
    lease = lease_or_404(request, lease_id)
    if suffix not in {lists.CSV, lists.XLSX, lists.PDF}:
        raise Http404
    made = reports.make_lease_report(
        user=request.user,
        park=lease.park,
        of=lease,
        since=timezone.localdate(),
        on=timezone.localdate(),
        kind=suffix,
        columns=partial(schedule_columns, kind_name=charts.kind_name),
    )
    return hand_out(made.content, made.content_type, made.name)


@require_safe
def lease_document(request: HttpRequest, lease_id: int, pk: int) -> FileResponse:
    """Hand out a document of a lease to those who may see the lease."""
    lease = lease_or_404(request, lease_id)
    filed = get_object_or_404(lease.documents.filter(document__isnull=False).select_related("document"), pk=pk)
    if not path_of(filed.document.sha256).is_file():
        raise Http404
    response = FileResponse(path_of(filed.document.sha256).open("rb"), as_attachment=True, filename=filed.document.name)
    # Never what the file claims to be: a page of somebody else's making does not run in our origin.
    response["Content-Type"] = "application/octet-stream"
    return response


@require_safe
def lease_clause(request: HttpRequest, clause_id: int) -> HttpResponse:
    """Show a clause: its words, its version, and the other ways in which it could be read."""
    clause = get_object_or_404(Clause.objects.select_related("version__lease"), pk=clause_id)
    lease = lease_or_404(request, clause.version.lease_id)
    parsed = calc.parse_clause(clause.kind, clause.values)
    context = {
        "clause": clause,
        "lease": lease,
        "park": lease.park,
        "text": queries.clause_sentence(kind=clause.kind, values=clause.values),
        "others": [
            queries.clause_sentence(kind=clause.kind, values=calc.plain(r.other)) for r in calc.other_readings(parsed)
        ],
        "manages": queries.may_manage(user=request.user, park=lease.park)
        and clause.version.state == LeaseVersion.State.DRAFT,
        "crumbs": crumbs_of(lease.park, lease_crumb(lease)),
        "title": _("Clause: %(kind)s") % {"kind": clause.get_kind_display()},
    }
    return page(request, "leasing/clause.html", context)
