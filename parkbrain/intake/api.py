"""Imports as JSON: upload a file, see what is wrong with it and what it would change, apply it."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    FieldProblem,
    Out,
    Page,
    Problem,
    Slice,
    choice,
    found,
    id_filter,
    paged,
    refusals,
    require,
)

from . import queries, services
from .models import Batch

router = Router()


class BatchOut(Out):
    """One uploaded file on its way in."""

    id: int
    name: str
    park_id: int | None
    state: str = Field(description=f"One of {', '.join(Batch.State.values)}.")
    is_busy: bool = Field(description="Whether a worker is at it; ask again, or watch the job.")
    job_id: int | None
    row_count: int
    problem_count: int
    change_count: int
    created_by: str
    created_at: datetime
    applied_at: datetime | None


class ImportSheetOut(Out):
    """A sheet of the file: what it was taken for and what becomes of its rows."""

    name: str
    taken_as: str
    rows: int
    created: int | None
    updated: int | None
    unchanged: int | None
    columns_left_out: list[str]


class BatchReportOut(BatchOut):
    """A batch with what its check found."""

    created: int
    updated: int
    unchanged: int
    park_code: str
    park_is_new: bool
    remarks: list[str]
    sheets: list[ImportSheetOut]


class ImportProblemOut(Out):
    """Something wrong in the file."""

    sheet: str
    row: int | None
    cell: str
    heading: str
    value: str
    message: str


class FieldChangeOut(Out):
    """A field with its old and its new value, as people read them."""

    label: str
    old: str
    new: str


class ImportChangeOut(Out):
    """What applying a row does."""

    sheet: str
    row: int
    action: str
    name: str
    fields: list[FieldChangeOut]
    target_kind: str
    target_id: int | None = Field(description="Null before the row is created.")


class RollbackKindOut(Out):
    """How many rows of a kind."""

    kind: str
    count: int


class RollbackConflictOut(Out):
    """A row that was changed, or built upon, since the import was applied."""

    kind: str
    name: str
    reason: str
    by: str
    at: datetime | None


class RollbackOut(Out):
    """What taking an import back does; it happens only where it is possible."""

    is_possible: bool
    removed: list[RollbackKindOut] = Field(description="Rows that the import made.")
    restored_count: int = Field(description="Rows that get their old values back.")
    conflict_count: int
    conflicts: list[RollbackConflictOut] = Field(description="The first of them.")


class BatchParams(Slice):
    """Which imports."""

    park: int | None = id_filter("Only imports into this park.")
    state: str = choice(Batch.State.values, "Only imports in this state.")


def batch_of(batch: Batch) -> BatchOut:
    """Return an upload as a row of a list."""
    return BatchOut(**_head(batch))


def _head(batch: Batch) -> dict[str, object]:
    return {
        "id": batch.pk,
        "name": batch.document.name,
        "park_id": batch.park_id,
        "state": batch.state,
        "is_busy": batch.job is not None and batch.job.is_under_way,
        "job_id": batch.job_id,
        "row_count": batch.row_count,
        "problem_count": batch.problem_count,
        "change_count": batch.change_count,
        "created_by": batch.created_by.username,
        "created_at": batch.created_at,
        "applied_at": batch.applied_at,
    }


def _visible(request: HttpRequest, batch_id: int) -> Batch:
    batch = queries.get_batch(user=request.user, batch_id=batch_id)
    if batch is None:
        raise Problem(404)
    return batch


def report_values(*, batch: Batch) -> dict[str, Any]:
    """Return what the check of an upload found, by the names of `BatchReportOut`."""
    report = queries.get_report(batch=batch)
    return {
        **_head(batch),
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "park_code": report.park_code,
        "park_is_new": report.park_is_new,
        "remarks": list(report.remarks),
        "sheets": [
            ImportSheetOut(
                name=s.name,
                taken_as=s.taken_as,
                rows=s.rows,
                created=s.created,
                updated=s.updated,
                unchanged=s.unchanged,
                columns_left_out=[c.heading for c in s.left_out],
            )
            for s in report.sheets
        ],
    }


def _report(batch: Batch) -> BatchReportOut:
    return BatchReportOut(**report_values(batch=batch))


@router.get("/imports", response=Page[BatchOut], summary="Imports")
def list_imports(request: HttpRequest, part: Query[BatchParams]) -> Page[BatchOut]:
    """The imports into parks whose record you may change, and your own; the newest first."""
    require(request.user.may(Permission.EDIT_RECORD))
    rows = Batch.objects.visible_to(request.user).select_related("document", "created_by", "job").defer("report")
    if part.park:
        rows = rows.filter(park=part.park)
    if part.state:
        rows = rows.filter(state=part.state)
    return paged(Page[BatchOut], request, rows.order_by("-created_at", "-pk"), part, batch_of)


@router.post("/imports", response={201: BatchReportOut}, summary="Upload and check a file")
def upload_import(
    request: HttpRequest,
    file: File[UploadedFile],
    park: Query[int | None] = None,
) -> BatchReportOut:
    """Keep a workbook or table and check it; nothing else changes. A large file is checked by a worker: watch the job.

    `park` names the park the rows belong to, where the file does not name it itself.
    """
    require(request.user.may(Permission.EDIT_RECORD))
    into = None
    if park is not None:
        into = found(Park.objects.visible_to(request.user).select_related("branch"), pk=park)
        require(request.user.may(Permission.EDIT_RECORD, into.branch.path))
    name, now = file.name or "", timezone.now()
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise Problem(413)
    if PurePath(name).suffix.lstrip(".").lower() not in services.KINDS:
        message = _("Files of the kind “%(kind)s” cannot be read: use .xlsx, .xls, .ods or .csv.")
        kind = PurePath(name).suffix.lstrip(".").lower() or "?"
        raise Problem(422, errors=[FieldProblem("file", "kind_unknown", message % {"kind": kind})])
    with refusals(services.CannotTakeIn, services.CannotCheckBatch):
        batch = services.upload_batch(name=name, chunks=file.chunks(), park=into, actor=request.user, at=now)
        services.start_check(batch=batch, actor=request.user, at=now)
    return _report(_visible(request, batch.pk))


@router.get("/imports/{int:batch_id}", response=BatchReportOut, summary="One import")
def get_import(request: HttpRequest, batch_id: int) -> BatchReportOut:
    """An import with what its check found."""
    return _report(_visible(request, batch_id))


@router.get("/imports/{int:batch_id}/problems", response=Page[ImportProblemOut], summary="Problems of an import")
def list_import_problems(request: HttpRequest, batch_id: int, part: Query[Slice]) -> Page[ImportProblemOut]:
    """What is wrong with the file, cell by cell."""
    lines = queries.get_report(batch=_visible(request, batch_id)).problems
    return paged(Page[ImportProblemOut], request, lines, part, _problem)


def _problem(line: queries.ProblemLine) -> ImportProblemOut:
    return ImportProblemOut(
        sheet=line.sheet,
        row=line.row,
        cell=line.cell,
        heading=line.heading,
        value=line.value,
        message=line.message,
    )


@router.get("/imports/{int:batch_id}/changes", response=Page[ImportChangeOut], summary="Changes of an import")
def list_import_changes(request: HttpRequest, batch_id: int, part: Query[Slice]) -> Page[ImportChangeOut]:
    """What applying the file does, or did, row by row."""
    lines = queries.get_report(batch=_visible(request, batch_id)).changes
    return paged(Page[ImportChangeOut], request, lines, part, _change)


def _change(line: queries.ChangeLine) -> ImportChangeOut:
    return ImportChangeOut(
        sheet=line.sheet,
        row=line.row,
        action=line.action,
        name=line.name,
        fields=[FieldChangeOut(label=f.label, old=f.old, new=f.new) for f in line.fields],
        target_kind=line.target_label,
        target_id=line.target_id or None,
    )


@router.get(
    "/imports/{int:batch_id}/file",
    summary="File of an import",
    openapi_extra={
        "responses": {
            200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def get_import_file(request: HttpRequest, batch_id: int) -> FileResponse:
    """The file as it was uploaded."""
    document = _visible(request, batch_id).document
    path = path_of(document.sha256)
    if not path.is_file():
        raise Problem(404)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=document.name, content_type="application/octet-stream"
    )


@router.post("/imports/{int:batch_id}/check", response=BatchReportOut, summary="Check an import again")
def check_import(request: HttpRequest, batch_id: int) -> BatchReportOut:
    """Check the file against the record as it now is."""
    with refusals(services.CannotCheckBatch):
        services.start_check(batch=_visible(request, batch_id), actor=request.user, at=timezone.now())
    return _report(_visible(request, batch_id))


@router.post("/imports/{int:batch_id}/apply", response=BatchReportOut, summary="Apply an import")
def apply_import(request: HttpRequest, batch_id: int) -> BatchReportOut:
    """Take a checked file in: everything in one transaction, or nothing. A worker takes in a large one."""
    with refusals(services.CannotApplyBatch):
        services.start_apply(batch=_visible(request, batch_id), actor=request.user, at=timezone.now())
    return _report(_visible(request, batch_id))


@router.post("/imports/{int:batch_id}/discard", response=BatchReportOut, summary="Discard an import")
def discard_import(request: HttpRequest, batch_id: int) -> BatchReportOut:
    """Close an import that is not wanted; the file stays with it."""
    with refusals(services.CannotDiscardBatch):
        services.discard_batch(batch=_visible(request, batch_id), actor=request.user, at=timezone.now())
    return _report(_visible(request, batch_id))


@router.get("/imports/{int:batch_id}/roll-back", response=RollbackOut, summary="Plan of rolling an import back")
def get_rollback(request: HttpRequest, batch_id: int) -> RollbackOut:
    """What taking an applied import back would do now, and what stands in its way."""
    with refusals(services.CannotRollBackBatch):
        batch = services.find_batch_to_roll_back(batch_id=_visible(request, batch_id).pk, actor=request.user)
    plan = queries.get_rollback_plan(batch=batch)
    return RollbackOut(
        is_possible=plan.is_possible,
        removed=[RollbackKindOut(kind=str(one.kind), count=one.count) for one in plan.removed],
        restored_count=plan.restored_count,
        conflict_count=plan.conflict_count,
        conflicts=[
            RollbackConflictOut(kind=str(one.kind), name=one.name, reason=one.reason, by=one.by, at=one.at)
            for one in plan.conflicts
        ],
    )


@router.post("/imports/{int:batch_id}/roll-back", response=BatchReportOut, summary="Roll an import back")
def roll_back_import(request: HttpRequest, batch_id: int) -> BatchReportOut:
    """Take an applied import back: all that it did in one transaction, or nothing. A worker takes back a large one."""
    with refusals(services.CannotRollBackBatch):
        batch = services.find_batch_to_roll_back(batch_id=_visible(request, batch_id).pk, actor=request.user)
        services.start_roll_back(batch=batch, actor=request.user, at=timezone.now())
    return _report(_visible(request, batch_id))
