"""Files that pages and programs are handed: media types, each named once, and the answer that carries one."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

#: A document as it is printed (ISO 32000).
PDF = "application/pdf"
#: A workbook between programs (ECMA-376).
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def hand_out(content: bytes, media_type: str, name: str, *, as_attachment: bool = True) -> HttpResponse:
    """Return a file under its name, to be kept, or (`as_attachment` false) to be shown by the browser."""
    header = content_disposition_header(as_attachment=as_attachment, filename=name) or ""
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": header})
