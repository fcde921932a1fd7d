"""What every page of leases parses the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..models import Lease, LeaseVersion


def lease_or_404(request: HttpRequest, lease_id: int, *, to_manage: bool = False) -> Lease:
    """Return the lease that the person sees; refuse where they only see it and want to change it."""
    lease = queries.get_lease(user=request.user, lease_id=lease_id)
    if lease is None:
        raise Http404
    request.park = lease.park
    if to_manage and not queries.may_manage(user=request.user, park=lease.park):
        raise PermissionDenied
    return lease


def version_or_404(request: HttpRequest, version_id: int, *, to_manage: bool = True) -> LeaseVersion:
    """Return a version of a lease that the person sees, or manages."""
    version = get_object_or_404(LeaseVersion.objects.select_related("lease__park__branch"), pk=version_id)
    lease_or_404(request, version.lease_id, to_manage=to_manage)
    return version


def crumbs_of(park: Park, *more: Link) -> list[Link]:
    """Return the way to a page of leases."""
    return [
        Link(park.name, reverse("park_detail", args=[park.pk])),
        Link(_("Leases"), f"{reverse('lease_list')}?park={park.pk}"),
        *more,
    ]


def lease_crumb(lease: Lease) -> Link:
    """Return the step to a lease."""
    return Link(lease.number, reverse("lease_detail", args=[lease.pk]))


def form_page(
    request: HttpRequest,
    form: django_forms.Form,
    *,
    title: str,
    lease: Lease,
    back: str = "",
    button: str = "",
    hint: str = "",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form about a lease."""
    context = {
        "form": form,
        "title": title,
        "lease": lease,
        "park": lease.park,
        "back": back or reverse("lease_detail", args=[lease.pk]),
        "button": button or _("Save"),
        "hint": hint,
        "crumbs": crumbs_of(lease.park, lease_crumb(lease)),
        **(more or {}),
    }
    return page(request, "leasing/form.html", context, status=422 if form.is_bound else 200)


def try_to(request: HttpRequest, form: django_forms.Form, call: Callable[[], Any], *, said: str = "") -> Any | None:
    """Do it, or put the reason why not into the form; return what came of it."""
    try:
        done = call()
    except (services.CannotChangeLease, calc.ClauseProblems) as refusal:
        reasons = (
            [queries.problem_sentence(problem=p) for p in refusal.problems]
            if isinstance(refusal, calc.ClauseProblems)
            else [str(refusal)]
        )
        for reason in reasons:
            form.add_error(None, reason)
        return None
    messages.success(request, said or _("Saved."))
    return done if done is not None else True


def back_to(lease: Lease) -> HttpResponse:
    """Go back to the lease."""
    return redirect("lease_detail", lease.pk)
