"""Addresses of the city."""

from django.urls import path

from . import views

urlpatterns = [path("city/", views.city, name="city")]
