"""Addresses of the city."""

from django.urls import path

from . import views
from .views import park_rounds, published, rounds

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
    path("city/rounds/", rounds.round_list, name="round_list"),
    path("city/rounds/add/", rounds.round_add, name="round_add"),
    path("city/rounds/answers/", rounds.submission_list, name="submission_list"),
    path("city/rounds/<int:round_id>/", rounds.round_detail, name="round_detail"),
    path("city/rounds/<int:round_id>/change/", rounds.round_change, name="round_change"),
    *[
        path(f"city/rounds/<int:round_id>/{step}/", rounds.round_step, {"step": step}, name=f"round_{step}")
        for step in rounds.STEPS
    ],
    path("city/rounds/<int:round_id>/parks/<int:park_id>/", rounds.submission_detail, name="submission_detail"),
    path("published/", published.published_list, name="published_list"),
    path("published/<int:publication_id>/", published.published_table, name="published_table"),
    path("parks/<int:park_id>/rounds/<int:round_id>/", park_rounds.park_round, name="park_round"),
]
