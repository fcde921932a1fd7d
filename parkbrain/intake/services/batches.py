"""Batches: a file is uploaded, checked, previewed, and applied as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, bulk, registry
from parkbrain.kernel.documents import move_document, store_document
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Area

from ..models import Batch
from ..queries import Problem
from .comparison import list_left_out
from .examination import PREVIEWING, WRITING, Examined, Progress, Steps, examine_file
from .outcomes import list_aside, list_outcomes
from .plans import Reading, read_reading
from .raw import RawWorkbook
from .refusals import CannotApplyBatch, CannotCheckBatch, CannotDiscardBatch, CannotTakeIn
from .staging import find_rows_kept, forget_document, keep_rows, read_document
from .summary import ImportSummary, summarize_batch
from .workbooks import read_workbook
from .writing import (
    CREATE,
    NOTHING,
    UPDATE,
    RowsRefused,
    Written,
    list_changes,
    record_origins,
    record_written_rows,
    write_rows,
)

State = Batch.State
#: Problems that a batch keeps one by one; the count is always of all.
LISTED_PROBLEMS = 2000
_OPEN = frozenset({State.UPLOADED, State.CHECKED, State.REFUSED})


@transaction.atomic
def upload_batch(
    *, name: str, chunks: Iterable[bytes], park: Park | None, actor: User, at: datetime, area: Area | None = None
) -> Batch:
    """Keep an uploaded file as it is and open a batch for it; nothing else is written yet.

    A table about the parks of a branch has an `area` and no park.

    :raises CannotTakeIn: the actor may not change the record of the park (of any park, for a new one), or run the branch.
    """
    batch = Batch(park=park, created_by=actor, created_at=at)
    if area is not None:
        batch.park, batch.branch, batch.subject = None, area.branch, dict(area.subject)
    if not batch.is_open_to(actor):
        raise CannotTakeIn(_("You may not import here."))
    batch.document = store_document(name=name, chunks=chunks, actor=actor, at=at, park=park)
    batch.save()
    audit.record("intake.batch.uploaded", target=batch, actor=actor, at=at, park=park)
    return batch


@transaction.atomic
def choose_park(*, batch: Batch, park: Park, actor: User, at: datetime) -> Batch:
    """Say which park an uploaded file is about, where nobody said so when it came.

    :raises CannotCheckBatch: it is about a park already, it was applied or discarded, or the park is not the actor's.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.state not in _OPEN or locked.park_id is not None or locked.branch_id is not None:
        raise CannotCheckBatch(_("The file is about a park already, or was applied or discarded."))
    if not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotCheckBatch(_("You may not import here."))
    locked.park = park
    locked.state = State.UPLOADED
    locked.save(update_fields=["park", "state"])
    move_document(document=locked.document, park=park)
    audit.record("intake.batch.park_chosen", target=locked, actor=actor, at=at, park=park)
    return locked


@bulk.seldom_collect()
def check_batch(*, batch: Batch, actor: User, at: datetime, progress: Progress | None = None) -> Batch:
    """Check every cell and row of a batch and find out what applying it would change; the record stays as it is.

    :raises CannotCheckBatch: the batch was applied or discarded already.
    """
    if batch.state not in _OPEN:
        raise CannotCheckBatch(_("The file was applied or discarded already."))
    steps = Steps(progress)
    examined = _examine(batch, actor, steps)
    written = _preview(examined, actor, at, steps)
    left_out = list_left_out(examined=examined)
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch.pk)
        if locked.state not in _OPEN:
            raise CannotCheckBatch(_("The file was applied or discarded already."))
        _keep_findings(locked, examined, written)
        locked.report["left_out"] = left_out
        locked.state = State.REFUSED if examined.problems else State.CHECKED
        locked.save()
        event = audit.record(
            "intake.batch.checked", target=locked, actor=actor, at=at, park=examined.park,
            problems=locked.problem_count, changes=locked.change_count,
        )  # fmt: skip
    if event.previous_hash == examined.head:
        # Nobody changed anything while the file was checked: until somebody does, it need not be checked again.
        keep_rows(batch=locked, examined=examined, actor=actor, head=event.hash)
    return locked


