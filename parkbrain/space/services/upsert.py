"""Bring many rows to what is said of them: create what is new, change what differs, leave what is so already."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import models

from parkbrain.kernel import bulk
from parkbrain.kernel.names import Named, to_traditional
from parkbrain.kernel.taking import Applied, Change

M = TypeVar("M", bound=models.Model)

CREATE, UPDATE, NOTHING = "create", "update", "nothing"


@dataclass(frozen=True)
class Recorded(Generic[M]):
    """A row after it was recorded: created, updated (fields with old and new value) or already so."""

    row: M
    action: str
    fields: Mapping[str, tuple[Any, Any]]

    def applied(self, *, why: str = "") -> Applied:
        """Return the outcome in the words of an import; `why` says what the row was matched by."""
        change = Change(self.action, str(self.row), self.fields, why)
        return Applied(change, self.row._meta.label_lower, self.row.pk)

    def details(self) -> dict[str, Any]:
        """Return what changed, as plain values for the audit trail."""
        return {"fields": {name: [_plain(old), _plain(new)] for name, (old, new) in self.fields.items()}}


def upsert(
    *, model: type[M], found: Mapping[Any, M], rows: Sequence[tuple[Any, Mapping[str, Any]]]
) -> list[Recorded[M]]:
    """Write the rows and return per row what happened; `found` holds what exists by the same keys.

    Only the fields that a row gives are touched. A key that comes twice is one row; the later values win.
    """
    known: dict[Hashable, M] = dict(found)
    new: dict[Hashable, M] = {}
    changed: dict[Hashable, dict[str, Any]] = {}
    outcomes: list[tuple[Hashable, str, dict[str, tuple[Any, Any]]]] = []
    for key, values in rows:
        current = known.get(key)
        wanted = _cleaned(model, values, current)
        if current is None:
            known[key] = new[key] = _made(model, wanted)
            outcomes.append((key, CREATE, {}))
            continue
        differing = {
            name: (getattr(current, name), value) for name, value in wanted.items() if getattr(current, name) != value
        }
        for name, (_old, value) in differing.items():
            setattr(current, name, value)
        if key in new:
            outcomes.append((key, CREATE, {}))
            continue
        if differing:
            before = changed.setdefault(key, {})
            before.update({name: old for name, (old, _new) in differing.items() if name not in before})
        outcomes.append((key, UPDATE if differing else NOTHING, differing))
    # Changes first: a firm that left has to be gone before the next one moves in.
    bulk.update_rows(model=model, changes=[(known[key], before) for key, before in changed.items()])
    bulk.insert_rows(model=model, rows=new.values())
    return [Recorded(known[key], action, fields) for key, action, fields in outcomes]


def created(*, recorded: Iterable[Recorded[Any]]) -> list[tuple[models.Model, dict[str, Any]]]:
    """Return the rows that are new, for the audit trail."""
    return [(r.row, {}) for r in recorded if r.action == CREATE]


def updated(*, recorded: Iterable[Recorded[Any]]) -> list[tuple[models.Model, dict[str, Any]]]:
    """Return the rows that changed with what changed, for the audit trail."""
    return [(r.row, r.details()) for r in recorded if r.action == UPDATE]


def _made(model: type[M], wanted: Mapping[str, Any]) -> M:
    """Return a new row; rows that it refers to are put beside their keys, without Django looking at each."""
    rows = {name: value for name, value in wanted.items() if isinstance(value, models.Model)}
    keys: Any = {model._meta.get_field(name).attname: row.pk for name, row in rows.items()}  # type: ignore[union-attr]
    made = model(**{name: value for name, value in wanted.items() if name not in rows}, **keys)
    made._state.fields_cache.update(rows)
    return made


def _cleaned(model: type[models.Model], values: Mapping[str, Any], current: models.Model | None) -> dict[str, Any]:
    wanted = {name: _reader(model, name)(value) for name, value in values.items()}
    if issubclass(model, Named) and wanted.get("name_zh_hans") and not wanted.get("name_zh_hant"):
        same = current is not None and current.name_zh_hans == wanted["name_zh_hans"]  # type: ignore[attr-defined]
        wanted.pop("name_zh_hant", None)
        # A Traditional name given by hand stays as long as the Simplified one it belongs to does.
        if not same:
            wanted["name_zh_hant"] = to_traditional(wanted["name_zh_hans"])
    return wanted


@cache
def _reader(model: type[models.Model], name: str) -> Callable[[Any], Any]:
    """Return what makes a value what the column holds, so that 5 and 5.0 or "" and None are no difference."""
    field: Any = model._meta.get_field(name)
    read: Callable[[Any], Any] = _same
    if isinstance(field, models.ForeignKey):
        return read
    if isinstance(field, models.DecimalField):
        step = Decimal(1).scaleb(-field.decimal_places)

        def read(value: Any) -> Any:
            return Decimal(str(value)).quantize(step)

    elif isinstance(field, models.FloatField):
        read = float
    elif isinstance(field, models.IntegerField):
        read = int
    elif isinstance(field, models.JSONField):
        read = _listed
    empty = (lambda: None) if field.null else field.get_default
    return lambda value: empty() if value is None else read(value)


def _same(value: Any) -> Any:
    return value


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, models.Model | Decimal):
        return str(value)
    return value
