"""Runs checked formulas over NumPy columns: a tree of standard SQL becomes one function of the columns.

Unknown is NaN, truth is 1, 0 or NaN: SQL's NULL and its three-valued logic. Every node is one or two passes over whole
columns, without planning, so that a scheme's two hundred formulas cost what their arithmetic costs. SQL engines run the
same tree as text (`Expression.sql`); the tests hold this module to DuckDB and SQLite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

Column = NDArray[np.float64]
Program = Callable[[Mapping[str, Column]], Any]


def compile_tree(node: exp.Expr) -> Program:
    """Return the function that computes the tree from columns by name.

    Parameters
    ----------
    node
        A tree of the formula language after its guards are written out (`Expression.normalized`).

    Raises
    ------
    TypeError
        For a node outside the language; the whitelist keeps those out.

    Examples
    --------
    >>> import sqlglot
    >>> run = compile_tree(sqlglot.parse_one("100.0 * a / NULLIF(b, 0)", dialect="duckdb"))
    >>> run({"a": np.array([1.0, 2.0]), "b": np.array([4.0, 0.0])}).tolist()
    [25.0, nan]
    """
    if isinstance(node, exp.Column):
        name = node.name
        return lambda columns: columns[name]
    constant = _constant(node)
    if constant is not None:
        return lambda columns: constant
    builder = _BUILDERS.get(type(node))
    if builder is None:
        raise TypeError(f"not in the formula language: {type(node).__name__}")
    return builder(node)


def _constant(node: exp.Expr) -> Any:
    if isinstance(node, exp.Literal):
        return np.float64(node.this)
    if isinstance(node, exp.Boolean):
        return np.float64(bool(node.this))
    return np.float64(np.nan) if isinstance(node, exp.Null) else None


def _unary(function: Callable[[Any], Any]) -> Callable[[exp.Expr], Program]:
    def build(node: exp.Expr) -> Program:
        inner = compile_tree(node.this)
        return lambda columns: function(inner(columns))

    return build


def _binary(function: Callable[[Any, Any], Any]) -> Callable[[exp.Expr], Program]:
    def build(node: exp.Expr) -> Program:
        left, right = compile_tree(node.this), compile_tree(node.expression)
        return lambda columns: function(left(columns), right(columns))

    return build


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[exp.Expr], Program]:
    def known(left: Any, right: Any) -> Any:
        # The sum is unknown where either side is; infinities of opposite sign do not meet in a guarded tree.
        return np.where(np.isnan(left + right), np.nan, compare(left, right))

    return _binary(known)


def _and(left: Any, right: Any) -> Any:
    # The product knows: 0 wins over unknown only if asked first.
    return np.where((left == 0) | (right == 0), 0.0, left * right)


def _or(left: Any, right: Any) -> Any:
    return np.where((left == 1) | (right == 1), 1.0, left + right)


def _several(function: Callable[[Any, Any], Any]) -> Callable[[exp.Expr], Program]:
    def build(node: exp.Expr) -> Program:
        parts = [compile_tree(part) for part in (node.this, *node.expressions)]

        def run(columns: Mapping[str, Column]) -> Any:
            found = parts[0](columns)
            for part in parts[1:]:
                found = function(found, part(columns))
            return found

        return run

    return build


def _case(node: exp.Expr) -> Program:
    branches = [(compile_tree(branch.this), compile_tree(branch.args["true"])) for branch in node.args["ifs"]]
    default = node.args.get("default")
    otherwise = compile_tree(default) if default is not None else compile_tree(exp.Null())

    def run(columns: Mapping[str, Column]) -> Any:
        found = otherwise(columns)
        for condition, value in reversed(branches):
            found = np.where(condition(columns) == 1, value(columns), found)
        return found

    return run


def _round(node: exp.Expr) -> Program:
    inner, digits = compile_tree(node.this), node.args.get("decimals")
    power = 10.0 ** (int(digits.sql()) if digits is not None else 0)

    def run(columns: Mapping[str, Column]) -> Any:
        # Halves away from zero, as SQL engines do; NumPy alone would round them to even.
        scaled = inner(columns) * power
        whole = np.trunc(scaled)
        return (whole + np.where(np.abs(scaled - whole) >= 0.5, np.copysign(1.0, scaled), 0.0)) / power

    return run


_BUILDERS: Mapping[type[exp.Expr], Callable[[Any], Program]] = {
    exp.Paren: lambda node: compile_tree(node.this),
    exp.Neg: _unary(np.negative),
    exp.Not: _unary(lambda value: 1.0 - value),
    exp.Abs: _unary(np.abs),
    exp.Sqrt: _unary(np.sqrt),
    exp.Ln: _unary(np.log),
    exp.Exp: _unary(np.exp),
    exp.Add: _binary(np.add),
    exp.Sub: _binary(np.subtract),
    exp.Mul: _binary(np.multiply),
    exp.Div: _binary(np.divide),
    exp.Pow: _binary(np.power),
    exp.EQ: _comparison(np.equal),
    exp.NEQ: _comparison(np.not_equal),
    exp.GT: _comparison(np.greater),
    exp.GTE: _comparison(np.greater_equal),
    exp.LT: _comparison(np.less),
    exp.LTE: _comparison(np.less_equal),
    exp.And: _binary(_and),
    exp.Or: _binary(_or),
    # `x IS NULL` and, with NOT around it, `x IS NOT NULL`.
    exp.Is: lambda node: _unary(lambda value: np.isnan(value).astype(np.float64))(node),
    exp.Nullif: _binary(lambda value, unwanted: np.where(value == unwanted, np.nan, value)),
    exp.Coalesce: _several(lambda found, other: np.where(np.isnan(found), other, found)),
    exp.Least: _several(np.minimum),
    exp.Greatest: _several(np.maximum),
    exp.Case: _case,
    exp.Round: _round,
}
