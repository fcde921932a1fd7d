"""Pages of energy."""

from .meters import add, meter_detail, meter_list, meter_tree, metering_audit, month_bills, take_back
from .overview import energy_flows, energy_heat, energy_home, settle_odd_use

__all__ = [
    "add",
    "energy_flows",
    "energy_heat",
    "energy_home",
    "meter_detail",
    "meter_list",
    "meter_tree",
    "metering_audit",
    "month_bills",
    "settle_odd_use",
    "take_back",
]
