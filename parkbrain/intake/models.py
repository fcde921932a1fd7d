"""Tables of intake: batches of an uploaded file, the origin of every row taken from one, and the log to take it back."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import bulk, scope
from parkbrain.kernel.models import Branch, Document, Job, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Area


class BatchQuerySet(models.QuerySet["Batch"]):
    """Filters over batches."""

    def visible_to(self, user: User) -> BatchQuerySet:
        """Keep the batches of parks whose record the person may change, of branches they run, and the person's own."""
        return self.filter(
            scope.branches_q(user, Permission.EDIT_RECORD, field="park__branch__path")
            | scope.branches_q(user, Permission.RUN_ROUNDS, field="branch__path")
            | models.Q(created_by=user)
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
        ROLLED_BACK = "ROLLED_BACK", _("Rolled back")

    park = models.ForeignKey(Park, models.CASCADE, null=True, related_name="batches")
    # A table about the parks of a branch has a branch and no park, and keeps what it is taken into.
    branch = models.ForeignKey(Branch, models.CASCADE, null=True, related_name="+")
    subject: Any = models.JSONField(default=dict)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.UPLOADED)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    rolled_back_at = models.DateTimeField(null=True)
    # What the check found: sheets with their column mapping, problems by row, and the changes to come.
    report: Any = models.JSONField(default=dict)
    problem_count = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    change_count = models.PositiveIntegerField(default=0)
    # How a person (or a profile) said the file is to be read, and what was decided row by row ({} = as recognized).
    mapping: Any = models.JSONField(default=dict)
    decisions: Any = models.JSONField(default=dict)
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

    @property
    def area(self) -> Area | None:
        """What a table about the parks of a branch is taken into; None for what is about one park."""
        return Area(self.branch, self.subject) if self.branch is not None else None

    def is_open_to(self, user: User) -> bool:
        """Tell whether the person may take it in and back: whoever runs its branch, or changes the record of its park."""
        if self.branch is not None:
            return user.may(Permission.RUN_ROUNDS, self.branch.path)
        return user.may(Permission.EDIT_RECORD, self.park.branch.path if self.park else None)


class Origin(models.Model):
    """Where a row came from: file, sheet and row, and the cell of each field."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="origins")
    sheet = models.CharField(max_length=100)
    row_number = models.PositiveIntegerField()
    # Field → cell reference ("D7").
    cells: Any = models.JSONField(default=dict)
    target_label = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    # Why the row was taken for this object, where it was matched.
    reason: Any = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["target_label", "target_id"], name="origin_target")]
        verbose_name = _("origin")

    def __str__(self) -> str:
        return f"{self.batch} · {self.sheet} · {self.row_number}"


class WrittenRow(models.Model):
    """A row that an applied batch wrote, with what it took to take the batch back; gone once that has happened."""

    class Action(models.TextChoices):
        """What was done to the row."""

        CREATED = bulk.CREATED, _("Created")
        UPDATED = bulk.UPDATED, _("Updated")
        DELETED = bulk.DELETED, _("Deleted")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="written_rows")
    action = models.CharField(max_length=8, choices=Action.choices)
    target_label = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    # Column → value: of an update only the columns that changed, otherwise those that are not empty.
    old: Any = models.JSONField(default=dict)
    new: Any = models.JSONField(default=dict)

    class Meta:
        # The order of writing: it is taken back from the end.
        ordering = ["pk"]
        verbose_name = _("written row")

    def __str__(self) -> str:
        return f"{self.target_label} {self.target_id}"


def _of_branches(user: User) -> models.Q:
    permissions = (Permission.EDIT_RECORD, Permission.RUN_ROUNDS)
    edited, run = (scope.branches_q(user, one, field="branch__path") for one in permissions)
    return edited | run


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Filters over profiles."""

    def visible_to(self, user: User) -> ProfileQuerySet:
        """Keep the profiles of the branches whose record the person may change, or which they run."""
        return self.filter(_of_branches(user))


class Profile(models.Model):
    """How a kind of file is read: which sheet is what and which column holds which field; known by its headings."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    # Per sheet: its thing, and for each heading (as compared) the field, the unit, the order of dates.
    sheets: Any = models.JSONField(default=list)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("import profile")
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="profile_name_once_per_branch")]

    def __str__(self) -> str:
        return self.name


class LearnedHeadingQuerySet(models.QuerySet["LearnedHeading"]):
    """Filters over learned headings."""

    def visible_to(self, user: User) -> LearnedHeadingQuerySet:
        """Keep what was learned in the branches whose record the person may change, or which they run."""
        return self.filter(_of_branches(user))


class LearnedHeading(models.Model):
    """A heading that a person of the branch confirmed to mean a field."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="+")
    taker = models.CharField(max_length=40)
    heading = models.CharField(max_length=120)
    field = models.CharField(max_length=60)
    learned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    learned_at = models.DateTimeField()

    objects = LearnedHeadingQuerySet.as_manager()

    class Meta:
        ordering = ["taker", "heading"]
        verbose_name = _("learned heading")
        constraints = [
            models.UniqueConstraint(fields=["branch", "taker", "heading"], name="heading_learned_once_per_branch")
        ]

    def __str__(self) -> str:
        return self.heading
