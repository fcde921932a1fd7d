"""Rows of a recognized sheet → typed values, with every cell that cannot be read named."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from parkbrain.calc.cells import MERGED, CellError, CellType, is_clear, parse_cell, plain_text
from parkbrain.kernel.taking import TakenRow

from ..queries import Problem
from .mapped import MappedColumn, MappedSheet
from .raw import Remark

#: How often the reading of rows reports how far it is.
STEP = 1000
_NUMBER_AS_TEXT = re.compile(r"\d+\.0")
#: What lists of others write where they know nothing; our own sheets leave the cell empty.
_NOT_KNOWN = frozenset(
    {
        "notavailable",
        "n/a",
        "na",
        "null",
        "none",
        "nan",
        "unknown",
        "-",
        "--",
        "—",
        "/",
        "未知",
        "不详",
        "不詳",
        "暂无",
        "暫無",
    }
)


@dataclass
class TypedSheet:
    """The rows of a sheet, typed: the clean ones, and all of them as far as they could be read."""

    mapped: MappedSheet
    clean: list[TakenRow] = field(default_factory=list)
    all: list[TakenRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    # By row: why it was joined, is new, or was left aside (see `matching`); and how many rows had which outcome.
    reasons: dict[int, dict[str, Any]] = field(default_factory=dict)
    # Made by the import itself (a new park), not read from the file.
    made: bool = False

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
        clean = {row.number: row for row in self.clean}
        # A matched row knows its identity only among the clean ones.
        rows = [clean.get(row.number, row) for row in self.all]
        return [row for row in rows if all(f in row.values for f in needed)]

    def letters_by_field(self) -> dict[str, str]:
        """Return the letters of the column of each field."""
        return {c.field: c.letters for c in self.mapped.columns if c.field}


def type_rows(*, mapped: MappedSheet, example_words: frozenset[str], step: Callable[[int], None]) -> TypedSheet:
    """Return the sheet's rows with typed values; `step` is told how many rows were read since the last time.

    An empty cell says nothing about its field; "(clear)" empties it.
    """
    typed = TypedSheet(mapped)
    columns = [c for c in mapped.columns if c.field is not None]
    rows = _with_merged(mapped, columns)
    fields = [(c, c.field, c.type) for c in columns if c.field is not None and c.type is not None]
    reader = _Reader(typed, fields, _required(mapped), _ending_in_zero(rows, mapped, columns))
    prefilled = mapped.forms.prefilled_fields if mapped.forms is not None else frozenset()
    examples = untouched = since = 0
    for index in range(mapped.heading_row + 1, len(mapped.raw.rows)):
        row = rows[index]
        since += 1
        if since == STEP:
            step(since)
            since = 0
        given = [c for c in columns if c.index < len(row) and row[c.index] is not None and row[c.index] != ""]
        if not given:
            continue
        if isinstance(row[0], str) and plain_text(row[0][:20]) in example_words:
            examples += 1
        elif prefilled and all(c.field in prefilled or not str(row[c.index]).strip() for c in given):
            # It says no more than the template already did.
            untouched += 1
        else:
            reader.read(index + 1, row)
    step(since)
    for code, count in (("remark_examples", examples), ("remark_untouched", untouched)):
        if count:
            typed.remarks.append(Remark(code, {"count": count, "sheet": typed.name}))
    if not (mapped.foreign and typed.mapped.forms and typed.mapped.forms.taker.matching):
        typed.problems += refuse_duplicates(typed=typed)
    return typed


def _with_merged(mapped: MappedSheet, columns: Sequence[MappedColumn]) -> Sequence[Sequence[Any]]:
    """Return the rows with what a merged block says in each of its rows.

    The reader gives the value in the first one and leaves the others empty, where it would seem to say nothing. A name
    holds for all of them; of a number nobody knows whose it is, so that its cells are marked and refused.
    """
    fills = {c.index: c.fill for c in columns}
    ranges = [m for m in mapped.raw.merged if m[0][1] in fills and m[1][0] > m[0][0]]
    rows = list(mapped.raw.rows)
    for (top, column), (bottom, _right) in ranges:
        value = rows[top][column] if top < len(rows) and column < len(rows[top]) else None
        if value in (None, ""):
            continue
        said = value if fills[column] and top > mapped.heading_row else MERGED
        for number in range(top + 1, min(bottom + 1, len(rows))):
            row = [*rows[number], *[""] * (column + 1 - len(rows[number]))]
            if row[column] in (None, ""):
                row[column] = said
            rows[number] = row
    return rows


def _ending_in_zero(
    rows: Sequence[Sequence[Any]], mapped: MappedSheet, columns: Sequence[MappedColumn]
) -> frozenset[int]:
    """Return the code columns of a list whose every text ends in ".0": numbers that a program wrote as text."""
    if not mapped.foreign:
        return frozenset()
    found = set()
    for column in columns:
        if column.type is None or column.type.kind not in {"code", "text"}:
            continue
        values = [r[column.index] for r in rows[mapped.heading_row + 1 :] if column.index < len(r)]
        texts = [v for v in values if v not in (None, "")]
        if texts and all(isinstance(v, str) and _NUMBER_AS_TEXT.fullmatch(v.strip()) for v in texts):
            found.add(column.index)
    return frozenset(found)


def _required(mapped: MappedSheet) -> frozenset[str]:
    """Return the fields that every row has to give."""
    assert mapped.forms is not None
    matching = mapped.forms.taker.matching
    relaxed = matching.relaxed if matching is not None and mapped.foreign else ()
    return frozenset(f for f, c in mapped.forms.columns.items() if c.required and f not in relaxed)


@dataclass(frozen=True)
class _Reader:
    """What reading the rows of a sheet needs to know of it, found once."""

    typed: TypedSheet
    columns: Sequence[tuple[MappedColumn, str, CellType]]
    required: frozenset[str]
    ending: frozenset[int]

    def read(self, number: int, row: Sequence[Any]) -> None:
        """Type a row: it is taken, or its problems are noted; a row without any value is nothing."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        blank = True
        for column, name, kind in self.columns:
            raw = row[column.index] if column.index < len(row) else None
            if isinstance(raw, str):
                if self.typed.mapped.foreign:
                    raw = self._known(raw, column.index)
                if is_clear(raw):
                    blank = False
                    if name in self.required:
                        problems.append(self._problem(number, column, "clear_required", str(raw), {"wanted": name}))
                    else:
                        values[name] = () if kind.kind == "codes" else None
                    continue
            try:
                value = parse_cell(raw, kind)
            except CellError as error:
                blank = False
                shown = str(error.params.get("value", raw))
                params = {k: v for k, v in error.params.items() if k != "value"}
                problems.append(self._problem(number, column, error.code, shown, params))
                continue
            if value is not None:
                blank = False
                values[name] = value
            elif name in self.required:
                problems.append(self._problem(number, column, "required", "", {"wanted": name}))
        if blank:
            return
        taken = TakenRow(number, values)
        self.typed.all.append(taken)
        if problems:
            self.typed.problems.extend(problems)
        else:
            self.typed.clean.append(taken)

    def _known(self, raw: str, index: int) -> str | None:
        """Return what a cell of a list says, None where it only says that nothing is known."""
        if plain_text(raw[:20]) in _NOT_KNOWN:
            return None
        return raw.strip().removesuffix(".0") if index in self.ending else raw

    def _problem(self, number: int, column: MappedColumn, code: str, value: str, params: dict[str, Any]) -> Problem:
        return Problem(
            code, self.typed.name, number, column.letters, column.heading, column.field or "", self.typed.key,
            value[:200], params,
        )  # fmt: skip


def refuse_duplicates(*, typed: TypedSheet) -> list[Problem]:
    """Take out rows about the same thing as an earlier one: which of them is right is not for a program to say."""
    assert typed.mapped.forms is not None
    identity = typed.mapped.forms.taker.identity
    column = typed.letters_by_field().get(identity[0], "")
    first: dict[tuple[Any, ...], int] = {}
    problems: dict[int, Problem] = {}
    for row in typed.clean:
        key = tuple(row.values.get(f) for f in identity)
        if typed.mapped.foreign and not any(v is not None for v in key):
            continue
        other = first.setdefault(key, row.number)
        if other != row.number:
            shown = " · ".join(str(v) for v in key if v is not None)
            problems[row.number] = Problem(
                "duplicate", typed.name, row.number, column, field=identity[0], taker=typed.key, value=shown[:200],
                params={"other": other},
            )  # fmt: skip
    typed.clean = [row for row in typed.clean if row.number not in problems]
    return list(problems.values())
