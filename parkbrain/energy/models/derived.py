"""Use that follows from readings, and the record of what was worked out anew."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park

from .meters import Meter


class DayUse(models.Model):
    """What a meter counted on one local day, with its hours packed: read it through `queries`.

    `use` is empty where nothing is known of the day; `known` and `measured` are shares of its time, `flags` those of
    `calc.metering`. `hours` packs for each hour of the local day (23 to 25) the use (float64, NaN unknown), then the known
    and measured shares and the flags (one byte each): one row a day reads and writes twenty times faster than one an hour.
    """

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    use = models.FloatField(_("use"), null=True)
    known = models.FloatField(_("known"), default=0.0)
    measured = models.FloatField(_("measured"), default=0.0)
    flags = models.PositiveSmallIntegerField(default=0)
    hours = models.BinaryField()

    class Meta:
        ordering = ["meter", "day"]
        verbose_name = _("use of a day")
        constraints = [models.UniqueConstraint(fields=["meter", "day"], name="day_use_once")]
        indexes = [models.Index(fields=["day", "meter"], name="day_use_day")]

    def __str__(self) -> str:
        return f"{self.meter_id} {self.day}"


class MeterBasis(models.Model):
    """From what a meter's use was last worked out: bindings, factors, registers, exchanges or the formula.

    What differs now from what stands here tells which days to work out anew, whoever changed it and in whichever way.
    """

    meter = models.OneToOneField(Meter, models.CASCADE, related_name="basis")
    content: Any = models.JSONField(default=list)
    worked_out_at = models.DateTimeField()

    class Meta:
        verbose_name = _("basis of a meter's use")

    def __str__(self) -> str:
        return str(self.meter_id)


class ReadMark(models.Model):
    """Up to where the lake's arrivals have been worked out: one row."""

    marker = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark in the arrivals")

    def __str__(self) -> str:
        return str(self.marker)


class Recomputed(models.Model):
    """Days already known that came out otherwise: of what, from when to when, why, and by how much."""

    class Why(models.TextChoices):
        """What made it necessary."""

        READINGS = "READINGS", _("late or repaired readings")
        BASIS = "BASIS", _("another binding, factor, exchange or register")
        FORMULA = "FORMULA", _("a meter of the formula changed")
        STATEMENT = "STATEMENT", _("use, a tariff, a sharing rule or who was there")

    park = models.ForeignKey(Park, models.CASCADE, related_name="+")
    meter = models.ForeignKey(Meter, models.CASCADE, null=True, blank=True, related_name="recomputed")
    # The statement is named by its month where the row is about one.
    what = models.CharField(_("what"), max_length=120)
    why = models.CharField(_("why"), max_length=10, choices=Why.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"))
    days_changed = models.PositiveIntegerField(_("days changed"))
    before = models.FloatField(_("before"), null=True)
    after = models.FloatField(_("after"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("what was worked out anew")
        indexes = [models.Index(fields=["park", "-at"], name="recomputed_park")]

    def __str__(self) -> str:
        return f"{self.what} {self.starts_on}"
