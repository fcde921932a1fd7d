"""A bureau's own tables: uploaded into a round or as facts; from there on they are imports like any other."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain import lists
from parkbrain.intake import services as intake
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from .. import queries, services
from ..forms.city_tables import TableForm
from ..models import DataRound
from .rounds import open_round_page


@require_http_methods(["GET", "POST"])
def round_table(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """Fill the answers of a round in from a table, or hand that table out to be filled in."""
    data_round = open_round_page(request, round_id)
    if not request.user.may(Permission.RUN_ROUNDS, data_round.branch.path):
        raise PermissionDenied
    if request.GET.get("format") == lists.XLSX:
        columns, rows = queries.blank_table(data_round=data_round)
        return lists.table_file(columns=columns, rows=rows, name=f"round-{data_round.pk}", kind=lists.XLSX)
    return _upload(request, data_round)


@require_http_methods(["GET", "POST"])
def city_table(request: HttpRequest) -> HttpResponseBase:
    """State facts of the parks of a branch from a table."""
    if not request.user.may(Permission.RUN_ROUNDS):
        raise PermissionDenied
    return _upload(request, None)


def _upload(request: HttpRequest, data_round: DataRound | None) -> HttpResponseBase:
    sent = request.method == "POST"
    data, files = (request.POST, request.FILES) if sent else (None, None)
    form = TableForm(data, files, user=request.user, data_round=data_round)
    if form.is_bound and form.is_valid():
        typed, now = form.cleaned_data, timezone.now()
        try:
            area = services.make_area(
                branch=data_round.branch if data_round else typed["branch"],
                actor=request.user,
                source=typed["source"],
                data_round=data_round,
                cut_off_on=typed.get("cut_off_on"),
            )
            file = typed["file"]
            batch = services.upload_table(name=file.name, chunks=file.chunks(), area=area, actor=request.user, at=now)
        except services.CannotRunRound as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            if intake.needs_mapping(batch=batch, actor=request.user):
                return redirect("import_mapping", batch.pk)
            intake.start_check(batch=batch, actor=request.user, at=now)
            return redirect("import_batch", batch.pk)
    closed = data_round is not None and data_round.state != DataRound.State.OPEN
    context: dict[str, Any] = {
        "form": form,
        "data_round": data_round,
        "closed": _("This round is not open.") if closed else "",
        "limit_mb": settings.UPLOAD_MAX_BYTES // 1_048_576,
        "tables": paged(
            queries.list_tables(user=request.user, data_round=data_round), request.GET, key="tables", at="tables"
        ),
        "crumbs": [Link(_("City"), reverse("city")), Link(_("Data rounds"), reverse("round_list"))],
    }
    if data_round is not None:
        context["crumbs"].append(Link(data_round.name, reverse("round_detail", args=[data_round.pk])))
    return page(request, "portfolio/table_upload.html", context, status=422 if form.is_bound else 200)
