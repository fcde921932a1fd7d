"""Tables of energy: meters with dated bindings, corrections, tariffs and sharing rules, and use that follows from them."""

from .bindings import MeterParent, MeterPoint, MeterSwap, MeterUse, ReadingRepair
from .derived import DayUse, MeterBasis, ReadMark, Recomputed
from .meters import Calibration, EnergyKind, Meter, MeteringNeed
from .odd import OddUse
from .performance import DriverMonth, EnergyBaseline, EnergyDriver, EnergyPlanMonth
from .tariffs import AllocationRule, EnergyTariff, MonthStatement, StatementLine

__all__ = [
    "AllocationRule",
    "Calibration",
    "DayUse",
    "DriverMonth",
    "EnergyBaseline",
    "EnergyDriver",
    "EnergyKind",
    "EnergyPlanMonth",
    "EnergyTariff",
    "Meter",
    "MeterBasis",
    "MeterParent",
    "MeterPoint",
    "MeterSwap",
    "MeterUse",
    "MeteringNeed",
    "MonthStatement",
    "OddUse",
    "ReadMark",
    "ReadingRepair",
    "Recomputed",
    "StatementLine",
]
