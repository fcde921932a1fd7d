"""Addresses of the home, the search and the wall."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/tiles/", views.home_tiles, name="home_tiles"),
    path("home/tiles/<str:key>/", views.home_tile, name="home_tile"),
    path("search/", views.search, name="search"),
    path("wall/", views.wall, name="wall"),
    path("wall/parks/<int:park_id>/", views.wall_park, name="wall_park"),
]
