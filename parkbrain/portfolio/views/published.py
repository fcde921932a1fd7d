"""Published tables of rounds: for the people of the branch and of its parks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain import lists
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.media import hand_out

from .. import queries, reports
from ..models import Publication


def published_list(request: HttpRequest) -> HttpResponse:
    """Show the tables that the person may read."""
    context = {
        "rows": queries.list_publications(user=request.user),
        "may_send": request.user.may(Permission.VIEW_CITY),
    }
    return page(request, "portfolio/published_list.html", context)


def published_table(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Show one published version, or hand it out as a file."""
    rows = Publication.objects.visible_to(request.user).select_related("round__branch", "published_by")
    publication = get_object_or_404(rows, pk=publication_id)
    kind = request.GET.get("format", "")
    if kind in (lists.CSV, lists.XLSX, lists.PDF):
        made = reports.make_publication_file(publication=publication, kind=kind)
        return hand_out(made.content, made.content_type, made.name)
    context = {
        "table": queries.get_published(publication=publication),
        "publication": publication,
        "versions": publication.round.publications.order_by("-version"),
        "crumbs": [Link(_("Published tables"), reverse("published_list"))],
    }
    return page(request, "portfolio/published.html", context)
