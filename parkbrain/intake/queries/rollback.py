"""What taking an applied batch back would do, and what stands in its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import AuditEvent

from ..models import Batch, Origin, WrittenRow
from .showing import get_value_text

Action = WrittenRow.Action
#: Rows that a page or a refusal names one by one; the counts are always of all.
LISTED = 200
_BLOCK = 2000
#: A plan that was shown is kept for this long [s].
_KEPT_S = 3600


@dataclass(frozen=True)
class KindCount:
    """How many rows of a kind."""

    kind: str
    count: int


@dataclass(frozen=True)
class RestoredLine:
    """A row that gets old values back: fields with the value now and the one it gets."""

    kind: str
    name: str
    fields: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Conflict:
    """A row that was changed, or built upon, after the batch was applied."""

    kind: str
    name: str
    reason: str
    # Sheet and row of the file, where the row came straight from one.
    place: str = ""
    # Who changed it last and when, as far as the audit trail says.
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class RollbackPlan:
    """What taking a batch back does; it happens only where there is no conflict."""

    removed: Sequence[KindCount]
    restored: Sequence[RestoredLine]
    restored_count: int
    returned: Sequence[KindCount]
    conflicts: Sequence[Conflict]
    conflict_count: int
    has_log: bool

    @property
    def is_possible(self) -> bool:
        """Whether the batch can be taken back."""
        return self.has_log and not self.conflict_count

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain values for programs."""
        return {
            "removed": sum(one.count for one in self.removed),
            "restored": self.restored_count + sum(one.count for one in self.returned),
            "conflict_count": self.conflict_count,
            "conflicts": [{"kind": c.kind, "name": c.name, "reason": c.reason} for c in self.conflicts],
        }


@dataclass(frozen=True)
class _Ref:
    """A row that a sentence names: the names of all of them are looked up together."""

    model: type[models.Model]
    pk: Any


@dataclass(frozen=True)
class _Finding:
    """A row with a sentence on it and the values of the sentence."""

    write: WrittenRow
    text: str
    values: Mapping[str, str | _Ref] = field(default_factory=dict)


def list_written_rows(*, batch: Batch) -> list[WrittenRow]:
    """Return what an applied batch wrote, in the order of writing."""
    return list(WrittenRow._default_manager.filter(batch=batch))


def get_rollback_plan(*, batch: Batch, lock: bool = False, first: int = 0) -> RollbackPlan:
    """Return what taking the batch back would do now; with `lock` the rows stay so until the transaction ends.

    Of many rows it names `LISTED`, those that follow after the `first`; the counts are of all.

    To look at, it is worked out once for a state of the record: every change adds a link to the audit chain.
    """
    if lock:
        return _make_plan(batch, lock, first)
    key = f"intake.rollback.{batch.pk}.{batch.state}.{first}.{audit.get_head()}.{get_language()}"
    plan: RollbackPlan | None = cache.get(key)
    if plan is None:
        plan = _make_plan(batch, lock, first)
        cache.set(key, plan, _KEPT_S)
    return plan


def _make_plan(batch: Batch, lock: bool, first: int) -> RollbackPlan:
    writes = list_written_rows(batch=batch)
    findings: dict[int, list[_Finding]] = {}
    for finding in _find_conflicts(writes, lock):
        findings.setdefault(finding.write.pk, []).append(finding)
    updated = [w for w in writes if w.action == Action.UPDATED]
    return RollbackPlan(
        removed=_counts(w for w in writes if w.action == Action.CREATED),
        restored=_restored(updated[first : first + LISTED]),
        restored_count=len(updated),
        returned=_counts(w for w in writes if w.action == Action.DELETED),
        conflicts=_described(batch, list(findings.values())[first : first + LISTED]),
        conflict_count=len(findings),
        # A batch of a version that kept no log changed something and cannot say what.
        has_log=bool(writes) or not batch.change_count,
    )


def count_written_rows(*, batch: Batch) -> int:
    """Return how many rows taking the batch back would touch."""
    return int(WrittenRow._default_manager.filter(batch=batch).count())


def get_model(*, label: str) -> type[models.Model]:
    """Return the table of written rows."""
    return apps.get_model(label)


def find_rows(*, model: type[models.Model], pks: Sequence[int]) -> dict[int, Any]:
    """Return the rows of a table by key, with what their names are made of."""
    related = [f.name for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]
    found: dict[int, Any] = {}
    for start in range(0, len(pks), _BLOCK):
        found.update(model._base_manager.select_related(*related).in_bulk(pks[start : start + _BLOCK]))
    return found


def _kind(label: str) -> str:
    return str(get_model(label=label)._meta.verbose_name)


def _counts(writes: Iterable[WrittenRow]) -> list[KindCount]:
    return [KindCount(_kind(label), count) for label, count in Counter(w.target_label for w in writes).items()]


