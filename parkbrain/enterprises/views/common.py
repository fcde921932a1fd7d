"""What every page of the module parses the same way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park

from ..forms import as_of


@dataclass(frozen=True)
class Crumb:
    """One step of the way to a page."""

    label: str
    url: str = ""


def day_of(request: HttpRequest) -> date:
    """Return the day the page shows and say so when the typed one is no day."""
    asked = as_of(params=request.GET, today=timezone.localdate())
    if asked.refused:
        messages.warning(request, _("“%(typed)s” is not a date; today is shown.") % {"typed": asked.refused})
    return asked.on


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
