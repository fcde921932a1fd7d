"""Meters: from what a register showed to what was used, by hour, day and month, with what is doubtful said."""

from .chain import Stretch, use_of_stretch, use_of_stretches
from .periods import local_days, local_hours, local_months
from .registers import (
    BACKWARD,
    GAP,
    IMPLAUSIBLE,
    RESET,
    ROLLED_OVER,
    SWAPPED,
    Dropped,
    IntervalUse,
    Register,
    Swap,
    use_of_register,
)
from .spread import PeriodUse, scale_use, spread_use, use_of_intervals

__all__ = [
    "BACKWARD",
    "GAP",
    "IMPLAUSIBLE",
    "RESET",
    "ROLLED_OVER",
    "SWAPPED",
    "Dropped",
    "IntervalUse",
    "PeriodUse",
    "Register",
    "Stretch",
    "Swap",
    "local_days",
    "local_hours",
    "local_months",
    "scale_use",
    "spread_use",
    "use_of_intervals",
    "use_of_register",
    "use_of_stretch",
    "use_of_stretches",
]
