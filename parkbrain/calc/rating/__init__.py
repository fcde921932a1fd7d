"""Rating engine: schemes as files, facts as columns, results that open down to the fact.

A library of its own: no framework, no database, no clock. Methods follow the OECD/JRC Handbook on Constructing
Composite Indicators (2008); `docs/schemes.md` explains how a scheme is written and how every number comes about.
"""

from parkbrain.calc.rating.csv_report import Summary, rate_files, to_csv
from parkbrain.calc.rating.document import Problem, SchemeError
from parkbrain.calc.rating.expression import Expression, ExpressionError, parse_expression
from parkbrain.calc.rating.gains import Gain, gains
from parkbrain.calc.rating.provenance import FormulaExplanation, Move, explain_formula, result_hash, what_moved
from parkbrain.calc.rating.rate import rank_of, rate, rate_flag, rate_indicator
from parkbrain.calc.rating.result import (
    NOT_APPLICABLE,
    PARTIAL,
    SCORED,
    UNKNOWN,
    IndicatorScore,
    NodeScore,
    Reason,
    Result,
    UnitResult,
)
from parkbrain.calc.rating.robustness import Robustness, WeightDraws, draw_weights, weight_draws
from parkbrain.calc.rating.scheme import Gate, Indicator, Node, OutcomeClass, Scheme, Score, Veto, load_scheme
from parkbrain.calc.rating.table import CellProblem, FactTable, TableError

__all__ = [
    "NOT_APPLICABLE",
    "PARTIAL",
    "SCORED",
    "UNKNOWN",
    "CellProblem",
    "Expression",
    "ExpressionError",
    "FactTable",
    "FormulaExplanation",
    "Gain",
    "Gate",
    "Indicator",
    "IndicatorScore",
    "Move",
    "Node",
    "NodeScore",
    "OutcomeClass",
    "Problem",
    "Reason",
    "Result",
    "Robustness",
    "Scheme",
    "SchemeError",
    "Score",
    "Summary",
    "TableError",
    "UnitResult",
    "Veto",
    "WeightDraws",
    "draw_weights",
    "explain_formula",
    "gains",
    "load_scheme",
    "parse_expression",
    "rank_of",
    "rate",
    "rate_files",
    "rate_flag",
    "rate_indicator",
    "result_hash",
    "to_csv",
    "weight_draws",
    "what_moved",
]
