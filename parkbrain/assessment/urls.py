"""Addresses of stars, facts, ratings and schemes."""

from django.urls import path

from . import views

urlpatterns = [
    path("parks/<int:park_id>/stars/", views.stars, name="stars"),
    path("parks/<int:park_id>/stars/report.pdf", views.stars_file, {"kind": "pdf"}, name="stars_pdf"),
    path("parks/<int:park_id>/stars/workbook.xlsx", views.stars_file, {"kind": "xlsx"}, name="stars_xlsx"),
    path("parks/<int:park_id>/stars/<slug:scheme_id>/<str:node_id>/", views.indicator, name="indicator_detail"),
    path("parks/<int:park_id>/next-star/", views.next_star, name="next_star"),
    path("parks/<int:park_id>/certainty/", views.star_certainty, name="star_certainty"),
    path("parks/<int:park_id>/measures/", views.measure_list, name="measure_list"),
    path("parks/<int:park_id>/measures/add/", views.measure_add, name="measure_add"),
    path("parks/<int:park_id>/measures/own/<int:own_id>/remove/", views.measure_remove, name="measure_remove"),
    path("parks/<int:park_id>/measures/<slug:measure_id>/", views.measure_change, name="measure_change"),
    path("parks/<int:park_id>/measures/<slug:measure_id>/reset/", views.measure_reset, name="measure_reset"),
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
