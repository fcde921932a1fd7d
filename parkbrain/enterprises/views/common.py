"""What every page of the module parses the same way."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.ui.asof import day_of
from parkbrain.ui.links import Link

__all__ = ["day_of", "panels", "park_crumbs"]


def panels(request: HttpRequest, slot: str, subject: Any) -> list[SafeString]:
    """Return what other modules add to this page, rendered in their order."""
    rendered = []
    for panel in registry.panels_for(slot):
        context = panel.context(request, subject)
        if context is not None:
            rendered.append(render_to_string(panel.template, dict(context), request))
    return rendered


def park_crumbs(park: Park, *more: Link) -> list[Link]:
    """Return the way from the list of parks to a page of this park."""
    return [
        Link(_("Parks"), reverse("park_list")),
        Link(park.name, reverse("park_detail", args=[park.pk])),
        *more,
    ]
