"""Where the pages of equipment are."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("equipment/", views.equipment_list, name="equipment_list"),
    path("equipment/<int:equipment_id>/", views.equipment_detail, name="equipment_detail"),
    path("equipment/<int:equipment_id>/change/", views.equipment_edit, name="equipment_edit"),
    path("parks/<int:park_id>/equipment/add/", views.equipment_add, name="equipment_add"),
]
