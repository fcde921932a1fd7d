"""The rows of an examined file written through the modules' services, with the origin of every value."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from parkbrain.kernel import bulk, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, TakenRow

from ..models import Batch, Origin, WrittenRow
from ..queries import Problem
from .examination import PREVIEWING, Examined, Steps
from .rows import TypedSheet

logger = logging.getLogger(__name__)

CREATE, UPDATE, NOTHING = "create", "update", "nothing"
#: Differences that the page lists one by one; the counts are always of all rows.
LISTED_CHANGES = 5000


class RowsRefused(Exception):
    """A module or the database refused while rows were written; everything is rolled back."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass
class Written:
    """What writing did: per sheet and row what became of it."""

    park: Park | None
    by_sheet: list[tuple[TypedSheet, Mapping[int, Applied]]] = field(default_factory=list)
    changed_parks: set[int] = field(default_factory=set)

    def count(self, action: str) -> int:
        """Return how many rows had this outcome."""
        by_sheet = ((sheet, applied) for sheet, applied in self.by_sheet if not sheet.made)
        return sum(a.change.action == action for _sheet, applied in by_sheet for a in applied.values())

    @property
    def change_count(self) -> int:
        """How many rows created or changed something."""
        return self.count(CREATE) + self.count(UPDATE)


def write_rows(*, examined: Examined, actor: User, at: datetime, steps: Steps) -> Written:
    """Write every sheet in its order, inside the caller's transaction.

    :raises RowsRefused: a service or the database refused; the caller's transaction has to roll back.
    """
    written = Written(examined.park)
    with registry.hold_changes() as changed:
        for sheet in examined.sheets:
            assert sheet.mapped.forms is not None
            taker = sheet.mapped.forms.taker
            with steps.part(PREVIEWING * len(sheet.all)):
                steps.tell(_("Comparing with the record"))
                applied = _apply(sheet, {"park": written.park} if examined.area is None else examined.place, actor, at)
            written.by_sheet.append((sheet, applied))
            if taker.describes_park and written.park is None and sheet.clean:
                code = str(sheet.clean[0].values["code"])
                written.park = Park.objects.select_related("branch").get(code=code)
        written.changed_parks = set(changed)
    if written.park is not None and written.change_count:
        written.changed_parks.add(written.park.pk)
    return written


def _apply(sheet: TypedSheet, place: Mapping[str, Any], actor: User, at: datetime) -> Mapping[int, Applied]:
    assert sheet.mapped.forms is not None
    taker = sheet.mapped.forms.taker
    try:
        with transaction.atomic():
            return taker.apply(**place, rows=sheet.clean, actor=actor, at=at)
    except DatabaseError as error:
        logger.warning("rows of %s refused by the database: %s", taker.key, error)
        raise RowsRefused(Problem("database_refused", sheet.name, taker=taker.key)) from error
    except ValidationError as error:
        said = {get_language() or "": "; ".join(error.messages)}
        raise RowsRefused(Problem("refused", sheet.name, taker=taker.key, said=said)) from error
    except Exception as error:
        # Services refuse by raising Cannot<Verb><Noun>, with words for people; anything else is a fault of ours.
        if not type(error).__name__.startswith("Cannot"):
            raise
        said = {get_language() or "": str(error)}
        raise RowsRefused(Problem("refused", sheet.name, taker=taker.key, said=said)) from error


def record_origins(*, batch: Batch, written: Written) -> None:
    """Store where the values of every created or changed row came from."""
    bulk.insert_values(
        model=Origin,
        columns=("batch_id", "sheet", "row_number", "cells", "target_label", "target_id", "reason"),
        rows=_origins(batch, written),
    )


def _origins(batch: Batch, written: Written) -> Iterator[tuple[Any, ...]]:
    for sheet, applied in written.by_sheet:
        letters = sheet.letters_by_field()
        rows = {r.number: r for r in sheet.clean}
        for number, outcome in applied.items():
            reason = sheet.reasons.get(number, {})
            for name, (label, key) in outcome.parts.items():
                cell = {"value": f"{letters[name]}{number}"} if name in letters else {}
                yield batch.pk, sheet.name[:100], number, cell, label, key, reason
            if outcome.change.action != NOTHING and not outcome.parts:
                cells = _cells(rows[number], outcome, letters, sheet.mapped.raw.ref(number))
                yield batch.pk, sheet.name[:100], number, cells, outcome.target_label, outcome.target_id, reason


def record_written_rows(*, batch: Batch, log: bulk.WriteLog) -> None:
    """Store what was written, so that the batch can be taken back."""
    bulk.insert_values(
        model=WrittenRow,
        columns=("batch_id", "action", "target_label", "target_id", "old", "new"),
        rows=((batch.pk, w.action, w.label, w.pk, w.old, w.new) for w in log),
    )


def _cells(row: TakenRow, outcome: Applied, letters: Mapping[str, str], ref: str) -> dict[str, str]:
    """Return the cell of each field that the row gave; of an update only those of the fields that changed."""
    cells = {f: ref or f"{letters[f]}{row.number}" for f in row.values if f in letters}
    if outcome.change.action == UPDATE:
        changed = {f: c for f, c in cells.items() if f in outcome.change.fields}
        return changed or cells
    return cells


def list_changes(*, written: Written) -> list[dict[str, Any]]:
    """Return what changes row by row, as plain values: changed rows before new ones, as many as a page lists."""
    changes: list[dict[str, Any]] = []
    for action in (UPDATE, CREATE):
        for sheet, applied in written.by_sheet:
            for number, outcome in applied.items():
                if outcome.change.action == action and len(changes) < LISTED_CHANGES:
                    changes.append(_change(sheet, number, outcome))
    return changes


def _change(sheet: TypedSheet, number: int, outcome: Applied) -> dict[str, Any]:
    change: dict[str, Any] = {
        "sheet": sheet.name,
        "taker": sheet.key,
        "row": number,
        "action": outcome.change.action,
        "name": outcome.change.target_name[:200],
        "target": [outcome.target_label, outcome.target_id],
    }
    if ref := sheet.mapped.raw.ref(number):
        change["ref"] = ref
    if outcome.change.why:
        change["why"] = outcome.change.why
    if number in sheet.reasons:
        change["why"] = sheet.reasons[number]
    if outcome.change.fields:
        change["fields"] = {f: [_plain(old), _plain(new)] for f, (old, new) in outcome.change.fields.items()}
    return change


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(v) for v in value)
    try:
        json.dumps(value)
    except TypeError:
        return str(value)
    return value
