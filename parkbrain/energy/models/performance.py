"""What a park means to use, and what it would use if nothing had changed: plans, drivers, baselines (ISO 50001/50006)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park
from parkbrain.telemetry.models import Point

from .meters import EnergyKind, Meter, OfPark


class EnergyPlanMonth(models.Model):
    """How much of an energy kind a park plans to take in within a month, in the unit of the kind."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="energy_plan")
    energy_kind = models.CharField(_("energy kind"), max_length=16, choices=EnergyKind.choices)
    month_on = models.DateField(_("month"))
    planned = models.FloatField(_("planned"))

    objects = OfPark.as_manager()

    class Meta:
        ordering = ["park", "energy_kind", "month_on"]
        verbose_name = _("planned month")
        constraints = [
            models.UniqueConstraint(fields=["park", "energy_kind", "month_on"], name="energy_plan_once"),
            models.CheckConstraint(condition=Q(planned__gte=0), name="energy_plan_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_energy_kind_display()} {self.month_on:%Y-%m}"


class EnergyDriver(models.Model):
    """Something that drives use and is known by month: what was produced, how many were there."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="energy_drivers")
    name = models.CharField(_("name"), max_length=80)
    unit = models.CharField(_("unit"), max_length=40)

    objects = OfPark.as_manager()

    class Meta:
        ordering = ["park", "name"]
        verbose_name = _("driver of use")
        constraints = [models.UniqueConstraint(fields=["park", "name"], name="energy_driver_name_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.unit})"


class DriverMonth(models.Model):
    """How much of a driver there was in a month."""

    driver = models.ForeignKey(EnergyDriver, models.CASCADE, related_name="months")
    month_on = models.DateField(_("month"))
    value = models.FloatField(_("value"))

    class Meta:
        ordering = ["driver", "month_on"]
        verbose_name = _("month of a driver")
        constraints = [
            models.UniqueConstraint(fields=["driver", "month_on"], name="driver_month_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="driver_month_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.driver} {self.month_on:%Y-%m}"


class EnergyBaseline(models.Model):
    """What meters used in a time under known drivers, and since when it is compared with what they use (EnB and EnPI)."""

    class Step(models.TextChoices):
        """How long the periods are that are compared."""

        DAY = "day", _("by day")
        MONTH = "month", _("by month")

    park = models.ForeignKey(Park, models.CASCADE, related_name="energy_baselines")
    name = models.CharField(_("name"), max_length=80)
    energy_kind = models.CharField(_("energy kind"), max_length=16, choices=EnergyKind.choices)
    meters: Any = models.ManyToManyField(Meter, related_name="+", verbose_name=_("meters"))
    step = models.CharField(_("compared"), max_length=5, choices=Step.choices, default=Step.DAY)
    starts_on = models.DateField(_("baseline from"))
    ends_on = models.DateField(_("baseline up to"))
    reports_from = models.DateField(_("compared from"))
    temperature = models.ForeignKey(
        Point, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("outside temperature")
    )
    counts_workdays = models.BooleanField(_("working days drive use"), default=True)
    drivers: Any = models.ManyToManyField(EnergyDriver, related_name="+", blank=True, verbose_name=_("drivers"))
    note = models.CharField(_("what stays the same"), max_length=400, blank=True)
    # The fitted model as `calc.energy.Baseline.as_dict` writes it, and of which values; another digest means fit again.
    model: Any = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)

    objects = OfPark.as_manager()

    class Meta:
        ordering = ["park", "energy_kind", "name"]
        verbose_name = _("energy baseline")
        constraints = [
            models.UniqueConstraint(fields=["park", "name"], name="energy_baseline_name_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="energy_baseline_forward"),
            models.CheckConstraint(condition=Q(reports_from__gte=F("ends_on")), name="energy_baseline_before_report"),
        ]

    def __str__(self) -> str:
        return self.name
