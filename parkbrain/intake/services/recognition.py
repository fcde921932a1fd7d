"""Which of the declared sheets a sheet of the file is, and which column each of its headings names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from parkbrain.calc.cells import CellType
from parkbrain.calc.headings import HeadingMatch, column_letters, find_heading_row, match_heading, plain, rank

from ..queries import MARK_LABEL, OWN_SHEET_PREFIX, Problem, SheetForms, list_in_languages
from .raw import RawSheet, Remark

#: Two kinds of table whose scores lie closer than this cannot be told apart by their headings.
CLEAR_LEAD = 0.05
TAKEN, NOT_TAKEN, OWN, EMPTY, WRONG = "taken", "not_taken", "own", "empty", "wrong"


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file: where it stands, its heading, and the field it was taken for."""

    index: int
    heading: str
    field: str | None
    type: CellType | None = None
    unit: str = ""

    @property
    def letters(self) -> str:
        """The letters of the column."""
        return column_letters(self.index)


@dataclass(frozen=True)
class MappedSheet:
    """A sheet of the file with what it was taken for."""

    raw: RawSheet
    state: str
    forms: SheetForms | None = None
    heading_row: int = 0
    columns: Sequence[MappedColumn] = ()
    problems: Sequence[Problem] = ()
    remarks: Sequence[Remark] = field(default=())


def recognize_sheet(
    *, raw: RawSheet, forms: Sequence[SheetForms], own_names: frozenset[str], named: Mapping[str, str] | None = None
) -> MappedSheet:
    """Return what a sheet is: by what our workbook says of it, by its name in any language, or by its headings."""
    if raw.name.startswith(OWN_SHEET_PREFIX) or plain(raw.name) in own_names:
        return MappedSheet(raw, OWN)
    if not any(_given(cell) for row in raw.rows for cell in row):
        return MappedSheet(raw, EMPTY)
    if raw.hidden:
        return MappedSheet(raw, NOT_TAKEN, remarks=[Remark("remark_hidden", {"sheet": raw.name})])
    key = (named or {}).get(raw.name)
    by_name = [f for f in forms if f.taker.key == key or (key is None and plain(raw.name) in f.names)]
    if len(by_name) == 1:
        return _map(raw, by_name[0])
    ranked = _rank(raw, forms)
    if not ranked:
        return MappedSheet(raw, NOT_TAKEN)
    close = [f for f, score in ranked if ranked[0][1] - score < CLEAR_LEAD]
    if len(close) > 1:
        problem = Problem("sheet_ambiguous", raw.name, params={"options": [f.taker.key for f in close]})
        return MappedSheet(raw, WRONG, problems=[problem])
    return _map(raw, ranked[0][0])


def _given(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _rank(raw: RawSheet, forms: Sequence[SheetForms]) -> list[tuple[SheetForms, float]]:
    ranked = []
    for form in forms:
        row, _count = find_heading_row(raw.rows, form.headings)
        headings = [str(cell) for cell in raw.rows[row]]
        ranked += [(form, score) for _key, score in rank(headings, {form.taker.key: form.headings})]
    return sorted(ranked, key=lambda r: -r[1])


def _map(raw: RawSheet, form: SheetForms) -> MappedSheet:
    row, count = find_heading_row(raw.rows, form.headings)
    key = form.taker.key
    if count == 0:
        return MappedSheet(raw, WRONG, form, problems=[Problem("no_headings", raw.name, params={"taker": key})])
    problems: list[Problem] = []
    columns = []
    marks = {plain(text) for text in list_in_languages(text=MARK_LABEL).values()}
    for index, cell in enumerate(raw.rows[row]):
        if not _given(cell) or plain(str(cell)) in marks:
            continue
        heading = " ".join(str(cell).split())
        match = match_heading(heading, form.headings)
        if match.problem:
            problems.append(_heading_problem(raw.name, row, index, heading, match, form))
        kind = form.types[match.field] if match.field else None
        if kind is not None and match.factor != 1:
            kind = replace(kind, factor=match.factor)
        columns.append(MappedColumn(index, heading, match.field, kind, match.unit))
    problems += _missing_and_twice(raw.name, row, columns, form)
    state = WRONG if problems else TAKEN
    return MappedSheet(raw, state, form, row, columns, problems, _unit_remarks(raw.name, columns))


def _heading_problem(sheet: str, row: int, index: int, heading: str, match: HeadingMatch, form: SheetForms) -> Problem:
    where: dict[str, Any] = {"sheet": sheet, "row": row + 1, "column": column_letters(index), "heading": heading}
    where |= {"value": heading, "taker": form.taker.key}
    if match.problem == "ambiguous":
        return Problem("heading_ambiguous", **where, params={"options": list(match.candidates)})
    field = match.candidates[0]
    own = form.columns[field].unit
    return Problem(f"heading_{match.problem}", **where, params={"wanted": field, "unit": match.unit, "own": own})


def _missing_and_twice(sheet: str, row: int, columns: Sequence[MappedColumn], form: SheetForms) -> list[Problem]:
    problems = []
    first: dict[str, MappedColumn] = {}
    for column in columns:
        if column.field is None:
            continue
        before = first.setdefault(column.field, column)
        if before is not column:
            params = {"first": before.letters, "second": column.letters, "wanted": column.field}
            problems.append(
                Problem(
                    "heading_twice", sheet, row + 1, column.letters, column.heading, taker=form.taker.key, params=params
                )
            )
    for wanted in form.headings:
        if wanted.required and wanted.field not in first:
            params = {"wanted": wanted.field}
            problems.append(Problem("heading_missing", sheet, row + 1, taker=form.taker.key, params=params))
    return problems


def _unit_remarks(sheet: str, columns: Sequence[MappedColumn]) -> list[Remark]:
    return [
        Remark("remark_unit", {"sheet": sheet, "heading": c.heading, "unit": c.unit, "own": c.type.unit})
        for c in columns
        if c.unit and c.type is not None
    ]
