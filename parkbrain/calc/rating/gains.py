"""What to fill in next: what each unknown may add to the total, and to the class, at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parkbrain.calc.rating.aggregate import aggregate_tree
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import Flags
from parkbrain.calc.rating.outcome import classify
from parkbrain.calc.rating.rate import round_nodes
from parkbrain.calc.rating.result import NOT_APPLICABLE, PARTIAL, UNKNOWN, Result
from parkbrain.calc.rating.scheme import Indicator, Scheme
from parkbrain.calc.rating.table import FactTable


@dataclass(frozen=True)
class Gain:
    """Facts to fill in, and what they may bring at most.

    `points` is what the proven total [points of 100] may rise by; `class_rank` the best class proven once these facts
    are known and favorable, everything else as it is. `kind` is indicator, gate or veto; for the latter two
    `indicator_ids` holds the ids of the gates or vetoes.
    """

    fact_keys: tuple[str, ...]
    indicator_ids: tuple[str, ...]
    points: float
    kind: str
    class_rank: int


@dataclass(frozen=True)
class _Scenario:
    fact_keys: tuple[str, ...]
    ids: tuple[str, ...]
    kind: str


def gains(
    scheme: Scheme,
    table: FactTable | Mapping[str, float | None],
    result: Result,
    *,
    units: Sequence[str] | None = None,
) -> list[list[Gain]]:
    """Return for every unit what to fill in, the largest gain first.

    Parameters
    ----------
    scheme
        The scheme of the result.
    table
        The facts that were rated, or those of the one unit of the result.
    result
        What `rate` returned for them.
    units
        Names of the units wanted, in this order; all of the result without.

    Notes
    -----
    Facts are grouped as they are needed together: an indicator that lacks two facts gains only when both are known,
    and a fact that several indicators wait for gains in all of them. A value that is unknown although its facts are
    known (a division by zero) names all its facts: one of them has to change.
    """
    if not isinstance(table, FactTable):
        table = FactTable.from_rows({result.units[0]: table})
    rows = range(len(result.units)) if units is None else [result.row_of(unit) for unit in units]
    return [_gains_of_unit(scheme, table, result, row) for row in rows]


def _gains_of_unit(scheme: Scheme, table: FactTable, result: Result, row: int) -> list[Gain]:
    scenarios = _scenarios(scheme, table, result, row)
    if not scenarios:
        return []
    count = len(scenarios)
    leaves: dict[str, Column] = {}
    applies = {}
    for one in scheme.indicators:
        column = np.full(count, result.unrounded_proven[one.id][row])
        improved = [index for index, each in enumerate(scenarios) if each.kind == "indicator" and one.id in each.ids]
        column[improved] = result.unrounded_reachable[one.id][row]
        leaves[one.id] = column
        out = result.state[one.id][row] == NOT_APPLICABLE and one.not_applicable != "full_score"
        applies[one.id] = np.full(count, not out)
    scores = aggregate_tree(scheme, leaves, applies)
    flags = {
        kind: {key: _assume(column[row], key, scenarios, kind) for key, column in columns.items()}
        for kind, columns in (("gate", result.gates), ("veto", result.vetoes))
    }
    left_out = np.full(count, result.not_applicable_weight[row])
    rounded = round_nodes(scheme, scores)
    ranks = classify(scheme, rounded, flags["gate"], flags["veto"], left_out, best_case=False)
    before = result.unrounded_proven[scheme.root.id][row]
    points = scores[scheme.root.id] - (0.0 if np.isnan(before) else before)
    found = [
        Gain(
            each.fact_keys,
            each.ids,
            float(points[index]) if each.kind == "indicator" else 0.0,
            each.kind,
            int(ranks[index]),
        )
        for index, each in enumerate(scenarios)
    ]
    return sorted(found, key=lambda gain: (-gain.points, -gain.class_rank, gain.fact_keys))


def _assume(known: int, key: str, scenarios: list[_Scenario], kind: str) -> Flags:
    """Return the flag in every scenario: a gate filled in is met, a veto filled in does not apply."""
    favorable = 1 if kind == "gate" else 0
    assumed = [favorable if each.kind == kind and key in each.ids else int(known) for each in scenarios]
    return np.array(assumed, dtype=np.int8)


def _scenarios(scheme: Scheme, table: FactTable, result: Result, row: int) -> list[_Scenario]:
    lacking: dict[str, tuple[str, ...]] = {}
    for one in scheme.indicators:
        if result.state[one.id][row] in (UNKNOWN, PARTIAL):
            lacking[one.id] = _missing_facts(scheme, one, table, row)
    scenarios = []
    for keys in dict.fromkeys(lacking.values()):
        # What these facts open: every indicator that waits for nothing else.
        opened = tuple(one_id for one_id, needed in lacking.items() if set(needed) <= set(keys))
        scenarios.append(_Scenario(keys, opened, "indicator"))
    for kind, flags in (("gate", result.gates), ("veto", result.vetoes)):
        waiting: dict[tuple[str, ...], list[str]] = {}
        for key, column in flags.items():
            if column[row] < 0:
                columns = scheme.expressions[f"{kind}:{key}"].columns
                waiting.setdefault(_unknown(columns, table, row) or tuple(sorted(columns)), []).append(key)
        scenarios += [_Scenario(keys, tuple(ids), kind) for keys, ids in waiting.items()]
    return scenarios


def _missing_facts(scheme: Scheme, one: Indicator, table: FactTable, row: int) -> tuple[str, ...]:
    applicability = scheme.expressions[f"{one.id}?applicable"].columns if one.applicable else frozenset()
    needed = one.facts - (applicability - _read_by_score(scheme, one))
    return _unknown(needed, table, row) or tuple(sorted(needed))


def _read_by_score(scheme: Scheme, one: Indicator) -> frozenset[str]:
    keys = [one.id, f"{one.id}?test"]
    columns = {name for key in keys if key in scheme.expressions for name in scheme.expressions[key].columns}
    return frozenset(columns | {item["key"] for item in one.score.options.get("items", ())})


def _unknown(keys: frozenset[str], table: FactTable, row: int) -> tuple[str, ...]:
    return tuple(key for key in sorted(keys) if key not in table.columns or np.isnan(table.columns[key][row]))
