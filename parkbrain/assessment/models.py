"""Tables of assessment: declared and verified facts, and ratings."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.roles import Permission


class ParkScopedQuerySet(models.QuerySet[Any]):
    """Filters rows by the park's branch."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_RATING) -> ParkScopedQuerySet:
        """Keep the rows of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))


class Declaration(models.Model):
    """A fact as its operator declares it for a period, with the file that shows it."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="declarations")
    fact_key = models.CharField(_("fact"), max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField()
    value = models.FloatField(_("value"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    evidence = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    declared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField()

    objects = ParkScopedQuerySet.as_manager()

    class Meta:
        ordering = ["park", "fact_key", "-ends_on"]
        verbose_name = _("declared fact")
        constraints = [
            models.UniqueConstraint(
                fields=["park", "fact_key", "starts_on", "ends_on"], name="declaration_once_per_period"
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="declaration_period_forward"),
        ]

    def __str__(self) -> str:
        return self.fact_key


class Verification(models.Model):
    """An assessor's finding on a fact for a period; it stands beside what was declared or computed, never over it."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="verifications")
    fact_key = models.CharField(_("fact"), max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField()
    value = models.FloatField(_("verified value"))
    reason = models.CharField(_("reason for a difference"), max_length=300, blank=True)
    evidence = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    verified_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    verified_at = models.DateTimeField()

    objects = ParkScopedQuerySet.as_manager()

    class Meta:
        ordering = ["park", "fact_key", "-ends_on"]
        verbose_name = _("verified fact")
        constraints = [
            models.UniqueConstraint(
                fields=["park", "fact_key", "starts_on", "ends_on"], name="verification_once_per_period"
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="verification_period_forward"),
        ]

    def __str__(self) -> str:
        return self.fact_key


class Rating(models.Model):
    """A park's result under a scheme: one current row per park and scheme, and any number of frozen ones."""

    class State(models.TextChoices):
        """Whether the row follows the data or stands for ever."""

        CURRENT = "CURRENT", _("Current")
        FROZEN = "FROZEN", _("Frozen")

    park = models.ForeignKey(Park, models.CASCADE, related_name="ratings")
    scheme_id = models.CharField(_("scheme"), max_length=60)
    scheme_version = models.CharField(_("scheme version"), max_length=20)
    scheme_hash = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    cut_off_on = models.DateField(_("cut-off date"))
    computed_at = models.DateTimeField(_("computed at"))
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    title = models.CharField(_("title"), max_length=120, blank=True)
    # {id: [proven, reachable]} of the first level alone: lists of thousands of parks sort by it.
    dimension_scores: Any = models.JSONField(default=dict)
    total_proven = models.FloatField(_("proven total"))
    total_reachable = models.FloatField(_("reachable total"))
    class_proven = models.SmallIntegerField(_("proven class"), default=0)
    class_reachable = models.SmallIntegerField(_("reachable class"), default=0)
    coverage = models.FloatField(_("coverage"), default=0)
    # SHA-256 over scheme hash, inputs and results: recomputing a frozen rating must give the same. Current ones have none.
    result_hash = models.CharField(max_length=64)
    # Kept last: a list over thousands of parks then never reads through these long columns.
    # {fact key: [value, "c" | "d" | "v", coverage]}; a fact that is absent is unknown.
    inputs: Any = models.JSONField(default=dict)
    # {"nodes": {id: [proven, reachable]}, "indicators": {id: [value, state, proven, reachable, weight in force]},
    #  "gates": {id: 1 | 0 | -1}, "vetoes": {id: 1 | 0 | -1}}
    # Kept with a frozen rating only; the results of a current one follow from its inputs.
    result: Any = models.JSONField(default=dict)

    objects = ParkScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-cut_off_on", "-computed_at"]
        verbose_name = _("rating")
        indexes = [
            models.Index(fields=["scheme_id", "state", "-total_proven"], name="rating_scheme_total"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["park", "scheme_id"], condition=Q(state="CURRENT"), name="rating_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.park} · {self.scheme_id} · {self.cut_off_on}"


class MeasureChange(models.Model):
    """What a park knows better about a measure of the catalogue: its own quote, its own time, or that it will not do it."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="measure_changes")
    measure_id = models.CharField(_("measure"), max_length=60)
    cost_yuan = models.DecimalField(_("cost (yuan)"), max_digits=14, decimal_places=2, null=True)
    months = models.PositiveSmallIntegerField(_("months"), null=True)
    success = models.FloatField(_("chance of success"), null=True)
    is_off = models.BooleanField(_("never in a plan"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    objects = ParkScopedQuerySet.as_manager()

    class Meta:
        ordering = ["park", "measure_id"]
        verbose_name = _("change of a measure")
        constraints = [
            models.UniqueConstraint(fields=["park", "measure_id"], name="measure_change_once"),
            models.CheckConstraint(
                condition=Q(cost_yuan__gte=0) | Q(cost_yuan=None), name="measure_change_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.measure_id


class OwnMeasure(models.Model):
    """A measure of a park's own, beside the catalogue: fact → formula of its value afterwards."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="own_measures")
    name = models.CharField(_("name"), max_length=120)
    cost_yuan = models.DecimalField(_("cost (yuan)"), max_digits=14, decimal_places=2)
    months = models.PositiveSmallIntegerField(_("months"))
    success = models.FloatField(_("chance of success"), default=0.9)
    effects: Any = models.JSONField(default=dict)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    objects = ParkScopedQuerySet.as_manager()

    class Meta:
        ordering = ["park", "pk"]
        verbose_name = _("own measure")
        constraints = [
            models.UniqueConstraint(fields=["park", "name"], name="own_measure_once"),
            models.CheckConstraint(condition=Q(cost_yuan__gte=0), name="own_measure_cost_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class StarPlan(models.Model):
    """A park's cheapest way to its next star as the city's planning last found it; no cost where there is no way."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="star_plans")
    scheme_id = models.CharField(_("scheme"), max_length=60)
    facts_hash = models.CharField(max_length=64)
    class_before = models.SmallIntegerField(_("proven class"))
    # 0 where the park holds the best class already.
    target = models.SmallIntegerField(_("next star"))
    cost_yuan = models.DecimalField(_("cost (yuan)"), max_digits=16, decimal_places=2, null=True)
    months = models.PositiveSmallIntegerField(_("months"), default=0)
    measures: Any = models.JSONField(default=list)
    certainty = models.FloatField(_("chance of success"), null=True)
    computed_at = models.DateTimeField(_("computed at"))

    objects = ParkScopedQuerySet.as_manager()

    class Meta:
        ordering = ["cost_yuan", "park"]
        verbose_name = _("plan to the next star")
        constraints = [models.UniqueConstraint(fields=["park", "scheme_id"], name="star_plan_one")]

    def __str__(self) -> str:
        return f"{self.park} · {self.target}"


class StarCertainty(models.Model):
    """How sure a park's star and rank are, as the city's drawing last found it."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="star_certainties")
    scheme_id = models.CharField(_("scheme"), max_length=60)
    facts_hash = models.CharField(max_length=64)
    class_proven = models.SmallIntegerField(_("proven class"))
    #: The chance of exactly the proven class; what lists sort by.
    certainty = models.FloatField(_("certainty of the star"))
    # The chance of each class from 0 up, and the 5, 25, 50, 75 and 95 % quantiles of the total.
    probabilities: Any = models.JSONField(default=list)
    quantiles: Any = models.JSONField(default=list)
    # 5, 50 and 95 % places among all rated parks and among those of the same kind, with how many there are.
    rank: Any = models.JSONField(default=list)
    kind_rank: Any = models.JSONField(default=list)
    park_count = models.PositiveIntegerField()
    kind_count = models.PositiveIntegerField()
    #: In how many draws the chances were counted.
    draws = models.PositiveIntegerField(default=10_000)
    computed_at = models.DateTimeField(_("computed at"))

    objects = ParkScopedQuerySet.as_manager()

    class Meta:
        ordering = ["certainty", "park"]
        verbose_name = _("certainty of a star")
        constraints = [models.UniqueConstraint(fields=["park", "scheme_id"], name="star_certainty_one")]

    def __str__(self) -> str:
        return f"{self.park} · {self.certainty:.2f}"


class PeerScores(models.Model):
    """What parks have under a scheme, for what one of them does not know: no park is named in it."""

    scheme_id = models.CharField(_("scheme"), max_length=60, unique=True)
    scheme_hash = models.CharField(max_length=64)
    park_count = models.PositiveIntegerField()
    # {"scores": {indicator: [score, …]}, "gates": {id: share met}, "vetoes": {id: share raised}}
    scores: Any = models.JSONField(default=dict)
    computed_at = models.DateTimeField(_("computed at"))

    class Meta:
        verbose_name = _("scores of peers")

    def __str__(self) -> str:
        return self.scheme_id


class Snapshot(models.Model):
    """The rated parks of the installation at one cut-off, a column for every fact, value and score.

    One row is current and follows the nightly rating; the others are kept, at most one for a day. `park_ids` are the
    parks' numbers, rising, 8 bytes each. Parks rated after `last_rating` are newer than the current columns.
    """

    class Kind(models.TextChoices):
        """Whether the columns follow the data or are kept."""

        CURRENT = "CURRENT", _("Current")
        KEPT = "KEPT", _("Kept")

    scheme_id = models.CharField(_("scheme"), max_length=60)
    scheme_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    cut_off_on = models.DateField(_("cut-off date"))
    computed_at = models.DateTimeField(_("computed at"))
    last_rating = models.BigIntegerField(default=0)
    park_count = models.PositiveIntegerField()
    park_ids = models.BinaryField()

    class Meta:
        ordering = ["cut_off_on"]
        verbose_name = _("snapshot of the city")
        constraints = [
            models.UniqueConstraint(fields=["scheme_id"], condition=Q(kind="CURRENT"), name="snapshot_one_current"),
            models.UniqueConstraint(
                fields=["scheme_id", "cut_off_on"], condition=Q(kind="KEPT"), name="snapshot_one_for_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} · {self.cut_off_on}"


class SnapshotColumn(models.Model):
    """One column of a snapshot: a number for each park, 4 bytes where they hold it whole and 8 otherwise, NaN unknown."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="columns")
    key = models.CharField(max_length=80)
    data = models.BinaryField()

    class Meta:
        verbose_name = _("column of a snapshot")
        constraints = [models.UniqueConstraint(fields=["snapshot", "key"], name="snapshot_column_once")]

    def __str__(self) -> str:
        return self.key
