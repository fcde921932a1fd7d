"""Ways in which readings come from sources: one file and one row of this table each.

To add one: a codec in `parkbrain/calc/wire` (bytes to values), a file here with a `DRIVER` (see `contract.Driver`), a row
below. The suite in `tests/telemetry/test_drivers.py` then runs on it.
"""

from __future__ import annotations

from . import http, mqtt
from .contract import FAULTS, Driver, Setting, Sink, check_settings

DRIVERS: dict[str, Driver] = {module.DRIVER.key: module.DRIVER for module in (http, mqtt)}

__all__ = ["DRIVERS", "FAULTS", "Driver", "Setting", "Sink", "check_settings"]
