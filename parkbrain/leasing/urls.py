"""Where the pages of leads and leases are."""

from __future__ import annotations

from django.urls import path

from . import views

LEASES = [
    path("leases/", views.lease_list, name="lease_list"),
    path("leases/tester/", views.tester, name="clause_tester"),
    path("leases/<int:lease_id>/", views.lease_detail, name="lease_detail"),
    path("leases/<int:lease_id>/tester/", views.lease_tester, name="lease_tester"),
    path("leases/<int:lease_id>/schedule.<str:suffix>", views.lease_schedule, name="lease_schedule"),
    path("leases/<int:lease_id>/lines/<str:fee>/<str:place>/<str:starts_on>/", views.lease_line, name="lease_line"),
    path("leases/<int:lease_id>/act/<str:act>/", views.lease_act, name="lease_act"),
    path("leases/<int:lease_id>/documents/<int:pk>/", views.lease_document, name="lease_document"),
    path("parks/<int:park_id>/leases/add/", views.lease_add, name="lease_add"),
    path("parks/<int:park_id>/leases/taken-over/", views.taken_over_leases, name="taken_over_leases"),
    path("parks/<int:park_id>/index-values/", views.index_add, name="index_add"),
    path("lease-versions/<int:version_id>/clauses/add/", views.clause_add, name="clause_add"),
    path("lease-versions/<int:version_id>/terms/", views.version_terms, name="version_terms"),
    path("lease-versions/<int:version_id>/term/", views.version_term, name="version_term"),
    path("lease-versions/<int:version_id>/premises/add/", views.place_add, name="place_add"),
    path("lease-versions/<int:version_id>/premises/<int:place_id>/drop/", views.place_drop, name="place_drop"),
    path("lease-versions/<int:version_id>/turn/<str:turn>/", views.version_act, name="version_act"),
    path("lease-clauses/<int:clause_id>/", views.lease_clause, name="lease_clause"),
    path("lease-clauses/<int:clause_id>/change/", views.clause_edit, name="clause_edit"),
    path("lease-clauses/<int:clause_id>/drop/", views.clause_drop, name="clause_drop"),
]

LEADS = [
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

urlpatterns = [*LEASES, *LEADS]
