"""Columns of the list of imports and of the problems of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .models import Batch
from .queries import batch_lines, list_batches

TONES = {"UPLOADED": "", "CHECKED": "info", "REFUSED": "bad", "APPLIED": "ok", "CANCELLED": "", "ROLLED_BACK": "warn"}


def batch_columns() -> Sequence[Column]:
    """Return the columns of the list of imports."""
    return (
        Column(
            "name",
            _("File"),
            lambda b: (b.name, reverse("import_batch", args=[b.batch_id])),
            "link",
            ("document__name",),
        ),
        Column("park", _("Park"), lambda b: b.park, order_by=("park__code",)),
        Column(
            "state",
            _("State"),
            lambda b: (_("Under way"), "warn") if b.is_busy else (b.state_label, TONES[b.state]),
            "badge",
            ("state",),
        ),
        Column("rows", _("Rows"), lambda b: b.row_count, "integer", ("row_count",), total="row_count"),
        Column("changes", _("Changes"), lambda b: b.change_count, "integer", ("change_count",), total="change_count"),
        Column(
            "problems", _("Problems"), lambda b: b.problem_count, "integer", ("problem_count",), total="problem_count"
        ),
        Column("by", _("By"), lambda b: b.created_by, order_by=("created_by__username",)),
        Column("at", _("Uploaded"), lambda b: b.created_at, "moment", ("created_at",)),
    )


def _filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("File"), fields=("document__name",), main=True),
        Filter("state", _("State"), "choices", ("state",), Batch.State.choices, main=True),
        Filter("at", _("Uploaded"), "date", ("created_at",), main=True),
        Filter("problems", _("Problems"), "number", ("problem_count",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _sentence(count: int, totals: Mapping[str, Any]) -> str:
    return ngettext("%(count)s import.", "%(count)s imports.", count) % {"count": formats.number(count, 0)}


BATCHES = ListSpec(
    key="intake.batches",
    url_name="import_list",
    label=gettext_lazy("Import"),
    columns=lambda ask: batch_columns(),
    filters=_filters,
    rows=lambda ask: list_batches(user=ask.user),
    related=("document", "park", "branch", "created_by", "job"),
    # The report may hold thousands of rows; a list never needs it.
    defer=("report",),
    default_sort=("-created_at",),
    sentence=_sentence,
    prepare=lambda rows, ask: batch_lines(batches=rows),
    permission=Permission.EDIT_RECORD,
    empty=gettext_lazy(
        "No import is here. The template shows what a file may hold: download it, fill it in, upload it."
    ),
)


def problem_columns() -> Sequence[Column]:
    """Return the columns of the problems of an import."""
    return (
        Column("sheet", _("Sheet"), lambda p: p.sheet),
        Column("cell", _("Cell"), lambda p: p.cell or p.row or ""),
        Column("heading", _("Column"), lambda p: p.heading),
        Column("value", _("Value"), lambda p: p.value),
        Column("message", _("What is wrong"), lambda p: p.message),
    )
