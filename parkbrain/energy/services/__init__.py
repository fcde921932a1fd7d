"""What may change in energy: meters, their bindings and corrections, tariffs; and use worked out anew by itself."""

from .meters import (
    CannotBindPoint,
    CannotPlaceMeter,
    CannotRecordMeter,
    bind_point,
    formula_message,
    place_meter,
    record_calibration,
    record_meters,
    record_needs,
)
from .odd import CannotSettleOddUse, find_odd_uses, settle_odd_use
from .recompute import Outcome, recompute_use
from .serving import (
    CannotRepairReading,
    CannotServe,
    CannotSwapMeter,
    end_serving,
    remove_swap,
    repair_reading,
    serve,
    swap_meter,
    undo_repair,
)
from .tariffs import (
    CannotRecordTariff,
    check_rates,
    record_rules,
    record_tariffs,
    refresh_recent_statements,
    refresh_statements,
)

__all__ = [
    "CannotBindPoint",
    "CannotPlaceMeter",
    "CannotRecordMeter",
    "CannotRecordTariff",
    "CannotRepairReading",
    "CannotServe",
    "CannotSettleOddUse",
    "CannotSwapMeter",
    "Outcome",
    "bind_point",
    "check_rates",
    "end_serving",
    "find_odd_uses",
    "formula_message",
    "place_meter",
    "recompute_use",
    "record_calibration",
    "record_meters",
    "record_needs",
    "record_rules",
    "record_tariffs",
    "refresh_recent_statements",
    "refresh_statements",
    "remove_swap",
    "repair_reading",
    "serve",
    "settle_odd_use",
    "swap_meter",
    "undo_repair",
]
