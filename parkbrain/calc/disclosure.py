"""Small cells of published tables kept back, so that no total gives one away.

A table is a set of cells joined by equations: a whole is the sum of its parts. A cell is sensitive where few stand
behind it or one is nearly all of it (the dominance or (n, k) rule with n = 1; Hundepool et al., "Statistical Disclosure
Control", Wiley 2012, chapter 4). Keeping back only those does not help where the other parts and the whole are printed, so
further cells are kept back until none that is kept back follows from the equations.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class CellSum:
    """A cell: how many stand behind it, their sum [any unit, not negative] and the largest of them [same unit]."""

    count: int
    total: float
    largest: float


@dataclass(frozen=True)
class Equation:
    """A whole and the parts it is the sum of, by the names of their cells."""

    whole: Hashable
    parts: tuple[Hashable, ...]


def is_sensitive(cell: CellSum, *, least: int = 3, dominance: float = 0.85) -> bool:
    """Tell whether a cell says too much of one of those behind it.

    Parameters
    ----------
    cell
        The cell; one behind which nobody stands says nothing of anybody.
    least
        Fewest that must stand behind it.
    dominance
        Largest share of one of them [0 to 1].

    Examples
    --------
    >>> is_sensitive(CellSum(2, 100.0, 50.0)), is_sensitive(CellSum(5, 100.0, 90.0)), is_sensitive(CellSum(5, 100.0, 40.0))
    (True, True, False)
    """
    if cell.count == 0:
        return False
    return cell.count < least or (cell.total > 0 and cell.largest > dominance * cell.total)


def derivable(hidden: Sequence[Hashable], equations: Sequence[Equation]) -> set[Hashable]:
    """Return the hidden cells whose value follows from the equations and the cells that are printed.

    Parameters
    ----------
    hidden
        Names of the cells that are not printed; every other cell is.
    equations
        How cells add up.

    Returns
    -------
    set
        The hidden cells that have one value only.

    Examples
    --------
    >>> rows = [Equation("all", ("a", "b", "c"))]
    >>> derivable(["a"], rows)
    {'a'}
    >>> derivable(["a", "b"], rows)
    set()
    """
    places = {cell: place for place, cell in enumerate(hidden)}
    rows = []
    for equation in equations:
        row = np.zeros(len(hidden))
        for part in equation.parts:
            if part in places:
                row[places[part]] += 1
        if equation.whole in places:
            row[places[equation.whole]] -= 1
        if row.any():
            rows.append(row)
    if not rows:
        return set()
    _left, sizes, basis = np.linalg.svd(np.array(rows))
    free = basis[int((sizes > 1e-9).sum()) :]
    # A cell that no free direction moves has one value only.
    fixed = np.all(np.abs(free) < 1e-9, axis=0) if len(free) else np.ones(len(hidden), dtype=bool)
    return {cell for cell, place in places.items() if fixed[place]}


def suppress(
    cells: Mapping[Hashable, CellSum],
    equations: Sequence[Equation],
    *,
    least: int = 3,
    dominance: float = 0.85,
    also: Sequence[Hashable] = (),
) -> tuple[frozenset[Hashable], frozenset[Hashable]]:
    """Return the cells to keep back: those that are sensitive, and those that are kept back for their sake.

    Parameters
    ----------
    cells
        The cells by name.
    equations
        How they add up; every name must be a cell.
    least, dominance
        The rules of `is_sensitive`.
    also
        Further cells that must not be printed.

    Returns
    -------
    primary, secondary
        Names of cells. None of the primary ones follows from what is printed. Where the equations leave no other way,
        the whole is kept back too.

    Raises
    ------
    ValueError
        If an equation names a cell that is not there.

    Examples
    --------
    >>> cells = {"a": CellSum(2, 9.0, 5.0), "b": CellSum(6, 40.0, 9.0), "c": CellSum(5, 30.0, 9.0), "all": CellSum(13, 79.0, 9.0)}
    >>> primary, secondary = suppress(cells, [Equation("all", ("a", "b", "c"))])
    >>> sorted(primary), sorted(secondary)
    (['a'], ['c'])
    """
    _check_names(cells, equations)
    primary = {n for n, c in cells.items() if is_sensitive(c, least=least, dominance=dominance)} | set(also)
    wholes = {equation.whole for equation in equations}
    hidden = set(primary)
    while True:
        open_cells = derivable(sorted(hidden, key=str), equations) & primary
        near = _beside(min(open_cells, key=str), equations, hidden) if open_cells else set()
        if not near:
            return frozenset(primary), frozenset(hidden - primary)
        # An empty cell hides nothing; a part is missed less than a whole, and a small one less than a large one.
        hidden.add(min(near, key=lambda n: (cells[n].count == 0, n in wholes, cells[n].total, str(n))))


def _check_names(cells: Mapping[Hashable, CellSum], equations: Sequence[Equation]) -> None:
    for equation in equations:
        for name in (equation.whole, *equation.parts):
            if name not in cells:
                raise ValueError(f"the equation of {equation.whole!r} names {name!r}, which is no cell")


def _beside(cell: Hashable, equations: Sequence[Equation], hidden: Set[Hashable]) -> set[Hashable]:
    """Return the printed cells that stand in an equation with a cell; where all of those are hidden, any printed one."""
    near = {n for e in equations if cell in (e.whole, *e.parts) for n in (e.whole, *e.parts)} - hidden
    return near or {n for e in equations for n in (e.whole, *e.parts)} - hidden
