"""Why a number is what it is: formulas with numbers in them, a hash of the whole rating, what moved since then."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlglot import exp

from parkbrain.calc.rating.document import sha256_of
from parkbrain.calc.rating.expression import evaluate
from parkbrain.calc.rating.rate import rate, round_half_up
from parkbrain.calc.rating.result import UnitResult, number
from parkbrain.calc.rating.scheme import Scheme
from parkbrain.calc.rating.score import looks_at_other_units
from parkbrain.calc.rating.table import FactTable, as_number

Inputs = Mapping[str, float | None]
_SIGNS: Mapping[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "−",
    exp.Mul: "×",
    exp.Div: "÷",
    exp.EQ: "=",
    exp.NEQ: "≠",
    exp.GT: ">",
    exp.GTE: "≥",
    exp.LT: "<",
    exp.LTE: "≤",
    exp.And: "AND",
    exp.Or: "OR",
}
_UNARY: Mapping[type[exp.Expr], str] = {
    exp.Paren: "({})",
    exp.Neg: "−{}",
    exp.Not: "NOT {}",
    exp.Is: "{} IS NULL",
}
_PRODUCTS = (exp.Mul, exp.Div)


@dataclass(frozen=True)
class FormulaExplanation:
    """A formula as written, with the facts put in, and as it runs."""

    text: str
    substituted: str
    sql: str
    value: float | None
    facts: Mapping[str, float | None]


@dataclass(frozen=True)
class Move:
    """A fact that changed, the indicators that read it, and what the change did to the proven total [points of 100]."""

    fact_key: str
    before: float | None
    after: float | None
    indicator_ids: tuple[str, ...]
    points: float


def explain_formula(scheme: Scheme, indicator_id: str, inputs: Inputs) -> FormulaExplanation | None:
    """Return the indicator's formula with the numbers in it; None where it has no formula (a checklist).

    Parameters
    ----------
    scheme
        The scheme.
    indicator_id
        One of its indicators.
    inputs
        Facts by key; unknown ones show as a question mark.

    Raises
    ------
    KeyError
        If the scheme has no such indicator.
    """
    one = scheme.indicator(indicator_id)
    key = one.id if one.formula else f"{one.id}?test"
    if key not in scheme.expressions or one.score.method == "checklist":
        return None
    expression = scheme.expressions[key]
    facts = {name: inputs.get(name) for name in sorted(expression.columns)}
    columns = {name: np.array([as_number(value)]) for name, value in facts.items()}
    value = round_half_up(evaluate({"value": expression}, columns, rows=1)["value"], scheme.rounding.value)
    return FormulaExplanation(
        text=expression.text,
        substituted=_write(expression.tree, facts),
        sql=expression.sql(),
        value=number(value[0]),
        facts=facts,
    )


def _write(node: exp.Expr, facts: Inputs) -> str:
    """Return the expression in the signs of arithmetic, with the facts' numbers in place of their names."""
    if isinstance(node, exp.Column):
        return format_value(facts.get(node.name))
    if isinstance(node, exp.Literal | exp.Boolean | exp.Null):
        return node.sql(dialect="duckdb")
    if type(node) in _UNARY:
        return _UNARY[type(node)].format(_write(node.this, facts))
    if isinstance(node, exp.Anonymous):
        above, below = (_operand(argument, facts) for argument in node.expressions)
        written = f"{above} ÷ {below}" if str(node.name).lower().endswith("div") else f"100 × {above} ÷ {below}"
        return f"({written})" if isinstance(node.parent, _PRODUCTS) else written
    if isinstance(node, exp.Pow):
        return f"{_operand(node.this, facts)} ^ {_operand(node.expression, facts)}"
    if type(node) in _SIGNS:
        return f"{_write(node.this, facts)} {_SIGNS[type(node)]} {_write(node.expression, facts)}"
    if isinstance(node, exp.Case):
        branches = [
            f"WHEN {_write(one.this, facts)} THEN {_write(one.args['true'], facts)}" for one in node.args["ifs"]
        ]
        default = node.args.get("default")
        branches += [] if default is None else [f"ELSE {_write(default, facts)}"]
        return f"CASE {' '.join(branches)} END"
    arguments = [child for child in node.iter_expressions() if isinstance(child, exp.Expr)]
    # Semicolons, because the numbers have commas in them.
    return f"{node.key.upper()}({'; '.join(_write(argument, facts) for argument in arguments)})"


