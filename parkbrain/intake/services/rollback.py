"""An applied batch is taken back: what it made goes, what it changed gets its old values; all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import DatabaseError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, bulk, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Searchable

from ..models import Batch, WrittenRow
from ..queries import RollbackPlan, find_rows, get_model, get_rollback_plan, list_written_rows
from .examination import Progress, Steps
from .refusals import CannotRollBackBatch

Action = WrittenRow.Action
#: Rows that a refusal names; the page lists more.
_NAMED = 5
_BLOCK = 1000
Events = list[tuple[models.Model, Mapping[str, Any]]]


def find_batch_to_roll_back(*, batch_id: int, actor: User) -> Batch:
    """Return the batch that the actor names, if the actor may take it back.

    :raises CannotRollBackBatch: there is none, it is not applied, or the actor may not change the park.
    """
    batch = (
        Batch.objects.visible_to(actor).select_related("document", "park__branch", "branch").filter(pk=batch_id).first()
    )
    if batch is None:
        raise CannotRollBackBatch(_("There is no import %(number)s.") % {"number": batch_id})
    _check(batch, actor)
    return batch


@bulk.seldom_collect()
def roll_back_batch(*, batch: Batch, actor: User, at: datetime, progress: Progress | None = None) -> Batch:
    """Take an applied batch back, in one transaction: it leaves no trace but its audit.

    :raises CannotRollBackBatch: it is not applied, the actor may not change the park, or something that it wrote was
        changed or built upon since; the message names the rows.
    """
    try:
        return _roll_back(batch, actor, at, Steps(progress))
    except DatabaseError as error:
        message = _("The database refused: something was changed or built upon meanwhile. Look at the plan again.")
        raise CannotRollBackBatch(message) from error


@transaction.atomic
def _roll_back(batch: Batch, actor: User, at: datetime, steps: Steps) -> Batch:
    locked = (
        Batch.objects.select_for_update(of=("self",))
        .select_related("document", "park__branch", "branch")
        .get(pk=batch.pk)
    )
    _check(locked, actor)
    steps.tell(_("Comparing with the record"))
    plan = get_rollback_plan(batch=locked, lock=True)
    if not plan.is_possible:
        raise CannotRollBackBatch(_refusal(locked, plan))
    writes = list_written_rows(batch=locked)
    steps.total = len(writes)
    park = locked.park
    removed, restored = _undo(writes, steps)
    if park is not None and not Park.objects.filter(pk=park.pk).exists():
        park = locked.park = None
    details = {"batch": locked.pk, "file": locked.document.name}
    audit.record_many(
        "intake.row.removed", targets=[(row, details) for row in removed], actor=actor, at=at, park=park
    )  # fmt: skip
    audit.record_many(
        "intake.row.restored", targets=[(r, {**details, **d}) for r, d in restored], actor=actor, at=at, park=park
    )
    WrittenRow._default_manager.filter(batch=locked).delete()
    locked.state = Batch.State.ROLLED_BACK
    locked.rolled_back_at = at
    locked.save()
    audit.record(
        "intake.batch.rolled_back", target=locked, actor=actor, at=at, park=park,
        removed=len(removed), restored=len(restored),
    )  # fmt: skip
    changed = {*locked.report.get("changed_parks", ()), *([park.pk] if park else [])}
    still = Park.objects.filter(pk__in=changed).values_list("pk", flat=True)
    if still and writes:
        steps.tell(_("Rating"))
        registry.park_changed(park_ids=sorted(still), at=at)
    steps.tell(_("Writing"))
    return locked


def _check(batch: Batch, actor: User) -> None:
    if batch.state != Batch.State.APPLIED:
        raise CannotRollBackBatch(_("Only an import that was applied can be rolled back."))
    if not batch.is_open_to(actor):
        code = batch.park.code if batch.park else batch.branch.code if batch.branch else ""
        raise CannotRollBackBatch(_("You may not change the park %(code)s.") % {"code": code})


def _refusal(batch: Batch, plan: RollbackPlan) -> str:
    if not plan.has_log:
        return _("This import was applied by a version that kept no log; it cannot be rolled back.")
    lines = [
        _("The import cannot be rolled back: %(count)s of its rows were changed or built upon since.")
        % {"count": plan.conflict_count}
    ]
    for one in plan.conflicts[:_NAMED]:
        place = f" ({one.place})" if one.place else ""
        lines.append(f"{one.kind} {one.name}{place}: {one.reason}")
    if plan.conflict_count > _NAMED:
        where = reverse("roll_back_import", args=[batch.pk])
        lines.append(_("… and %(count)s more: %(where)s") % {"count": plan.conflict_count - _NAMED, "where": where})
    return "\n".join(lines)


def _undo(writes: Sequence[WrittenRow], steps: Steps) -> tuple[list[models.Model], Events]:
    """Undo the writes from the last to the first: every state on the way is one that the record has had before."""
    removed: list[models.Model] = []
    restored: Events = []
    for (label, action), group in groupby(reversed(writes), key=lambda w: (w.target_label, w.action)):
        model = get_model(label=label)
        together = list(group)
        for start in range(0, len(together), _BLOCK):
            some = together[start : start + _BLOCK]
            if action == Action.CREATED:
                removed += _remove(model, some)
            elif action == Action.UPDATED:
                restored += _restore(model, some)
            else:
                restored += _bring_back(model, some)
            steps.tell(_("Rolling back"), len(some))
    return removed, restored


def _remove(model: type[models.Model], writes: Sequence[WrittenRow]) -> list[models.Model]:
    pks = [w.target_id for w in writes]
    rows = find_rows(model=model, pks=pks)
    _let_go(model, pks)
    model._base_manager.filter(pk__in=pks).delete()
    return [rows[pk] for pk in pks]


def _let_go(model: type[models.Model], pks: Sequence[int]) -> None:
    """Part the rows from what only follows from them."""
    for relation in model._meta.related_objects:
        other = relation.related_model
        assert not isinstance(other, str)
        following = bulk.consequences.get(other._meta.label_lower)
        if following is None:
            continue
        rows = other._base_manager.filter(following, **{f"{relation.field.name}__in": pks})
        if relation.field.null:
            rows.update(**{relation.field.name: None})
        else:
            rows.delete()


def _restore(model: type[models.Model], writes: Sequence[WrittenRow]) -> Events:
    rows = find_rows(model=model, pks=[w.target_id for w in writes])
    changes: list[tuple[models.Model, dict[str, Any]]] = []
    events: Events = []
    for write in writes:
        row = rows[write.target_id]
        before = {column: getattr(row, column) for column in write.old}
        for column, value in write.old.items():
            setattr(row, column, _typed(model, column, value))
        changes.append((row, before))
        fields = {c: [bulk.plain_value(now), write.old[c]] for c, now in before.items()}
        events.append((row, {"fields": fields}))
    bulk.update_rows(model=model, changes=changes)
    return events


def _bring_back(model: type[models.Model], writes: Sequence[WrittenRow]) -> Events:
    fields = model._meta.concrete_fields
    rows = []
    for write in writes:
        values = {
            f.attname: _typed(model, f.attname, write.old.get(f.attname, None if f.null else f.get_default()))
            for f in fields
            if not f.primary_key
        }
        row = model(pk=write.target_id, **values)
        if isinstance(row, Searchable):
            row.search_text = row.fresh_search_text()
        rows.append(row)
    columns = [str(f.column) for f in fields]
    bulk.insert_values(model=model, columns=columns, rows=([getattr(r, f.attname) for f in fields] for r in rows))
    return [(row, {}) for row in rows]


def _typed(model: type[models.Model], column: str, value: Any) -> Any:
    """Return a stored plain value as the column holds it."""
    field: Any = model._meta.get_field(column)
    if isinstance(field, models.ForeignKey):
        return value
    return field.to_python(value)
