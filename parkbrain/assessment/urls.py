"""Addresses of stars, facts, ratings and schemes."""

from django.urls import path

from . import views

urlpatterns = [
    path("parks/<int:park_id>/stars/", views.stars, name="stars"),
    path("parks/<int:park_id>/stars/<slug:scheme_id>/<str:node_id>/", views.indicator, name="indicator_detail"),
    path("parks/<int:park_id>/facts/", views.facts, name="fact_list"),
    path("parks/<int:park_id>/facts/<slug:fact_key>/", views.fact, name="fact_detail"),
    path("parks/<int:park_id>/facts/<slug:fact_key>/withdraw/", views.withdraw, name="fact_withdraw"),
    path("parks/<int:park_id>/ratings/", views.ratings, name="rating_list"),
    path("parks/<int:park_id>/ratings/compare/", views.compare, name="rating_compare"),
    path("ratings/<int:rating_id>/", views.rating_page, name="rating_detail"),
    path("ratings/<int:rating_id>/report.pdf", views.rating_pdf, name="rating_pdf"),
    path("ratings/<int:rating_id>/workbook.xlsx", views.rating_xlsx, name="rating_xlsx"),
    path("schemes/", views.schemes, name="scheme_list"),
    path("schemes/<slug:scheme_id>/", views.scheme, name="scheme_detail"),
    path("schemes/<slug:scheme_id>/file/", views.scheme_download, name="scheme_file"),
    path("documents/<int:document_id>/", views.document, name="document_download"),
]
