"""Files of the bank and of the accounting."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from .. import queries, services
from ..forms import BankLineForm, FileForm
from ..models import BankFile, BankLine
from .common import crumbs_of, pages_of, park_to_manage, try_form


@require_http_methods(["GET", "POST"])
def bank_upload(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the files of the bank; take one in."""
    park = park_to_manage(request, park_id)
    form = FileForm(request.POST if request.method == "POST" else None, request.FILES or None)
    taken = []

    def take(values: dict[str, object]) -> None:
        file = values["file"]
        taken.append(
            services.take_bank_file(
                park=park, name=file.name, content=file.read(), actor=request.user, at=timezone.now()
            )
        )

    if form.is_bound and try_form(form, take):
        file, new, known = taken[0]
        said = _("%(new)s new lines; %(known)s were taken in before and change nothing.")
        messages.success(request, said % {"new": new, "known": known})
        return redirect("bank_file", file.pk)
    context = {
        "park": park,
        "files": queries.list_bank_files(park=park),
        "form": form,
        "limit_mb": settings.UPLOAD_MAX_BYTES // 1_048_576,
        "heads": services.BANK_HEADS.items(),
        "pages": pages_of(request, park, "bank_upload"),
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/bank.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def bank_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """Show what the lines of a file were matched to, and why; book the sure ones, decide the others."""
    parks = Park.objects.visible_to(request.user, Permission.MANAGE_MONEY)
    file = get_object_or_404(BankFile.objects.filter(park__in=parks).select_related("park__branch"), pk=file_id)
    park = request.park = file.park
    firms = queries.firms_of(park=park)
    by = {"actor": request.user, "at": timezone.now()}
    form = BankLineForm(request.POST if "line" in request.POST else None, firms=firms)
    wrong = None
    if request.method == "POST" and not form.is_bound:
        try:
            booked = services.book_lines(file=file, **by)
        except services.CannotBook as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("%(count)s payments were booked.") % {"count": len(booked)})
        return redirect("bank_file", file.pk)
    if form.is_bound:
        line = get_object_or_404(BankLine, pk=request.POST["line"], file=file)
        if try_form(form, lambda v: services.decide_line(line=line, **by, **v)):
            messages.success(request, _("Saved."))
            return redirect("bank_file", file.pk)
        wrong = line.pk
    lines = queries.list_bank_lines(file=file)
    context = {
        "park": park,
        "file": file,
        "lines": lines,
        "shown": paged(lines, request.GET),
        "sure": sum(1 for row in lines if row.line.state == BankLine.State.SURE),
        "waiting": sum(1 for row in lines if row.line.state in {"DOUBTFUL", "UNKNOWN"}),
        "firms": [(firm.pk, firm.name) for firm in firms],
        "form": form,
        "wrong": wrong,
        "crumbs": crumbs_of(request, park, Link(_("Bank files"), reverse("bank_upload", args=[park.pk]))),
    }
    return page(request, "billing/bank_file.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def invoice_upload(request: HttpRequest, park_id: int) -> HttpResponse:
    """Take in the invoice numbers that the accounting gives back."""
    park = park_to_manage(request, park_id)
    form = FileForm(request.POST if request.method == "POST" else None, request.FILES or None)
    taken = []

    def take(values: dict[str, object]) -> None:
        file = values["file"]
        content = file.read()
        taken.append(
            services.take_invoice_file(
                park=park, name=file.name, content=content, actor=request.user, at=timezone.now()
            )
        )

    if form.is_bound and try_form(form, take):
        said = _("%(new)s invoice numbers are new, %(known)s were known.")
        messages.success(request, said % {"new": taken[0][0], "known": taken[0][1]})
        return redirect("billing_home", park.pk)
    context = {
        "park": park,
        "form": form,
        "title": _("Invoice numbers from the accounting"),
        "note": _("A CSV or Excel file with the columns: %(names)s.")
        % {"names": ", ".join(names[0] for names in services.INVOICE_HEADS.values())},
        "multipart": True,
        "back": reverse("billing_home", args=[park.pk]),
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/form.html", context, status=422 if form.is_bound else 200)
