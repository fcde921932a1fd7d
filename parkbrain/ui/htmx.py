"""The whole of the htmx layer in Python: a page, or the part of it that htmx asked to replace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    parts: frozenset[str] = frozenset(),
    status: int = 200,
) -> HttpResponse:
    """Render the page, or only the part htmx asked to replace if the view offers it.

    The view lists its parts, so a client cannot pick a fragment that the view did not mean to hand out.
    """
    htmx = getattr(request, "htmx", None)
    wanted = htmx.target if htmx and not htmx.boosted else None
    name = f"{template}#{wanted}" if wanted in parts else template
    response = render(request, name, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
