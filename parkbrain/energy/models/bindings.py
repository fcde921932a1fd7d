"""What a meter reads, stands below and serves, each with its dates; exchanged meters and repaired readings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import User
from parkbrain.space.models import Building, Premises, Space, Storey
from parkbrain.telemetry.models import Point

from .meters import Meter

BACKWARD_DATES = Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))


class DatedQuerySet(models.QuerySet[Any]):
    """Filters over rows that hold from a day up to, not including, another."""

    def current_on(self, on: date) -> DatedQuerySet:
        """Keep the rows that hold on a day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))

    def overlapping(self, starts_on: date, ends_on: date) -> DatedQuerySet:
        """Keep the rows that share at least one day with [starts_on, ends_on)."""
        return self.filter(starts_on__lt=ends_on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))


class MeterPoint(models.Model):
    """Which point shows what a meter counts, in [start_at, end_at); the database refuses two at a time on either side."""

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="points")
    point = models.ForeignKey(Point, models.PROTECT, related_name="+")
    start_at = models.DateTimeField(_("from"))
    end_at = models.DateTimeField(_("up to"), null=True, blank=True)

    class Meta:
        ordering = ["meter", "start_at"]
        verbose_name = _("point of a meter")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_at__isnull=True) | Q(end_at__gt=F("start_at")), name="meter_point_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} ← {self.point}"


class MeterParent(models.Model):
    """Below which meter a meter stands, in [starts_on, ends_on): one at a time, of the same energy kind."""

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="parents")
    parent = models.ForeignKey(Meter, models.CASCADE, related_name="children")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["meter", "starts_on"]
        verbose_name = _("place in the tree")
        constraints = [
            models.CheckConstraint(condition=BACKWARD_DATES, name="meter_parent_forward"),
            models.CheckConstraint(condition=~Q(meter=F("parent")), name="meter_parent_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.parent} → {self.meter}"


#: End uses that have a word of their own in every language; any other text is shown as it was typed.
PURPOSES = {
    "lighting": _("lighting"),
    "lift": _("lifts"),
    "pump": _("pumps"),
    "fire": _("fire protection"),
    "compressed_air": _("compressed air"),
    "chiller": _("chillers"),
    "cooling_tower": _("cooling towers"),
    "charging": _("vehicle charging"),
    "canteen": _("canteen"),
}


class MeterUse(models.Model):
    """What a meter serves, with its share, in [starts_on, ends_on); of one thing once at a time."""

    class Kind(models.TextChoices):
        """What kind of thing it serves."""

        BUILDING = "BUILDING", _("Building")
        STOREY = "STOREY", _("Storey")
        SPACE = "SPACE", _("Space")
        PREMISES = "PREMISES", _("Premises")
        ENTERPRISE = "ENTERPRISE", _("Enterprise")
        EQUIPMENT = "EQUIPMENT", _("Equipment or common use")

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="uses")
    kind = models.CharField(_("serves"), max_length=10, choices=Kind.choices)
    building = models.ForeignKey(Building, models.CASCADE, null=True, blank=True, related_name="+")
    storey = models.ForeignKey(Storey, models.CASCADE, null=True, blank=True, related_name="+")
    space = models.ForeignKey(Space, models.CASCADE, null=True, blank=True, related_name="+")
    premises = models.ForeignKey(Premises, models.CASCADE, null=True, blank=True, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, null=True, blank=True, related_name="+")
    # A code of the equipment register or a use in words (lift, lighting): equipment is kept by a module beside this one.
    equipment = models.CharField(_("equipment or use"), max_length=80, blank=True)
    share = models.DecimalField(_("share"), max_digits=6, decimal_places=5, default=1)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    #: The column that holds the thing, by kind.
    TARGETS = ("building", "storey", "space", "premises", "enterprise")

    class Meta:
        ordering = ["meter", "starts_on", "id"]
        verbose_name = _("what a meter serves")
        constraints = [
            models.CheckConstraint(condition=BACKWARD_DATES, name="meter_use_forward"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="meter_use_share"),
            models.CheckConstraint(
                condition=(
                    Q(kind="BUILDING", building__isnull=False)
                    | Q(kind="STOREY", storey__isnull=False)
                    | Q(kind="SPACE", space__isnull=False)
                    | Q(kind="PREMISES", premises__isnull=False)
                    | Q(kind="ENTERPRISE", enterprise__isnull=False)
                    | (Q(kind="EQUIPMENT") & ~Q(equipment=""))
                ),
                name="meter_use_names_its_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} → {self.target_name}"

    @property
    def target_name(self) -> str:
        """What it serves, in words."""
        if self.kind == self.Kind.EQUIPMENT:
            return str(PURPOSES.get(self.equipment, self.equipment))
        thing = getattr(self, self.kind.lower(), None)
        if self.kind == self.Kind.STOREY and thing is not None:
            return f"{thing.building.code} {thing}"
        return str(thing or "")


class MeterSwap(models.Model):
    """A meter was exchanged: what the old one showed last and the new one first [register units]."""

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="swaps")
    at = models.DateTimeField(_("exchanged at"))
    end_reading = models.FloatField(_("last reading of the old one"))
    start_reading = models.FloatField(_("first reading of the new one"))
    old_serial_number = models.CharField(_("old serial number"), max_length=60, blank=True)
    new_serial_number = models.CharField(_("new serial number"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["meter", "at"]
        verbose_name = _("exchange of a meter")
        constraints = [models.UniqueConstraint(fields=["meter", "at"], name="meter_swap_once")]

    def __str__(self) -> str:
        return f"{self.meter} {self.at:%Y-%m-%d}"


class ReadingRepair(models.Model):
    """A reading that was wrong: what it said, what counts instead (empty: it is left out), why, by whom; can be undone."""

    point = models.ForeignKey(Point, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("time of the reading"))
    # Empty where nothing was read at that time: the repair adds a reading.
    original_value = models.FloatField(_("as it was read"), null=True)
    original_quality = models.SmallIntegerField(null=True)
    value = models.FloatField(_("what counts instead"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("repaired reading")
        constraints = [
            models.UniqueConstraint(
                fields=["point", "at"], condition=Q(undone_at=None), name="reading_repair_in_force_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="reading_repair_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.at:%Y-%m-%d %H:%M}"
