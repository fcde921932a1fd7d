"""One indicator under drawn facts and moved thresholds: the scoring of `rate`, with the drawn numbers put in."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from parkbrain.calc.rating.certainty.doubt import Limit
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import VALUE, evaluate
from parkbrain.calc.rating.rate import round_half_up
from parkbrain.calc.rating.scheme import Indicator, Scheme
from parkbrain.calc.rating.score import METHODS, worst_and_best


def facts_of(scheme: Scheme, one: Indicator) -> frozenset[str]:
    """Return the facts that move an indicator's score; those that only say whether it applies are not among them."""
    keys = [key for key in (one.id, f"{one.id}?test") if key in scheme.expressions]
    return frozenset(name for key in keys for name in scheme.expressions[key].columns) - {VALUE}


def move_facts(
    known: Mapping[str, Column], moves: Mapping[str, Column], limits: Mapping[str, Limit]
) -> dict[str, Column]:
    """Return the facts moved by a share of themselves and held within their limits.

    Parameters
    ----------
    known
        Facts by key, all of one length, NaN where unknown.
    moves
        By how much [share of the fact]; a fact without one stays.
    limits
        A limit that the record itself breaks does not bind it.
    """
    moved = {key: column * (1.0 + moves[key]) if key in moves else column for key, column in known.items()}
    for key in moves:
        if key in known and key in limits:
            limit, recorded = limits[key], known[key]
            low, high = np.minimum(limit.low, recorded), np.maximum(limit.high, recorded)
            moved[key] = np.clip(moved[key], low, high)
    for key, limit in limits.items():
        whole = limit.part_of
        if key in known and whole in known and (key in moves or whole in moves):
            held = np.fmin(moved[key], moved[whole])
            moved[key] = np.where(known[key] <= known[whole], held, moved[key])
    return moved


def values_of(scheme: Scheme, ids: Collection[str], columns: Mapping[str, Column], rows: int) -> dict[str, Column]:
    """Return the values that the indicators score by, rounded as the scheme rounds; conditions are 1, 0 and NaN."""
    formulas = {key: scheme.expressions[key] for key in ids if key in scheme.expressions}
    values = evaluate(formulas, columns, rows=rows)
    values = {key: round_half_up(column, scheme.rounding.value) for key, column in values.items()}
    for one in scheme.indicators:
        if one.id in ids and one.score.method == "boolean":
            test = scheme.expressions[f"{one.id}?test"]
            given = {**columns, VALUE: values.get(one.id, np.full(rows, np.nan))}
            values[one.id] = evaluate({one.id: test}, given, rows=rows)[one.id]
    return values


def scale_of(one: Indicator) -> float | None:
    """Return the length of an indicator's scale [unit of the indicator], None where no thresholds can move.

    From the first to the last point, from low to high, or from zero to the target.
    """
    options, method = one.score.options, one.score.method
    if method == "piecewise_linear":
        return float(options["points"][-1][0] - options["points"][0][0])
    if method in {"min_max", "goalposts", "target_band"} and "low" in options:
        return float(options["high"] - options["low"])
    return float(options["target"]) if method == "distance_to_target" else None


def score_values(scheme: Scheme, one: Indicator, values: Column, moved: Column | float) -> Column:
    """Return the scores [points of 100] of values where all threshold points are moved by a share of the scale.

    Moving every point up by some amount is the same as taking that amount off the value, so the order of the points is
    kept. A value that cannot be computed scores as the unknown does.
    """
    scale, options = scale_of(one), one.score.options
    method = METHODS[one.score.method]
    scored = values if scale is None else values - np.asarray(moved) * scale
    if one.score.method == "distance_to_target" and scale:
        # The target itself moves: a score of a ratio has no points to shift.
        scored = values / np.maximum(1.0 + np.asarray(moved), 0.05)
    scores = method(scored, options, one.direction)
    worst, _best = worst_and_best(one.score.method, options, scores)
    return round_half_up(np.where(np.isnan(scores), worst, scores), scheme.rounding.score)
