"""Where the pages of energy are."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("meters/", views.meter_list, name="meter_list"),
    path("meters/<int:meter_id>/", views.meter_detail, name="meter_detail"),
    path("meters/<int:meter_id>/taken-back/<slug:entry>/<int:pk>/", views.take_back, name="meter_take_back"),
    path("meters/<int:meter_id>/<slug:entry>/add/", views.add, name="meter_add"),
    path("parks/<int:park_id>/energy/", views.energy_home, name="energy_home"),
    path("parks/<int:park_id>/energy/heat/", views.energy_heat, name="energy_heat"),
    path("parks/<int:park_id>/energy/flows/", views.energy_flows, name="energy_flows"),
    path("parks/<int:park_id>/energy/odd/<int:odd_id>/", views.settle_odd_use, name="odd_use_settle"),
    path("parks/<int:park_id>/energy/tree/", views.meter_tree, name="meter_tree"),
    path("parks/<int:park_id>/energy/bills/", views.month_bills, name="energy_bills"),
    path("parks/<int:park_id>/energy/performance/", views.energy_performance, name="energy_performance"),
    path("parks/<int:park_id>/energy/performance/plan/", views.energy_plan, name="energy_plan"),
    path("parks/<int:park_id>/energy/performance/drivers/", views.energy_drivers, name="energy_drivers"),
    path("parks/<int:park_id>/energy/performance/add/", views.baseline_add, name="baseline_add"),
    path("energy/drivers/<int:driver_id>/", views.driver_months, name="driver_months"),
    path("energy/baselines/<int:baseline_id>/", views.baseline_detail, name="baseline_detail"),
    path("energy/baselines/<int:baseline_id>/change/", views.baseline_change, name="baseline_change"),
    path("energy/baselines/<int:baseline_id>/remove/", views.baseline_remove, name="baseline_remove"),
    path("parks/<int:park_id>/energy/firms/<int:enterprise_id>/", views.firm_energy, name="firm_energy"),
    path("parks/<int:park_id>/energy/audit/", views.metering_audit, name="metering_audit"),
    path("parks/<int:park_id>/energy/audit/places/add/", views.need_add, name="need_add"),
    path("energy/places/<int:need_id>/", views.need_change, name="need_change"),
    path("parks/<int:park_id>/energy/tariffs/add/", views.tariff_add, name="tariff_add"),
    path("parks/<int:park_id>/energy/rules/add/", views.rule_add, name="rule_add"),
]
