"""Where the pages of places and firms are."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("parks/<int:park_id>/", views.park_detail, name="park_detail"),
    path("parks/<int:park_id>/site-plan/", views.site_plan_page, name="site_plan"),
    path("storeys/<int:storey_id>/", views.storey_detail, name="storey_detail"),
    path("buildings/<int:building_id>/", views.building_detail, name="building_detail"),
    path("premises/", views.premises_list, name="premises_list"),
    path("premises/<int:premises_id>/", views.premises_detail, name="premises_detail"),
    path("enterprises/", views.enterprise_list, name="enterprise_list"),
    path("enterprises/<int:enterprise_id>/", views.enterprise_detail, name="enterprise_detail"),
    path("enterprises/qualifications/calendar/", views.qualification_calendar, name="qualification_calendar"),
    path("enterprises/<int:enterprise_id>/history/", views.enterprise_history, name="enterprise_history"),
    path("enterprises/<int:enterprise_id>/confidence/", views.papers.confidence, name="enterprise_confidence"),
    path("enterprises/<int:enterprise_id>/documents/<int:pk>/file/", views.papers.document, name="enterprise_document"),
    path("enterprises/<int:enterprise_id>/<slug:thing>/add/", views.papers.add, name="enterprise_add"),
    path("enterprises/<int:enterprise_id>/<slug:thing>/<int:pk>/", views.papers.edit, name="enterprise_edit"),
    path("enterprises/<int:enterprise_id>/<slug:thing>/<int:pk>/end/", views.papers.end, name="enterprise_end"),
    path("premises/<int:premises_id>/split/", views.boundary.split, name="premises_split"),
    path("premises/<int:premises_id>/merge/", views.boundary.merge, name="premises_merge"),
    path("buildings/<int:building_id>/remove/", views.boundary.remove_building, name="building_remove"),
    path("occupancies/", views.occupancy_list, name="occupancy_list"),
]
