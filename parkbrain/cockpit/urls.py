"""Addresses of the home, the search and the wall."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/tiles/", views.home_tiles, name="home_tiles"),
    path("home/tiles/<str:tile_key>/", views.home_tile, name="home_tile"),
    path("search/", views.search, name="search"),
    path("parks/<int:park_id>/needs/", views.park_needs, name="park_needs"),
    path("to-verify/", views.to_verify, name="to_verify"),
    path("parks/<int:park_id>/brief/", views.park_brief, name="park_brief"),
    path("city/brief/", views.city_brief, name="city_brief"),
    path("reports/", views.report_list, name="report_list"),
    path("reports/add/", views.report_add, name="report_add"),
    path("reports/now/<str:kind>/", views.report_now, name="report_now"),
    path("reports/<int:schedule_id>/", views.report_act, name="report_act"),
    path("reports/<int:schedule_id>/file/", views.report_file, name="report_file"),
    path("wall/", views.wall, name="wall"),
    path("wall/parks/<int:park_id>/", views.wall_park, name="wall_park"),
]
