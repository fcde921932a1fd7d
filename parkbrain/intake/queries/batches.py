"""Batches a person may see, the parks they may import into, and the origin of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import takers
from parkbrain.kernel.work import with_progress

from ..models import Batch, Origin


@dataclass(frozen=True)
class BatchLine:
    """One import as the list shows it."""

    batch_id: int
    name: str
    park: str
    state: str
    state_label: str
    created_at: datetime
    created_by: str
    row_count: int
    problem_count: int
    change_count: int
    is_busy: bool


@dataclass(frozen=True)
class OriginCell:
    """The cell that a field's value was last taken from."""

    field: str
    file_name: str
    sheet: str
    cell: str
    batch_id: int
    taken_at: datetime | None


def list_batches(*, user: User) -> QuerySet[Batch]:
    """Return the imports that the person may see."""
    return Batch.objects.visible_to(user)


def count_open_batches(*, user: User) -> int:
    """Return how many imports wait to be checked or applied."""
    return list_batches(user=user).filter(state__in=[Batch.State.UPLOADED, Batch.State.CHECKED]).count()


def batch_lines(*, batches: Sequence[Batch]) -> list[BatchLine]:
    """Return imports as the list shows them."""
    return [
        BatchLine(
            batch_id=b.pk,
            name=b.document.name,
            park=b.park.name if b.park else b.branch.name if b.branch else "",
            state=b.state,
            state_label=str(b.get_state_display()),
            created_at=b.created_at,
            created_by=str(b.created_by),
            row_count=b.row_count,
            problem_count=b.problem_count,
            change_count=b.change_count,
            is_busy=b.job is not None and b.job.is_under_way,
        )
        for b in batches
    ]


def get_batch(*, user: User, batch_id: int) -> Batch | None:
    """Return a batch that the person may see, or None."""
    found = Batch.objects.visible_to(user).select_related("document", "park__branch", "branch", "created_by", "job")
    batch = found.filter(pk=batch_id).first()
    if batch is not None and batch.job is not None:
        with_progress(job=batch.job)
    return batch


def get_target(*, batch: Batch) -> tuple[str, str] | None:
    """Return what a table about the parks of a branch is taken into and the page of it; None for what is about one park."""
    title = next((t.title for t in takers if t.about_parks and t.title is not None), None)
    return None if batch.area is None or title is None else title(area=batch.area)


def find_importable_parks(*, user: User) -> QuerySet[Park]:
    """Return the parks whose record the person may change; parks known from public facts only are left out.

    Such a park is imported by a file that names it: thousands of them would bury the person's own in the picker.
    """
    parks = Park.objects.visible_to(user, Permission.EDIT_RECORD).exclude(standing=Park.Standing.AS_STATED)
    return parks.select_related("branch").order_by("code")


def list_origins(*, target_label: str, target_id: int) -> list[OriginCell]:
    """Return for each imported field of an object the cell that its value was last taken from."""
    # What was rolled back is history: no value comes from it any more.
    taken = Origin.objects.exclude(batch__state=Batch.State.ROLLED_BACK)
    origins = taken.filter(target_label=target_label, target_id=target_id)
    latest: dict[str, OriginCell] = {}
    for origin in origins.select_related("batch__document").order_by("batch__applied_at", "pk"):
        for field, cell in origin.cells.items():
            name, taken_at = origin.batch.document.name, origin.batch.applied_at
            latest[field] = OriginCell(field, name, origin.sheet, cell, origin.batch_id, taken_at)
    return [latest[field] for field in sorted(latest)]


@dataclass(frozen=True)
class Source:
    """The import that brought a thing into the record; `is_visible` says whether the person may open it."""

    batch_id: int
    name: str
    is_visible: bool


def find_sources(*, user: User, target_label: str, target_ids: Sequence[int]) -> dict[int, Source]:
    """Return the import that first brought each of the things, where a file did and was not taken back."""
    taken = Origin.objects.exclude(batch__state=Batch.State.ROLLED_BACK)
    rows = taken.filter(target_label=target_label, target_id__in=target_ids).order_by("batch__applied_at", "pk")
    found: dict[int, tuple[int, str]] = {}
    for target, batch, name in rows.values_list("target_id", "batch", "batch__document__name"):
        found.setdefault(target, (batch, name))
    visible = Batch.objects.visible_to(user).filter(pk__in={batch for batch, _name in found.values()})
    seen = set(visible.values_list("pk", flat=True))
    return {target: Source(batch, name, batch in seen) for target, (batch, name) in found.items()}
