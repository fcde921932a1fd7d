"""Where the pages of stages, duties and exits are."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
