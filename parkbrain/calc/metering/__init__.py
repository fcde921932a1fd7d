"""Meters: from what a register showed to what was used, by hour, day and month, with what is doubtful said."""

from .allocation import AllocatedLine, Allocation, SupplyInvoice, allocate_invoice, split_amount
from .balance import Branch, LossTotal, NodeBalance, balance
from .chain import Stretch, use_of_stretch, use_of_stretches
from .clocks import (
    PLAIN,
    REPEATED,
    SKIPPED,
    ClockJump,
    LocalStamps,
    find_clock_jumps,
    hours_clocks_change,
    instants_of_local,
)
from .coverage import DayCoverage, arrivals_per_day, coverage_per_day
from .errors import MeteringError
from .periods import local_days, local_hours, local_months
from .plausibility import doubts_about
from .registers import (
    BACKWARD,
    GAP,
    IMPLAUSIBLE,
    NEGATIVE,
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
from .virtual import MeterFormula, order_formulas, parse_meter_formula, use_of_formula, use_of_formulas

__all__ = [
    "BACKWARD",
    "GAP",
    "IMPLAUSIBLE",
    "NEGATIVE",
    "PLAIN",
    "REPEATED",
    "RESET",
    "ROLLED_OVER",
    "SKIPPED",
    "SWAPPED",
    "AllocatedLine",
    "Allocation",
    "Branch",
    "ClockJump",
    "DayCoverage",
    "Dropped",
    "IntervalUse",
    "LocalStamps",
    "LossTotal",
    "MeterFormula",
    "MeteringError",
    "NodeBalance",
    "PeriodUse",
    "Register",
    "Stretch",
    "SupplyInvoice",
    "Swap",
    "allocate_invoice",
    "arrivals_per_day",
    "balance",
    "coverage_per_day",
    "doubts_about",
    "find_clock_jumps",
    "hours_clocks_change",
    "instants_of_local",
    "local_days",
    "local_hours",
    "local_months",
    "order_formulas",
    "parse_meter_formula",
    "scale_use",
    "split_amount",
    "spread_use",
    "use_of_formula",
    "use_of_formulas",
    "use_of_intervals",
    "use_of_register",
    "use_of_stretch",
    "use_of_stretches",
]
