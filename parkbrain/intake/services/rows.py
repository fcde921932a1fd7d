"""Rows of a recognized sheet → typed values, with every cell that cannot be read named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from parkbrain.calc.cells import CellError, is_clear, parse_cell, plain_text
from parkbrain.kernel.taking import TakenRow

from ..queries import Problem
from .raw import Remark
from .recognition import MappedColumn, MappedSheet

#: How often the reading of rows reports how far it is.
STEP = 1000


@dataclass
class TypedSheet:
    """The rows of a sheet, typed: the clean ones, and all of them as far as they could be read."""

    mapped: MappedSheet
    clean: list[TakenRow] = field(default_factory=list)
    all: list[TakenRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The key of what the sheet was taken for."""
        assert self.mapped.forms is not None
        return self.mapped.forms.taker.key

    @property
    def name(self) -> str:
        """The sheet's name in the file."""
        return self.mapped.raw.name

    def named(self) -> list[TakenRow]:
        """Return the rows that other sheets may refer to: those that say what they are about."""
        assert self.mapped.forms is not None
        columns = self.mapped.forms.columns
        needed = [f for f in self.mapped.forms.taker.identity if columns[f].required]
        return [row for row in self.all if all(f in row.values for f in needed)]

    def letters_by_field(self) -> dict[str, str]:
        """Return the letters of the column of each field."""
        return {c.field: c.letters for c in self.mapped.columns if c.field}


def type_rows(*, mapped: MappedSheet, example_words: frozenset[str], step: Callable[[int], None]) -> TypedSheet:
    """Return the sheet's rows with typed values; `step` is told how many rows were read since the last time.

    An empty cell says nothing about its field; "(clear)" empties it.
    """
    typed = TypedSheet(mapped)
    columns = [c for c in mapped.columns if c.field is not None]
    examples = untouched = since = 0
    for index in range(mapped.heading_row + 1, len(mapped.raw.rows)):
        row = mapped.raw.rows[index]
        since += 1
        if since == STEP:
            step(since)
            since = 0
        given = [c for c in columns if c.index < len(row) and row[c.index] is not None and row[c.index] != ""]
        if not given:
            continue
        if isinstance(row[0], str) and plain_text(row[0][:20]) in example_words:
            examples += 1
        elif _untouched(given, row, mapped):
            untouched += 1
        else:
            _type_row(typed, index + 1, row, columns)
    step(since)
    for code, count in (("remark_examples", examples), ("remark_untouched", untouched)):
        if count:
            typed.remarks.append(Remark(code, {"count": count, "sheet": typed.name}))
    _find_duplicates(typed)
    return typed


def _untouched(given: Sequence[MappedColumn], row: Sequence[Any], mapped: MappedSheet) -> bool:
    """Tell whether the row says no more than the template already did."""
    assert mapped.forms is not None
    prefilled = mapped.forms.prefilled_fields
    return bool(prefilled) and all(c.field in prefilled or not str(row[c.index]).strip() for c in given)


def _type_row(typed: TypedSheet, number: int, row: Sequence[Any], columns: Sequence[MappedColumn]) -> None:
    assert typed.mapped.forms is not None
    declared = typed.mapped.forms.columns
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    blank = True
    for column in columns:
        raw = row[column.index] if column.index < len(row) else None
        assert column.field is not None
        assert column.type is not None
        required = declared[column.field].required
        if is_clear(raw):
            blank = False
            if required:
                problems.append(_problem(typed, number, column, "clear_required", str(raw), {"wanted": column.field}))
            else:
                values[column.field] = () if column.type.kind == "codes" else None
            continue
        try:
            value = parse_cell(raw, column.type)
        except CellError as error:
            blank = False
            shown = str(error.params.get("value", raw))
            params = {k: v for k, v in error.params.items() if k != "value"}
            problems.append(_problem(typed, number, column, error.code, shown, params))
            continue
        if value is not None:
            blank = False
            values[column.field] = value
        elif required:
            problems.append(_problem(typed, number, column, "required", "", {"wanted": column.field}))
    if blank:
        return
    taken = TakenRow(number, values)
    typed.all.append(taken)
    if problems:
        typed.problems.extend(problems)
    else:
        typed.clean.append(taken)


def _problem(
    typed: TypedSheet, number: int, column: MappedColumn, code: str, value: str, params: dict[str, Any]
) -> Problem:
    return Problem(
        code, typed.name, number, column.letters, column.heading, column.field or "", typed.key, value[:200], params
    )


def _find_duplicates(typed: TypedSheet) -> None:
    """Refuse two rows about the same thing: which of them is right is not for a program to say."""
    assert typed.mapped.forms is not None
    identity = typed.mapped.forms.taker.identity
    letters = typed.letters_by_field()
    first: dict[tuple[Any, ...], int] = {}
    twice: set[int] = set()
    for row in typed.clean:
        key = tuple(row.values.get(f) for f in identity)
        other = first.setdefault(key, row.number)
        if other != row.number:
            twice.add(row.number)
            shown = " · ".join(str(v) for v in key if v is not None)
            field = identity[0]
            typed.problems.append(
                Problem(
                    "duplicate", typed.name, row.number, letters.get(field, ""), field=field, taker=typed.key,
                    value=shown[:200], params={"other": other},
                )
            )  # fmt: skip
    typed.clean = [row for row in typed.clean if row.number not in twice]
