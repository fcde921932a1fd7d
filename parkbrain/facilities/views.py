"""Pages of equipment: the list, one machine, adding and changing it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain import lists
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from . import queries, services
from .forms import EquipmentForm, HoursForm
from .models import Equipment
from .tables import EQUIPMENT


def _crumbs(park: Park) -> list[Link]:
    return [
        Link(park.name, reverse("park_detail", args=[park.pk])),
        Link(_("Equipment"), f"{reverse('equipment_list')}?park={park.pk}"),
    ]


def equipment_list(request: HttpRequest) -> HttpResponseBase:
    """Show the equipment the person may see."""
    editing = Park.objects.visible_to(request.user, Permission.EDIT_RECORD)
    park = getattr(request, "park", None) or editing.first()
    context = {"add_park": park if park in editing else None}
    return lists.respond(request, EQUIPMENT, template="facilities/list.html", context=context)


@require_http_methods(["GET", "POST"])
def equipment_detail(request: HttpRequest, equipment_id: int) -> HttpResponse:
    """Show a machine with its nameplate, grade, inspection and running hours; record hours."""
    user = request.user
    visible = Equipment.objects.visible_to(user).select_related("park__branch", "building", "storey", "enterprise")
    machine = get_object_or_404(visible, pk=equipment_id)
    request.park = machine.park
    on = day_of(request)
    may_edit = user.may(Permission.EDIT_RECORD, machine.park.branch.path)
    if request.method == "POST" and not may_edit:
        raise PermissionDenied
    form = HoursForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.record_hours(
                park=machine.park, rows=[{**form.cleaned_data, "code": machine.code}], actor=user, at=timezone.now()
            )
        except services.CannotRecordEquipment as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("equipment_detail", machine.pk)
    context = {
        "row": queries.describe_equipment(equipment=machine, on=on),
        "equipment": machine,
        "park": machine.park,
        "hours": queries.list_hours(equipment=machine),
        "counter": queries.get_counter_hours(equipment=machine, on=on),
        "form": form,
        "may_edit": may_edit,
        "as_of": on,
        "crumbs": _crumbs(machine.park),
    }
    return page(request, "facilities/detail.html", context, status=422 if form.is_bound else 200)


def _form_page(
    request: HttpRequest, park: Park, form: EquipmentForm, title: str, machine: Equipment | None
) -> HttpResponse:
    if form.is_bound and form.is_valid():
        values = dict(form.cleaned_data)
        if machine is not None:
            values["code"] = machine.code
        try:
            recorded = services.record_equipment(park=park, rows=[values], actor=request.user, at=timezone.now())
        except services.CannotRecordEquipment as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("equipment_detail", recorded[0].row.pk)
    back = reverse("equipment_detail", args=[machine.pk]) if machine else reverse("equipment_list")
    context = {"form": form, "title": title, "park": park, "back": back, "crumbs": _crumbs(park)}
    return page(request, "facilities/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def equipment_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Add a machine to the register."""
    park = get_object_or_404(Park.objects.visible_to(request.user), pk=park_id)
    if not request.user.may(Permission.EDIT_RECORD, park.branch.path):
        raise PermissionDenied
    request.park = park
    form = EquipmentForm(request.POST if request.method == "POST" else None)
    return _form_page(request, park, form, _("Add equipment"), None)


@require_http_methods(["GET", "POST"])
def equipment_edit(request: HttpRequest, equipment_id: int) -> HttpResponse:
    """Change the entry of a machine."""
    visible = Equipment.objects.visible_to(request.user).select_related(
        "park__branch", "building", "storey", "enterprise"
    )
    machine = get_object_or_404(visible, pk=equipment_id)
    park = machine.park
    if not request.user.may(Permission.EDIT_RECORD, park.branch.path):
        raise PermissionDenied
    request.park = park
    own = {"building_code", "level", "uscc"}
    initial = {name: getattr(machine, name) for name in EquipmentForm.base_fields if name not in own}
    initial["building_code"] = machine.building.code if machine.building else ""
    initial["level"] = machine.storey.level if machine.storey else None
    initial["uscc"] = machine.enterprise.uscc if machine.enterprise else ""
    form = EquipmentForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["code"].disabled = True
    return _form_page(request, park, form, _("Change: %(thing)s") % {"thing": machine}, machine)
