"""Stored files, addressed by their SHA-256: the same content is kept once and never overwritten."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from .models import Document, Park, User


def path_of(sha256: str) -> Path:
    """Return where the content with this hash lies."""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256


def store_document(
    *, name: str, chunks: Iterable[bytes], actor: User | None, at: datetime, park: Park | None = None
) -> Document:
    """Write the content to the store and return its new document row."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=root, delete=False) as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    target = path_of(digest.hexdigest())
    target.parent.mkdir(exist_ok=True)
    # Rename, not copy: a reader sees the whole file or none, also after a crash.
    os.replace(file.name, target)
    return Document.objects.create(
        park=park,
        name=Path(name).name[:200],
        sha256=digest.hexdigest(),
        size_bytes=size,
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        uploaded_by=actor,
        uploaded_at=at,
    )


def move_document(*, document: Document, park: Park) -> None:
    """Keep a document that belonged to nobody in particular with a park: its readers are those of the park."""
    document.park = park
    document.save(update_fields=["park"])
