"""Addresses of the kit."""

from django.urls import path

from . import views

urlpatterns = [path("ui/", views.kit, name="ui_kit")]
