"""Virtual meters: a formula is what it says, what is unknown stays so, and nothing else can be written into it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.metering import (
    GAP,
    NEGATIVE,
    RESET,
    MeteringError,
    PeriodUse,
    order_formulas,
    parse_meter_formula,
    use_of_formula,
    use_of_formulas,
)

amount = st.one_of(st.floats(0, 1e6), st.just(float("nan")))


def periods(use, *, known=None, measured=None, flags=None):
    use = np.asarray(use, dtype=float)
    is_known = (~np.isnan(use)).astype(float)
    return PeriodUse(
        np.arange(use.size + 1) * 3_600_000_000,
        use,
        is_known if known is None else np.asarray(known),
        is_known if measured is None else np.asarray(measured),
        np.zeros(use.size, dtype=np.uint8) if flags is None else np.asarray(flags, dtype=np.uint8),
    )


def test_codes_may_be_written_as_the_park_writes_them():
    formula = parse_meter_formula("[1#变 低压侧] - ( [E-01/a] + b2 ) * 0.5 + 表3 / 4")
    assert formula.coefficients == {"1#变 低压侧": 1.0, "E-01/a": -0.5, "b2": -0.5, "表3": 0.25}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "formula_unreadable"),
        ("a +", "formula_unreadable"),
        ("a; DROP TABLE meters", "formula_unreadable"),
        ("[a", "formula_unreadable"),
        ("system('x')", "formula_unreadable"),
        ("a + " * 3000 + "a", "formula_unreadable"),
        ("(" * 1500 + "a" + ")" * 1500, "formula_unreadable"),
        ("a > b", "formula_not_allowed"),
        ("ABS(a)", "formula_not_allowed"),
        ("(SELECT a)", "formula_not_allowed"),
        ("'a' + b", "formula_not_allowed"),
        ("a * b", "formula_not_linear"),
        ("a / b", "formula_not_linear"),
        ("2 / a", "formula_not_linear"),
        ("a / 0", "formula_not_linear"),
        ("a + 5", "formula_constant_alone"),
        ("2 * 3", "formula_without_meter"),
    ],
)
def test_what_is_not_a_sum_of_weighted_meters_is_refused_by_code(text, code):
    with pytest.raises(MeteringError) as refused:
        parse_meter_formula(text)
    assert refused.value.code == code


def test_an_hour_that_one_part_does_not_know_is_unknown_in_the_whole():
    found = use_of_formula(
        parse_meter_formula("a - b"),
        {
            "a": periods([10, 10, 10], flags=[0, GAP, 0]),
            "b": periods([4, np.nan, 12], measured=[0.5, 0, 1], flags=[RESET, 0, 0]),
        },
    )
    assert found.use[[0, 2]].tolist() == [6, -2]
    assert np.isnan(found.use[1])
    assert found.measured.tolist() == [0.5, 0, 1]
    assert found.flags.tolist() == [RESET, GAP, NEGATIVE]


def test_a_difference_of_equals_is_not_below_zero():
    found = use_of_formula(
        parse_meter_formula("a - b - c"), {"a": periods([0.3]), "b": periods([0.1]), "c": periods([0.2])}
    )
    assert found.flags.tolist() == [0]


def test_a_meter_that_is_not_there_is_named_and_so_is_one_over_other_periods():
    with pytest.raises(MeteringError) as unknown:
        use_of_formula(parse_meter_formula("a + b + c"), {"a": periods([1])})
    assert (unknown.value.code, unknown.value.params) == ("meter_unknown", {"meters": ["b", "c"]})
    with pytest.raises(MeteringError) as other:
        use_of_formula(parse_meter_formula("a + b"), {"a": periods([1]), "b": periods([1, 2])})
    assert (other.value.code, other.value.params) == ("periods_differ", {"meter": "b"})


def test_virtual_meters_may_read_virtual_meters_but_not_in_a_circle():
    formulas = {name: parse_meter_formula(text) for name, text in {"x": "y + a", "y": "2 * z", "z": "a - b"}.items()}
    assert order_formulas(formulas) == ("z", "y", "x")
    assert use_of_formulas(formulas, {"a": periods([5]), "b": periods([1])})["x"].use.tolist() == [13]
    circle = {**formulas, "z": parse_meter_formula("a - x")}
    with pytest.raises(MeteringError) as refused:
        order_formulas(circle)
    assert (refused.value.code, refused.value.params) == ("formula_cycle", {"meters": ["x", "y", "z", "x"]})
    with pytest.raises(MeteringError):
        order_formulas({"self": parse_meter_formula("self + a")})


@given(
    coefficients=st.dictionaries(
        st.text("abcdefg_一二#- ", min_size=1, max_size=6).filter(lambda code: code.strip() == code),
        st.floats(-100, 100).filter(lambda value: abs(value) > 1e-6),
        min_size=1,
        max_size=5,
    ),
    uses=st.data(),
)
def test_a_formula_is_the_weighted_sum_of_its_meters(coefficients, uses):
    text = " + ".join(f"({value:.12f}) * [{code}]" for code, value in coefficients.items())
    formula = parse_meter_formula(text)
    series = {code: uses.draw(st.lists(amount, min_size=3, max_size=3)) for code in coefficients}
    found = use_of_formula(formula, {code: periods(values) for code, values in series.items()})
    expected = sum(float(f"{coefficients[code]:.12f}") * np.array(values) for code, values in series.items())
    np.testing.assert_allclose(found.use, expected, rtol=1e-9, atol=1e-6)
    assert (np.isnan(found.use) == (found.known < 1)).all()


@pytest.mark.parametrize("text", ["@", "-@", "!@", "1 = @", "{:}", ".1.", "abs()", "()", "[A] + 1e999"])
def test_signs_without_what_belongs_to_them_are_refused(text):
    with pytest.raises(MeteringError):
        parse_meter_formula(text)


@given(st.text(max_size=60))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    try:
        formula = parse_meter_formula(text)
    except MeteringError:
        return
    assert formula.meters