def _by_label(writes: Iterable[WrittenRow]) -> dict[str, dict[int, WrittenRow]]:
    grouped: dict[str, dict[int, WrittenRow]] = {}
    for write in writes:
        grouped.setdefault(write.target_label, {})[write.target_id] = write
    return grouped


def _find_conflicts(writes: Sequence[WrittenRow], lock: bool) -> Iterator[_Finding]:
    standing = _by_label(w for w in writes if w.action != Action.DELETED)
    for label, own in standing.items():
        yield from _changed_since(get_model(label=label), own, lock)
    created = _by_label(w for w in writes if w.action == Action.CREATED)
    for label, own in created.items():
        yield from _built_upon(get_model(label=label), own, _by_label(writes))
    yield from _lost_references(writes, created)


def _changed_since(model: type[models.Model], own: Mapping[int, WrittenRow], lock: bool) -> Iterator[_Finding]:
    """Find the rows that are gone or say something else than the batch made them say."""
    now = dict(_current_values(model, list(own), lock))
    for pk, write in own.items():
        if pk not in now:
            yield _Finding(write, _("It was removed since."))
            continue
        for column, value in _differences(model, write, now[pk]):
            if _is_moment(model, column):
                # When it was written says nothing of what it is; the value beside it does.
                continue
            yield _Finding(
                write,
                _("“%(field)s” is %(now)s now; the import had set %(set)s."),
                {
                    "field": _label(model, column),
                    "now": _shown(model, column, value),
                    "set": _shown(model, column, write.new.get(column)),
                },
            )


