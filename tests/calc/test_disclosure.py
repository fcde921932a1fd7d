"""Small cells stay hidden: properties over random tables, against elimination in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.disclosure import CellSum, Equation, derivable, is_sensitive, suppress


def determined(hidden, equations):
    """Return the hidden cells that exact Gauss–Jordan elimination gives one value."""
    order = sorted(hidden, key=str)
    rows = []
    for e in equations:
        row = [Fraction(0)] * len(order)
        for part in e.parts:
            if part in hidden:
                row[order.index(part)] += 1
        if e.whole in hidden:
            row[order.index(e.whole)] -= 1
        rows.append(row)
    pivot = 0
    for column in range(len(order)):
        found = next((r for r in range(pivot, len(rows)) if rows[r][column]), None)
        if found is None:
            continue
        rows[pivot], rows[found] = rows[found], rows[pivot]
        lead = rows[pivot][column]
        rows[pivot] = [x / lead for x in rows[pivot]]
        for r in range(len(rows)):
            if r != pivot and rows[r][column]:
                factor = rows[r][column]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[pivot], strict=True)]
        pivot += 1
    alone = [[i for i, x in enumerate(row) if x] for row in rows]
    return {order[places[0]] for places in alone if len(places) == 1}


@st.composite
def two_way_tables(draw):
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    groups = [[draw(st.lists(st.integers(1, 500), max_size=6)) for _ in range(columns)] for _ in range(rows)]

    def cell(lists):
        values = [v for one in lists for v in one]
        return CellSum(len(values), float(sum(values)), float(max(values, default=0)))

    cells, equations = {}, []
    for r in range(rows):
        for c in range(columns):
            cells[r, c] = cell([groups[r][c]])
        cells[r, "all"] = cell(groups[r])
        equations.append(Equation((r, "all"), tuple((r, c) for c in range(columns))))
    for c in range(columns):
        cells["all", c] = cell([groups[r][c] for r in range(rows)])
        equations.append(Equation(("all", c), tuple((r, c) for r in range(rows))))
    cells["all", "all"] = cell([one for row in groups for one in row])
    equations.append(Equation(("all", "all"), tuple((r, "all") for r in range(rows))))
    equations.append(Equation(("all", "all"), tuple(("all", c) for c in range(columns))))
    return cells, equations


@settings(max_examples=80, deadline=None)
@given(two_way_tables())
def test_no_sensitive_cell_follows_from_what_is_printed(table):
    cells, equations = table
    primary, secondary = suppress(cells, equations)
    assert {n for n, c in cells.items() if is_sensitive(c)} == primary
    assert not primary & secondary
    hidden = primary | secondary
    # The only table without a way out is one whose every cell is hidden already.
    assert not determined(hidden, equations) & primary or hidden == set(cells)


@settings(max_examples=60, deadline=None)
@given(two_way_tables(), st.data())
def test_what_follows_is_what_exact_elimination_says(table, data):
    cells, equations = table
    hidden = data.draw(st.lists(st.sampled_from(sorted(cells, key=str)), unique=True, max_size=8))
    assert derivable(hidden, equations) == determined(set(hidden), equations)


def test_nothing_is_kept_back_without_need():
    cells = {"a": CellSum(4, 40.0, 12.0), "b": CellSum(3, 30.0, 11.0), "all": CellSum(7, 70.0, 12.0)}
    assert suppress(cells, [Equation("all", ("a", "b"))]) == (frozenset(), frozenset())


def test_an_equation_of_unknown_cells_is_a_mistake():
    with pytest.raises(ValueError, match="no cell"):
        suppress({"a": CellSum(1, 1.0, 1.0)}, [Equation("all", ("a",))])
