"""The kit page: every component with sample data, for people who build pages and for the tests that look at them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from . import kit as samples
from .htmx import page


def kit(request: HttpRequest) -> HttpResponse:
    """Show every component."""
    return page(request, "ui/kit.html", samples.context(request.GET), parts=frozenset({"list"}))
