"""Pages of energy."""

from .firms import firm_energy
from .meters import add, meter_detail, meter_list, meter_tree, metering_audit, month_bills, take_back
from .overview import energy_flows, energy_heat, energy_home, settle_odd_use
from .performance import (
    baseline_add,
    baseline_change,
    baseline_detail,
    baseline_remove,
    driver_months,
    energy_drivers,
    energy_performance,
    energy_plan,
)
from .stated import need_add, need_change, rule_add, tariff_add

__all__ = [
    "add",
    "baseline_add",
    "baseline_change",
    "baseline_detail",
    "baseline_remove",
    "driver_months",
    "energy_drivers",
    "energy_flows",
    "energy_heat",
    "energy_home",
    "energy_performance",
    "energy_plan",
    "firm_energy",
    "meter_detail",
    "meter_list",
    "meter_tree",
    "metering_audit",
    "month_bills",
    "need_add",
    "need_change",
    "rule_add",
    "settle_odd_use",
    "take_back",
    "tariff_add",
]
