"""Addresses of the city."""

from django.urls import path

from . import views
from .views import city_tables, groups, park_rounds, published, rounds, setup

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
    path("city/table/", city_tables.city_table, name="city_table"),
    path("city/rounds/<int:round_id>/table/", city_tables.round_table, name="round_table"),
    path("city/rounds/<int:round_id>/", rounds.round_detail, name="round_detail"),
    path("city/rounds/<int:round_id>/answers.<str:suffix>", rounds.round_answers, name="round_answers"),
    path("city/rounds/<int:round_id>/change/", rounds.round_change, name="round_change"),
    *[
        path(f"city/rounds/<int:round_id>/{step}/", rounds.round_step, {"step": step}, name=f"round_{step}")
        for step in rounds.STEPS
    ],
    path("city/rounds/<int:round_id>/parks/<int:park_id>/", rounds.submission_detail, name="submission_detail"),
    path("parks/<int:park_id>/set-up/copy/", setup.setup_copy, name="setup_copy"),
    path("parks/<int:park_id>/set-up/file/", setup.setup_file, name="setup_file"),
    path("parks/<int:park_id>/set-up/download/", setup.setup_download, name="setup_download"),
    path("operators/", groups.operator_list, name="operator_list"),
    path("operators/add/", groups.operator_add, name="operator_add"),
    path("operators/parks/", groups.operator_parks, name="operator_parks"),
    path("operators/<int:group_id>/", groups.operator_detail, name="operator_detail"),
    path("operators/<int:group_id>/change/", groups.operator_change, name="operator_change"),
    path("operators/<int:group_id>/place/", groups.operator_place, name="operator_place"),
    path("operators/<int:group_id>/lines/add/", groups.line_add, name="line_add"),
    path("operators/<int:group_id>/lines/<int:line_id>/", groups.line_change, name="line_change"),
    path("operators/<int:group_id>/lines/<int:line_id>/remove/", groups.line_remove, name="line_remove"),
    path("published/", published.published_list, name="published_list"),
    path("published/<int:publication_id>/", published.published_table, name="published_table"),
    path("parks/<int:park_id>/rounds/<int:round_id>/", park_rounds.park_round, name="park_round"),
]
