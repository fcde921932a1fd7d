"""Where the pages of space are; pages that also show who is where belong to the enterprises' module."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("parks/", views.park_list, name="park_list"),
]