@bulk.seldom_collect()
def apply_batch(*, batch: Batch, actor: User, at: datetime, progress: Progress | None = None) -> Batch:
    """Take a batch in: everything in one transaction, or nothing where anything is wrong.

    Where anything changed since the preview, the file is checked again.

    :raises CannotApplyBatch: the batch was applied or discarded already, or the actor may not change the park.
    """
    if batch.state not in _OPEN:
        raise CannotApplyBatch(_("The file was applied or discarded already."))
    about = batch.park or batch.branch
    if about is not None and not batch.is_open_to(actor):
        raise CannotApplyBatch(_("You may not change the park %(code)s.") % {"code": about.code})
    steps = Steps(progress)
    examined = _find_examined(batch, actor, steps) or _examine(batch, actor, steps)
    if not examined.problems:
        try:
            applied = _write(batch, examined, actor, at, steps)
        except RowsRefused as refusal:
            examined.problems.append(refusal.problem)
        except _FoundWrong as found:
            examined = found.examined
        else:
            forget_document(document=batch.document)
            return applied
    return _refuse(batch, examined, actor, at)


class _FoundWrong(Exception):
    """What was checked before is no longer so."""

    def __init__(self, examined: Examined) -> None:
        super().__init__()
        self.examined = examined


@transaction.atomic
def _write(batch: Batch, examined: Examined, actor: User, at: datetime, steps: Steps) -> Batch:
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    # Two people press Apply at once: the second one finds the batch applied.
    if locked.state not in _OPEN:
        raise CannotApplyBatch(_("The file was applied or discarded already."))
    if audit.get_head(lock=True) != examined.head:
        # Somebody changed something since the record was looked at; from here on nobody can.
        examined = _examine(locked, actor, steps)
        if examined.problems:
            raise _FoundWrong(examined)
    steps.total = steps.done + WRITING * examined.row_count
    with bulk.pause_between_blocks(lambda count: steps.tell(_("Writing"), count)):
        with bulk.record_writes() as log:
            written = write_rows(examined=examined, actor=actor, at=at, steps=steps)
        record_origins(batch=locked, written=written)
        record_written_rows(batch=locked, log=log)
    left_out = locked.report.get("left_out", [])
    _keep_findings(locked, examined, written)
    locked.report["left_out"] = left_out
    locked.report["changed_parks"] = sorted(written.changed_parks)
    locked.park = written.park
    locked.state = State.APPLIED
    locked.applied_at = at
    locked.save()
    audit.record(
        "intake.batch.applied", target=locked, actor=actor, at=at, park=written.park,
        created=written.count(CREATE), updated=written.count(UPDATE), unchanged=written.count(NOTHING),
    )  # fmt: skip
    if written.changed_parks:
        steps.tell(_("Rating"))
        registry.park_changed(park_ids=sorted(written.changed_parks), at=at)
    # The last moment at which a person's Cancel still leaves nothing written.
    steps.tell(_("Writing"))
    return locked


@transaction.atomic
def _refuse(batch: Batch, examined: Examined, actor: User, at: datetime) -> Batch:
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.state not in _OPEN:
        raise CannotApplyBatch(_("The file was applied or discarded already."))
    _keep_findings(locked, examined, None)
    locked.state = State.REFUSED
    locked.save()
    audit.record(
        "intake.batch.refused", target=locked, actor=actor, at=at, park=locked.park, problems=locked.problem_count
    )
    return locked


