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
    path("occupancies/", views.occupancy_list, name="occupancy_list"),
]
