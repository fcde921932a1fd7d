"""Scoring methods, and the golden values of the shipped five-star scheme."""

import numpy as np
import pytest

from parkbrain.calc import rating
from parkbrain.calc.rating.score import METHODS

GOLDEN = [
    ("F1.1", 85, 85),
    ("F1.1", 87.5, 88.5),
    ("F1.1", 97, 100),
    ("C2.1", 0.357, 95),
    ("C2.1", 0.8, 77.5),
    ("C3.4", 30, 100),
    ("C3.4", 12, 24),
    ("C4.2", 97, 86.7),
    ("A3.3", 150, 75),
    ("C1.3", 3.5, 85),
    ("F1.2", 1.25, 80),
    ("E1.1", 60, 72.5),
    ("F2.2", -12, 0),
]


@pytest.mark.parametrize(("indicator_id", "value", "expected"), GOLDEN)
def test_golden_values_of_the_shipped_five_star_scheme(repository, indicator_id, value, expected):
    path = repository / "parkbrain" / "schemes" / "five_star_reference.yaml"
    if not path.exists():
        pytest.skip("the five-star scheme file is not in the package")
    one = rating.load_scheme(path).indicator(indicator_id)
    score = METHODS[one.score.method](np.array([float(value)]), one.score.options, one.direction)
    assert round(float(score[0]), 1) == expected


@pytest.mark.parametrize(
    ("method", "options", "direction", "values", "scores"),
    [
        ("piecewise_linear", {"points": [[0, 100], [10, 0]]}, "lower", [-5, 5, 20], [100, 50, 0]),
        ("min_max", {}, "lower", [1, 2, 5], [100, 75, 0]),
        ("min_max", {}, "higher", [3, 3], [np.nan, np.nan]),
        ("min_max", {"range": [1, 100]}, "higher", [0, 10], [1, 100]),
        ("goalposts", {"low": 20, "high": 85}, "higher", [10, 52.5, 90], [0, 50, 100]),
        ("goalposts", {"low": 20, "high": 85}, "lower", [10, 52.5, 90], [100, 50, 0]),
        ("z_score", {}, "higher", [1, 2, 3], [-1, 0, 1]),
        ("z_score", {"to": [50, 10]}, "lower", [1, 2, 3], [60, 50, 40]),
        ("z_score", {}, "higher", [2, 2], [np.nan, np.nan]),
        ("percentile_rank", {}, "higher", [10, 30, 20], [0, 100, 50]),
        ("percentile_rank", {}, "lower", [10, 30, 20], [100, 0, 50]),
        ("percentile_rank", {}, "higher", [10], [np.nan]),
        ("distance_to_target", {"target": 50}, "higher", [-1, 25, 60], [0, 50, 100]),
        ("distance_to_target", {"target": 50, "cap": None}, "higher", [60], [120]),
        ("distance_to_target", {"target": 50}, "lower", [0, 40, 100], [100, 100, 50]),
        ("distance_to_target", {"target": 50, "cap": None}, "lower", [0, 40, 100], [np.nan, 125, 50]),
        ("target_band", {"low": 10, "high": 20, "tolerance_below": 5}, "target", [4, 7.5, 15, 20.1], [0, 50, 100, 0]),
        (
            "grade",
            {"levels": [{"level": 1, "score": 60}, {"level": 2, "score": 90}]},
            "higher",
            [1, 2, 3],
            [60, 90, np.nan],
        ),
        ("boolean", {}, "none", [1, 0], [100, 0]),
    ],
)
def test_every_method(method, options, direction, values, scores):
    found = METHODS[method](np.array([*values, np.nan], dtype=float), options, direction)
    np.testing.assert_allclose(found, [*scores, np.nan], atol=1e-12)
