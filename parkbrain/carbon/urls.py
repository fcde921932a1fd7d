"""Where the pages of carbon are."""

from __future__ import annotations

from django.urls import path

from .views import exchange, rows, statements

PARK = "parks/<int:park_id>"

urlpatterns = [
    path(f"{PARK}/carbon/", statements.statement, name="carbon_statement"),
    path(f"{PARK}/carbon/statement.<slug:suffix>", statements.statement_file, name="carbon_statement_file"),
    path(f"{PARK}/carbon/firms/<int:enterprise_id>/", statements.footprint, name="carbon_footprint"),
    path(
        f"{PARK}/carbon/firms/<int:enterprise_id>/sheet.<slug:suffix>",
        statements.footprint_file,
        name="carbon_footprint_file",
    ),
    path(f"{PARK}/carbon/<slug:scope>/<slug:kind>/", statements.statement_line, name="carbon_line"),
    path("carbon/activities/", rows.activity_list, name="activity_list"),
    path("carbon/activities/<int:activity_id>/", rows.activity_detail, name="activity_detail"),
    path(f"{PARK}/activities/add/", rows.activity_add, name="activity_add"),
    path("carbon/factors/", rows.factor_list, name="factor_list"),
    path("carbon/factors/<int:factor_id>/end/", rows.factor_end, name="factor_end"),
    path(f"{PARK}/factors/add/", rows.factor_add, name="factor_add"),
    path("carbon/refrigerants/", rows.refrigerant_list, name="refrigerant_list"),
    path(f"{PARK}/refrigerants/add/", rows.refrigerant_add, name="refrigerant_add"),
    path("carbon/green-power/", rows.green_power_list, name="green_power_list"),
    path(f"{PARK}/green-power/add/", rows.green_power_add, name="green_power_add"),
    path(f"{PARK}/exchange/", exchange.exchange, name="exchange"),
    path(f"{PARK}/exchange/add/", exchange.exchange_add, name="exchange_add"),
    path("exchange/", exchange.exchange_between, name="exchange_between"),
    path("exchange/pairs.<slug:suffix>", exchange.exchange_between_file, name="exchange_between_file"),
    path("exchange/<int:offer_id>/end/", exchange.exchange_end, name="exchange_end"),
]
