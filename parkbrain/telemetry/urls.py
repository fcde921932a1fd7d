"""Addresses of telemetry's pages."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("points/", views.point_list, name="point_list"),
    path("points/<int:point_id>/", views.point_detail, name="point_detail"),
    path("points/<int:point_id>/reading/", views.record_reading, name="reading_record"),
    path("sources/", views.source_list, name="source_list"),
    path("parks/<int:park_id>/sources/add/", views.add_source, name="source_add"),
    path("parks/<int:park_id>/readings-file/", views.readings_file, name="readings_file"),
    path("parks/<int:park_id>/readings-file/<int:batch_id>/back/", views.take_back_readings, name="readings_take_back"),
    path("sources/<int:source_id>/", views.source_detail, name="source_detail"),
    path("sources/<int:source_id>/change/", views.change_source, name="source_change"),
    path("device-tokens/<int:device_token_id>/revoke/", views.revoke_token, name="device_token_revoke"),
    path("kept-aside/<int:aside_id>/", views.close_aside, name="kept_aside_close"),
]
