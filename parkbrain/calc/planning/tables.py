"""Every subset of the measures that touch an indicator, a gate or a veto, scored by the rating engine for many parks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.planning.catalogue import Catalogue, Measure, Override, changers_of, subjects, touching
from parkbrain.calc.rating import FactTable, Result, Scheme, rate, rate_flag, rate_indicator
from parkbrain.calc.rating.columnar import Column
from parkbrain.calc.rating.expression import Expression, evaluate

OPEN, DONE, OFF, NO_COST = 0, 1, 2, 3
Grid = NDArray[np.float64]
Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """What a subject gets for every subset of the measures that touch it: parks by subsets.

    Bit `i` of a subset's number stands for the measure at `touching[i]` in the catalogue.
    """

    touching: tuple[int, ...]
    values: Grid


@dataclass(frozen=True)
class Prepared:
    """Parks and measures, ready for a solver: costs [yuan, -1 unknown], months, chances and states, parks by measures.

    `scores` holds points of 100 by indicator, `flags` 1, 0 and -1 by `gate:…` and `veto:…`; both hold only what a
    measure touches.
    """

    scheme: Scheme
    catalogue: Catalogue
    facts: FactTable = field(repr=False)
    base: Result = field(repr=False)
    cost_yuan: NDArray[np.int64] = field(repr=False)
    months: NDArray[np.int64] = field(repr=False)
    success: Grid = field(repr=False)
    state: NDArray[np.uint8] = field(repr=False)
    scores: Mapping[str, Table] = field(repr=False)
    flags: Mapping[str, Table] = field(repr=False)


def prepare(
    scheme: Scheme,
    catalogue: Catalogue,
    facts: FactTable,
    overrides: Mapping[str, Mapping[str, Override]] | None = None,
) -> Prepared:
    """Return the tables of all parks of the fact table.

    Parameters
    ----------
    scheme, catalogue
        The scheme, and measures checked against it.
    facts
        Facts by key, one row a park.
    overrides
        By unit and measure, what a park knows better.

    Notes
    -----
    Effects apply in the order of the catalogue, each on the facts that those before it left; an effect whose formula is
    unknown changes nothing. A measure whose effects are all in place already is `DONE`: it costs nothing, is in no plan
    and meets prerequisites.
    """
    base = rate(scheme, facts)
    cost, months, success, state = _terms(catalogue, facts, overrides or {})
    found: dict[str, Table] = {}
    changers = changers_of(catalogue.measures)
    for key, read in subjects(scheme).items():
        places = touching(changers, read)
        if places:
            wanted = read | _read_by(catalogue, places)
            found[key] = Table(places, _score_subsets(scheme, key, wanted, catalogue, places, facts))
    return Prepared(
        scheme=scheme,
        catalogue=catalogue,
        facts=facts,
        base=base,
        cost_yuan=cost,
        months=months,
        success=success,
        state=state,
        scores={key: one for key, one in found.items() if ":" not in key},
        flags={key: one for key, one in found.items() if ":" in key},
    )


def _terms(
    catalogue: Catalogue, facts: FactTable, overrides: Mapping[str, Mapping[str, Override]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Grid, NDArray[np.uint8]]:
    rows, count = len(facts), len(catalogue.measures)
    wan = evaluate({one.id: one.cost_wan for one in catalogue.measures}, facts.columns, rows=rows)
    costs = np.stack([wan[one.id] for one in catalogue.measures], axis=1) * 10_000.0
    cost = np.where(np.isnan(costs), -1, np.rint(np.maximum(np.nan_to_num(costs), 0.0))).astype(np.int64)
    months = np.tile(np.array([one.months for one in catalogue.measures], dtype=np.int64), (rows, 1))
    success = np.tile(np.array([one.success for one in catalogue.measures]), (rows, 1))
    done = _done(catalogue.measures, facts)
    off = np.zeros((rows, count), dtype=bool)
    places = {one.id: index for index, one in enumerate(catalogue.measures)}
    for row, unit in enumerate(facts.units):
        for key, one in overrides.get(unit, {}).items():
            if key not in places:
                continue
            column = places[key]
            cost[row, column] = cost[row, column] if one.cost_yuan is None else one.cost_yuan
            months[row, column] = months[row, column] if one.months is None else one.months
            success[row, column] = success[row, column] if one.success is None else one.success
            off[row, column] = one.is_off
    state = np.where(done, DONE, np.where(off, OFF, np.where(cost < 0, NO_COST, OPEN))).astype(np.uint8)
    return cost, months, success, state


def _done(measures: Sequence[Measure], facts: FactTable) -> Bits:
    """Tell for every park and measure whether all effects of the measure are known to be in place."""
    rows = len(facts)
    effects = {(index, key): effect for index, one in enumerate(measures) for key, effect in one.effects.items()}
    after = evaluate({str(number): effect for number, effect in enumerate(effects.values())}, facts.columns, rows=rows)
    done, unknown = np.ones((rows, len(measures)), dtype=bool), np.full(rows, np.nan)
    for (index, key), column in zip(effects, after.values(), strict=True):
        done[:, index] &= column == facts.columns.get(key, unknown)
    return done


def apply_measures(
    measures: Sequence[tuple[Measure, Bits | None]], columns: Mapping[str, Column], *, rows: int
) -> dict[str, Column]:
    """Return the facts after the measures in their order, each on the rows of its mask (None: on all).

    Parameters
    ----------
    measures
        Measures with the rows on which they are carried out.
    columns
        Facts by key, each of `rows` values.
    rows
        The number of parks.
    """
    after = dict(columns)
    for one, mask in measures:
        for key, column in evaluate(one.effects, after, rows=rows).items():
            before = after.get(key, np.full(rows, np.nan))
            changes = ~np.isnan(column) if mask is None else mask & ~np.isnan(column)
            after[key] = np.where(changes, column, before)
    return after


def _score_subsets(
    scheme: Scheme, key: str, read: frozenset[str], catalogue: Catalogue, places: tuple[int, ...], facts: FactTable
) -> Grid:
    count, rows = 1 << len(places), len(facts)
    tall = {name: np.tile(facts.columns[name], count) for name in read if name in facts.columns}
    subset = np.repeat(np.arange(count), rows)
    chosen: list[tuple[Measure, Bits | None]] = [
        (_only(catalogue.measures[place], read), (subset >> bit & 1).astype(bool)) for bit, place in enumerate(places)
    ]
    after = apply_measures(chosen, tall, rows=count * rows)
    table = FactTable(units=[str(number) for number in range(count * rows)], columns=after)
    column = (
        rate_flag(scheme, key, table).astype(np.float64) if ":" in key else rate_indicator(scheme, key, table).proven
    )
    return np.ascontiguousarray(column.reshape(count, rows).T)


def _only(one: Measure, keys: frozenset[str]) -> Measure:
    """Return the measure with the effects on these facts alone: the others do not matter for the subject."""
    effects: dict[str, Expression] = {key: each for key, each in one.effects.items() if key in keys}
    return Measure(one.id, one.name, one.what, one.cost_wan, one.months, one.success, effects)


def _read_by(catalogue: Catalogue, places: tuple[int, ...]) -> frozenset[str]:
    measures = [catalogue.measures[place] for place in places]
    return frozenset(name for one in measures for each in one.effects.values() for name in each.columns)
