"""The list of parks."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from parkbrain import lists

from .tables import PARKS


def park_list(request: HttpRequest) -> HttpResponseBase:
    """Show the parks the person may see."""
    return lists.respond(request, PARKS)
