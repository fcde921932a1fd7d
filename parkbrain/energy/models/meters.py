"""Meters, their calibrations, and the places that a standard wants metered."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import Named
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Building


class EnergyKind(models.TextChoices):
    """What flows: the energy kinds of GB 17167, and water."""

    ELECTRICITY = "ELECTRICITY", _("Electricity")
    GAS = "GAS", _("Natural gas")
    WATER = "WATER", _("Water")
    RECYCLED_WATER = "RECYCLED_WATER", _("Recycled water")
    HEAT = "HEAT", _("Heat")
    COOLING = "COOLING", _("Cooling")
    STEAM = "STEAM", _("Steam")


#: The unit (QUDT) in which use of a kind is kept.
UNIT_OF_KIND: dict[str, str] = {
    EnergyKind.ELECTRICITY: "KiloW-HR",
    EnergyKind.GAS: "M3",
    EnergyKind.WATER: "M3",
    EnergyKind.RECYCLED_WATER: "M3",
    EnergyKind.HEAT: "KiloW-HR",
    EnergyKind.COOLING: "KiloW-HR",
    EnergyKind.STEAM: "TONNE",
}
#: How units are written on pages.
UNIT_LABELS: dict[str, str] = {"KiloW-HR": "kWh", "M3": "m³", "TONNE": "t"}


class OfPark(models.QuerySet[Any]):
    """Filters over rows that belong to a park by themselves."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_TELEMETRY) -> OfPark:
        """Keep the rows of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))

    def current_on(self, on: date) -> OfPark:
        """Keep the rows that hold on a day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class MeterQuerySet(models.QuerySet["Meter"]):
    """Filters over meters."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_TELEMETRY) -> MeterQuerySet:
        """Keep the meters of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))

    def in_use_on(self, on: date) -> MeterQuerySet:
        """Keep the meters that were installed by a day and not yet taken out."""
        return self.filter(Q(installed_on__isnull=True) | Q(installed_on__lte=on)).filter(
            Q(removed_on__isnull=True) | Q(removed_on__gt=on)
        )


class Meter(Named):
    """A meter, or a formula over meters (a virtual one); use is kept in `unit`."""

    class Level(models.IntegerChoices):
        """Where in the network it stands (GB 17167: energy-using unit, main sub-unit, main equipment)."""

        SUPPLY = 1, _("1 · supply of the park")
        PART = 2, _("2 · building, storey or tenant")
        END_USE = 3, _("3 · end use")

    class Flow(models.TextChoices):
        """Which way what it counts goes."""

        IN = "IN", _("taken in or used")
        GENERATED = "GENERATED", _("generated in the park")
        OUT = "OUT", _("given away")

    park = models.ForeignKey(Park, models.CASCADE, related_name="meters")
    code = models.CharField(_("meter code"), max_length=60)
    energy_kind = models.CharField(_("energy kind"), max_length=16, choices=EnergyKind.choices)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices, default=Level.PART)
    flow = models.CharField(_("direction"), max_length=10, choices=Flow.choices, default=Flow.IN)
    unit = models.CharField(_("unit"), max_length=40)
    # Codes of other meters of the park with + - * / and numbers; empty for a real one.
    formula = models.CharField(_("formula"), max_length=2000, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=60, blank=True)
    accuracy_class = models.CharField(_("accuracy class"), max_length=6, blank=True)
    building = models.ForeignKey(Building, models.SET_NULL, null=True, blank=True, related_name="+")
    installed_on = models.DateField(_("installed on"), null=True, blank=True)
    removed_on = models.DateField(_("taken out on"), null=True, blank=True)
    # Of the latest calibration, kept by `services.record_calibration` so that lists filter and sort by it.
    calibrated_on = models.DateField(_("calibrated on"), null=True, blank=True)
    calibration_due_on = models.DateField(_("calibration due on"), null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = MeterQuerySet.as_manager()

    class Meta:
        ordering = ["park", "code"]
        verbose_name = _("meter")
        indexes = [models.Index(fields=["park", "energy_kind", "level"], name="meter_kind_level")]
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="meter_code_once_per_park"),
            models.CheckConstraint(condition=~Q(code=""), name="meter_has_code"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="meter_level_known"),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True)
                | Q(installed_on__isnull=True)
                | Q(removed_on__gt=F("installed_on")),
                name="meter_period_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def is_virtual(self) -> bool:
        """Whether its use follows from other meters."""
        return bool(self.formula)

    @property
    def unit_label(self) -> str:
        """The unit as people write it."""
        return UNIT_LABELS.get(self.unit, self.unit)


class Calibration(models.Model):
    """A calibration of a meter: when, until when it holds, by which certificate."""

    class Result(models.TextChoices):
        """What was found."""

        PASSED = "PASSED", _("passed")
        FAILED = "FAILED", _("failed")

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="calibrations")
    done_on = models.DateField(_("done on"))
    due_on = models.DateField(_("next due on"), null=True, blank=True)
    certificate = models.CharField(_("certificate number"), max_length=60, blank=True)
    result = models.CharField(_("result"), max_length=8, choices=Result.choices, default=Result.PASSED)

    class Meta:
        ordering = ["meter", "-done_on"]
        verbose_name = _("calibration")
        constraints = [
            models.UniqueConstraint(fields=["meter", "done_on"], name="calibration_once_a_day"),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gt=F("done_on")), name="calibration_due_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} {self.done_on}"


class MeteringNeed(Named):
    """A place that the standard wants metered, from the one-line diagram: with its meter, or without one yet."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="metering_needs")
    code = models.CharField(_("place code"), max_length=60)
    energy_kind = models.CharField(_("energy kind"), max_length=16, choices=EnergyKind.choices)
    level = models.PositiveSmallIntegerField(_("level"), choices=Meter.Level.choices)
    # In the unit of the standard's threshold (kW, m³/h …); empty where nobody noted it.
    rated_load = models.FloatField(_("rated load"), null=True, blank=True)
    meter = models.ForeignKey(Meter, models.SET_NULL, null=True, blank=True, related_name="needs")

    objects = OfPark.as_manager()

    class Meta:
        ordering = ["park", "energy_kind", "level", "code"]
        verbose_name = _("place to be metered")
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="metering_need_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="metering_need_level_known"),
            models.CheckConstraint(
                condition=Q(rated_load__isnull=True) | Q(rated_load__gt=0), name="metering_need_load_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()