@transaction.atomic
def discard_batch(*, batch: Batch, actor: User, at: datetime) -> Batch:
    """Close a batch that is not wanted; the file stays with it.

    :raises CannotDiscardBatch: it was applied or discarded already.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.state not in _OPEN:
        raise CannotDiscardBatch(_("The file was applied or discarded already."))
    locked.state = State.CANCELLED
    locked.save()
    forget_document(document=locked.document)
    audit.record("intake.batch.discarded", target=locked, actor=actor, at=at, park=locked.park)
    return locked


def import_file(
    *,
    path: Path,
    actor: User,
    at: datetime,
    park_code: str | None = None,
    park_name: str = "",
    reading: Reading | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    area: Area | None = None,
) -> ImportSummary:
    """Take a file in from the terminal, or with `dry_run` only say what it would do and leave no trace.

    :raises CannotTakeIn: the park is not there, or the actor may not change it.
    """
    park = None if area is not None else _park_of(park_code, actor, park_name)
    reading = reading or Reading()
    if park is None and park_code and park_name:
        reading = replace(reading, new_park=(park_code, park_name))
    if dry_run:
        return _try_file(path, park, actor, at, Steps(progress), reading, area)
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(1_048_576), b"")
        batch = upload_batch(name=path.name, chunks=chunks, park=park, actor=actor, at=at, area=area)
    if reading != Reading():
        batch.mapping = reading.as_dict()
        batch.save(update_fields=["mapping"])
    batch = apply_batch(batch=batch, actor=actor, at=at, progress=progress)
    return summarize_batch(batch=batch, problems=[Problem(**p) for p in batch.report["problems"]])


def _park_of(park_code: str | None, actor: User, park_name: str) -> Park | None:
    park = None
    if park_code:
        park = Park.objects.filter(code=park_code).select_related("branch").first()
        if park is None and not park_name:
            raise CannotTakeIn(_("There is no park with the code %(code)s.") % {"code": park_code})
    if not actor.may(Permission.EDIT_RECORD, park.branch.path if park else None):
        raise CannotTakeIn(_("You may not import here."))
    return park


@bulk.seldom_collect()
def _try_file(
    path: Path, park: Park | None, actor: User, at: datetime, steps: Steps, reading: Reading, area: Area | None
) -> ImportSummary:
    def read() -> RawWorkbook:
        return read_workbook(path=path, name=path.name)

    examined = examine_file(read=read, park=park, actor=actor, steps=steps, reading=reading, area=area)
    written = _preview(examined, actor, at, steps)
    return ImportSummary(
        state=State.REFUSED if examined.problems else State.CHECKED,
        rows=examined.row_count,
        created=written.count(CREATE) if written else 0,
        updated=written.count(UPDATE) if written else 0,
        unchanged=written.count(NOTHING) if written else 0,
        problems=examined.problems,
        park_code=_park_code(examined, written),
        dry_run=True,
        changes=list_changes(written=written) if written else [],
        left_out=list_left_out(examined=examined),
        outcomes=list_outcomes(examined=examined),
        unread=examined.unread,
        remarks=[{"code": r.code, "params": r.params} for r in examined.remarks],
        not_taken=[c.heading for m in examined.mapped for c in m.columns if not c.field],
    )


def _examine(batch: Batch, actor: User, steps: Steps) -> Examined:
    reading = read_reading(mapping=batch.mapping, decisions=batch.decisions)

    def read() -> RawWorkbook:
        return read_document(document=batch.document)

    return examine_file(read=read, park=batch.park, actor=actor, steps=steps, reading=reading, area=batch.area)


def _find_examined(batch: Batch, actor: User, steps: Steps) -> Examined | None:
    """Return what the preview found out, where it still holds."""
    steps.tell(_("Checking"))
    return find_rows_kept(batch=batch, actor=actor, head=audit.get_head())


def _preview(examined: Examined, actor: User, at: datetime, steps: Steps) -> Written | None:
    """Write everything and roll it back: the preview is what will happen, not what a second program thinks it will."""
    if examined.problems:
        return None
    comparing = _("Comparing with the record")
    steps.total = steps.done + PREVIEWING * examined.row_count
    try:
        with audit.rehearse(), bulk.pause_between_blocks(lambda count: steps.tell(comparing, count)):
            return write_rows(examined=examined, actor=actor, at=at, steps=steps)
    except RowsRefused as refusal:
        examined.problems.append(refusal.problem)
        return None


def _park_code(examined: Examined, written: Written | None) -> str:
    park = (written.park if written else None) or examined.park
    return park.code if park else ""


def _keep_findings(batch: Batch, examined: Examined, written: Written | None) -> None:
    batch.problem_count = len(examined.problems)
    batch.row_count = examined.row_count
    batch.change_count = written.change_count if written else 0
    counts: dict[str, int] = {}
    by_sheet: dict[str, dict[str, int]] = {}
    if written is not None:
        counts = {action: written.count(action) for action in (CREATE, UPDATE, NOTHING)}
        for sheet, applied in written.by_sheet:
            own = by_sheet.setdefault(sheet.name, dict.fromkeys((CREATE, UPDATE, NOTHING), 0))
            for outcome in applied.values():
                own[outcome.change.action] += 1
    batch.report = {
        "park_code": _park_code(examined, written),
        "park_is_new": bool(written and examined.park is None),
        "counts": counts,
        "sheets": _sheets(examined, by_sheet),
        "remarks": [{"code": r.code, "params": r.params} for r in examined.remarks],
        "problems": [p.as_dict() for p in examined.problems[:LISTED_PROBLEMS]],
        "outcomes": list_outcomes(examined=examined),
        "aside": list_aside(examined=examined),
        "unread": [p.as_dict() for p in examined.unread[:LISTED_PROBLEMS]],
        "unread_count": len(examined.unread),
        "changes": list_changes(written=written) if written else [],
    }


def _sheets(examined: Examined, by_sheet: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    rows = {s.name: len(s.all) for s in examined.sheets}
    return [
        {
            "name": m.raw.name,
            "state": m.state,
            "taker": m.forms.taker.key if m.forms else "",
            "rows": rows.get(m.raw.name, 0),
            "heading_row": m.heading_row + 1 if m.columns else None,
            "columns": [{"letters": c.letters, "heading": c.heading[:100], "field": c.field} for c in m.columns],
            "counts": by_sheet.get(m.raw.name, {}),
        }
        for m in examined.mapped
    ]
