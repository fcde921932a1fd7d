"""Where the pages of charges, bills and payments are."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
