"""Facts of many units, a column each: from arrays, from rows, from CSV files."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from parkbrain.calc.rating.columnar import Column

_UNKNOWN = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "—"})
_BOOLEANS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}
_MOST_PROBLEMS = 50


@dataclass(frozen=True)
class CellProblem:
    """One cell (or header) of a CSV file that cannot be read; rows count from 1, the header being row 1."""

    row: int
    column: str
    value: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.message}"


class TableError(ValueError):
    """Raised when facts cannot be read; names row, column and value of every problem."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class FactTable:
    """Facts of units: every column holds one number a unit, NaN where the fact is unknown (or infinite).

    Raises
    ------
    ValueError
        If a column is not as long as the list of units, or a unit is named twice.

    Examples
    --------
    >>> table = FactTable(units=["North", "South"], columns={"leased_area_m2": [8200, None]})
    >>> table.columns["leased_area_m2"].tolist()
    [8200.0, nan]
    """

    units: Sequence[str]
    columns: Mapping[str, Column]
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", tuple(str(unit) for unit in self.units))
        columns = {key: _finite(np.array(column, dtype=np.float64)) for key, column in self.columns.items()}
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "groups", {key: tuple(group) for key, group in self.groups.items()})
        lengths = {key: len(column) for key, column in columns.items()}
        lengths |= {key: len(group) for key, group in self.groups.items()}
        for key, length in lengths.items():
            if length != len(self.units):
                raise ValueError(f"column {key} has {length} values for {len(self.units)} units")
        if len(set(self.units)) != len(self.units):
            twice = next(unit for unit in self.units if self.units.count(unit) > 1)
            raise ValueError(f"unit {twice} stands twice")

    def __len__(self) -> int:
        return len(self.units)

    @classmethod
    def from_rows(cls, rows: Mapping[str, Mapping[str, float | bool | None]]) -> FactTable:
        """Return the table of a mapping from unit to its facts; a fact a unit lacks is unknown."""
        keys = dict.fromkeys(key for row in rows.values() for key in row)
        columns = {key: np.array([as_number(row.get(key)) for row in rows.values()]) for key in keys}
        return cls(units=list(rows), columns=columns)

    @classmethod
    def from_csv(cls, path: Path | str, facts: Collection[str] | None = None) -> FactTable:
        """Return the table of a CSV file: the first column names the unit, the others are facts.

        Parameters
        ----------
        path
            A UTF-8 file with a header row. Empty, NA, null and - are unknown; true and false are 1 and 0.
        facts
            The fact keys that must be numbers. A column outside is taken as numbers where it can be, else as a group
            (text). None demands numbers nowhere.

        Raises
        ------
        TableError
            Naming row, column and value of what cannot be read (at most 50 problems).
        """
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        problems = list(_shape_problems(rows))
        if problems:
            raise TableError(problems[:_MOST_PROBLEMS])
        header = [name.strip() for name in rows[0]]
        body = [(number, row) for number, row in enumerate(rows, 1) if any(row)][1:]
        columns: dict[str, Column] = {}
        groups: dict[str, list[str]] = {}
        for position, name in enumerate(header[1:], start=1):
            cells = [(number, row[position].strip()) for number, row in body]
            read = [_read_number(text) for _, text in cells]
            wrong = [cell for cell, value in zip(cells, read, strict=True) if value is None]
            if not wrong:
                columns[name] = np.array(read, dtype=np.float64)
            elif facts is not None and name in facts:
                hint = "write 1234.5, without unit, % or thousands separator; leave empty if unknown"
                problems += [
                    CellProblem(row, name, text, "not_a_number", f"{text!r} is not a number ({hint})")
                    for row, text in wrong
                ]
            else:
                groups[name] = [text for _, text in cells]
        if problems:
            raise TableError(problems[:_MOST_PROBLEMS])
        return cls(units=[row[0].strip() for _, row in body], columns=columns, groups=groups)

    def inputs(self, unit: int | str, keys: Iterable[str] | None = None) -> dict[str, float | None]:
        """Return the facts of one unit by key, None where unknown; of the given keys or of all columns."""
        row = unit if isinstance(unit, int) else tuple(self.units).index(unit)
        found: dict[str, float | None] = {}
        for key in sorted(self.columns if keys is None else keys):
            value = float(self.columns[key][row]) if key in self.columns else math.nan
            found[key] = value if math.isfinite(value) else None
        return found

    def to_csv(self, path: Path | str) -> None:
        """Write the table as `from_csv` reads it; unknown stays empty."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["unit", *self.groups, *self.columns])
            for row, unit in enumerate(self.units):
                cells = [format_number(column[row]) for column in self.columns.values()]
                writer.writerow([unit, *(group[row] for group in self.groups.values()), *cells])


def _finite(column: Column) -> Column:
    column[np.isinf(column)] = np.nan
    return column


def as_number(value: float | bool | None) -> float:
    """Return the fact as the engine takes it: NaN for unknown, 1 and 0 for true and false."""
    return math.nan if value is None else float(value)


def format_number(value: float) -> str:
    """Return the shortest text that reads back as the same number; unknown is empty.

    Examples
    --------
    >>> format_number(8200.0), format_number(0.1), format_number(math.nan)
    ('8200', '0.1', '')
    """
    if math.isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


def _read_number(text: str) -> float | None:
    folded = text.lower()
    if folded in _UNKNOWN:
        return math.nan
    if folded in _BOOLEANS:
        return _BOOLEANS[folded]
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _shape_problems(rows: list[list[str]]) -> Iterable[CellProblem]:
    if not rows or len(rows[0]) < 2:
        yield CellProblem(1, "", "", "no_header", "the first row must name the unit column and at least one fact")
        return
    header = [name.strip() for name in rows[0]]
    for position, name in enumerate(header):
        if name in header[:position]:
            yield CellProblem(1, name, name, "duplicate_column", f"column {name} stands twice")
        if not name and position:
            yield CellProblem(1, str(position + 1), "", "no_name", f"column {position + 1} has no name")
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        unit = row[0].strip()
        if len(row) != len(header):
            message = f"{len(row)} cells where the header has {len(header)}"
            yield CellProblem(number, header[0], unit, "wrong_length", message)
        elif not unit:
            yield CellProblem(number, header[0], "", "no_unit", "the unit has no name")
        elif unit in seen:
            message = f"unit {unit} stands twice (also row {seen[unit]})"
            yield CellProblem(number, header[0], unit, "duplicate_unit", message)
        seen.setdefault(unit, number)
