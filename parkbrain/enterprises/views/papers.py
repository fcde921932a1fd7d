"""What is known of a firm, added, changed and ended: certificates, addresses, contacts, documents, confidential details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import services
from ..forms import (
    AddressForm,
    ConfidenceForm,
    ContactForm,
    DocumentForm,
    EndForm,
    QualificationForm,
    UploadForm,
)
from ..models import Enterprise, EnterpriseConfidence, EnterpriseContact, EnterpriseDocument
from ..queries import editing_park, list_visible_stays

Text = str | Promise


@dataclass(frozen=True)
class Editing:
    """Who changes what is known of which firm, for which park, when."""

    enterprise: Enterprise
    park: Park
    actor: User
    at: datetime


@dataclass(frozen=True)
class Thing:
    """One kind of entry of a firm: its forms, how a row is found, and the services that add and change it."""

    title: Text
    add_form: type[django_forms.Form]
    edit_form: type[django_forms.Form]
    end_field: str
    row: Callable[[Editing, int], Any]
    add: Callable[[Editing, Mapping[str, Any]], Any]
    change: Callable[[Editing, Any, Mapping[str, Any]], Any]
    initial: Callable[[Editing, Any], dict[str, Any]]


def _fields(form: type[django_forms.Form]) -> Callable[[Editing, Any], dict[str, Any]]:
    return lambda _editing, row: {name: getattr(row, name) for name in form.base_fields}


def _placed(editing: Editing, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an address with the park in the place of the tick."""
    placed = dict(values)
    if "lies_here" in placed:
        placed["park"] = editing.park if placed.pop("lies_here") else None
    return placed


def _file(editing: Editing, values: Mapping[str, Any]) -> EnterpriseDocument:
    file = values["file"]
    return services.file_document(
        enterprise=editing.enterprise,
        name=file.name,
        size_bytes=file.size,
        chunks=file.chunks(),
        kind=values["kind"],
        valid_from_on=values["valid_from_on"],
        valid_to_on=values["valid_to_on"],
        actor=editing.actor,
        at=editing.at,
        park=editing.park,
    )


THINGS: dict[str, Thing] = {
    "qualifications": Thing(
        title=gettext_lazy("Certificate"),
        add_form=QualificationForm,
        edit_form=QualificationForm,
        end_field="valid_to_on",
        row=lambda e, pk: get_object_or_404(e.enterprise.qualifications, pk=pk),
        add=lambda e, values: services.record_qualification(
            enterprise=e.enterprise, values=values, actor=e.actor, at=e.at, park=e.park
        ),
        change=lambda e, row, values: services.change_qualification(
            qualification=row, values=values, actor=e.actor, at=e.at, park=e.park
        ),
        initial=_fields(QualificationForm),
    ),
    "addresses": Thing(
        title=gettext_lazy("Address"),
        add_form=AddressForm,
        edit_form=AddressForm,
        end_field="ends_on",
        row=lambda e, pk: get_object_or_404(e.enterprise.addresses, pk=pk),
        add=lambda e, values: services.move_address(
            enterprise=e.enterprise, values=_placed(e, values), actor=e.actor, at=e.at, park=e.park
        ),
        change=lambda e, row, values: services.change_address(
            address=row, values=_placed(e, values), actor=e.actor, at=e.at, park=e.park
        ),
        initial=lambda e, row: {
            **{name: getattr(row, name) for name in ("kind", "text", "starts_on", "ends_on", "source")},
            "lies_here": row.park_id == e.park.pk,
        },
    ),
    "contacts": Thing(
        title=gettext_lazy("Contact"),
        add_form=ContactForm,
        edit_form=ContactForm,
        end_field="ends_on",
        row=lambda e, pk: get_object_or_404(EnterpriseContact.objects.visible_to(e.actor), pk=pk, park=e.park),
        add=lambda e, values: services.record_contacts(
            park=e.park, rows=[{**values, "uscc": e.enterprise.uscc}], actor=e.actor, at=e.at
        ),
        change=lambda e, row, values: services.change_contact(contact=row, values=values, actor=e.actor, at=e.at),
        initial=_fields(ContactForm),
    ),
    "documents": Thing(
        title=gettext_lazy("Document"),
        add_form=UploadForm,
        edit_form=DocumentForm,
        end_field="valid_to_on",
        row=lambda e, pk: get_object_or_404(
            EnterpriseDocument.objects.visible_to(e.actor), pk=pk, enterprise=e.enterprise
        ),
        add=_file,
        change=lambda e, row, values: services.change_document(attached=row, values=values, actor=e.actor, at=e.at),
        initial=_fields(DocumentForm),
    ),
}


