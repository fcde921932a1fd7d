"""The formula language in the words of a spreadsheet.

Unknown is an error value inside a formula: sums, quotients and comparisons pass it on by themselves, as SQL passes on
NULL, and a division by zero or the root of a negative number become unknown just as in the engine. What a cell shows is
`IFERROR(…, "")`, so that people see an empty cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from parkbrain.calc.rating import Expression

#: Returns the cell of a column of the formula ("Facts!$D$7").
Locate = Callable[[str], str]

_BINARY: Mapping[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_FUNCTIONS: Mapping[type[exp.Expr], str] = {
    exp.Abs: "ABS",
    exp.Sqrt: "SQRT",
    exp.Ln: "LN",
    exp.Exp: "EXP",
    exp.Least: "MIN",
    exp.Greatest: "MAX",
    exp.Round: "ROUND",
    exp.Pow: "POWER",
}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


class Untranslatable(Exception):
    """A part of a formula has no counterpart in a spreadsheet."""


def number_formula(*, expression: Expression, locate: Locate) -> str:
    """Return the formula's value as a spreadsheet expression: a number, or an error where it is unknown."""
    return _number(expression.tree, locate)


def condition_formula(*, expression: Expression, locate: Locate) -> str:
    """Return the formula as a condition: TRUE, FALSE, or an error where it is unknown."""
    return _condition(expression.tree, locate)


def flag_formula(*, expression: Expression, locate: Locate) -> str:
    """Return the condition as 1 for true, 0 for false and -1 for unknown."""
    return f"IFERROR(IF({_condition(expression.tree, locate)},1,0),-1)"


def _is_condition(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _is_condition(node.this)
    if isinstance(node, exp.Case):
        parts = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
        return all(_is_condition(part) for part in parts if part is not None and not isinstance(part, exp.Null))
    return isinstance(node, (*_COMPARISONS, exp.And, exp.Or, exp.Not, exp.Is, exp.Boolean))


def _number(node: exp.Expr, locate: Locate) -> str:
    """Return the node where a number is asked for; true is 1."""
    written = _write(node, locate)
    return f"IF({written},1,0)" if _is_condition(node) else written


def _condition(node: exp.Expr, locate: Locate) -> str:
    """Return the node where a condition is asked for; a number other than 0 is true."""
    written = _write(node, locate)
    return written if _is_condition(node) else f"({written})<>0"


def _write(node: exp.Expr, locate: Locate) -> str:
    if isinstance(node, exp.Column):
        cell = locate(node.name)
        # An empty cell counts as 0 in a spreadsheet; here it is unknown.
        return f"IF(ISNUMBER({cell}),{cell},NA())"
    if isinstance(node, exp.Literal):
        return str(node.this)
    if isinstance(node, exp.Null):
        return "NA()"
    if isinstance(node, exp.Boolean):
        return "TRUE" if node.this else "FALSE"
    if isinstance(node, exp.Paren):
        return f"({_write(node.this, locate)})"
    if isinstance(node, exp.Neg):
        return f"(-{_number(node.this, locate)})"
    if isinstance(node, exp.Not):
        return f"NOT({_condition(node.this, locate)})"
    if isinstance(node, exp.Is):
        return f"ISERROR({_number(node.this, locate)})"
    if isinstance(node, exp.And | exp.Or):
        return _logical(node, locate)
    if type(node) in _BINARY:
        return f"({_number(node.this, locate)}{_BINARY[type(node)]}{_number(node.expression, locate)})"
    return _function(node, locate)


def _logical(node: exp.And | exp.Or, locate: Locate) -> str:
    """Return AND and OR of three values: one that is known to decide decides, whatever the others are."""
    left, right = _condition(node.this, locate), _condition(node.expression, locate)
    if isinstance(node, exp.And):
        return f"IF(AND(IFERROR({left},TRUE),IFERROR({right},TRUE)),AND({left},{right}),FALSE)"
    return f"IF(OR(IFERROR({left},FALSE),IFERROR({right},FALSE)),TRUE,OR({left},{right}))"


def _function(node: exp.Expr, locate: Locate) -> str:
    if isinstance(node, exp.Anonymous):
        above, below = (_number(argument, locate) for argument in node.expressions)
        return f"(100*{above}/{below})" if str(node.name).lower().endswith("pct") else f"({above}/{below})"
    if isinstance(node, exp.Coalesce):
        parts = [_number(part, locate) for part in (node.this, *node.expressions)]
        written = parts[-1]
        for part in reversed(parts[:-1]):
            written = f"IFERROR({part},{written})"
        return written
    if isinstance(node, exp.Nullif):
        value, other = _number(node.this, locate), _number(node.expression, locate)
        return f"IF(IFERROR({value}={other},FALSE),NA(),{value})"
    if isinstance(node, exp.Case):
        return _case(node, locate)
    if type(node) in _FUNCTIONS:
        arguments = [node.this, *node.expressions]
        if isinstance(node, exp.Pow):
            arguments = [node.this, node.expression]
        elif isinstance(node, exp.Round):
            arguments = [node.this, node.args.get("decimals") or exp.Literal.number(0)]
        return f"{_FUNCTIONS[type(node)]}({','.join(_number(one, locate) for one in arguments)})"
    raise Untranslatable(node.sql(dialect="duckdb"))


def _case(node: exp.Case, locate: Locate) -> str:
    part = _condition if _is_condition(node) else _number
    default = node.args.get("default")
    written = "NA()" if default is None else part(default, locate)
    for branch in reversed(node.args["ifs"]):
        # An unknown condition is not met: the next branch is looked at.
        written = f"IF(IFERROR({_condition(branch.this, locate)},FALSE),{part(branch.args['true'], locate)},{written})"
    return written
