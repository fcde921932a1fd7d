"""Pages of operator groups: the list, a group with its lines side by side, and what its people change."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from parkbrain import lists
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..forms.groups import GroupForm, LineForm, PlaceForm, service_rows, typed_services
from ..models import OperatorGroup, ProductLine
from ..tables.groups import GROUP_PARKS, GROUPS


def _crumbs(*more: Link) -> list[Link]:
    return [Link(_("Operator groups"), reverse("operator_list")), *more]


def _group_link(group: OperatorGroup) -> Link:
    return Link(group.name, reverse("operator_detail", args=[group.pk]))


def _open_group(request: HttpRequest, group_id: int) -> OperatorGroup:
    """Return the group if the person oversees something of it; otherwise there is nothing."""
    if not request.user.may(Permission.VIEW_RATING):
        raise PermissionDenied
    return get_object_or_404(queries.list_groups(user=request.user), pk=group_id)


def _open_changeable(request: HttpRequest, group_id: int) -> OperatorGroup:
    group = _open_group(request, group_id)
    if not queries.may_change_group(user=request.user, group=group):
        raise PermissionDenied
    return group


def operator_list(request: HttpRequest) -> HttpResponseBase:
    """Show the operator groups of which the person oversees something."""
    context = {"may_add": bool(queries.list_addable_operators(user=request.user))}
    return lists.respond(request, GROUPS, template="portfolio/groups.html", context=context)


def operator_parks(request: HttpRequest) -> HttpResponseBase:
    """Show the parks of all operator groups."""
    return lists.respond(request, GROUP_PARKS)


@require_http_methods(["GET", "POST"])
def operator_detail(request: HttpRequest, group_id: int) -> HttpResponseBase:
    """Show a group: its lines side by side, what each promises and offers, and its parks."""
    group = _open_group(request, group_id)
    context = {
        "group": group,
        "may_change": queries.may_change_group(user=request.user, group=group),
        "may_place": queries.may_place_parks(user=request.user, group=group),
        "crumbs": _crumbs(),
    }
    return lists.respond(
        request,
        GROUP_PARKS,
        template="portfolio/group.html",
        context=context,
        beside=lambda found: {"sheet": queries.get_group_sheet(user=request.user, group=group, on=found.ask.on)},
        # The list is of one group, which its address names.
        pinned={"group": str(group.pk)},
    )


@require_http_methods(["GET", "POST"])
def operator_add(request: HttpRequest) -> HttpResponse:
    """Write down a new group."""
    if not request.user.may(Permission.EDIT_RECORD):
        raise PermissionDenied
    return _group_form(request, None)


@require_http_methods(["GET", "POST"])
def operator_change(request: HttpRequest, group_id: int) -> HttpResponse:
    """Change a group's names and operators."""
    return _group_form(request, _open_changeable(request, group_id))


def _group_form(request: HttpRequest, group: OperatorGroup | None) -> HttpResponse:
    form = GroupForm(request.POST if request.method == "POST" else None, user=request.user, group=group)
    if form.is_bound and form.is_valid():
        try:
            saved = services.record_group(
                values=form.values(), operators=form.chosen(), group=group, actor=request.user, at=timezone.now()
            )
        except services.CannotRunGroup as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("operator_detail", saved.pk)
    context = {
        "form": form,
        "group": group,
        "back": reverse("operator_detail", args=[group.pk]) if group else reverse("operator_list"),
        "crumbs": _crumbs(*([_group_link(group)] if group else [])),
    }
    return page(request, "portfolio/group_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def line_add(request: HttpRequest, group_id: int) -> HttpResponse:
    """Write down a new product line."""
    return _line_form(request, _open_changeable(request, group_id), None)


@require_http_methods(["GET", "POST"])
def line_change(request: HttpRequest, group_id: int, line_id: int) -> HttpResponse:
    """Change a product line and its set of services."""
    group = _open_changeable(request, group_id)
    return _line_form(request, group, get_object_or_404(group.lines, pk=line_id))


def _line_form(request: HttpRequest, group: OperatorGroup, line: ProductLine | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = LineForm(data, line=line)
    rows = service_rows(data, services=list(line.services.all()) if line else [])
    # Both are looked at, so that everything wrong is told at once.
    if form.is_bound and form.is_valid() & rows.is_valid():
        try:
            services.record_line(
                group=group,
                line=line,
                values=form.values(),
                services=typed_services(rows),
                actor=request.user,
                at=timezone.now(),
            )
        except services.CannotRunGroup as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("operator_detail", group.pk)
    context = {
        "form": form,
        "rows": rows,
        "group": group,
        "line": line,
        "may_remove": line is not None and not line.places.exists(),
        "crumbs": _crumbs(_group_link(group)),
    }
    return page(request, "portfolio/line_form.html", context, status=422 if form.is_bound else 200)


@require_POST
def line_remove(request: HttpRequest, group_id: int, line_id: int) -> HttpResponse:
    """Take away a line in which no park ever was."""
    group = _open_changeable(request, group_id)
    line = get_object_or_404(group.lines, pk=line_id)
    try:
        services.remove_line(line=line, actor=request.user, at=timezone.now())
    except services.CannotRunGroup as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The line was taken away."))
    return redirect("operator_detail", group.pk)


@require_http_methods(["GET", "POST"])
def operator_place(request: HttpRequest, group_id: int) -> HttpResponse:
    """Put parks into a line from a day on."""
    group, today = _open_group(request, group_id), timezone.localdate()
    parks = queries.list_placeable_parks(user=request.user, group=group, on=today)
    if not parks:
        raise PermissionDenied
    chosen = request.GET.get("park", "")
    form = PlaceForm(
        request.POST if request.method == "POST" else None,
        lines=queries.list_lines(group=group),
        parks=parks,
        initial={"starts_on": today, "parks": [chosen] if chosen else []},
    )
    if form.is_bound and form.is_valid():
        try:
            count = services.place_parks(
                group=group,
                line=form.line_chosen(),
                parks=form.parks_chosen(),
                starts_on=form.cleaned_data["starts_on"],
                actor=request.user,
                at=timezone.now(),
            )
        except services.CannotRunGroup as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            text = ngettext("%(count)s park changed its line.", "%(count)s parks changed their line.", count)
            messages.success(request, text % {"count": count})
            return redirect("operator_detail", group.pk)
    context = {"form": form, "group": group, "crumbs": _crumbs(_group_link(group))}
    return page(request, "portfolio/group_place.html", context, status=422 if form.is_bound else 200)
