"""The mapping of an uploaded file: proposed with reasons, and kept as the person says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import Batch
from ..queries import Problem, get_problem_sentence
from .examination import recognize_workbook
from .mapped import NOT_TAKEN, TAKEN, WRONG, MappedSheet
from .plans import Reading, SheetPlan, read_reading
from .profiles import learn_headings, list_forms, save_profile
from .raw import RawSheet, RawWorkbook
from .recognition import map_by_plan
from .refusals import CannotReadFile, CannotSaveProfile
from .staging import read_document
from .suggestions import SURE, explain_column, plan_sheet
from .template import METADATA_SHEET

SAMPLES = 3


@dataclass(frozen=True)
class ColumnProposal:
    """A column of the file with what it may hold, how sure that is (0 to 1) and why."""

    index: int
    letters: str
    heading: str
    samples: Sequence[str]
    field: str
    unit: str
    dates: str
    fill: bool
    sure: float
    why: str
    why_params: Mapping[str, Any] = made(default_factory=dict)


@dataclass(frozen=True)
class SheetProposal:
    """A sheet of the file with what it may be."""

    index: int
    name: str
    taker: str
    heading_row: int
    columns: Sequence[ColumnProposal]
    has_merged: bool

    @property
    def is_certain(self) -> bool:
        """Whether every column was recognized without doubt."""
        return bool(self.taker) and all(c.sure >= SURE and c.field for c in self.columns)


def propose_mapping(*, batch: Batch, actor: User, takers: Mapping[int, str] | None = None) -> list[SheetProposal]:
    """Return how the file would be read; `takers` says by index what a person takes a sheet for.

    :raises CannotReadFile: the file cannot be read at all.
    """
    workbook = _read(batch)
    forms = list_forms(actor=actor, drawn=workbook.drawn, about_parks=batch.branch_id is not None)
    reading = read_reading(mapping=batch.mapping, decisions=batch.decisions)
    mapped = recognize_workbook(workbook=workbook, forms=forms, actor=actor, reading=reading)
    proposals = []
    for index, sheet in enumerate(mapped):
        if sheet.state not in {TAKEN, WRONG, NOT_TAKEN}:
            continue
        said = (takers or {}).get(index)
        if said is not None and said != (sheet.forms.taker.key if sheet.forms else ""):
            form = next((f for f in forms if f.taker.key == said), None)
            if form is None:
                sheet = MappedSheet(sheet.raw, NOT_TAKEN)
            else:
                sheet = map_by_plan(raw=sheet.raw, form=form, plan=plan_sheet(raw=sheet.raw, form=form))
        proposals.append(_propose(index, sheet))
    return proposals


def needs_mapping(*, batch: Batch, actor: User) -> bool:
    """Tell whether a person should look at the mapping first: a list of others not every column of which is sure."""
    try:
        workbook = _read(batch)
    except CannotReadFile:
        return False
    if workbook.drawn or any(s.name == METADATA_SHEET for s in workbook.sheets):
        return False
    forms = list_forms(actor=actor, about_parks=batch.branch_id is not None)
    mapped = recognize_workbook(workbook=workbook, forms=forms, actor=actor, reading=Reading())
    if any(m.by_profile for m in mapped):
        return False
    foreign = [_propose(i, m) for i, m in enumerate(mapped) if m.foreign or (m.state == WRONG and m.problems)]
    return any(not p.is_certain for p in foreign)


def _read(batch: Batch) -> RawWorkbook:
    return read_document(document=batch.document, keep=True)


def _propose(index: int, sheet: MappedSheet) -> SheetProposal:
    columns = []
    taught = sheet.forms.taught if sheet.forms else frozenset()
    for column in sheet.columns:
        offered, sure, why, params = explain_column(raw=sheet.raw, mapped=sheet, column=column, learned=taught)
        kind = column.type
        columns.append(
            ColumnProposal(
                column.index, column.letters, column.heading[:100], _samples(sheet, column.index), offered, column.unit,
                kind.date_order if kind else "", column.fill, sure, why, params,
            )
        )  # fmt: skip
    key = sheet.forms.taker.key if sheet.forms else ""
    return SheetProposal(index, sheet.raw.name, key, sheet.heading_row + 1, columns, bool(sheet.raw.merged))


def _samples(sheet: MappedSheet, index: int) -> list[str]:
    below = sheet.raw.rows[sheet.heading_row + 1 : sheet.heading_row + 500]
    found = dict.fromkeys(_shown(r[index]) for r in below if index < len(r) and r[index] not in (None, ""))
    return list(found)[:SAMPLES]


def _shown(value: object) -> str:
    """Return a cell as the sheet shows it: a workbook keeps the number 5766973 as 5766973.0."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)[:40]


def check_mapping(*, batch: Batch, sheets: Mapping[str, SheetPlan], actor: User) -> list[str]:
    """Return what is wrong with a mapping, in words; nothing where it can be used."""
    forms = {f.taker.key: f for f in list_forms(actor=actor, about_parks=batch.branch_id is not None)}
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for raw in _read(batch).sheets:
        plan = sheets.get(raw.name)
        if plan is None or plan.taker not in forms:
            continue
        if plan.taker in first:
            params = {"other": first[plan.taker], "taker": plan.taker}
            problems.append(Problem("sheet_twice", raw.name, params=params))
        first.setdefault(plan.taker, raw.name)
        problems += map_by_plan(raw=raw, form=forms[plan.taker], plan=plan).problems
    said = [f"{p.sheet} {p.column}: {get_problem_sentence(problem=p)}" for p in problems]
    return said if first else [_("No column is mapped to a field.")]


@transaction.atomic
def save_mapping(*, batch: Batch, reading: Reading, profile_name: str, actor: User, at: datetime) -> Batch:
    """Keep how the file is to be read, learn the headings, and save the profile where it has a name.

    :raises CannotSaveProfile: the mapping is wrong, the batch was applied or discarded, or the name is taken.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.state in {Batch.State.APPLIED, Batch.State.CANCELLED}:
        raise CannotSaveProfile(_("The file was applied or discarded already."))
    if wrong := check_mapping(batch=batch, sheets=reading.sheets, actor=actor):
        raise CannotSaveProfile(" ".join(wrong))
    raw: Sequence[RawSheet] = _read(batch).sheets
    locked.mapping, locked.decisions, locked.state = reading.as_dict(), {}, Batch.State.UPLOADED
    locked.save(update_fields=["mapping", "decisions", "state"])
    of: dict[str, Any] = {"sheets": reading.sheets, "raw": raw, "park": locked.park, "area": locked.area}
    learned = learn_headings(**of, actor=actor, at=at)
    if profile_name.strip():
        save_profile(name=profile_name, **of, actor=actor, at=at)
    audit.record("intake.mapping.saved", target=locked, actor=actor, at=at, park=locked.park, learned=learned)
    return locked
