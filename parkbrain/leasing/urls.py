"""Where the pages of leads and leases are."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
