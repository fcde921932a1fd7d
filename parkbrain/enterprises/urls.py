"""Where the pages of enterprises are."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
