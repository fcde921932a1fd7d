"""What every page of the module parses the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.ui.asof import day_of

__all__ = ["Crumb", "day_of", "panels", "park_crumbs"]


@dataclass(frozen=True)
class Crumb:
    """One step of the way to a page."""

    label: str
    url: str = ""


def panels(request: HttpRequest, slot: str, subject: Any) -> list[SafeString]:
    """Return what other modules add to this page, rendered in their order."""
    rendered = []
    for panel in registry.panels_for(slot):
        context = panel.context(request, subject)
        if context is not None:
            rendered.append(render_to_string(panel.template, dict(context), request))
    return rendered


def park_crumbs(park: Park, *more: Crumb) -> list[Crumb]:
    """Return the way from the list of parks to a page of this park."""
    return [
        Crumb(_("Parks"), reverse("park_list")),
        Crumb(park.name, reverse("park_detail", args=[park.pk])),
        *more,
    ]
