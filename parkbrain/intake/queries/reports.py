"""What the check of a batch found, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from parkbrain.kernel.taking import takers

from ..models import Batch
from .columns import get_choices, get_field_label, get_taker_label
from .drawings import get_match_reason
from .problems import find_problem, get_problem_sentence, get_sentence
from .reasons import get_reason
from .showing import get_value_text


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
    ref: str = ""


@dataclass(frozen=True)
class LeftOutLine:
    """Things of one kind that the record holds and the file does not mention."""

    sheet: str
    kind: str
    count: int
    names: Sequence[str]


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
    left_out: Sequence[LeftOutLine] = ()
    # What is wrong with rows that are left out, where the rest may be taken.
    unread: Sequence[ProblemLine] = ()
    unread_count: int = 0
    # Neither the file nor whoever uploaded it says which park it is about.
    lacks_park: bool = False


def get_report(*, batch: Batch) -> BatchReport:
    """Return what the check of a batch found, in the active language."""
    report = batch.report
    counts = report.get("counts", {})
    return BatchReport(
        sheets=[_sheet(s) for s in report.get("sheets", ()) if s["state"] != "own"],
        problems=[_problem(p) for p in report.get("problems", ())],
        lacks_park=any(p["code"] == "park_missing" for p in report.get("problems", ())),
        changes=[_change(c) for c in report.get("changes", ())],
        remarks=[get_sentence(code=r["code"], params=r["params"]) for r in report.get("remarks", ())],
        created=counts.get("create", 0),
        updated=counts.get("update", 0),
        unchanged=counts.get("nothing", 0),
        park_code=report.get("park_code", ""),
        park_is_new=report.get("park_is_new", False),
        left_out=[
            LeftOutLine(one["sheet"], get_taker_label(key=one["taker"]), one["count"], one["names"])
            for one in report.get("left_out", ())
        ],
        unread=[_problem(p) for p in report.get("unread", ())],
        unread_count=report.get("unread_count", 0),
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
    label, target = stored["target"]
    fields = [
        FieldChange(
            _label(stored["taker"], label, f),
            *(get_value_text(value=v, labels=_choices(stored["taker"], f)) for v in pair),
        )
        for f, pair in stored.get("fields", {}).items()
    ]
    why = stored.get("why", "")
    # A drawing says a code, a list what was compared.
    said = get_reason(reason=why, taker=stored["taker"]) if isinstance(why, dict) else get_match_reason(code=why)
    return ChangeLine(
        stored["sheet"],
        stored["row"],
        stored["action"],
        stored["name"],
        fields,
        label,
        target or 0,
        said,
        stored.get("ref", ""),
    )


def _choices(taker: str, field: str) -> dict[str, str]:
    declared = takers.get(taker)
    column = next((c for c in declared.columns if c.field == field), None) if declared else None
    return get_choices(column=column) if column and column.kind == "choice" else {}


def _label(taker: str, target_label: str, field: str) -> str:
    """Return what a field is called by its sheet or, where it only follows from one of its columns, by its table."""
    found = get_field_label(key=taker, field=field)
    if found != field:
        return found
    try:
        return str(apps.get_model(target_label)._meta.get_field(field).verbose_name)
    except (LookupError, FieldDoesNotExist, AttributeError):
        return field


def find_problem_lines(*, report: BatchReport, text: str = "", sheet: str = "") -> list[ProblemLine]:
    """Return the problems of a sheet (of all when "") in which the text occurs."""
    wanted = text.casefold()
    return [
        p
        for p in report.problems
        if (not sheet or p.sheet == sheet)
        and (not wanted or any(wanted in part.casefold() for part in (p.value, p.message, p.heading, p.cell)))
    ]
