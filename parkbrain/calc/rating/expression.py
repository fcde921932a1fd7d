"""The formula language: SQL scalar expressions over fact keys, checked by a whitelist, run column-wise.

A formula means the same everywhere. Unknown (NULL) in gives unknown out, dividing by zero and leaving the range of a
function (the root of a negative number) give unknown, and what engines do differently is written out in standard SQL
before it runs: `LEAST` of an unknown is unknown, a number stands for true where a condition is asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import sqlglot
from numpy.typing import NDArray
from sqlglot import exp
from sqlglot.errors import SqlglotError

from parkbrain.calc.rating.columnar import Column, Program, compile_tree

Flags = NDArray[np.int8]
Ranks = NDArray[np.int64]
VALUE = "value"

_ARITHMETIC: tuple[type[exp.Expr], ...] = (exp.Add, exp.Sub, exp.Mul, exp.Div)
_COMPARISONS: tuple[type[exp.Expr], ...] = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_HOUSE_FUNCTIONS: Mapping[str, str] = {
    "house_pct": "100.0 * ({0}) / NULLIF({1}, 0)",
    "house_div": "1.0 * ({0}) / NULLIF({1}, 0)",
}
# DIV is an operator to the parser, so the house functions get names of their own before it sees them.
_HOUSE_NAMES = re.compile(r"\b(pct|div)\s*\(", re.IGNORECASE)
FUNCTIONS = (
    *("PCT", "DIV", "COALESCE", "NULLIF", "LEAST", "GREATEST"),
    *("ABS", "ROUND", "POWER", "SQRT", "LN", "EXP", "CASE"),
)


class ExpressionError(ValueError):
    """Raised when a formula is not allowed; carries a machine code and its parameters."""

    def __init__(self, code: str, message: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(message)


@dataclass(frozen=True)
class Expression:
    """A checked formula: its text, the columns it reads, and what runs."""

    text: str
    columns: frozenset[str]
    is_condition: bool
    duckdb_sql: str
    tree: exp.Expr = field(repr=False, compare=False)
    normalized: exp.Expr = field(repr=False, compare=False)
    run: Program = field(repr=False, compare=False)

    def sql(self, dialect: str = "duckdb") -> str:
        """Return the standard SQL that runs, in the dialect of an engine (`duckdb`, `sqlite`, `spark`, …)."""
        return self.normalized.sql(dialect=dialect, comments=False)

    def renamed(self, names: Mapping[str, str]) -> Expression:
        """Return the same formula reading other columns."""
        return _renamed(self, tuple(sorted(names.items())))


@lru_cache(maxsize=4096)
def _renamed(expression: Expression, pairs: tuple[tuple[str, str], ...]) -> Expression:
    names = dict(pairs)
    normalized = expression.normalized.copy()
    for column in normalized.find_all(exp.Column):
        if column.name in names:
            column.replace(exp.column(names[column.name]))
    columns = frozenset(names.get(name, name) for name in expression.columns)
    sql = normalized.sql(dialect="duckdb", comments=False)
    return Expression(
        expression.text,
        columns,
        expression.is_condition,
        sql,
        expression.tree,
        normalized,
        compile_tree(normalized),
    )


def parse_expression(text: str, *, known: Collection[str] | None = None) -> Expression:
    """Return the checked formula.

    Parameters
    ----------
    text
        A scalar SQL expression over fact keys.
    known
        The column names that may be used; None accepts every name.

    Raises
    ------
    ExpressionError
        With the code ``not_sql``, ``not_allowed``, ``unknown_function``, ``wrong_arguments`` or ``unknown_fact``.

    Examples
    --------
    >>> formula = parse_expression("pct(leased_area_m2, leasable_area_m2)")
    >>> sorted(formula.columns)
    ['leasable_area_m2', 'leased_area_m2']
    >>> formula.sql()
    '100.0 * leased_area_m2 / NULLIF(leasable_area_m2, 0)'
    """
    expression = _compile(text)
    unknown = sorted(expression.columns - set(known)) if known is not None else []
    if unknown:
        raise ExpressionError("unknown_fact", f"unknown fact {', '.join(unknown)} in {text!r}", facts=unknown)
    return expression


@lru_cache(maxsize=4096)
def _compile(text: str) -> Expression:
    tree = _parse(text)
    _check(tree, text)
    columns = frozenset(column.name for column in tree.find_all(exp.Column))
    is_condition = _is_condition(tree)
    normalized = _normalize(_expand(tree.copy()))
    result = _as_number(normalized)
    sql = result.sql(dialect="duckdb", comments=False)
    return Expression(text, columns, is_condition, sql, tree, result, compile_tree(result))


def _parse(text: str) -> exp.Expr:
    try:
        named = _HOUSE_NAMES.sub(lambda match: f"house_{match.group(1).lower()}(", text)
        trees = sqlglot.parse(named, dialect="duckdb")
    except (SqlglotError, AttributeError, TypeError, ValueError) as error:
        # On a few texts that are no expressions ("{:}") the library stumbles instead of refusing.
        raise ExpressionError("not_sql", f"not readable as an expression: {text!r}") from error
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError("not_sql", f"one expression is expected: {text!r}")
    return trees[0]


def _check(tree: exp.Expr, text: str) -> None:
    for node in tree.walk():
        if node.error_messages():
            # A sign without what belongs to it, such as "@": the parser lets some of them pass.
            raise ExpressionError("not_sql", f"not readable as an expression: {text!r}")
        if isinstance(node, exp.Anonymous):
            name = str(node.name).lower()
            if name not in _HOUSE_FUNCTIONS:
                message = f"unknown function {node.name} in {text!r}; allowed: {', '.join(FUNCTIONS)}"
                raise ExpressionError("unknown_function", message, function=node.name)
            if len(node.expressions) != 2:
                name = name.removeprefix("house_")
                raise ExpressionError("wrong_arguments", f"{name} takes two arguments: {text!r}", function=name)
        elif type(node) not in _ALLOWED or not _ALLOWED[type(node)](node):
            found = node.sql(dialect="duckdb", comments=False)
            raise ExpressionError("not_allowed", f"not allowed in a formula: {found} (in {text!r})", found=found)


def _plain_column(node: exp.Expr) -> bool:
    return isinstance(node.this, exp.Identifier) and not node.this.quoted and not node.args.get("table")


def _whole_decimals(node: exp.Expr) -> bool:
    digits = node.args.get("decimals")
    # Not all engines round to tens or by a computed number of decimals.
    return digits is None or (isinstance(digits, exp.Literal) and digits.is_int)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _anything(node: exp.Expr) -> bool:
    return True


_ALLOWED: Mapping[type[exp.Expr], Callable[[exp.Expr], bool]] = {
    **dict.fromkeys(_ARITHMETIC + _COMPARISONS, _anything),
    **dict.fromkeys((exp.And, exp.Or, exp.Not, exp.Neg, exp.Paren, exp.Boolean, exp.Null, exp.Identifier), _anything),
    **dict.fromkeys((exp.Coalesce, exp.Nullif, exp.Least, exp.Greatest), _anything),
    exp.Round: _whole_decimals,
    **dict.fromkeys((exp.Abs, exp.Pow, exp.Sqrt, exp.Ln, exp.Exp), _anything),
    exp.Case: lambda node: node.this is None,
    exp.If: lambda node: isinstance(node.parent, exp.Case),
    exp.Column: _plain_column,
    exp.Literal: lambda node: not node.is_string and _is_number(str(node.this)),
    exp.Is: lambda node: isinstance(node.expression, exp.Null),
}


def _is_condition(node: exp.Expr) -> bool:
    """Tell whether the expression yields true or false instead of a number."""
    if isinstance(node, exp.Paren):
        return _is_condition(node.this)
    if isinstance(node, exp.Case):
        parts = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
        return all(_is_condition(part) for part in parts if part is not None and not isinstance(part, exp.Null))
    return isinstance(node, (*_COMPARISONS, exp.And, exp.Or, exp.Not, exp.Is, exp.Boolean))


def _as_number(node: exp.Expr) -> exp.Expr:
    if not _is_condition(node):
        return node
    return sql_of("CASE WHEN {0} THEN 1.0 WHEN NOT ({0}) THEN 0.0 END", node)


def _as_condition(node: exp.Expr) -> exp.Expr:
    return node if _is_condition(node) or isinstance(node, exp.Null) else sql_of("({0}) <> 0", node)


def sql_of(template: str, *parts: exp.Expr) -> exp.Expr:
    """Return the template with `{0}`, `{1}` … replaced by the expressions."""
    texts = [part.sql(dialect="duckdb", comments=False) for part in parts]
    return sqlglot.parse_one(template.format(*texts), dialect="duckdb")


def _expand(node: exp.Expr) -> exp.Expr:
    """Replace the house functions by standard SQL, innermost first."""

    def replace(inner: exp.Expr) -> exp.Expr:
        if not isinstance(inner, exp.Anonymous):
            return inner
        arguments = [_expand(argument) for argument in inner.expressions]
        expanded = sql_of(_HOUSE_FUNCTIONS[str(inner.name).lower()], *arguments)
        for paren in list(expanded.find_all(exp.Paren)):
            if isinstance(paren.this, exp.Column | exp.Literal):
                paren.replace(paren.this)
        # Without the parentheses `1 - pct(a, b)` keeps its meaning, `a / pct(b, c)` would not.
        return exp.Paren(this=expanded) if isinstance(inner.parent, exp.Binary) else expanded

    return node.transform(replace)


def _normalize(node: exp.Expr) -> exp.Expr:
    """Write out what engines do differently; children first."""
    for key, child in list(node.args.items()):
        if isinstance(child, exp.Expr):
            node.set(key, _normalize(child))
        elif isinstance(child, list):
            node.set(key, [_normalize(item) if isinstance(item, exp.Expr) else item for item in child])
    if isinstance(node, exp.And | exp.Or | exp.Not):
        for key in ("this", "expression"):
            if isinstance(node.args.get(key), exp.Expr):
                node.set(key, _as_condition(node.args[key]))
    elif isinstance(node, exp.If):
        node.set("this", _as_condition(node.this))
    elif isinstance(node, exp.Case):
        if not _is_condition(node):
            for branch in node.args["ifs"]:
                branch.set("true", _as_number(branch.args["true"]))
            if node.args.get("default") is not None:
                node.set("default", _as_number(node.args["default"]))
    elif not isinstance(node, exp.Paren | exp.Is):
        for key, child in list(node.args.items()):
            if isinstance(child, list):
                node.set(key, [_as_number(item) if isinstance(item, exp.Expr) else item for item in child])
            elif isinstance(child, exp.Expr) and not isinstance(child, exp.Identifier):
                node.set(key, _as_number(child))
    return _guard(node)


def _guard(node: exp.Expr) -> exp.Expr:
    """Turn what would raise, overflow or differ between engines into unknown."""
    if isinstance(node, exp.Div) and not isinstance(node.expression, exp.Nullif):
        node.set("expression", sql_of("NULLIF({0}, 0)", node.expression))
    elif isinstance(node, exp.Sqrt):
        node.set("this", sql_of("CASE WHEN {0} >= 0 THEN {0} END", node.this))
    elif isinstance(node, exp.Ln):
        node.set("this", sql_of("CASE WHEN {0} > 0 THEN {0} END", node.this))
    elif isinstance(node, exp.Exp):
        node.set("this", sql_of("CASE WHEN {0} <= 700 THEN {0} END", node.this))
    elif isinstance(node, exp.Pow):
        base = "CASE WHEN {0} > 0 OR ({0} = 0 AND {1} >= 0) OR ({0} < 0 AND {1} = ROUND({1}, 0)) THEN {0} END"
        node.set("this", sql_of(base, node.this, node.expression))
    elif isinstance(node, exp.Least | exp.Greatest):
        parts = [node.this, *node.expressions]
        missing = " OR ".join(f"{{{index}}} IS NULL" for index in range(len(parts)))
        return sql_of(f"CASE WHEN NOT ({missing}) THEN {{{len(parts)}}} END", *parts, node)
    return node


def evaluate(expressions: Mapping[str, Expression], columns: Mapping[str, Column], *, rows: int) -> dict[str, Column]:
    """Return every expression's column; NaN is unknown, on both sides.

    Parameters
    ----------
    expressions
        Checked formulas by any name. Conditions come back as 1, 0 and NaN.
    columns
        Columns by name, each of `rows` finite values or NaN. A column that is not given is unknown throughout.
    rows
        The number of values of every column.

    Examples
    --------
    >>> formulas = {"rate": parse_expression("pct(a, b)")}
    >>> evaluate(formulas, {"a": np.array([1.0, 2.0]), "b": np.array([4.0, 0.0])}, rows=2)["rate"].tolist()
    [25.0, nan]
    """
    if not expressions:
        return {}
    unknown = np.full(rows, np.nan)
    needed = {name for expression in expressions.values() for name in expression.columns}
    given = {name: np.asarray(columns[name], dtype=np.float64) if name in columns else unknown for name in needed}
    results: dict[str, Column] = {}
    # Overflow and invalid operations are answers here: unknown.
    with np.errstate(all="ignore"):
        for name, expression in expressions.items():
            found = expression.run(given)
            # Adding zero turns -0.0 into 0.0 and makes a copy where the formula is a bare column.
            results[name] = np.where(np.isfinite(found), found, np.nan) + np.zeros(rows)
    return results
