"""Pages on which a draft is written: the lease, its premises, terms and clauses."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page

from .. import services
from ..forms import LeaseForm, PlaceForm, PlainForm, TermForm, clause_form, initial_of, terms_form
from ..models import Clause, LeaseVersion
from .common import back_to, crumbs_of, form_page, try_to, version_or_404


def _posted(request: HttpRequest) -> object:
    return request.POST if request.method == "POST" else None


@require_http_methods(["GET", "POST"])
def lease_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Draft a lease."""
    park = get_object_or_404(Park.objects.visible_to(request.user), pk=park_id)
    if not request.user.may(Permission.MANAGE_LEASES, park.branch.path):
        raise PermissionDenied
    request.park = park
    initial = {"premises": request.GET.get("premises", ""), "uscc": request.GET.get("uscc", "")}
    form = LeaseForm(_posted(request), park=park, initial=initial)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        lease = try_to(
            request,
            form,
            lambda: services.draft_lease(
                park=park,
                enterprise=values["uscc"],
                number=values["number"],
                starts_on=values["starts_on"],
                ends_on=values["ends_on"],
                premises=[services.PlaceRow(p) for p in values["premises"]],
                remark=values["remark"],
                actor=request.user,
                at=timezone.now(),
            ),
            said=_("The draft is there: add its clauses now."),
        )
        if lease is not None:
            return back_to(lease)
    context = {
        "form": form,
        "title": _("Draft a lease"),
        "park": park,
        "back": f"{reverse('lease_list')}?park={park.pk}",
        "button": _("Write the draft"),
        "crumbs": crumbs_of(park),
    }
    return page(request, "leasing/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def clause_add(request: HttpRequest, version_id: int) -> HttpResponse:
    """Choose a kind of clause, then fill in its form."""
    version = version_or_404(request, version_id)
    kind = request.GET.get("kind", "")
    if kind not in calc.CLAUSES:
        used = set(version.clauses.values_list("kind", flat=True))
        rows = [(k, label, calc.CLAUSES[k].__doc__ or "", k in used) for k, label in Clause.Kind.choices]
        return form_page(
            request,
            PlainForm(),
            title=_("Which clause?"),
            lease=version.lease,
            more={"kinds": rows, "version": version},
        )
    initial = {}
    if kind in {"RENT_FREE", "FIT_OUT"}:
        initial = {"starts_on": version.effective_on.isoformat()}
    return _clause_page(request, version, kind, None, initial)


@require_http_methods(["GET", "POST"])
def clause_edit(request: HttpRequest, clause_id: int) -> HttpResponse:
    """Change a clause of a draft."""
    clause = get_object_or_404(Clause, pk=clause_id)
    version = version_or_404(request, clause.version_id)
    initial = {**initial_of(clause.values), "source": clause.source, "remark": clause.remark}
    return _clause_page(request, version, clause.kind, clause, initial)


def _clause_page(
    request: HttpRequest, version: LeaseVersion, kind: str, clause: Clause | None, initial: dict[str, object]
) -> HttpResponse:
    form = clause_form(kind)(_posted(request), initial=initial)
    if form.is_bound and form.is_valid():
        saved = try_to(
            request,
            form,
            lambda: services.put_clause(
                version=version,
                kind=kind,
                values=form.values(),
                clause=clause,
                source=form.cleaned_data["source"],
                remark=form.cleaned_data["remark"],
                actor=request.user,
                at=timezone.now(),
            ),
        )
        if saved is not None:
            return back_to(version.lease)
    title = _("Clause: %(kind)s") % {"kind": Clause.Kind(kind).label}
    return form_page(request, form, title=title, lease=version.lease)


@require_POST
def clause_drop(request: HttpRequest, clause_id: int) -> HttpResponse:
    """Take a clause out of a draft."""
    clause = get_object_or_404(Clause.objects.select_related("version__lease__park__branch"), pk=clause_id)
    version = version_or_404(request, clause.version_id)
    form = PlainForm(request.POST)
    done = try_to(
        request,
        form,
        lambda: services.drop_clause(clause=clause, actor=request.user, at=timezone.now()),
        said=_("The clause is taken out."),
    )
    return back_to(version.lease) if done else form_page(request, form, title=_("Clause"), lease=version.lease)


@require_http_methods(["GET", "POST"])
def version_terms(request: HttpRequest, version_id: int) -> HttpResponse:
    """Change how a draft is billed."""
    version = version_or_404(request, version_id)
    form = terms_form()(_posted(request), initial=version.terms)
    if form.is_bound and form.is_valid():
        change = lambda: services.change_draft(  # noqa: E731
            version=version, terms=form.values(), actor=request.user, at=timezone.now()
        )
        if try_to(request, form, change) is not None:
            return back_to(version.lease)
    return form_page(request, form, title=_("How it is billed"), lease=version.lease)


@require_http_methods(["GET", "POST"])
def version_term(request: HttpRequest, version_id: int) -> HttpResponse:
    """Change the end of the term of a draft."""
    version = version_or_404(request, version_id)
    form = TermForm(_posted(request), initial={"ends_on": version.ends_on})
    if form.is_bound and form.is_valid():
        change = lambda: services.change_draft(  # noqa: E731
            version=version, ends_on=form.cleaned_data["ends_on"], actor=request.user, at=timezone.now()
        )
        if try_to(request, form, change) is not None:
            return back_to(version.lease)
    return form_page(request, form, title=_("End of the term"), lease=version.lease)


@require_http_methods(["GET", "POST"])
def place_add(request: HttpRequest, version_id: int) -> HttpResponse:
    """Add premises to a draft."""
    version = version_or_404(request, version_id)
    form = PlaceForm(_posted(request), park=version.lease.park)
    if form.is_bound and form.is_valid():
        rows = [*services.place_rows(version=version), services.PlaceRow(**form.cleaned_data)]
        change = lambda: services.change_draft(  # noqa: E731
            version=version, premises=rows, actor=request.user, at=timezone.now()
        )
        if try_to(request, form, change) is not None:
            return back_to(version.lease)
    return form_page(request, form, title=_("Add premises"), lease=version.lease)


@require_POST
def place_drop(request: HttpRequest, version_id: int, place_id: int) -> HttpResponse:
    """Take premises out of a draft."""
    version = version_or_404(request, version_id)
    gone = get_object_or_404(version.premises, pk=place_id)
    rows = [
        row
        for row in services.place_rows(version=version)
        if (row.premises.pk, row.starts_on) != (gone.premises_id, gone.starts_on)
    ]
    form = PlainForm(request.POST)
    change = lambda: services.change_draft(  # noqa: E731
        version=version, premises=rows, actor=request.user, at=timezone.now()
    )
    if try_to(request, form, change) is None:
        return form_page(request, form, title=_("Premises"), lease=version.lease)
    return back_to(version.lease)