def _current_values(model: type[models.Model], pks: Sequence[int], lock: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    columns = [f.attname for f in model._meta.concrete_fields if not f.primary_key and f.name != bulk.SEARCH_TEXT]
    for start in range(0, len(pks), _BLOCK):
        rows = model._base_manager.filter(pk__in=pks[start : start + _BLOCK]).order_by()
        if lock:
            rows = rows.select_for_update()
        for pk, *values in rows.values_list("pk", *columns):
            yield pk, {c: bulk.plain_value(v) for c, v in zip(columns, values, strict=True)}


def _differences(model: type[models.Model], write: WrittenRow, now: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if write.action == Action.UPDATED:
        # A value that somebody put back by hand is no conflict: there is nothing left to restore.
        yield from ((c, now[c]) for c, v in write.new.items() if c in now and now[c] not in (v, write.old.get(c)))
        return
    for column, value in now.items():
        if column in write.new:
            if write.new[column] != value:
                yield column, value
        elif value not in (None, "") and value != _default(model, column):
            yield column, value


def _default(model: type[models.Model], column: str) -> Any:
    """Return the value that a column added by a later version gave to rows it found."""
    field: Any = model._meta.get_field(column)
    return bulk.plain_value(field.to_python(field.get_default()))


def _built_upon(
    model: type[models.Model], own: Mapping[int, WrittenRow], written: Mapping[str, Mapping[int, WrittenRow]]
) -> Iterator[_Finding]:
    """Find the new rows that rows of others refer to."""
    for relation in model._meta.related_objects:
        other = relation.related_model
        assert not isinstance(other, str)
        if not relation.concrete and relation.many_to_many:
            continue
        mine = written.get(other._meta.label_lower, {})
        for pk, target in _references(other, relation.field, list(own)):
            if pk not in mine:
                values: dict[str, str | _Ref] = {"kind": str(other._meta.verbose_name), "name": _Ref(other, pk)}
                yield _Finding(own[target], _("It is used by what came later: %(kind)s “%(name)s”."), values)


def _references(other: type[models.Model], field: Any, pks: Sequence[int]) -> Iterator[tuple[int, int]]:
    rows = other._base_manager.order_by()
    following = bulk.consequences.get(other._meta.label_lower)
    if following is not None:
        rows = rows.exclude(following)
    for start in range(0, len(pks), _BLOCK):
        found = rows.filter(**{f"{field.name}__in": pks[start : start + _BLOCK]})
        yield from found.values_list("pk", field.attname)


def _lost_references(writes: Sequence[WrittenRow], created: Mapping[str, Collection[int]]) -> Iterator[_Finding]:
    """Find old values that point to a row which is no longer there."""
    returned = _by_label(w for w in writes if w.action == Action.DELETED)
    for label, own in _by_label(w for w in writes if w.action != Action.CREATED).items():
        model = get_model(label=label)
        for foreign in model._meta.concrete_fields:
            if not isinstance(foreign, models.ForeignKey):
                continue
            target = foreign.related_model
            wanted = {pk: w.old[foreign.attname] for pk, w in own.items() if w.old.get(foreign.attname) is not None}
            there = _existing(target, set(wanted.values())) | set(returned.get(target._meta.label_lower, {}))
            for pk, key in wanted.items():
                if key not in there:
                    yield _Finding(
                        own[pk], _("“%(field)s” as it was is no longer there."), {"field": str(foreign.verbose_name)}
                    )


def _existing(model: type[models.Model], pks: Collection[Any]) -> set[Any]:
    """Return those keys of which there is a row."""
    asked = list(pks)
    found: set[Any] = set()
    for start in range(0, len(asked), _BLOCK):
        rows = model._base_manager.filter(pk__in=asked[start : start + _BLOCK])
        found.update(rows.order_by().values_list("pk", flat=True))
    return found


def _described(batch: Batch, listed: Sequence[Sequence[_Finding]]) -> list[Conflict]:
    """Put into words what stands in the way: the findings of each row together."""
    findings = [finding for of_row in listed for finding in of_row]
    writes = [of_row[0].write for of_row in listed]
    own = {(w.target_label, w.target_id): _Ref(get_model(label=w.target_label), w.target_id) for w in writes}
    names = _names([*own.values(), *(value for finding in findings for value in finding.values.values())])
    places, events = _places(batch, writes), _last_events(batch, writes)
    conflicts = []
    for write, of_row in zip(writes, listed, strict=True):
        key = (write.target_label, write.target_id)
        event = events.get(key)
        conflicts.append(
            Conflict(
                _kind(write.target_label),
                names[own[key]],
                " ".join(one.text % {name: _said(names, v) for name, v in one.values.items()} for one in of_row),
                places.get(key, ""),
                str(event.actor) if event and event.actor else "",
                event.at if event else None,
            )
        )
    return conflicts


def _names(values: Iterable[str | _Ref]) -> dict[_Ref, str]:
    """Return the names of the rows among the values, asked for once a table; a row that is gone goes by its key."""
    wanted: dict[type[models.Model], dict[Any, _Ref]] = {}
    for value in values:
        if isinstance(value, _Ref):
            wanted.setdefault(value.model, {})[value.pk] = value
    names: dict[_Ref, str] = {}
    for model, refs in wanted.items():
        rows = find_rows(model=model, pks=list(refs))
        names |= {ref: str(rows.get(pk) or pk) for pk, ref in refs.items()}
    return names


def _said(names: Mapping[_Ref, str], value: str | _Ref) -> str:
    return value if isinstance(value, str) else names[value]


def _places(batch: Batch, writes: Iterable[WrittenRow]) -> dict[tuple[str, int], str]:
    """Return sheet and row of the file for those rows that came straight from one."""
    found: dict[tuple[str, int], str] = {}
    for label, own in _by_label(writes).items():
        origins = Origin.objects.filter(batch=batch, target_label=label, target_id__in=list(own))
        for target_id, sheet, number in origins.order_by("pk").values_list("target_id", "sheet", "row_number"):
            found.setdefault((label, target_id), f"{sheet} {number}")
    return found


def _last_events(batch: Batch, writes: Iterable[WrittenRow]) -> dict[tuple[str, int], AuditEvent]:
    """Return the last event of each row since the batch was applied."""
    found: dict[tuple[str, int], AuditEvent] = {}
    for label, own in _by_label(writes).items():
        events = AuditEvent.objects.filter(target_label=label, target_id__in=[str(pk) for pk in own])
        later = events.filter(at__gt=batch.applied_at).select_related("actor").order_by("at", "pk")
        found.update({(label, int(event.target_id)): event for event in later})
    return found


def _restored(writes: Sequence[WrittenRow]) -> list[RestoredLine]:
    lines: list[tuple[str, _Ref, list[tuple[str, str | _Ref, str | _Ref]]]] = []
    for write in writes:
        model = get_model(label=write.target_label)
        fields = [
            (_label(model, c), _shown(model, c, v), _shown(model, c, write.old.get(c)))
            for c, v in write.new.items()
            if v != write.old.get(c) and not _is_moment(model, c)
        ]
        lines.append((_kind(write.target_label), _Ref(model, write.target_id), fields))
    names = _names(value for _of, row, fields in lines for value in (row, *(v for _c, *both in fields for v in both)))
    return [
        RestoredLine(kind, names[row], [(label, _said(names, now), _said(names, then)) for label, now, then in fields])
        for kind, row, fields in lines
    ]


def _is_moment(model: type[models.Model], column: str) -> bool:
    return isinstance(model._meta.get_field(column), models.DateTimeField)


def _label(model: type[models.Model], column: str) -> str:
    return str(getattr(model._meta.get_field(column), "verbose_name", column))


def _shown(model: type[models.Model], column: str, value: Any) -> str | _Ref:
    """Return a stored value of a column as people read it; a reference to a row is named with the others."""
    field: Any = model._meta.get_field(column)
    if value in (None, ""):
        return get_value_text(value=value)
    if isinstance(field, models.ForeignKey):
        return _Ref(field.related_model, value)
    if isinstance(field, models.DecimalField):
        return f"{Decimal(value).normalize():f}"
    return get_value_text(value=value, labels={str(k): str(v) for k, v in field.flatchoices})
