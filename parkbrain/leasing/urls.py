"""Where the pages of leads and leases are."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("parks/<int:park_id>/lettings/", views.lettings_board, name="lettings_board"),
    path("parks/<int:park_id>/lettings/what-if/", views.what_if, name="lettings_what_if"),
    path("leasing/rent-roll/", views.rent_roll, name="rent_roll"),
    path("leasing/space/", views.find_space, name="find_space"),
    path("parks/<int:park_id>/leads/funnel/", views.lead_funnel, name="lead_funnel"),
    path("parks/<int:park_id>/leads/add/", views.lead_add, name="lead_add"),
    path("leads/", views.lead_list, name="lead_list"),
    path("leads/<int:lead_id>/", views.lead_detail, name="lead_detail"),
    path("leads/<int:lead_id>/change/", views.lead_edit, name="lead_edit"),
    path("leads/<int:lead_id>/do/<slug:step>/", views.lead_do, name="lead_do"),
    path("leads/visits/<int:visit_id>/", views.visit_close, name="visit_close"),
    path("leads/quotes/<int:quote_id>/", views.quote_answer, name="quote_answer"),
]
