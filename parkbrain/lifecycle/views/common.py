"""What the pages of the life cycle share: who may see what, tabs, crumbs, forms."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries
from ..models import Duty, LifeSubject


def park_of(request: HttpRequest, park_id: int) -> Park:
    """Return the park of the address, if the person sees its firms."""
    visible = Park.objects.visible_to(request.user, Permission.VIEW_ENTERPRISE).select_related("branch")
    park = get_object_or_404(visible, pk=park_id)
    request.park = park
    return park


def may_edit(request: HttpRequest, park: Park) -> bool:
    """Tell whether the person may change the record of the park."""
    return request.user.may(Permission.EDIT_RECORD, park.branch.path)


def park_to_edit(request: HttpRequest, park_id: int) -> Park:
    """Return the park of the address, if the person may change its record."""
    park = park_of(request, park_id)
    if not may_edit(request, park):
        raise PermissionDenied
    return park


def subject_of(request: HttpRequest, subject_id: int, *, edit: bool = False) -> LifeSubject:
    """Return the subject of the address, if the person may see it, or change it."""
    subject = get_object_or_404(queries.find_subject(user=request.user, subject_id=subject_id))
    request.park = subject.park
    if edit and not may_edit(request, subject.park):
        raise PermissionDenied
    return subject


def duty_of(request: HttpRequest, duty_id: int, *, edit: bool = False) -> Duty:
    """Return the duty of the address, if the person may see it, or change it."""
    visible = queries.list_duties(user=request.user).select_related(
        "subject__park__branch", "subject__building", "subject__project"
    )
    duty = get_object_or_404(visible, pk=duty_id)
    park = duty.subject.park
    if request.user.may(Permission.VIEW_ENTERPRISE, park.branch.path):
        request.park = park
    if edit and not may_edit(request, park):
        raise PermissionDenied
    return duty


def crumbs_of(park: Park, *more: Link) -> list[Link]:
    """Return the way to a page of the park's life cycle."""
    return [
        Link(park.name, reverse("park_detail", args=[park.pk])),
        Link(_("Life cycle"), reverse("life_board", args=[park.pk])),
        *more,
    ]


def subject_crumbs(subject: LifeSubject, *more: Link) -> list[Link]:
    """Return the way to a page of a subject."""
    return crumbs_of(subject.park, Link(str(subject), reverse("life_subject", args=[subject.pk])), *more)


def pages_of(request: HttpRequest, park: Park, current: str) -> list[Link]:
    """Return the pages of a park's life cycle as tabs, those of money only for whoever sees it."""
    names = (("life_board", _("Board")), ("life_matrix", _("Responsibility")), ("life_positioning", _("Positioning")))
    found = [Link(label, reverse(name, args=[park.pk]), name == current) for name, label in names]
    asked = f"?park={park.pk}"
    found += [
        Link(_("Duties"), reverse("duty_list") + asked, current == "duty_list"),
        Link(_("My duties"), reverse("my_duties"), current == "my_duties"),
        Link(_("Renovation projects"), reverse("project_list") + asked, current == "project_list"),
    ]
    if request.user.may(Permission.VIEW_MONEY, park.branch.path):
        found += [
            Link(_("Output per area"), reverse("park_efficiency", args=[park.pk])),
            Link(_("Exits"), reverse("exit_cases") + asked),
        ]
    return found


def own_pages(request: HttpRequest, current: str) -> list[Link]:
    """Return the same tabs on a page over many parks: those of the one park it is about, where the person sees it."""
    park = getattr(request, "park", None)
    if park is None:
        seen = Park.objects.visible_to(request.user, Permission.VIEW_ENTERPRISE).select_related("branch")
        asked = request.GET.get("park", "")
        few = list(seen.filter(pk=int(asked)) if asked.isdecimal() and len(asked) < 12 else seen[:2])
        park = few[0] if len(few) == 1 else None
    sees = park is not None and request.user.may(Permission.VIEW_ENTERPRISE, park.branch.path)
    return pages_of(request, park, current) if sees else []


def form_page(
    request: HttpRequest, form: Any, *, title: str, state: str, back: str, crumbs: list[Link], lead: str = ""
) -> HttpResponse:
    """Show a form, with what is wrong in it where it was sent."""
    context = {
        "form": form,
        "title": title,
        "state": state,
        "lead": lead,
        "back": back,
        "has_file": form.is_multipart(),
        "crumbs": crumbs,
    }
    return page(request, "lifecycle/form.html", context, status=422 if form.is_bound else 200)
