"""From a fact table to a result: values, states, both sides of every score, classes, ranks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating import score as scoring
from parkbrain.calc.rating.aggregate import Mask, aggregate_tree, weights_in_force
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import VALUE, Flags, Ranks, evaluate
from parkbrain.calc.rating.outcome import classify, three_valued
from parkbrain.calc.rating.result import NOT_APPLICABLE, PARTIAL, SCORED, UNKNOWN, Result
from parkbrain.calc.rating.scheme import Indicator, Scheme
from parkbrain.calc.rating.table import FactTable


@dataclass(frozen=True)
class Leaf:
    """One indicator of all units; `known` is the share of it that is known, 0 to 1."""

    values: Column
    state: NDArray[np.uint8]
    proven: Column
    reachable: Column
    applies: Mask
    known: Column


def rate(scheme: Scheme, table: FactTable) -> Result:
    """Return the rating of every unit of the table.

    Parameters
    ----------
    scheme
        What to rate by.
    table
        Facts by key; a fact the table lacks is unknown for every unit.

    Examples
    --------
    >>> from parkbrain.calc.rating import load_scheme
    >>> scheme = load_scheme({
    ...     "schema": "parkbrain.scheme/1", "id": "tiny", "version": "1", "status": "example", "name": {"en": "Tiny"},
    ...     "levels": ["indicator"],
    ...     "facts": [{"key": "leased_area_m2"}, {"key": "leasable_area_m2"}, {"key": "drills"}],
    ...     "tree": [
    ...         {"id": "let", "name": "Let", "formula": "pct(leased_area_m2, leasable_area_m2)",
    ...          "score": {"method": "goalposts", "low": 0, "high": 100}},
    ...         {"id": "drills", "name": "Drills", "formula": "drills",
    ...          "score": {"method": "goalposts", "low": 0, "high": 2}},
    ...     ],
    ... })
    >>> table = FactTable(units=["North"], columns={"leased_area_m2": [82], "leasable_area_m2": [100]})
    >>> result = rate(scheme, table)
    >>> result.total_proven.tolist(), result.total_reachable.tolist()
    ([41.0], [91.0])
    """
    evaluated = _evaluate(scheme, table)
    tests = _evaluate_tests(scheme, evaluated, table)
    leaves = {one.id: _leaf(scheme, one, evaluated, tests, table) for one in scheme.indicators}
    return _put_together(scheme, table, evaluated, leaves)


def rate_indicator(scheme: Scheme, indicator_id: str, table: FactTable) -> Leaf:
    """Return one indicator of every unit of the table, as `rate` scores it.

    Parameters
    ----------
    scheme
        What to rate by.
    indicator_id
        One of its indicators.
    table
        The facts that the indicator reads, by key; one that is missing is unknown.

    Raises
    ------
    KeyError
        If the scheme has no such indicator.
    """
    one = scheme.indicator(indicator_id)
    keys = (one.id, f"{one.id}?applicable")
    evaluated = evaluate(
        {key: scheme.expressions[key] for key in keys if key in scheme.expressions}, table.columns, rows=len(table)
    )
    if one.id in evaluated:
        evaluated[one.id] = round_half_up(evaluated[one.id], scheme.rounding.value)
    tests = _evaluate_tests(scheme, evaluated, table, (f"{one.id}?test",))
    return _leaf(scheme, one, evaluated, tests, table)


def rate_flag(scheme: Scheme, key: str, table: FactTable) -> Flags:
    """Return a gate (`gate:G1`) or veto (`veto:V01`) of every unit: 1 holds, 0 does not, -1 is unknown.

    Raises
    ------
    KeyError
        If the scheme has no such gate or veto.
    """
    formula = {key: scheme.expressions[key]}
    return three_valued(evaluate(formula, table.columns, rows=len(table))[key])


def _evaluate(scheme: Scheme, table: FactTable) -> dict[str, Column]:
    """Return every formula but the tests of boolean indicators, which come after the values are rounded."""
    formulas = {key: one for key, one in scheme.expressions.items() if not key.endswith("?test")}
    evaluated = evaluate(formulas, table.columns, rows=len(table))
    for one in scheme.indicators:
        if one.id in evaluated:
            evaluated[one.id] = round_half_up(evaluated[one.id], scheme.rounding.value)
    return evaluated


def _put_together(
    scheme: Scheme, table: FactTable, evaluated: Mapping[str, Column], leaves: Mapping[str, Leaf]
) -> Result:
    rows = len(table)
    gates = {gate.id: three_valued(evaluated[f"gate:{gate.id}"]) for gate in scheme.outcome.gates}
    vetoes = {veto.id: three_valued(evaluated[f"veto:{veto.id}"]) for veto in scheme.outcome.vetoes}
    applies = {key: leaf.applies for key, leaf in leaves.items()}
    raw_proven = aggregate_tree(scheme, {key: leaf.proven for key, leaf in leaves.items()}, applies)
    raw_reachable = aggregate_tree(scheme, {key: leaf.reachable for key, leaf in leaves.items()}, applies)
    proven, reachable = round_nodes(scheme, raw_proven), round_nodes(scheme, raw_reachable)
    weights = weights_in_force(scheme, applies)
    left_out = sum(
        (np.where(leaf.state == NOT_APPLICABLE, scheme.nominal_weights[key], 0.0) for key, leaf in leaves.items()),
        np.zeros(rows),
    )
    covered = sum((weights[key] * leaf.known for key, leaf in leaves.items()), np.zeros(rows))
    in_force = sum(weights.values(), np.zeros(rows))
    return Result(
        scheme=scheme,
        units=tuple(table.units),
        values={key: leaf.values for key, leaf in leaves.items()},
        state={key: leaf.state for key, leaf in leaves.items()},
        proven=proven,
        reachable=reachable,
        class_proven=classify(scheme, proven, gates, vetoes, left_out, best_case=False),
        class_reachable=classify(scheme, reachable, gates, vetoes, left_out, best_case=True),
        coverage=np.divide(covered, in_force, out=np.zeros(rows), where=in_force > 0),
        rank=rank_of(proven[scheme.root.id]),
        gates=gates,
        vetoes=vetoes,
        weights_in_force=weights,
        not_applicable_weight=left_out,
        unrounded_proven=raw_proven,
        unrounded_reachable=raw_reachable,
    )


def _evaluate_tests(
    scheme: Scheme, evaluated: Mapping[str, Column], table: FactTable, only: Collection[str] | None = None
) -> dict[str, Column]:
    """Return the tests of boolean indicators, which may read the rounded value beside the facts."""
    asked = scheme.expressions if only is None else [key for key in only if key in scheme.expressions]
    tests = {key: scheme.expressions[key] for key in asked if key.endswith("?test")}
    plain = {key: expression for key, expression in tests.items() if VALUE not in expression.columns}
    found = evaluate(plain, table.columns, rows=len(table))
    values: dict[str, Column] = {}
    renamed = {}
    for index, (key, expression) in enumerate((key, one) for key, one in tests.items() if key not in plain):
        # Each test reads its own value: one name a test lets all of them run in one pass.
        name = f"{VALUE}_of_test_{index}"
        values[name] = evaluated[key.removesuffix("?test")]
        renamed[key] = expression.renamed({VALUE: name})
    return {**found, **evaluate(renamed, {**table.columns, **values}, rows=len(table))}


def _leaf(
    scheme: Scheme,
    one: Indicator,
    evaluated: Mapping[str, Column],
    tests: Mapping[str, Column],
    table: FactTable,
) -> Leaf:
    rows = len(table)
    method, options = one.score.method, one.score.options
    if method == "checklist":
        shares = scoring.score_checklist(options["items"], table.columns, rows)
        values = np.where(shares.unknown > 0, np.nan, shares.met)
        leaf = _checklist_leaf(scheme, table, values, shares)
    else:
        values = evaluated.get(one.id, tests.get(f"{one.id}?test", np.full(rows, np.nan)))
        scored = tests[f"{one.id}?test"] if method == "boolean" else values
        leaf = _valued_leaf(scheme, one, table, values, scored)
    leaf = _round_leaf(scheme, leaf)
    applicable = evaluated.get(f"{one.id}?applicable", np.full(rows, np.nan))
    # Unknown whether it applies: it applies, so that nobody gains by not saying.
    excluded = applicable == 0
    if not excluded.any():
        return leaf
    full = one.not_applicable == "full_score"
    score = 100.0 if full else np.nan
    return Leaf(
        np.where(excluded, np.nan, leaf.values),
        np.where(excluded, NOT_APPLICABLE, leaf.state).astype(np.uint8),
        np.where(excluded, score, leaf.proven),
        np.where(excluded, score, leaf.reachable),
        leaf.applies if full else ~excluded,
        np.where(excluded, 1.0, leaf.known),
    )


def _valued_leaf(scheme: Scheme, one: Indicator, table: FactTable, values: Column, scored: Column) -> Leaf:
    method, options = one.score.method, one.score.options
    measure = scoring.METHODS[method]
    scores = measure(scored, options, one.direction)
    unknown = np.isnan(scores)
    worst, best = scoring.worst_and_best(method, options, scores)
    proven = np.where(unknown, worst if scheme.missing.method == "zero" else np.nan, scores)
    if scheme.missing.method == "impute" and unknown.any():
        guessed = measure(impute(scheme, table, scored), options, one.direction)
        proven = np.where(unknown, np.clip(guessed, worst, best), scores)
    state = np.where(unknown, UNKNOWN, SCORED).astype(np.uint8)
    return Leaf(values, state, proven, np.where(unknown, best, scores), np.ones(len(table), bool), 1.0 - unknown)


def _checklist_leaf(scheme: Scheme, table: FactTable, values: Column, shares: scoring.ChecklistScore) -> Leaf:
    known = np.clip((100.0 - shares.unknown) / 100.0, 0.0, 1.0)
    open_items = shares.unknown > 0
    nothing = open_items & (shares.met + shares.unmet == 0)
    reachable = shares.met + shares.unknown
    proven = shares.met
    if scheme.missing.method == "fail":
        proven = np.where(open_items, np.nan, proven)
    elif scheme.missing.method == "reweight":
        left = shares.met + shares.unmet
        proven = np.divide(100.0 * shares.met, left, out=np.full_like(left, np.nan), where=left > 0)
    elif scheme.missing.method == "impute":
        guessed = np.clip(impute(scheme, table, values), shares.met, reachable)
        proven = np.where(open_items, guessed, proven)
    state = np.where(nothing, UNKNOWN, np.where(open_items, PARTIAL, SCORED)).astype(np.uint8)
    return Leaf(values, state, proven, reachable, np.ones(len(table), bool), np.where(nothing, 0.0, known))


def impute(scheme: Scheme, table: FactTable, values: Column) -> Column:
    """Return the values with the unknown ones replaced by the mean or median of the known.

    Parameters
    ----------
    scheme
        `missing.with`: mean, median, or group_mean over the units of the same group (`missing.group`). Where a group
        knows nothing, its values stay unknown.
    table
        Gives the groups.
    values
        One value a unit, NaN where unknown.

    Raises
    ------
    ValueError
        If the table has no column for the group.
    """
    filled = values.copy()
    if scheme.missing.statistic != "group_mean":
        members = [np.ones(len(values), dtype=bool)]
    elif scheme.missing.group is None or scheme.missing.group not in table.groups:
        raise ValueError(f"imputing by {scheme.missing.group} needs a column of that name")
    else:
        names = np.asarray(table.groups[scheme.missing.group], dtype=np.str_)
        members = [names == name for name in dict.fromkeys(names)]
    middle = np.median if scheme.missing.statistic == "median" else np.mean
    for group in members:
        known = values[group & ~np.isnan(values)]
        if known.size:
            filled[group & np.isnan(values)] = middle(known)
    return filled


def _round_leaf(scheme: Scheme, leaf: Leaf) -> Leaf:
    decimals = scheme.rounding.score
    if decimals is None:
        return leaf
    proven, reachable = round_half_up(leaf.proven, decimals), round_half_up(leaf.reachable, decimals)
    return Leaf(leaf.values, leaf.state, proven, reachable, leaf.applies, leaf.known)


def round_nodes(scheme: Scheme, scores: Mapping[str, Column]) -> dict[str, Column]:
    """Round for show and for thresholds only: the way up the tree uses unrounded node scores."""
    decimals = scheme.rounding.total
    # Indicator scores were rounded before they went up.
    return {
        node.id: scores[node.id] if node.is_indicator else round_half_up(scores[node.id], decimals)
        for node in scheme.nodes
    }


def round_half_up(values: Column, decimals: int | None) -> Column:
    """Return the values rounded, halves away from zero as people do it; None does not round.

    Examples
    --------
    >>> round_half_up(np.array([84.25, -2.5, 0.285]), 1).tolist(), round_half_up(np.array([0.285]), 2).tolist()
    ([84.3, -2.5, 0.3], [0.29])
    """
    if decimals is None:
        return values
    unit = 10.0**decimals
    scaled = np.abs(values)
    # 0.285 is stored as 0.28499…: the allowance is far above that error and far below any decimal shown.
    scaled *= unit * (1.0 + 1e-14)
    scaled += 0.5 + 1e-12
    np.floor(scaled, out=scaled)
    scaled /= unit
    np.copysign(scaled, values, out=scaled)
    scaled += 0.0
    return scaled


def rank_of(totals: Column) -> Ranks:
    """Return the place of every unit, 1 the best, ties sharing the better place; 0 where there is no total.

    Examples
    --------
    >>> rank_of(np.array([70.0, 90.0, 70.0, np.nan, 50.0])).tolist()
    [2, 1, 2, 0, 4]
    """
    ordered = np.sort(totals[~np.isnan(totals)])
    places = ordered.size - np.searchsorted(ordered, totals, side="right") + 1
    return np.where(np.isnan(totals), 0, places).astype(np.int64)