def _operand(node: exp.Expr, facts: Inputs) -> str:
    written = _write(node, facts)
    compound = isinstance(node, (exp.Binary, exp.Anonymous, exp.Neg)) and not isinstance(node, exp.Paren)
    return f"({written})" if compound else written


def format_value(value: float | None) -> str:
    """Return a number as people read it, with thousands separators; a question mark where unknown.

    Examples
    --------
    >>> format_value(8200.0), format_value(0.35), format_value(None)
    ('8,200', '0.35', '?')
    """
    if value is None or math.isnan(value):
        return "?"
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.12g}"


def result_hash(scheme: Scheme, inputs: Inputs, unit_result: UnitResult) -> str:
    """Return the SHA-256 [hex] of scheme, inputs and outcome: the same facts by the same scheme give the same hash.

    Parameters
    ----------
    scheme
        Enters by its own hash.
    inputs
        The facts of the unit. Those the scheme does not read do not enter; one that is absent counts as unknown.
    unit_result
        What came out. Unit name and rank stay out: they do not follow from the unit's own facts.
    """
    outcome = dataclasses.asdict(unit_result)
    del outcome["unit"], outcome["rank"]
    facts = {key: inputs.get(key) for key in scheme.facts}
    return sha256_of({"scheme": scheme.hash, "inputs": facts, "result": outcome})


def what_moved(scheme: Scheme, before: Inputs, after: Inputs) -> list[Move]:
    """Return what each changed fact did to the proven total, the largest move first.

    Parameters
    ----------
    scheme
        A scheme that scores every unit for itself.
    before, after
        The facts of the same unit at two times.

    Raises
    ------
    ValueError
        If the scheme scores a unit against others (min–max from the data, z-scores, percentile ranks).

    Notes
    -----
    Facts are changed one after the other, once in alphabetical order and once in reverse; a fact's points are the mean
    of its two steps. So the points add up exactly to the change of the (unrounded) total, and two facts of one formula
    share their joint effect equally, as by Shapley.
    """
    relative = [one.id for one in scheme.indicators if looks_at_other_units(one.score.method, one.score.options)]
    if relative:
        raise ValueError(f"{', '.join(relative)}: scored against other units, moves are not defined for one unit alone")
    changed = [key for key in sorted(scheme.facts) if _differs(before.get(key), after.get(key))]
    if not changed:
        return []
    rows: dict[str, Inputs] = {}
    for name, order in (("up", changed), ("down", changed[::-1])):
        current = {key: before.get(key) for key in scheme.facts}
        rows[f"{name}:"] = dict(current)
        for key in order:
            current[key] = after.get(key)
            rows[f"{name}:{key}"] = dict(current)
    result = rate(scheme, FactTable.from_rows(rows))
    totals = np.nan_to_num(result.unrounded_proven[scheme.root.id]).reshape(2, len(changed) + 1)
    steps = np.diff(totals, axis=1)
    points = (steps[0] + steps[1][::-1]) / 2
    moves = [
        Move(key, before.get(key), after.get(key), _readers(scheme, key), float(points[index]))
        for index, key in enumerate(changed)
    ]
    return sorted(moves, key=lambda move: (-abs(move.points), move.fact_key))


def _differs(before: float | None, after: float | None) -> bool:
    first, second = as_number(before), as_number(after)
    return first != second and not (math.isnan(first) and math.isnan(second))


def _readers(scheme: Scheme, key: str) -> tuple[str, ...]:
    return tuple(one.id for one in scheme.indicators if key in one.facts)
