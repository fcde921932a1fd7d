"""Stored files of a park: evidence, certificates, workbooks."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import File, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from parkbrain.kernel.documents import path_of, store_document
from parkbrain.kernel.models import Document
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import Out, Page, Problem, Slice, found, id_filter, paged, require

from .. import queries
from .common import rated_park

router = Router()


class DocumentOut(Out):
    """A stored file; its content never changes."""

    id: int
    park_id: int | None
    name: str
    sha256: str = Field(description="Hash of the content.")
    size_bytes: int
    media_type: str
    uploaded_by: str | None
    uploaded_at: datetime


class DocumentParams(Slice):
    """Which documents."""

    park: int | None = id_filter("Only of this park.")


def _document(document: Document) -> DocumentOut:
    return DocumentOut(
        id=document.pk,
        park_id=document.park_id,
        name=document.name,
        sha256=document.sha256,
        size_bytes=document.size_bytes,
        media_type=document.media_type,
        uploaded_by=document.uploaded_by.username if document.uploaded_by else None,
        uploaded_at=document.uploaded_at,
    )


@router.get("/documents", response=Page[DocumentOut], summary="Documents")
def list_documents(request: HttpRequest, part: Query[DocumentParams]) -> Page[DocumentOut]:
    """The stored files of the parks whose ratings you may see, the newest first."""
    rows = queries.visible_documents(user=request.user).select_related("uploaded_by")
    if part.park:
        rows = rows.filter(park=part.park)
    return paged(Page[DocumentOut], request, rows.order_by("-uploaded_at", "-pk"), part, _document)


@router.get("/documents/{int:document_id}", response=DocumentOut, summary="One document")
def get_document(request: HttpRequest, document_id: int) -> DocumentOut:
    """What is known of a stored file."""
    return _document(found(queries.visible_documents(user=request.user), pk=document_id))


@router.get(
    "/documents/{int:document_id}/content",
    summary="Content of a document",
    openapi_extra={
        "responses": {
            200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def get_document_content(request: HttpRequest, document_id: int) -> FileResponse:
    """The file itself."""
    document = found(queries.visible_documents(user=request.user), pk=document_id)
    path = path_of(document.sha256)
    if not path.is_file():
        raise Problem(404)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=document.name, content_type="application/octet-stream"
    )


@router.post("/parks/{int:park_id}/documents", response={201: DocumentOut}, summary="Store a document")
def store_evidence(request: HttpRequest, park_id: int, file: File[UploadedFile]) -> DocumentOut:
    """Keep a file that shows a fact; name its number when you declare or verify the fact."""
    park = rated_park(request, park_id)
    path = park.branch.path
    require(request.user.may(Permission.DECLARE_FACT, path) or request.user.may(Permission.VERIFY_FACT, path))
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        raise Problem(413)
    document = store_document(
        name=file.name or "file", chunks=file.chunks(), actor=request.user, at=timezone.now(), park=park
    )
    return _document(document)
