"""Leases: clauses that mean one thing, and the schedule of what is owed by them, day by day, with every step said.

`parse_clause` and `parse_terms` read plain values and name the field that is wrong. An `Agreement` is a term with
versions; `schedule` gives its lines to the last day, `readings` what else the clauses could be read to mean and what that
costs, `late_fee` what a late payment costs. Money is `Decimal` in yuan, rounded once where the terms say; a line that
needs a figure nobody has reported has no amounts.
"""

from .clauses import (
    CLAUSES,
    FEES,
    PRICED,
    PROPERTY_FEE,
    RENT,
    TURNOVER,
    Clause,
    Concession,
    FitOut,
    Index,
    LateFee,
    PropertyFee,
    RecurringFree,
    Rent,
    RentFree,
    RentStep,
    Rise,
    Tax,
    TurnoverRent,
    Utilities,
    parse_clause,
)
from .fields import ClauseProblems, Problem, Spec, plain, specs_of
from .frees import free_windows
from .late_fees import LateFeeResult, late_fee
from .lines import Deduction, Line, Totals, by_month, step_values, total
from .months import add_months, due_day
from .present import present_value
from .prices import Price, Step, price_line, round_to
from .readings import Comparison, MonthPair, Reading, compare, other_readings, readings, replace_clause
from .schedule import schedule
from .spans import governing_spans
from .terms import Agreement, Figures, Place, Terms, Version, parse_terms
from .turnover import unreported_periods

__all__ = [
    "CLAUSES",
    "FEES",
    "PRICED",
    "PROPERTY_FEE",
    "RENT",
    "TURNOVER",
    "Agreement",
    "Clause",
    "ClauseProblems",
    "Comparison",
    "Concession",
    "Deduction",
    "Figures",
    "FitOut",
    "Index",
    "LateFee",
    "LateFeeResult",
    "Line",
    "MonthPair",
    "Place",
    "Price",
    "Problem",
    "PropertyFee",
    "Reading",
    "RecurringFree",
    "Rent",
    "RentFree",
    "RentStep",
    "Rise",
    "Spec",
    "Step",
    "Tax",
    "Terms",
    "Totals",
    "TurnoverRent",
    "Utilities",
    "Version",
    "add_months",
    "by_month",
    "compare",
    "due_day",
    "free_windows",
    "governing_spans",
    "late_fee",
    "other_readings",
    "parse_clause",
    "parse_terms",
    "plain",
    "present_value",
    "price_line",
    "readings",
    "replace_clause",
    "round_to",
    "schedule",
    "specs_of",
    "step_values",
    "total",
    "unreported_periods",
]
