"""Output per area: runs of a year by a scheme, what they say of each firm, the list of low-efficiency space."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises

PLAUSIBLE_YEAR = Q(year__gte=1980, year__lte=2100)


class OfParkQuerySet(models.QuerySet[Any]):
    """Filters over rows of a park."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_MONEY) -> OfParkQuerySet:
        """Keep the rows of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))


class Commitment(models.Model):
    """What a firm promised a park for a year in its supervision agreement."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="commitments")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="commitments")
    year = models.PositiveSmallIntegerField(_("year"))
    output_wan = models.DecimalField(
        _("committed output (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True
    )
    tax_wan = models.DecimalField(_("committed tax (10k yuan)"), max_digits=16, decimal_places=4, null=True, blank=True)
    agreement = models.CharField(_("agreement"), max_length=80, blank=True)

    objects = OfParkQuerySet.as_manager()

    class Meta:
        ordering = ["park", "enterprise", "year"]
        verbose_name = _("commitment")
        constraints = [
            models.UniqueConstraint(fields=["park", "enterprise", "year"], name="commitment_once_a_year"),
            models.CheckConstraint(condition=PLAUSIBLE_YEAR, name="commitment_year_plausible"),
            models.CheckConstraint(
                condition=Q(output_wan__isnull=False) | Q(tax_wan__isnull=False), name="commitment_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.year}"


class EfficiencyMark(models.Model):
    """Something that sets a firm apart in a year's classes: D at once, or not graded."""

    class Kind(models.TextChoices):
        """Marks that schemes speak of."""

        SAFETY = "SAFETY", _("Work-safety accident")
        ENVIRONMENT = "ENVIRONMENT", _("Environmental penalty")
        DISHONESTY = "DISHONESTY", _("Listed as dishonest")
        PUBLIC_UTILITY = "PUBLIC_UTILITY", _("Public utility")
        BEING_BUILT = "BEING_BUILT", _("Project being built")

    park = models.ForeignKey(Park, models.CASCADE, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    note = models.CharField(_("what shows it"), max_length=300)

    class Meta:
        ordering = ["park", "year", "enterprise", "kind"]
        verbose_name = _("mark")
        constraints = [
            models.UniqueConstraint(fields=["park", "enterprise", "year", "kind"], name="efficiency_mark_once"),
            models.CheckConstraint(condition=PLAUSIBLE_YEAR, name="efficiency_mark_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.year} {self.get_kind_display()}"


class EfficiencyRun(models.Model):
    """The classes of a park's firms for a year, as one scheme gave them from the figures of that moment."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="efficiency_runs")
    year = models.PositiveSmallIntegerField(_("year"))
    scheme_key = models.CharField(_("scheme"), max_length=40)
    # The scheme as it was: a run can be worked out again when the file has changed.
    scheme: Any = models.JSONField(default=dict)
    inputs_hash = models.CharField(max_length=64)
    park_land_m2 = models.FloatField(_("land of the park (m²)"), null=True, blank=True)
    park_floor_m2 = models.FloatField(_("floor of the park (m²)"), null=True, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    locked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    locked_at = models.DateTimeField(_("locked at"), null=True, blank=True)
    locked_on = models.DateField(_("locked on"), null=True, blank=True)
    is_shared = models.BooleanField(_("classes shown to the firms"), default=False)

    objects = OfParkQuerySet.as_manager()

    class Meta:
        ordering = ["park", "-year", "-pk"]
        verbose_name = _("efficiency run")
        constraints = [
            models.UniqueConstraint(fields=["park", "year", "inputs_hash"], name="efficiency_run_once"),
            # What counts is one run a year.
            models.UniqueConstraint(
                fields=["park", "year"], condition=Q(locked_at__isnull=False), name="efficiency_locked_once_a_year"
            ),
            models.CheckConstraint(condition=PLAUSIBLE_YEAR, name="efficiency_run_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.park} {self.year}"


class EfficiencyResult(models.Model):
    """A firm in a run: figures, measures, points per item, score, rank, class and why."""

    class Klass(models.TextChoices):
        """Class of a firm; none where too little is known."""

        A = "A", _("A")
        B = "B", _("B")
        C = "C", _("C")
        D = "D", _("D")

    run = models.ForeignKey(EfficiencyRun, models.CASCADE, related_name="results")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="efficiency_results")
    group = models.CharField(_("group"), max_length=8)
    floor_m2 = models.FloatField(_("floor (m²)"))
    land_mu = models.FloatField(_("land share (mu)"), null=True, blank=True)
    # Name → value (None: unknown), and name → where it came from: {"label", "url"}.
    inputs: Any = models.JSONField(default=dict)
    sources: Any = models.JSONField(default=dict)
    measures: Any = models.JSONField(default=dict)
    points: Any = models.JSONField(default=dict)
    score = models.FloatField(_("score"), null=True, blank=True)
    known_share = models.FloatField(default=0.0)
    rank = models.PositiveIntegerField(_("rank"), null=True, blank=True)
    ranked = models.PositiveIntegerField(default=0)
    klass = models.CharField(_("class"), max_length=1, choices=Klass.choices, blank=True)
    why = models.CharField(max_length=10)
    marks: Any = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["run", "group", "rank", "pk"]
        verbose_name = _("efficiency of a firm")
        indexes = [models.Index(fields=["enterprise", "klass"], name="efficiency_firm_class")]
        constraints = [models.UniqueConstraint(fields=["run", "enterprise"], name="efficiency_result_once")]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.run.year}"


class LowEfficiencySpace(models.Model):
    """Premises on the list of low-efficiency space: listed with the run that found them, until something was done."""

    class Disposal(models.TextChoices):
        """What was done about it."""

        UPGRADED = "UPGRADED", _("Firm upgraded")
        RELET = "RELET", _("Let to another firm")
        MOVED = "MOVED", _("Firm moved or gave up area")
        LEFT = "LEFT", _("Firm left")

    park = models.ForeignKey(Park, models.CASCADE, related_name="low_efficiency_space")
    run = models.ForeignKey(EfficiencyRun, models.PROTECT, related_name="listed")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    area_m2 = models.FloatField(_("area (m²)"))
    listed_on = models.DateField(_("listed on"))
    disposal = models.CharField(_("what was done"), max_length=8, choices=Disposal.choices, blank=True)
    disposed_on = models.DateField(_("done on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    disposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfParkQuerySet.as_manager()

    class Meta:
        ordering = ["park", "listed_on", "premises"]
        verbose_name = _("low-efficiency space")
        constraints = [
            models.UniqueConstraint(
                fields=["premises"], condition=Q(disposed_on__isnull=True), name="low_efficiency_open_once"
            ),
            models.CheckConstraint(
                condition=Q(disposed_on__isnull=True, disposal="") | (Q(disposed_on__isnull=False) & ~Q(disposal="")),
                name="low_efficiency_disposed_whole",
            ),
            models.CheckConstraint(
                condition=Q(disposed_on__isnull=True) | Q(disposed_on__gte=F("listed_on")),
                name="low_efficiency_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.premises} · {self.enterprise}"
