"""Ways in which readings come from sources: one file and one row of this table each.

To add one: a codec in `parkbrain/calc/wire` (bytes to values), a file here with a `DRIVER` (see `contract.Driver`), a row
below, and a rig in `tests/contracts/drivers.py` that plays the device. The suite in `tests/contracts/test_drivers.py` then
runs on it.
"""

from __future__ import annotations

from . import cjt188, dlt645, http, modbus, mqtt
from .contract import FAULTS, Driver, Setting, Sink, check_settings, explain_fault, explain_settings

DRIVERS: dict[str, Driver] = {module.DRIVER.key: module.DRIVER for module in (http, mqtt, modbus, dlt645, cjt188)}

__all__ = ["DRIVERS", "FAULTS", "Driver", "Setting", "Sink", "check_settings", "explain_fault", "explain_settings"]
