"""Figures of letting: rent roll, WAULT, vacancy, expiries; funnel, conversion and forecast of leads.

WAULT is the weighted average unexpired lease term to the agreed end (no breaks assumed), weighted by area or by rent,
as valuers state it (RICS; INREV guidelines).
"""

from .funnel import (
    DEFAULT_PROBABILITY,
    LEAST_HISTORY,
    STAGES,
    Expected,
    FunnelStage,
    LeadPath,
    Probability,
    forecast,
    funnel,
    stage_probabilities,
)
from .roll import Expiring, LetLine, RollTotals, expiry_profile, median_or_none, roll_totals, vacancy_rate, wault_years

__all__ = [
    "DEFAULT_PROBABILITY",
    "LEAST_HISTORY",
    "STAGES",
    "Expected",
    "Expiring",
    "FunnelStage",
    "LeadPath",
    "LetLine",
    "Probability",
    "RollTotals",
    "expiry_profile",
    "forecast",
    "funnel",
    "median_or_none",
    "roll_totals",
    "stage_probabilities",
    "vacancy_rate",
    "wault_years",
]