def _editing(request: HttpRequest, enterprise_id: int) -> Editing:
    """Return the firm and the park for which the person may change it; others see it or nothing, but change nothing."""
    user = request.user
    enterprise = get_object_or_404(Enterprise.objects.visible_to(user), pk=enterprise_id)
    stays = list_visible_stays(enterprise=enterprise, user=user)
    park = editing_park(stays=stays, user=user, on=timezone.localdate())
    if park is None:
        raise PermissionDenied
    request.park = park
    return Editing(enterprise, park, user, timezone.now())


def _form_page(request: HttpRequest, editing: Editing, form: django_forms.Form, title: str) -> HttpResponse:
    firm = editing.enterprise
    context = {
        "form": form,
        "title": title,
        "enterprise": firm,
        "back": reverse("enterprise_detail", args=[firm.pk]),
        "has_file": form.is_multipart(),
        "crumbs": [
            Link(_("Enterprises"), reverse("enterprise_list")),
            Link(firm.name, reverse("enterprise_detail", args=[firm.pk])),
        ],
    }
    return page(request, "enterprises/form.html", context, status=422 if form.is_bound else 200)


def _saved(
    request: HttpRequest, editing: Editing, form: django_forms.Form, save: Callable[[dict[str, Any]], Any], title: str
) -> HttpResponse:
    """Save a valid form and go back to the firm, or show the form with what is wrong."""
    if form.is_bound and form.is_valid():
        try:
            save(form.cleaned_data)
        except services.CannotRecordEnterprise as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("enterprise_detail", editing.enterprise.pk)
    return _form_page(request, editing, form, title)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, enterprise_id: int, thing: str) -> HttpResponse:
    """Add a certificate, an address, a contact or a document."""
    editing = _editing(request, enterprise_id)
    if (kind := THINGS.get(thing)) is None:
        raise Http404
    initial = {"lies_here": True, "starts_on": timezone.localdate(), "valid_from_on": None}
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = kind.add_form(*sent, initial=initial)
    title = _("Add: %(thing)s") % {"thing": kind.title}
    return _saved(request, editing, form, lambda values: kind.add(editing, values), title)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, enterprise_id: int, thing: str, pk: int) -> HttpResponse:
    """Change a certificate, an address, a contact or the entry of a document."""
    editing = _editing(request, enterprise_id)
    if (kind := THINGS.get(thing)) is None:
        raise Http404
    row = kind.row(editing, pk)
    form = kind.edit_form(request.POST if request.method == "POST" else None, initial=kind.initial(editing, row))
    title = _("Change: %(thing)s") % {"thing": row}
    return _saved(request, editing, form, lambda values: kind.change(editing, row, values), title)


@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, enterprise_id: int, thing: str, pk: int) -> HttpResponse:
    """End a certificate, an address, a contact or a document on a day; what was stays in the record."""
    editing = _editing(request, enterprise_id)
    if (kind := THINGS.get(thing)) is None:
        raise Http404
    row = kind.row(editing, pk)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"ends_on": timezone.localdate()})
    title = _("End: %(thing)s") % {"thing": row}

    def save(values: dict[str, Any]) -> None:
        kind.change(editing, row, {kind.end_field: values["ends_on"]})

    return _saved(request, editing, form, save, title)


@require_http_methods(["GET", "POST"])
def confidence(request: HttpRequest, enterprise_id: int) -> HttpResponse:
    """Change the representative, identity number and bank account that the firm entrusts to the park."""
    editing = _editing(request, enterprise_id)
    if not request.user.may(Permission.VIEW_SENSITIVE, editing.park.branch.path):
        raise PermissionDenied
    row = EnterpriseConfidence.objects.filter(enterprise=editing.enterprise, park=editing.park).first()
    initial = {name: getattr(row, name) for name in ConfidenceForm.base_fields} if row else None
    form = ConfidenceForm(request.POST if request.method == "POST" else None, initial=initial)
    return _saved(
        request,
        editing,
        form,
        lambda values: services.record_confidence(
            enterprise=editing.enterprise, park=editing.park, values=values, actor=editing.actor, at=editing.at
        ),
        _("Confidential details"),
    )


@require_safe
def document(request: HttpRequest, enterprise_id: int, pk: int) -> FileResponse:
    """Hand out a document of a firm to those who may see it."""
    found = EnterpriseDocument.objects.visible_to(request.user).filter(enterprise=enterprise_id, pk=pk)
    attached = found.select_related("document").first()
    if attached is None or not path_of(attached.document.sha256).is_file():
        raise Http404
    stored = attached.document
    response = FileResponse(path_of(stored.sha256).open("rb"), as_attachment=True, filename=stored.name)
    # Never what the file claims to be: a page of somebody else's making does not run in our origin.
    response["Content-Type"] = "application/octet-stream"
    return response
