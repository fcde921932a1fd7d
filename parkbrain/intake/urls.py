"""Pages of intake."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("imports/", views.import_list, name="import_list"),
    path("imports/new/", views.import_upload, name="import_upload"),
    path("imports/template.xlsx", views.import_template, name="import_template"),
    path("imports/export.xlsx", views.record_export, name="record_export"),
    path("imports/<int:batch_id>/", views.import_batch, name="import_batch"),
    path("imports/<int:batch_id>/file/", views.import_file, name="import_file"),
    path("imports/<int:batch_id>/marked.xlsx", views.import_marked, name="import_marked"),
    path("imports/profiles/", views.profile_list, name="import_profiles"),
    path("imports/<int:batch_id>/mapping/", views.import_mapping, name="import_mapping"),
    path("imports/<int:batch_id>/decide/", views.decide_import, name="import_decide"),
    path("imports/<int:batch_id>/park/", views.choose_import_park, name="import_park"),
    path("imports/<int:batch_id>/check/", views.check_import, name="check_import"),
    path("imports/<int:batch_id>/apply/", views.apply_import, name="apply_import"),
    path("imports/<int:batch_id>/discard/", views.discard_import, name="discard_import"),
    path("imports/<int:batch_id>/roll-back/", views.roll_back_import, name="roll_back_import"),
    path("imports/<int:batch_id>/cancel/", views.cancel_import, name="cancel_import"),
]
