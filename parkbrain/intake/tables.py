"""Columns of the list of imports and of the problems of one."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.ui import formats
from parkbrain.ui.table import Column

TONES = {"UPLOADED": "", "CHECKED": "info", "REFUSED": "bad", "APPLIED": "ok", "CANCELLED": "", "ROLLED_BACK": "warn"}


def batch_columns() -> Sequence[Column]:
    """Return the columns of the list of imports."""
    return (
        Column("name", _("File"), lambda b: (b.name, reverse("import_batch", args=[b.batch_id])), "link"),
        Column("park", _("Park"), lambda b: b.park),
        Column(
            "state",
            _("State"),
            lambda b: (_("Under way"), "warn") if b.is_busy else (b.state_label, TONES[b.state]),
            "badge",
        ),
        Column("rows", _("Rows"), lambda b: b.row_count, "integer"),
        Column("changes", _("Changes"), lambda b: b.change_count, "integer"),
        Column("problems", _("Problems"), lambda b: b.problem_count, "integer"),
        Column("by", _("By"), lambda b: b.created_by),
        Column("at", _("Uploaded"), lambda b: formats.moment(b.created_at)),
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
