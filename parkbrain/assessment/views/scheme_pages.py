"""The schemes of the installation, and evidence files."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.documents import path_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries


def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes of this installation."""
    return page(request, "assessment/schemes.html", {"schemes": queries.list_scheme_lines()})


def scheme(request: HttpRequest, scheme_id: str) -> HttpResponse:
    """Show a scheme: its tree with weights, thresholds and where they come from."""
    try:
        found = queries.get_scheme(scheme_id=scheme_id)
    except queries.UnknownScheme as error:
        raise Http404 from error
    context = {
        "scheme": found,
        "lines": queries.list_tree(scheme=found),
        "notice": queries.describe(value=found.notice),
        "name": queries.describe(value=found.name),
        "classes": [
            (c, queries.describe(value=c.name), queries.list_floors(scheme=found, one=c)) for c in found.outcome.classes
        ],
        "gates": [(g, queries.describe(value=g.name)) for g in found.outcome.gates],
        "vetoes": [(v, queries.describe(value=v.name), queries.describe(value=v.basis)) for v in found.outcome.vetoes],
        "crumbs": [Link(_("Schemes"), reverse("scheme_list"))],
    }
    return page(request, "assessment/scheme.html", context)


def scheme_download(request: HttpRequest, scheme_id: str) -> FileResponse:
    """Hand out the file of a scheme."""
    try:
        path = queries.scheme_file(scheme_id=scheme_id)
    except queries.UnknownScheme as error:
        raise Http404 from error
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="application/yaml")


def document(request: HttpRequest, document_id: int) -> FileResponse:
    """Hand out an evidence file."""
    found = queries.find_evidence(user=request.user, document_id=document_id)
    if found is None or not path_of(found.sha256).is_file():
        raise Http404
    response = FileResponse(path_of(found.sha256).open("rb"), as_attachment=True, filename=found.name)
    response["Content-Type"] = "application/octet-stream"
    return response
