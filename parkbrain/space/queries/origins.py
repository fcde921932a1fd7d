"""Where the fields of an object came from: file, sheet and cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models

from parkbrain.intake.models import Origin


@dataclass(frozen=True)
class FieldSource:
    """One field of an object with the cell that it was last taken from."""

    label: str
    file_name: str
    sheet: str
    cell: str
    batch_id: int
    taken_at: datetime | None


def list_field_sources(*, target: models.Model) -> list[FieldSource]:
    """Return for each imported field of an object its latest cell."""
    found: dict[str, FieldSource] = {}
    origins = Origin.objects.filter(target_label=target._meta.label_lower, target_id=target.pk)
    for origin in origins.select_related("batch__document").order_by("pk"):
        for field, cell in origin.cells.items():
            label = _label(target, field)
            found[label] = FieldSource(
                label, origin.batch.document.name, origin.sheet, cell, origin.batch_id, origin.batch.applied_at
            )
    return sorted(found.values(), key=lambda s: s.label)


def _label(target: models.Model, field: str) -> str:
    names = {f.name: str(f.verbose_name) for f in target._meta.fields}
    return names.get(field, field)
