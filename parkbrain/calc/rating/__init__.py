"""Rating engine: schemes as files, facts as columns, results that open down to the fact.

A library of its own: no framework, no database, no clock. Methods follow the OECD/JRC Handbook on Constructing
Composite Indicators (2008); `docs/schemes.md` explains how a scheme is written and how every number comes about.
"""

from parkbrain.calc.rating.document import Problem, SchemeError
from parkbrain.calc.rating.expression import Expression, ExpressionError, parse_expression
from parkbrain.calc.rating.rate import rate
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
    "Gate",
    "Indicator",
    "IndicatorScore",
    "Node",
    "NodeScore",
    "OutcomeClass",
    "Problem",
    "Reason",
    "Result",
    "Scheme",
    "SchemeError",
    "Score",
    "TableError",
    "UnitResult",
    "Veto",
    "load_scheme",
    "parse_expression",
    "rate",
]
