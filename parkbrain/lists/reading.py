"""Many rows of a table with what belongs to them, in one statement and without a model's constructor for each.

A list of a hundred thousand rows spends most of its time in constructors: the rows here are instances of the same models
with the same properties, filled from plain values; a park that a thousand rows share is one object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from django.db import models
from django.db.models import QuerySet
from django.db.models.base import ModelState

from parkbrain.kernel.bulk import SEARCH_TEXT

M = TypeVar("M", bound=models.Model)
#: What is read with a row: related, deferred and chosen fields.
_Choice = tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]


@dataclass(frozen=True)
class _Part:
    """A row, or something it belongs to: its columns in the statement, and what it belongs to in turn, by field."""

    model: type[models.Model]
    names: tuple[str, ...]
    start: int
    key: int
    owners: tuple[tuple[str, _Part], ...]


def _part_of(model: type[models.Model], path: str, asked: list[str], choice: _Choice) -> _Part:
    """Return the part at a path, and add its columns to those that are asked for."""
    related, defer, only = choice
    meta: Any = model._meta
    beginning = f"{path}__" if path else ""
    later = {SEARCH_TEXT, *(name.removeprefix(beginning) for name in defer if name.startswith(beginning))}
    wanted = dict(only).get(path)
    names = tuple(
        f.attname
        for f in meta.concrete_fields
        if f.primary_key or (f.name in wanted if wanted is not None else f.name not in later)
    )
    start = len(asked)
    asked += [f"{beginning}{name}" for name in names]
    steps = dict.fromkeys(r.removeprefix(beginning).split("__")[0] for r in related if r.startswith(beginning))
    owners = tuple(
        (step, _part_of(meta.get_field(step).related_model, f"{beginning}{step}", asked, choice)) for step in steps
    )
    return _Part(model, names, start, start + names.index(meta.pk.attname), owners)


@lru_cache(maxsize=64)
def _parts_of(model: type[models.Model], choice: _Choice) -> tuple[tuple[str, ...], _Part]:
    asked: list[str] = []
    part = _part_of(model, "", asked, choice)
    return tuple(asked), part


def read_rows(
    rows: QuerySet[M],
    *,
    related: Sequence[str] = (),
    defer: Sequence[str] = (),
    only: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[M]:
    """Return the rows in their order, with what they belong to (`related`, as in select_related).

    `only` names the fields that are read, by path ("" is the row itself; a path that is not named has all); the others,
    those in `defer`, and search texts are read when somebody asks for them.
    """
    fields = tuple((path, tuple(names)) for path, names in only.items())
    asked, row = _parts_of(rows.model, (tuple(related), tuple(defer), fields))
    database = rows.db
    known: dict[tuple[type[models.Model], Any], Any] = {}

    def filled(part: _Part, values: Sequence[Any]) -> Any:
        owners = {}
        for field, owner in part.owners:
            key = values[owner.key]
            one = known.get((owner.model, key))
            if one is None and key is not None:
                one = known[owner.model, key] = filled(owner, values)
            owners[field] = one
        one = part.model.__new__(part.model)
        state = ModelState()
        state.__dict__.update(adding=False, db=database, fields_cache=owners)
        one.__dict__.update(
            zip(part.names, values[part.start : part.start + len(part.names)], strict=True), _state=state
        )
        return one

    return [filled(row, values) for values in rows.select_related(None).values_list(*asked)]
