"""Addresses of the city."""

from django.urls import path

from . import views

urlpatterns = [
    path("city/", views.city, name="city"),
    path("city/points/", views.city_points, name="city_points"),
    path("city/shapes/", views.city_shapes, name="city_shapes"),
    path("parks/<int:park_id>/peers/", views.park_peers, name="park_peers"),
    path("city/plans/", views.city_plans, name="city_plans"),
    path("city/plans/start/", views.plan_parks, name="plan_parks"),
    path("city/plans/stop/", views.stop_planning, name="stop_planning"),
    path("city/certainty/", views.city_certainty, name="city_certainty"),
    path("city/certainty/start/", views.draw_parks, name="draw_parks"),
    path("city/certainty/stop/", views.stop_drawing, name="stop_drawing"),
]
