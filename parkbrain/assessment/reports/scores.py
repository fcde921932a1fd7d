"""Scoring and aggregation as spreadsheet formulas: the same arithmetic as the engine's, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parkbrain.calc.rating import Indicator, Node

from .formulas import Locate, condition_formula


@dataclass(frozen=True)
class Block:
    """Where the breakpoints of an indicator stand: the values and their scores, a row each."""

    values: str
    scores: str


@dataclass(frozen=True)
class Child:
    """Where a child of a node stands: its score, weight, and whether it applies (1 or 0)."""

    score: str
    weight: str
    applies: str


def rounded(*, formula: str, decimals: int | None) -> str:
    """Return the formula rounded as the scheme says."""
    return formula if decimals is None else f"ROUND({formula},{decimals})"


def breakpoints_of(*, indicator: Indicator) -> Sequence[tuple[float, float]]:
    """Return the table a score is looked up in; empty where the method has none."""
    options = indicator.score.options
    if indicator.score.method == "piecewise_linear":
        return [(float(x), float(y)) for x, y in options["points"]]
    if indicator.score.method == "grade":
        return [(float(row["level"]), float(row["score"])) for row in options["levels"]]
    return []


def score_formula(*, indicator: Indicator, value: str, block: Block | None, test: str | None) -> str | None:
    """Return the score of the value in a cell, an error where it is unknown; None where no single park has one.

    `test` is the condition of a boolean indicator.
    """
    options, method = indicator.score.options, indicator.score.method
    if method == "piecewise_linear" and block is not None:
        return _interpolated(value, block)
    if method == "grade" and block is not None:
        return f"INDEX({block.scores},MATCH({value},{block.values},0))"
    if method == "boolean" and test is not None:
        return f"IF({test},100,0)"
    if method in {"goalposts", "min_max"} and "low" in options and "high" in options:
        bottom, top = options.get("range", (0, 100))
        share = f"MIN(1,MAX(0,({value}-({options['low']}))/({options['high']}-({options['low']}))))"
        share = f"(1-{share})" if indicator.direction == "lower" else share
        return f"({bottom}+{share}*{top - bottom})"
    if method == "distance_to_target":
        return _distance(value, options, indicator.direction)
    if method == "target_band":
        return _band(value, options)
    return None


def _interpolated(value: str, block: Block) -> str:
    place = f"MATCH({value},{block.values},1)"
    low, high = f"INDEX({block.values},{place})", f"INDEX({block.values},{place}+1)"
    first, second = f"INDEX({block.scores},{place})", f"INDEX({block.scores},{place}+1)"
    between = f"{first}+({value}-{low})*({second}-{first})/({high}-{low})"
    last = f"INDEX({block.scores},ROWS({block.scores}))"
    return f"IF({value}<=MIN({block.values}),INDEX({block.scores},1),IF({value}>=MAX({block.values}),{last},{between}))"


def _distance(value: str, options: Any, direction: str) -> str | None:
    target, cap = options["target"], options.get("cap", 100.0)
    if direction == "lower":
        if cap is None:
            return f"IF({value}>0,100*{target}/{value},NA())"
        return f"IF({value}>0,MIN({cap},100*{target}/{value}),{cap})"
    share = f"MAX(0,100*{value}/{target})"
    return share if cap is None else f"MIN({cap},{share})"


def _band(value: str, options: Any) -> str:
    def fallen(distance: str, tolerance: float) -> str:
        return f"100*MAX(0,1-({distance})/{tolerance})" if tolerance else "0"

    low, high = options["low"], options["high"]
    below = fallen(f"{low}-{value}", options.get("tolerance_below", 0))
    above = fallen(f"{value}-{high}", options.get("tolerance_above", 0))
    return f"IF({value}<{low},{below},IF({value}>{high},{above},100))"


def checklist_formulas(*, indicator: Indicator, locate: Locate) -> tuple[str, str, str]:
    """Return value (empty until every item is known), proven and reachable score of a checklist."""
    items = [(locate(item["key"]), float(item.get("weight", 1.0))) for item in indicator.score.options["items"]]
    total = sum(weight for _cell, weight in items)
    met = "+".join(f"{weight:g}*({cell}<>0)" for cell, weight in items)
    open_ = "+".join(f"{weight:g}*(1-ISNUMBER({cell}))" for cell, weight in items)
    proven = f"100*({met})/{total:g}"
    known = f"COUNT({','.join(cell for cell, _weight in items)})"
    return f'IF({known}<{len(items)},"",{proven})', proven, f"100*({met}+{open_})/{total:g}"


def boolean_test(*, indicator: Indicator, scheme: Any, locate: Locate) -> str | None:
    """Return the condition of a boolean indicator, or None for the other methods."""
    expression = scheme.expressions.get(f"{indicator.id}?test")
    return None if expression is None else condition_formula(expression=expression, locate=locate)


def aggregate_formula(*, node: Node, children: Sequence[Child]) -> str | None:
    """Return a node's score from those of its children; None for a method that a formula cannot write."""
    method = node.aggregate.method
    weights = "+".join(f"{c.weight}*{c.applies}" for c in children)
    if method == "arithmetic":
        return f"({'+'.join(f'{c.weight}*{c.applies}*{c.score}' for c in children)})/({weights})"
    if method == "geometric":
        zero = ",".join(f"AND({c.applies}=1,{c.score}<=0)" for c in children)
        logs = "+".join(f"{c.weight}*{c.applies}*LN(IF({c.score}>0,{c.score},1))" for c in children)
        return f"IF(OR({zero}),0,EXP(({logs})/({weights})))"
    if method == "harmonic":
        zero = ",".join(f"AND({c.applies}=1,{c.score}<=0)" for c in children)
        inverse = "+".join(f"{c.weight}*{c.applies}/IF({c.score}>0,{c.score},1)" for c in children)
        return f"IF(OR({zero}),0,({weights})/({inverse}))"
    if method == "minimum":
        return f"MIN({','.join(f'IF({c.applies}=1,{c.score},1E+9)' for c in children)})"
    if method == "best" and (node.aggregate.k or 1) == 1:
        return f"MAX({','.join(f'IF({c.applies}=1,{c.score},-1E+9)' for c in children)})"
    return None
