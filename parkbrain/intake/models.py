"""Tables of intake: batches of an uploaded file, and the origin of every row that was taken from one."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Document, Job, Park, User
from parkbrain.kernel.roles import Permission


class BatchQuerySet(models.QuerySet["Batch"]):
    """Filters over batches."""

    def visible_to(self, user: User) -> BatchQuerySet:
        """Keep the batches of parks whose record the person may change, and the person's own."""
        return self.filter(
            scope.branches_q(user, Permission.EDIT_RECORD, field="park__branch__path") | models.Q(created_by=user)
        )


class Batch(models.Model):
    """One uploaded file on its way in: checked and previewed, then applied as a whole or not at all."""

    class State(models.TextChoices):
        """Where the batch is."""

        UPLOADED = "UPLOADED", _("Uploaded")
        CHECKED = "CHECKED", _("Checked")
        REFUSED = "REFUSED", _("Has errors")
        APPLIED = "APPLIED", _("Applied")
        CANCELLED = "CANCELLED", _("Cancelled")

    park = models.ForeignKey(Park, models.CASCADE, null=True, related_name="batches")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.UPLOADED)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    # What the check found: sheets with their column mapping, problems by row, and the changes to come.
    report: Any = models.JSONField(default=dict)
    problem_count = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    change_count = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("import batch")

    def __str__(self) -> str:
        return self.document.name

    @property
    def kind(self) -> str:
        """The kind of the file, by the ending of its name."""
        return self.document.name.rpartition(".")[2].lower()


class Origin(models.Model):
    """Where a row came from: file, sheet and row, and the cell of each field."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="origins")
    sheet = models.CharField(max_length=100)
    row_number = models.PositiveIntegerField()
    # Field → cell reference ("D7").
    cells: Any = models.JSONField(default=dict)
    target_label = models.CharField(max_length=60)
    target_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["target_label", "target_id"], name="origin_target")]
        verbose_name = _("origin")

    def __str__(self) -> str:
        return f"{self.batch} · {self.sheet} · {self.row_number}"
