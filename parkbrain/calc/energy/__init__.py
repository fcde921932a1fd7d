"""Energy analysis: indicators and baselines, avoided energy, forecasts, odd use."""

from .baseline import ABOVE, BELOW, STRAIGHT, TEMPERATURE, Baseline, Term, fit_linear, fit_mean, fit_ratio
from .change_point import KINDS, choose_baseline, fit_change_point
from .days import FREE_DAY, SATURDAY, WORKDAY, hours_by_day, kinds_of_days
from .degree_days import COOLING_BASE_C, HEATING_BASE_C, degree_days
from .enpi import Performance, actual_to_expected, compare_performance, energy_per_unit
from .errors import EnergyError
from .forecast import (
    QUANTILES,
    LoadForecast,
    LoadHistory,
    band_coverage,
    forecast_day,
    forecast_days,
    pinball_loss,
)
from .goodness import LIMITS, Goodness, goodness_of_fit, list_shortfalls
from .savings import (
    PlanLine,
    Savings,
    avoided_energy,
    cumulative_savings,
    normalized_savings,
    plan_against_actual,
    savings_uncertainty,
)

__all__ = [
    "ABOVE",
    "BELOW",
    "COOLING_BASE_C",
    "FREE_DAY",
    "HEATING_BASE_C",
    "KINDS",
    "LIMITS",
    "QUANTILES",
    "SATURDAY",
    "STRAIGHT",
    "TEMPERATURE",
    "WORKDAY",
    "Baseline",
    "EnergyError",
    "Goodness",
    "LoadForecast",
    "LoadHistory",
    "Performance",
    "PlanLine",
    "Savings",
    "Term",
    "actual_to_expected",
    "avoided_energy",
    "band_coverage",
    "choose_baseline",
    "compare_performance",
    "cumulative_savings",
    "degree_days",
    "energy_per_unit",
    "fit_change_point",
    "fit_linear",
    "fit_mean",
    "fit_ratio",
    "forecast_day",
    "forecast_days",
    "goodness_of_fit",
    "hours_by_day",
    "kinds_of_days",
    "list_shortfalls",
    "normalized_savings",
    "pinball_loss",
    "plan_against_actual",
    "savings_uncertainty",
]
