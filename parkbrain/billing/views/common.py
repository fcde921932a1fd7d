"""What the pages of billing share: who may see and change what, tabs, crumbs, one form among several of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.links import Link

from ..services import CannotBill, CannotBook, CannotDun

REFUSALS = (CannotBill, CannotBook, CannotDun)


def park_of(request: HttpRequest, park_id: int) -> Park:
    """Return the park of the address, if the person may see its money."""
    visible = Park.objects.visible_to(request.user, Permission.VIEW_MONEY).select_related("branch")
    park = get_object_or_404(visible, pk=park_id)
    request.park = park
    return park


def may_manage(request: HttpRequest, park: Park) -> bool:
    """Tell whether the person may work on the park's money."""
    return request.user.may(Permission.MANAGE_MONEY, park.branch.path)


def park_to_manage(request: HttpRequest, park_id: int) -> Park:
    """Return the park of the address, if the person may work on its money."""
    park = park_of(request, park_id)
    if not may_manage(request, park):
        raise PermissionDenied
    return park


def check_may_manage(request: HttpRequest, park: Park) -> None:
    """Refuse a post of a person who may not work on the park's money."""
    if request.method == "POST" and not may_manage(request, park):
        raise PermissionDenied


def crumbs_of(request: HttpRequest, park: Park, *more: Link) -> list[Link]:
    """Return the way to a page of a park's money."""
    way = [Link(park.name, reverse("park_detail", args=[park.pk]))]
    if request.user.may(Permission.VIEW_MONEY, park.branch.path):
        way.append(Link(_("Billing"), reverse("billing_home", args=[park.pk])))
    return [*way, *more]


def pages_of(request: HttpRequest, park: Park, current: str) -> list[Link]:
    """Return the pages of a park's money as tabs."""
    names = [
        ("billing_home", _("Money today")),
        ("billing_arrears", _("Arrears")),
        ("billing_corrections", _("Set by hand")),
        ("bank_upload", _("Bank files")),
        ("billing_rules", _("Rules")),
    ]
    if not may_manage(request, park):
        names = [n for n in names if n[0] not in {"bank_upload", "billing_rules"}]
    tabs = [Link(label, reverse(name, args=[park.pk]), name == current) for name, label in names]
    lists = [
        Link(_("Bills"), f"{reverse('bill_list')}?park={park.pk}", False),
        Link(_("Charges"), f"{reverse('charge_list')}?park={park.pk}", False),
        Link(_("Payments"), f"{reverse('payment_list')}?park={park.pk}", False),
        Link(_("Deposits"), f"{reverse('deposit_list')}?park={park.pk}", False),
    ]
    return [tabs[0], *lists, *tabs[1:]]


def list_tabs(request: HttpRequest, current: str) -> dict[str, Any]:
    """Return the tabs of a list that shows the rows of one park, and what the person may do there; nothing for all parks."""
    park = Park.objects.visible_to(request.user, Permission.VIEW_MONEY).filter(
        pk=request.GET.get("park") if request.GET.get("park", "").isdigit() else None
    )
    found = park.select_related("branch").first()
    if found is None:
        return {}
    tabs = [Link(link.label, link.url, link.url.startswith(reverse(current))) for link in pages_of(request, found, "")]
    return {"pages": tabs, "money_park": found, "may_manage": may_manage(request, found)}


def panels_of(request: HttpRequest, slot: str, subject: Any) -> list[SafeString]:
    """Return what higher modules add to a page, rendered in their order."""
    said = [(panel, panel.context(request, subject)) for panel in registry.panels_for(slot)]
    return [render_to_string(panel.template, dict(found), request) for panel, found in said if found is not None]


def try_form(form: forms.Form, act: Callable[[Mapping[str, Any]], Any]) -> bool:
    """Do what a form asks for; put the refusal into the form and return False where it cannot be done."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
