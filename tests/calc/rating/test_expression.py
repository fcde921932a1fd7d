"""The formula language: what is refused, what it means, and that other engines agree."""

import math
import sqlite3

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.rating.expression import ExpressionError, evaluate, parse_expression


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(SELECT 1)", "not_allowed"),
        ("SELECT 1", "not_allowed"),
        ("a IN (SELECT b FROM t)", "not_allowed"),
        ("EXISTS (SELECT 1)", "not_allowed"),
        ("SUM(a)", "not_allowed"),
        ("MAX(a, b)", "not_allowed"),
        ("COUNT(*)", "not_allowed"),
        ("SUM(a) OVER ()", "not_allowed"),
        ("random()", "not_allowed"),
        ("read_csv('/etc/passwd')", "not_allowed"),
        ("getenv('HOME')", "unknown_function"),
        ("no_such_function(a)", "unknown_function"),
        ("'text'", "not_allowed"),
        ("t.a", "not_allowed"),
        ('"a b"', "not_allowed"),
        ("a::INTEGER", "not_allowed"),
        ("a BETWEEN 1 AND 2", "not_allowed"),
        ("CASE a WHEN 1 THEN 2 END", "not_allowed"),
        ("ROUND(a, b)", "not_allowed"),
        ("ROUND(a, 1.5)", "not_allowed"),
        ("ROUND(a, -1)", "not_allowed"),
        ("DROP TABLE facts", "not_allowed"),
        ("1; DROP TABLE facts", "not_sql"),
        ("a +", "not_sql"),
        ("", "not_sql"),
        ("pct(a)", "wrong_arguments"),
    ],
)
def test_what_is_not_on_the_list_is_refused(text, code):
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    assert refused.value.code == code


def test_unknown_fact_is_refused_by_name():
    with pytest.raises(ExpressionError, match="unknown fact c") as refused:
        parse_expression("a + c", known={"a", "b"})
    assert refused.value.params == {"facts": ["c"]}


FORMULAS = [
    "pct(a, b)",
    "100 * (1 - div(a, b))",
    "a / pct(a, b)",
    "pct(a + b, a - b)",
    "100 * (div(a, b) ** (1 / 3) - 1)",
    "1 / 3",
    "7 / 2 * a",
    "LEAST(a, b, 3)",
    "GREATEST(a, b)",
    "COALESCE(a, b, 0)",
    "NULLIF(a, b)",
    "ABS(a - b)",
    "ROUND(a / 3, 2)",
    "SQRT(a)",
    "LN(a)",
    "EXP(a)",
    "POWER(a, b)",
    "CASE WHEN a > b THEN a WHEN a IS NULL THEN -1 ELSE b END",
    "a > 1 AND b > 1",
    "a > 1 OR b > 1",
    "NOT (a > 1)",
    "NOT a",
    "(a > 1) + (b > 1)",
    "a IS NULL OR b IS NOT NULL",
    "COALESCE(a > 1, FALSE)",
    "-a",
    "a >= b",
    "a <> b",
    "ROUND(a / 2)",
    "1 - pct(a, b)",
    "NULL",
]
A = np.array([1.0, 2.0, -3.0, math.nan, 0.0, 8.0, 5.5])
B = np.array([0.0, 3.0, 0.5, 2.0, -1.0, math.nan, 5.5])


@pytest.mark.parametrize("text", FORMULAS)
def test_the_same_text_runs_on_sqlite_with_the_same_result(text):
    expression = parse_expression(text)
    ours = evaluate({"x": expression}, {"a": A, "b": B}, rows=len(A))["x"]

    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE facts (row INTEGER, a REAL, b REAL)")
    rows = [(row, *(None if math.isnan(x) else x for x in pair)) for row, pair in enumerate(zip(A, B, strict=True))]
    database.executemany("INSERT INTO facts VALUES (?, ?, ?)", rows)
    found = database.execute(f"SELECT {expression.sql('sqlite')} FROM facts ORDER BY row").fetchall()
    theirs = [math.nan if row[0] is None or math.isinf(row[0]) else float(row[0]) for row in found]

    np.testing.assert_allclose(ours, theirs, rtol=1e-12, equal_nan=True)


ATOMS = st.sampled_from(["a", "b", "0", "1", "2", "0.5", "NULL", "TRUE"])
TWO = ["({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "pct({0}, {1})", "NULLIF({0}, {1})"]
TWO += ["({0} = {1})", "({0} <> {1})", "({0} < {1})", "({0} >= {1})", "({0} AND {1})", "({0} OR {1})"]
TWO += ["COALESCE({0}, {1})", "LEAST({0}, {1})", "GREATEST({0}, {1})", "CASE WHEN {0} THEN {1} ELSE a END"]
ONE = ["(NOT {0})", "(-{0})", "ABS({0})", "({0} IS NULL)", "({0} IS NOT NULL)", "SQRT({0})", "ROUND({0}, 1)"]
FORMULA = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda template, one: template.format(one), st.sampled_from(ONE), inner),
        st.builds(lambda template, one, two: template.format(one, two), st.sampled_from(TWO), inner, inner),
    ),
    max_leaves=8,
)


@given(FORMULA)
@settings(max_examples=150, deadline=None)
def test_any_formula_means_to_us_what_it_means_to_duckdb(text):
    expression = parse_expression(text)
    values = [math.nan, -2.0, 0.0, 0.5, 1.0, 3.0]
    a, b = (np.array(column) for column in zip(*((x, y) for x in values for y in values), strict=True))
    ours = evaluate({"x": expression}, {"a": a, "b": b}, rows=len(a))["x"]
    rows = [[None if math.isnan(x) else x for x in pair] for pair in zip(a, b, strict=True)]
    with duckdb.connect(":memory:") as engine:
        engine.execute("CREATE TABLE facts (row INTEGER, a DOUBLE, b DOUBLE)")
        engine.executemany("INSERT INTO facts VALUES (?, ?, ?)", [[n, *row] for n, row in enumerate(rows)])
        found = engine.execute(f"SELECT CAST({expression.duckdb_sql} AS DOUBLE) FROM facts ORDER BY row").fetchall()
    theirs = [math.nan if row[0] is None or not math.isfinite(row[0]) else row[0] for row in found]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize(
    "text", ["a / 0", "pct(a, 0)", "div(a, a - a)", "SQRT(-1 - ABS(a))", "LN(0 * a)", "POWER(a - a, -1)"]
)
def test_leaving_the_domain_is_unknown(text):
    columns = {"a": np.array([4.0])}
    assert np.isnan(evaluate({"x": parse_expression(text)}, columns, rows=1)["x"][0])


def test_results_keep_the_order_of_the_units():
    a = np.arange(5000.0)
    assert np.array_equal(evaluate({"x": parse_expression("a * 2")}, {"a": a}, rows=5000)["x"], a * 2)


def test_house_functions_are_spelled_in_any_case():
    columns = {"a": np.array([1.0]), "b": np.array([4.0])}
    found = evaluate({"x": parse_expression("1 + DIV (a, b)"), "y": parse_expression("Pct(a, b)")}, columns, rows=1)
    assert (found["x"][0], found["y"][0]) == (1.25, 25.0)
