"""Where the fields of an object came from: file, sheet and cell, with the names people know the fields by."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from parkbrain.intake.queries import OriginCell, list_origins


@dataclass(frozen=True)
class FieldSource:
    """One field of an object with the cell that it was last taken from."""

    label: str
    cell: OriginCell


def list_field_sources(*, target: models.Model) -> list[FieldSource]:
    """Return for each imported field of an object its latest cell."""
    names = {f.name: str(f.verbose_name) for f in target._meta.fields}
    cells = list_origins(target_label=target._meta.label_lower, target_id=target.pk)
    return sorted((FieldSource(names.get(c.field, c.field), c) for c in cells), key=lambda s: s.label)
