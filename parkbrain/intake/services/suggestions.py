"""Columns of lists that nobody made for us: what each may hold, how sure that is, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from parkbrain.calc import units
from parkbrain.calc.cells import find_date_order
from parkbrain.calc.headings import HeadingForms, find_heading_row, match_heading, plain
from parkbrain.calc.matching import jaro_winkler

from ..queries import SheetForms
from .mapped import MappedColumn, MappedSheet
from .plans import ColumnPlan, SheetPlan
from .raw import RawSheet

#: Headings this alike are offered to a person, never taken unseen.
OFFERED_FROM = 0.88
#: Headings of lists whose areas are in square feet unless they say otherwise.
_IN_FEET = re.compile(r"ft2|ft²|sq\.? ?ft|\(.*/ ?sf\)|kbtu|\bzip|pm property|ubid|year built.*us", re.IGNORECASE)
SURE, INFERRED, NONE = 1.0, 0.8, 0.0


def relax(*, form: SheetForms) -> tuple[HeadingForms, ...]:
    """Return the headings of a thing with nothing required that a list of others may lack."""
    matching = form.taker.matching
    relaxed = matching.relaxed if matching else ()
    return tuple(replace(h, required=False) if h.field in relaxed else h for h in form.headings)


def find_foreign(*, raw: RawSheet, forms: Sequence[SheetForms]) -> SheetForms | None:
    """Return the thing that a list of others is most likely about, or None."""
    best: tuple[int, SheetForms] | None = None
    for form in forms:
        if form.taker.matching is None:
            continue
        headings = relax(form=form)
        row, _count = find_heading_row(raw.rows, headings)
        fields = {match_heading(str(c), headings).field for c in raw.rows[row]} - {None}
        required = {h.field for h in headings if h.required}
        enough = len(fields) >= 2 and required <= fields and fields & set(form.taker.matching.one_of)
        if enough and (best is None or len(fields) > best[0]):
            best = (len(fields), form)
    return best[1] if best else None


def plan_sheet(*, raw: RawSheet, form: SheetForms) -> SheetPlan:
    """Return how a sheet would be read by what is known of headings: doubtful columns are not taken."""
    headings = relax(form=form)
    row, _count = find_heading_row(raw.rows, headings)
    feet = next((str(c) for c in raw.rows[row] if _IN_FEET.search(str(c))), "")
    columns: dict[int, ColumnPlan] = {}
    taken: set[str] = set()
    for index, cell in enumerate(raw.rows[row]):
        match = match_heading(" ".join(str(cell or "").split()), headings)
        # Of two columns that may be one field the first is taken; the mapping page shows the other.
        if not match.field or match.field in taken:
            columns[index] = ColumnPlan()
            continue
        taken.add(match.field)
        kind = form.types[match.field]
        unit = match.unit or ("ft2" if feet and kind.unit == "m²" and not _says_unit(str(cell)) else "")
        values = [r[index] for r in raw.rows[row + 1 : row + 2001] if index < len(r)]
        dates = find_date_order(values) if kind.kind == "date" else ""
        columns[index] = ColumnPlan(match.field, unit, dates, holds_merged(form=form, field=match.field))
    return SheetPlan(form.taker.key, row + 1, columns)


def _says_unit(heading: str) -> bool:
    return any(units.is_unit(part) for part in re.split(r"[()\[\]（）【】/,\s]+", heading) if part)


def holds_merged(*, form: SheetForms, field: str) -> bool:
    """Tell whether a merged cell of the column holds for all its rows: not where numbers would count twice."""
    alone = form.taker.identity == (field,)
    return form.types[field].kind not in {"number", "money", "integer"} and not alone


def explain_column(
    *, raw: RawSheet, mapped: MappedSheet, column: MappedColumn, learned: frozenset[str]
) -> tuple[str, float, str, dict[str, Any]]:
    """Return the field to offer for a column, how sure that is, and why: a code and the parameters of its sentence."""
    form = mapped.forms
    if form is None:
        return "", NONE, "why_none", {}
    key = plain(column.heading)
    if column.field:
        if column.unit and not _says_unit(column.heading):
            feet = next((str(c) for c in raw.rows[mapped.heading_row] if _IN_FEET.search(str(c))), "")
            return column.field, INFERRED, "why_unit", {"unit": column.unit, "evidence": feet[:60]}
        if key in learned:
            return column.field, SURE, "why_learned", {}
        if match_heading(column.heading, form.headings).field == column.field:
            own = any(key in h.names for h in form.headings if h.field == column.field)
            return column.field, SURE, "why_name" if own else "why_synonym", {}
        return column.field, SURE, "why_said", {}
    used = {c.field for c in mapped.columns}
    likest = max(
        ((jaro_winkler(key, name), h.field, name) for h in form.headings for name in sorted(h.names | h.synonyms)),
        default=(0.0, "", ""),
    )
    if likest[0] >= OFFERED_FROM and likest[1] not in used:
        return likest[1], round(likest[0], 2), "why_alike", {"other": likest[2]}
    return "", NONE, "why_none", {}
