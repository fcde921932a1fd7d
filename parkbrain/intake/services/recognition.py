"""Which of the declared sheets a sheet of the file is, and which column each of its headings names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from parkbrain.calc import units
from parkbrain.calc.headings import HeadingMatch, column_letters, find_heading_row, match_heading, plain, rank

from ..queries import MARK_LABEL, OWN_SHEET_PREFIX, Problem, SheetForms, list_in_languages
from .mapped import EMPTY, NOT_TAKEN, OWN, TAKEN, WRONG, MappedColumn, MappedSheet
from .plans import SheetPlan
from .raw import RawSheet, Remark
from .suggestions import find_foreign, holds_merged, plan_sheet

#: Two kinds of table whose scores lie closer than this cannot be told apart by their headings.
CLEAR_LEAD = 0.05


def recognize_sheet(
    *,
    raw: RawSheet,
    forms: Sequence[SheetForms],
    own_names: frozenset[str],
    named: Mapping[str, str] | None = None,
    plan: SheetPlan | None = None,
    sheet_as: str = "",
) -> MappedSheet:
    """Return what a sheet is: as a person said, by what our workbook says of it, by its name, or by its headings."""
    if plan is not None and any(_given(cell) for row in raw.rows for cell in row):
        form = next((f for f in forms if f.taker.key == plan.taker), None)
        return map_by_plan(raw=raw, form=form, plan=plan) if form else MappedSheet(raw, NOT_TAKEN)
    if raw.name.startswith(OWN_SHEET_PREFIX) or plain(raw.name) in own_names:
        return MappedSheet(raw, OWN)
    if not any(_given(cell) for row in raw.rows for cell in row):
        return MappedSheet(raw, EMPTY)
    if raw.hidden:
        return MappedSheet(raw, NOT_TAKEN, remarks=[Remark("remark_hidden", {"sheet": raw.name})])
    key = sheet_as or (named or {}).get(raw.name)
    by_name = [f for f in forms if f.taker.key == key or (key is None and plain(raw.name) in f.names)]
    # Tables of a bureau are always others' lists: a row that cannot be read does not refuse the thousands beside it.
    is_others = any(f.taker.about_parks for f in forms)
    if len(by_name) == 1 and not is_others:
        return _map_or_foreign(raw, by_name[0])
    ranked = [] if is_others else _rank(raw, forms)
    if not ranked:
        foreign = find_foreign(raw=raw, forms=forms)
        if foreign is None:
            return MappedSheet(raw, NOT_TAKEN)
        return map_by_plan(raw=raw, form=foreign, plan=plan_sheet(raw=raw, form=foreign))
    close = [f for f, score in ranked if ranked[0][1] - score < CLEAR_LEAD]
    if len(close) > 1:
        problem = Problem("sheet_ambiguous", raw.name, params={"options": [f.taker.key for f in close]})
        return MappedSheet(raw, WRONG, problems=[problem])
    return _map(raw, ranked[0][0])


def _map_or_foreign(raw: RawSheet, form: SheetForms) -> MappedSheet:
    """Return a sheet that names its thing; where it lacks what only our own sheets have, it is a list of others."""
    mapped = _map(raw, form)
    matching = form.taker.matching
    lacks = {str(p.params.get("wanted")) for p in mapped.problems if p.code == "heading_missing"}
    only = all(p.code in {"heading_missing", "heading_twice"} for p in mapped.problems)
    if matching is None or not lacks or not only or not lacks <= set(matching.relaxed):
        return mapped
    if find_foreign(raw=raw, forms=[form]) is None:
        return mapped
    return map_by_plan(raw=raw, form=form, plan=plan_sheet(raw=raw, form=form))


def map_by_plan(*, raw: RawSheet, form: SheetForms, plan: SheetPlan) -> MappedSheet:
    """Return a sheet as a plan says it is read, with what is wrong with the plan."""
    row, key = plan.heading_row - 1, form.taker.key
    cells = raw.rows[row] if 0 <= row < len(raw.rows) else ()
    columns, problems = [], []
    for index, cell in enumerate(cells):
        column = plan.columns.get(index)
        name = column.field if column and column.field in form.types else None
        heading = " ".join(str(cell if cell is not None else "").split())
        if name is None or column is None:
            if heading:
                columns.append(MappedColumn(index, heading, None))
            continue
        kind = replace(form.types[name], date_order=column.dates)
        factor = units.factor(column.unit, kind.unit) if column.unit else Decimal(1)
        if factor is None:
            where: dict[str, Any] = {"column": column_letters(index), "heading": heading, "taker": key}
            params = {"wanted": name, "unit": column.unit, "own": kind.unit}
            problems.append(Problem("heading_unit_other", raw.name, row + 1, value=heading, params=params, **where))
            continue
        unit = column.unit if factor != 1 else ""
        columns.append(MappedColumn(index, heading, name, replace(kind, factor=factor), unit, column.fill))
    found = _missing_and_twice(raw.name, row, columns, form)
    matching = form.taker.matching
    relaxed: tuple[str, ...] = matching.relaxed if matching else ()
    problems += [p for p in found if p.code != "heading_missing" or p.params["wanted"] not in relaxed]
    if matching and not {c.field for c in columns} & set(matching.one_of):
        options: dict[str, Any] = {"options": list(matching.one_of)}
        problems.append(Problem("nothing_to_match", raw.name, row + 1, taker=key, params=options))
    state = WRONG if problems else TAKEN
    remarks = _unit_remarks(raw.name, columns)
    return MappedSheet(raw, state, form, row, columns, problems, remarks, foreign=True)


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
        columns.append(MappedColumn(index, heading, match.field, kind, match.unit, _fills(form, match.field)))
    problems += _missing_and_twice(raw.name, row, columns, form)
    state = WRONG if problems else TAKEN
    return MappedSheet(raw, state, form, row, columns, problems, _unit_remarks(raw.name, columns))


def _fills(form: SheetForms, field: str | None) -> bool:
    return field is not None and holds_merged(form=form, field=field)


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
