"""What the check of a batch found, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..models import Batch
from .columns import get_field_label, get_taker_label
from .problems import find_problem, get_problem_sentence, get_sentence
from .reasons import get_reason


@dataclass(frozen=True)
class ProblemLine:
    """One problem as the page lists it."""

    sheet: str
    row: int | None
    cell: str
    heading: str
    value: str
    message: str


@dataclass(frozen=True)
class ColumnLine:
    """A column of the file: its heading, and what it was taken for ("" where it was not)."""

    letters: str
    heading: str
    field: str


@dataclass(frozen=True)
class SheetLine:
    """A sheet of the file: what it was taken for and what becomes of its rows."""

    name: str
    state: str
    taken_as: str
    rows: int
    heading_row: int | None
    columns: Sequence[ColumnLine]
    left_out: Sequence[ColumnLine]
    created: int | None
    updated: int | None
    unchanged: int | None


@dataclass(frozen=True)
class FieldChange:
    """A field with its old and its new value."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ChangeLine:
    """What applying a row does."""

    sheet: str
    row: int
    action: str
    name: str
    fields: Sequence[FieldChange]
    target_label: str
    target_id: int
    why: str = ""


@dataclass(frozen=True)
class BatchReport:
    """Everything the check of a batch found."""

    sheets: Sequence[SheetLine]
    problems: Sequence[ProblemLine]
    changes: Sequence[ChangeLine]
    remarks: Sequence[str]
    created: int
    updated: int
    unchanged: int
    park_code: str
    park_is_new: bool
    left_out: Sequence[ProblemLine]


def get_report(*, batch: Batch) -> BatchReport:
    """Return what the check of a batch found, in the active language."""
    report = batch.report
    counts = report.get("counts", {})
    return BatchReport(
        sheets=[_sheet(s) for s in report.get("sheets", ()) if s["state"] != "own"],
        problems=[_problem(p) for p in report.get("problems", ())],
        changes=[_change(c) for c in report.get("changes", ())],
        remarks=[get_sentence(code=r["code"], params=r["params"]) for r in report.get("remarks", ())],
        created=counts.get("create", 0),
        updated=counts.get("update", 0),
        unchanged=counts.get("nothing", 0),
        park_code=report.get("park_code", ""),
        park_is_new=report.get("park_is_new", False),
        left_out=[_problem(p) for p in report.get("left_out", ())],
    )


def _sheet(stored: Mapping[str, Any]) -> SheetLine:
    key, counts = stored["taker"], stored["counts"]
    columns = [
        ColumnLine(c["letters"], c["heading"], get_field_label(key=key, field=c["field"]) if c["field"] else "")
        for c in stored["columns"]
    ]
    return SheetLine(
        name=stored["name"],
        state=stored["state"],
        taken_as=get_taker_label(key=key) if key else "",
        rows=stored["rows"],
        heading_row=stored["heading_row"],
        columns=[c for c in columns if c.field],
        left_out=[c for c in columns if not c.field],
        created=counts.get("create"),
        updated=counts.get("update"),
        unchanged=counts.get("nothing"),
    )


def _problem(stored: Mapping[str, Any]) -> ProblemLine:
    problem = find_problem(stored=stored)
    return ProblemLine(
        problem.sheet, problem.row, problem.cell, problem.heading, problem.value, get_problem_sentence(problem=problem)
    )


def _change(stored: Mapping[str, Any]) -> ChangeLine:
    fields = [
        FieldChange(get_field_label(key=stored["taker"], field=f), _shown(old), _shown(new))
        for f, (old, new) in stored.get("fields", {}).items()
    ]
    label, target = stored["target"]
    why = get_reason(reason=stored.get("why", {}), taker=stored["taker"])
    return ChangeLine(stored["sheet"], stored["row"], stored["action"], stored["name"], fields, label, target or 0, why)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def find_problem_lines(*, report: BatchReport, text: str = "", sheet: str = "") -> list[ProblemLine]:
    """Return the problems of a sheet (of all when "") in which the text occurs."""
    wanted = text.casefold()
    return [
        p
        for p in report.problems
        if (not sheet or p.sheet == sheet)
        and (not wanted or any(wanted in part.casefold() for part in (p.value, p.message, p.heading, p.cell)))
    ]
